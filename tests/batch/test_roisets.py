"""A ROI set for each image of a folder, only where all comes out as in the table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import roifile

import pyrhi
from pyrhi.errors import RoiError


def test_a_folder_writes_a_set_for_each_image(sample: Path, tmp_path: Path):
    for place in ("axial_slices", "sagittal_stack"):
        shutil.copytree(sample / place, tmp_path / "in" / place)
    (tmp_path / "in" / "broken.tif").write_bytes(b"none")
    tables = pyrhi.measure_folder(tmp_path / "in", jobs=1)
    written = tables.to_rois(tmp_path / "sets")
    assert len(written) == 17
    assert written[7] == tmp_path / "sets/axial_slices/t2_axial_021.RoiSet.zip"
    names = [roi.name for roi in roifile.roiread(written[8])]
    assert names == ["cord", "high"]
    again = pyrhi.measure_folder(tmp_path / "in", rois=tmp_path / "sets", jobs=1)
    columns = ["Image", "Slice", "RHI", "CordArea", "HighArea", "CordMean", "HighMean"]
    assert again.rhi[columns].equals(tables.rhi[columns])


def test_what_changed_is_no_set(axial: Path, tmp_path: Path):
    for name in ("t2_axial_022", "t2_axial_023"):
        for suffix in (".tif", ".zip"):
            shutil.copy(axial / f"{name}{suffix}", tmp_path)
    tables = pyrhi.measure_folder(tmp_path, jobs=1)
    shutil.copy(axial / "t2_axial_021.zip", tmp_path / "t2_axial_023.zip")
    with pytest.raises(RoiError, match=r"t2_axial_023\.tif: image or ROIs have changed"):
        tables.to_rois(tmp_path / "sets")
    assert [p.name for p in (tmp_path / "sets").iterdir()] == ["t2_axial_022.RoiSet.zip"]
