"""Segmentation and report: valid by dciodvfy, and refused where nothing can be placed."""

from __future__ import annotations

from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from highdicom.legacy import LegacyConvertedEnhancedMRImage
from rigs.dicom_objects import errors_of, groups_of, value

import pyrhi
from pyrhi.errors import ImageError, OutputError
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.report.dicom import write_dicom
from pyrhi.report.dicom.codes import RHI, SPINAL_CORD

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["segmentation.dcm", "report.dcm"])
def test_dciodvfy_finds_no_error(written: Path, name: str):
    assert errors_of(written / name) == []


def test_research_use_and_algorithm_are_said(written: Path):
    for name in ("segmentation.dcm", "report.dcm"):
        ds = pydicom.dcmread(written / name)
        assert "research use only" in ds.SeriesDescription
        assert ds.SoftwareVersions == pyrhi.__version__
    report = pydicom.dcmread(written / "report.dcm")
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.PreliminaryFlag == "PRELIMINARY"
    for group in groups_of(written / "report.dcm"):
        texts = {i.name.meaning: i.value for i in group[0].ContentSequence if i.ValueType == "TEXT"}
        assert texts["Algorithm Name"] == "pyrhi"
        assert texts["Algorithm Version"] == pyrhi.__version__
        assert "Research use only; not a medical device." in texts["Comment"]


def test_frames_of_an_enhanced_file_keep_their_numbers(
    series: Path, stack, expected, tmp_path: Path
):
    files = sorted(series.iterdir())
    enhanced = LegacyConvertedEnhancedMRImage(
        [pydicom.dcmread(p) for p in files], hd.UID(), 4, hd.UID(), 1
    )
    enhanced.save_as(tmp_path / "multi.dcm")
    out = tmp_path / "out"
    write_dicom(tmp_path / "multi.dcm", stack[1], output=out)
    cords = [g for g in groups_of(out / "report.dcm") if g.finding_type == SPINAL_CORD]
    assert [value(g, RHI) for g in cords] == [s.rhi for s in expected.values()]
    sources = [g.referenced_segmentation_frame[1].ReferencedSOPSequence[0] for g in cords]
    assert [int(s.ReferencedFrameNumber) for s in sources] == list(expected)
    assert errors_of(out / "report.dcm") == []


def refused(*arguments: object, **options: object) -> str:
    with pytest.raises((ImageError, OutputError)) as error:
        write_dicom(*arguments, **options)  # type: ignore[arg-type]
    text = str(error.value)
    assert "\n" not in text
    return text


def test_other_formats_are_refused(stack):
    assert "is no DICOM" in refused(*stack)


def test_header_that_places_nothing_is_refused(data: Path, stack, tmp_path: Path):
    square = np.zeros((16, 16), bool)
    square[2:8, 2:8] = True
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(square, name="cord"))])
    source = data / "images" / "dicom_u16.dcm"
    ds = pydicom.dcmread(source)
    mask = np.ones((ds.Rows, ds.Columns), bool)
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(mask, name="cord"))])
    ds.SeriesInstanceUID = "1.2.3"
    ds.save_as(tmp_path / "a.dcm")
    assert "lacks" in refused(tmp_path / "a.dcm", tmp_path / "r.zip")


def test_output_in_the_series_itself_is_refused(series: Path, stack):
    before = sorted(series.iterdir())
    assert "series itself" in refused(series, stack[1], output=series)
    assert sorted(series.iterdir()) == before
