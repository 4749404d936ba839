"""Segmentation and report: valid by dciodvfy, read back by highdicom to the same bits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from highdicom.legacy import LegacyConvertedEnhancedMRImage

import pyrhi
from pyrhi.cli.main import run
from pyrhi.errors import ImageError, OutputError
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.report.dicom import write_dicom
from pyrhi.report.dicom.codes import AREA, HIGH_AREA, LESION, RHI, SPINAL_CORD
from pyrhi.rhi.measure import RhiParameters


@pytest.fixture(scope="module")
def stack(sagittal: Path) -> tuple[Path, Path]:
    return sagittal / "t2_sagittal.tif", sagittal / "t2_sagittal.RoiSet.zip"


@pytest.fixture(scope="module")
def series(tmp_path_factory, series_of, stack) -> Path:
    folder = tmp_path_factory.mktemp("dicom") / "series"
    series_of(stack[0], folder)
    return folder


@pytest.fixture(scope="module")
def written(series: Path, stack) -> Path:
    out = series.parent / "out"
    assert run(["dicom", str(series), "--rois", str(stack[1]), "-o", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def expected(stack) -> dict[int, pyrhi.api.SliceRhi]:
    """The ImageJ stack that the series was made of, measured as TIFF."""
    return {s.slice: s for s in pyrhi.measure(*stack).slices}


def groups_of(report: Path):
    return hd.sr.srread(report).content.get_planar_roi_measurement_groups()


def value(group, name) -> float:
    (found,) = group.get_measurements(name=name)
    return found.value


def errors_of(path: Path) -> list[str]:
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert said
    private = "Unrecognized defined term <99PYRHI>"
    return [line for line in said if line.startswith(("Error", "Warning")) and private not in line]


@pytest.mark.parametrize("name", ["segmentation.dcm", "report.dcm"])
def test_valid_by_dciodvfy(written: Path, name: str):
    assert errors_of(written / name) == []


def test_report_has_the_numbers_to_the_last_bit(written: Path, expected):
    groups = groups_of(written / "report.dcm")
    cords = [g for g in groups if g.finding_type == SPINAL_CORD]
    assert [g.tracking_identifier for g in cords] == [f"cord slice {n}" for n in expected]
    for group, one in zip(cords, expected.values(), strict=True):
        assert value(group, AREA) == one.cord_area
        assert value(group, HIGH_AREA) == one.high_area
        assert value(group, RHI) == one.rhi
    highs = [g for g in groups if g.finding_type == LESION]
    drawn = {n: s.high_area for n, s in expected.items() if s.high_area}
    assert {g.tracking_identifier: value(g, AREA) for g in highs} == {
        f"high slice {n}": area for n, area in drawn.items()
    }
    # A float64 whose decimal text needs more than the 16 characters of a DS.
    assert max(len(repr(s.rhi)) for s in expected.values()) > 16
    units = {m.name.value: m.unit.value for g in groups for m in g.get_measurements()}
    assert units == {"42798000": "mm2", "HIGHAREA": "mm2", "RHI": "%"}


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


def test_report_points_to_frames_of_the_regions_and_to_source_images(written: Path, series: Path):
    regions = hd.seg.segread(written / "segmentation.dcm")
    sources = {str(pydicom.dcmread(p).SOPInstanceUID) for p in series.iterdir()}
    frames = []
    for group in groups_of(written / "report.dcm"):
        region, source = group.referenced_segmentation_frame
        named = region.ReferencedSOPSequence[0]
        assert named.ReferencedSOPInstanceUID == regions.SOPInstanceUID
        frame = regions.PerFrameFunctionalGroupsSequence[int(named.ReferencedFrameNumber) - 1]
        segment = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        label = regions.get_segment_description(segment).segment_label
        assert group.tracking_identifier.startswith(f"{label} slice ")
        used = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        assert used == source.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        assert used in sources
        frames.append(int(named.ReferencedFrameNumber))
    assert sorted(frames) == list(range(1, int(regions.NumberOfFrames) + 1))


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


def test_patient_and_study_are_the_sources(written: Path, series: Path):
    source = pydicom.dcmread(next(series.iterdir()))
    for name in ("segmentation.dcm", "report.dcm"):
        ds = pydicom.dcmread(written / name)
        for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "AccessionNumber"):
            assert ds[keyword].value == source[keyword].value
        assert ds.SeriesInstanceUID != source.SeriesInstanceUID


def test_same_input_gives_the_same_objects(series: Path, stack, written: Path, tmp_path: Path):
    write_dicom(series, stack[1], output=tmp_path)
    for name in ("segmentation.dcm", "report.dcm"):
        first, again = pydicom.dcmread(written / name), pydicom.dcmread(tmp_path / name)
        assert first.SOPInstanceUID == again.SOPInstanceUID
        assert first.SeriesInstanceUID == again.SeriesInstanceUID
    # Other regions are another object, and the same things to track.
    cut = write_dicom(series, stack[1], parameters=RhiParameters(clip=True), output=tmp_path)
    assert cut.segmentation.SOPInstanceUID != first.SOPInstanceUID
    uids = [
        {g.tracking_identifier: g.tracking_uid for g in groups_of(folder / "report.dcm")}
        for folder in (written, tmp_path)
    ]
    assert uids[0] == uids[1]
    assert len(set(uids[0].values())) == len(uids[0])


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


def test_enhanced_multi_frame_source(series: Path, stack, expected, tmp_path: Path):
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
