"""The report holds the numbers, to the last bit, and points to what they were measured on."""

from __future__ import annotations

from pathlib import Path

import highdicom as hd
import pydicom
import pytest
from rigs.dicom_objects import groups_of, value

from pyrhi.report.dicom.codes import AREA, HIGH_AREA, LESION, RHI, SPINAL_CORD

pytestmark = pytest.mark.slow


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


def test_patient_and_study_are_the_sources(written: Path, series: Path):
    source = pydicom.dcmread(next(series.iterdir()))
    for name in ("segmentation.dcm", "report.dcm"):
        ds = pydicom.dcmread(written / name)
        for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "AccessionNumber"):
            assert ds[keyword].value == source[keyword].value
        assert ds.SeriesInstanceUID != source.SeriesInstanceUID
