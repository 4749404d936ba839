"""What a run remembers of its files: whatever changes a number changes it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pyrhi.batch.inputs import inputs_of
from pyrhi.batch.plan import Task

IMAGE = "t2_axial_022.tif"


@pytest.fixture
def task(tmp_path: Path, axial: Path) -> Task:
    shutil.copy(axial / IMAGE, tmp_path)
    return Task(str(tmp_path / IMAGE), IMAGE)


@pytest.mark.parametrize("name", ["t2_axial_022.zip", "t2_axial_022.roi", "RoiSet.zip"])
def test_a_roi_file_that_turns_up_is_seen(task: Task, tmp_path: Path, name: str):
    before = inputs_of(task)
    (tmp_path / name).write_bytes(b"x")
    assert {f.path for f in inputs_of(task) if f not in before} == {str(tmp_path / name)}


def test_an_image_that_is_written_again_is_another(task: Task):
    (before,) = inputs_of(task)
    status = os.stat(task.image)
    assert (before.size, before.modified_ns) == (status.st_size, status.st_mtime_ns)
    os.utime(task.image, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert inputs_of(task) != [before]


def test_a_named_mask_that_is_missing_is_remembered_as_missing(tmp_path: Path):
    task = Task(str(tmp_path / "a.tif"), "a.tif", rois=str(tmp_path / "r.zip"),
                cord_mask=str(tmp_path / "c.nii"))  # fmt: skip
    assert [(Path(f.path).name, f.size) for f in inputs_of(task)] == [
        ("a.tif", -1), ("r.zip", -1), ("c.nii", -1),
    ]  # fmt: skip


def test_a_slice_that_is_added_to_a_series_is_seen(tmp_path: Path):
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(b"x")
    task = Task(str(folder), "series")
    before = inputs_of(task)
    (folder / "2.dcm").write_bytes(b"x")
    assert [Path(f.path).name for f in inputs_of(task) if f not in before] == ["2.dcm"]


def test_a_mask_that_is_written_again_in_its_folder_is_another(tmp_path: Path):
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "seg.dcm").write_bytes(b"x")
    task = Task(str(tmp_path / "a.tif"), "a.tif", masks=str(tmp_path / "masks"))
    before = inputs_of(task)
    (tmp_path / "masks" / "seg.dcm").write_bytes(b"xy")
    assert [Path(f.path).name for f in inputs_of(task) if f not in before] == ["seg.dcm"]
