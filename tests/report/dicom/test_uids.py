"""The same input gives the same objects."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from rigs.dicom_objects import groups_of

from pyrhi.report.dicom import write_dicom
from pyrhi.rhi.measure import RhiParameters

pytestmark = pytest.mark.slow


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
