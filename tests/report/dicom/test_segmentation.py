"""The Segmentation holds the pixels that were measured."""

from __future__ import annotations

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from rigs.dicom_objects import errors_of, groups_of, value

from pyrhi.cli.main import run
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.report.dicom import write_dicom
from pyrhi.report.dicom.codes import RHI, SPINAL_CORD

pytestmark = pytest.mark.slow


def test_segmentation_has_the_pixels(written: Path, series: Path, expected):
    regions = hd.seg.segread(written / "segmentation.dcm")
    assert [regions.get_segment_description(n).segment_label for n in (1, 2)] == ["cord", "high"]
    by_number = {int(pydicom.dcmread(p).InstanceNumber): p for p in series.iterdir()}
    for number, one in expected.items():
        uid = pydicom.dcmread(by_number[number]).SOPInstanceUID
        pixels = regions.get_pixels_by_source_instance([uid], assert_missing_frames_are_empty=True)[
            0
        ]
        assert np.array_equal(pixels[..., 0] != 0, one.cord_mask)
        assert np.array_equal(pixels[..., 1] != 0, one.high_mask)


def levels(folder: Path, height: int, width: int) -> Path:
    rois = []
    for index, level in enumerate(("T12", "L1")):
        cord, high = np.zeros((height, width), bool), np.zeros((height, width), bool)
        cord[10 + 20 * index : 26 + 20 * index, 10:40] = True
        high[12 + 20 * index : 16 + 20 * index, 12 : 20 + index] = True
        rois.append((f"cord {level}", encode_mask(cord, name=f"cord {level}", position=2)))
        rois.append((f"high {level}", encode_mask(high, name=f"high {level}", position=2)))
    write_roiset(folder / "levels.zip", rois[:3])
    return folder / "levels.zip"


def test_levels_have_segments_and_vertebrae_of_their_own(series: Path, tmp_path: Path):
    head = pydicom.dcmread(next(series.iterdir()))
    rois = levels(tmp_path, head.Rows, head.Columns)
    result = write_dicom(series, rois, output=tmp_path / "out")
    labels = [s.SegmentLabel for s in result.segmentation.SegmentSequence]
    assert labels == ["cord T12", "high T12", "cord L1"]
    regions = [s.AnatomicRegionSequence for s in result.segmentation.SegmentSequence]
    assert [r.CodeMeaning for r in regions[1]] == ["Spinal cord", "T12 vertebra"]
    groups = groups_of(tmp_path / "out" / "report.dcm")
    assert [g.tracking_identifier for g in groups] == [f"{text} slice 2" for text in labels]
    assert [value(g, RHI) for g in groups if g.finding_type == SPINAL_CORD] == [100 / 15, 0.0]
    assert errors_of(tmp_path / "out" / "report.dcm") == []
    assert errors_of(tmp_path / "out" / "segmentation.dcm") == []


def test_found_high_area_says_how(series: Path, stack, tmp_path: Path):
    head = pydicom.dcmread(next(series.iterdir()))
    cord = np.zeros((head.Rows, head.Columns), bool)
    cord[40:80, 30:60] = True
    write_roiset(tmp_path / "c.zip", [("cord", encode_mask(cord, name="cord", position=5))])
    out = tmp_path / "out"
    arguments = ["dicom", str(series), "--rois", str(tmp_path / "c.zip"), "--high", "Otsu"]
    assert run([*arguments, "-o", str(out)]) == 0
    high = pydicom.dcmread(out / "segmentation.dcm").SegmentSequence[1]
    assert high.SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert high.SegmentationAlgorithmIdentificationSequence[0].AlgorithmParameters == "high=Otsu"
    assert errors_of(out / "segmentation.dcm") == []
