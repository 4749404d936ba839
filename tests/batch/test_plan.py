"""Which ROIs and masks an image gets: its own, never another image's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from rigs.tables import rhi_of

from pyrhi.batch.options import RunOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run
from pyrhi.errors import ImageError


@pytest.fixture
def patients(axial: Path, tmp_path: Path) -> Path:
    """Two patients whose images have the same names; their ROI sets lie in another folder."""
    for patient, number in (("a", "016"), ("b", "022")):
        for folder, kind in (("in", "tif"), ("rois", "zip")):
            target = tmp_path / folder / patient
            target.mkdir(parents=True)
            shutil.copy(axial / f"t2_axial_{number}.{kind}", target / f"slice.{kind}")
    return tmp_path


def failures(source: Path, rois: Path) -> list[str]:
    result = run(find_tasks(source, rois=rois), RunOptions(jobs=1))
    assert result.images + len(result.failures) == 2
    return [error for _, error in result.failures]


def test_images_of_one_name_get_the_sets_of_their_own_folders(patients: Path):
    rows = rhi_of(find_tasks(patients / "in", rois=patients / "rois"))
    assert [(r["Image"], r["RHI"][:5]) for r in rows] == [
        ("a/slice.tif", "4.819"),
        ("b/slice.tif", "28.40"),
    ]


def test_one_set_is_not_taken_for_two_images_of_its_name(patients: Path):
    """By its name alone it could be either's: 28.41 instead of 4.82 without a word."""
    shutil.copy(patients / "rois" / "b" / "slice.zip", patients / "one.zip")
    shutil.rmtree(patients / "rois")
    (patients / "rois").mkdir()
    (patients / "one.zip").rename(patients / "rois" / "slice.zip")
    errors = failures(patients / "in", patients / "rois")
    assert len(errors) == 2
    assert all("no such ROI file" in error for error in errors)


def test_a_flat_folder_of_sets_serves_images_of_different_names(axial: Path, tmp_path: Path):
    for patient, number in (("a", "016"), ("b", "022")):
        (tmp_path / "in" / patient).mkdir(parents=True)
        shutil.copy(axial / f"t2_axial_{number}.tif", tmp_path / "in" / patient)
    rows = rhi_of(find_tasks(tmp_path / "in", rois=axial))
    assert [r["RHI"][:5] for r in rows] == ["4.819", "28.40"]


def test_the_set_of_a_folder_is_not_taken_for_all_its_images(axial: Path, tmp_path: Path):
    for number in ("016", "022"):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(axial / f"t2_axial_{number}.tif", tmp_path / "in")
    (tmp_path / "rois").mkdir()
    shutil.copy(axial / "t2_axial_022.zip", tmp_path / "rois" / "RoiSet.zip")
    errors = failures(tmp_path / "in", tmp_path / "rois")
    assert len(errors) == 2
    (tmp_path / "in" / "t2_axial_016.tif").unlink()
    (row,) = rhi_of(find_tasks(tmp_path / "in", rois=tmp_path / "rois"))
    assert row["RHI"][:5] == "28.40"


@pytest.mark.parametrize("mask", ["cord_mask", "high_mask", "masks"])
def test_one_mask_is_not_taken_for_many_images(axial: Path, mask: str):
    with pytest.raises(ImageError, match=r"m\.tif: one mask for 16 images; write {stem}"):
        find_tasks(axial, **{mask: "m.tif"})


def test_a_device_is_refused_before_it_is_read():
    with pytest.raises(ImageError, match=r": is neither a file nor a folder; choose an image"):
        find_tasks(Path(os.devnull))
