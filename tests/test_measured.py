"""Results in Python: one short line, tables as files have them, ROI sets that measure the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import roifile
import tifffile

import pyrhi
from pyrhi.errors import ParameterError

IMAGES = ["axial_slices/t2_axial_022.tif", "sagittal_stack/t2_sagittal.tif"]


@pytest.fixture
def result(axial: Path) -> pyrhi.Measurement:
    return pyrhi.measure(axial / "t2_axial_022.tif")


def test_reprs_are_one_line_without_arrays(result, axial: Path):
    assert repr(result) == "Measurement('t2_axial_022.tif', RHI 28.41 %, 1 row)"
    assert repr(result.worst) == ("SliceRhi(slice 1, RHI 28.41 %, cord 56.32 mm^2, high 16 mm^2)")
    folder = pyrhi.measure_folder(axial, jobs=1)
    assert repr(folder) == "FolderResult(1 patient, 16 rows, 0 images failed)"
    assert folder.table is folder.patients


def test_the_table_is_that_of_the_folder(axial: Path):
    tables = pyrhi.measure_folder(axial, jobs=1)
    one = pyrhi.measure(axial / "t2_axial_022.tif").table
    row = tables.rhi[tables.rhi.Image == "t2_axial_022.tif"].drop(columns="Patient")
    assert one.to_dict("records") == row.to_dict("records")


@pytest.mark.parametrize("name", IMAGES)
def test_rois_that_are_written_give_the_same_numbers(sample: Path, tmp_path: Path, name: str):
    result = pyrhi.measure(sample / name)
    result.to_rois(tmp_path / "set.zip")
    again = pyrhi.measure(sample / name, tmp_path / "set.zip")
    assert [(s.slice, s.rhi) for s in again.slices] == [(s.slice, s.rhi) for s in result.slices]
    for a, b in zip(again.slices, result.slices, strict=True):
        assert (a.cord_mask == b.cord_mask).all()
        assert (a.high_mask == b.high_mask).all()


def test_a_stack_measured_on_its_first_slice_stays_there(tmp_path: Path):
    """Without a position Fiji would show the ROI on every slice, and measure them all."""
    cord = np.zeros((3, 20, 20), bool)
    cord[0, 4:14, 5:15] = True
    tifffile.imwrite(tmp_path / "s.tif", np.zeros((3, 20, 20), np.uint16), imagej=True)
    result = pyrhi.measure(tmp_path / "s.tif", cord=cord, high=cord & (np.arange(20) < 9))
    result.to_rois(tmp_path / "set.zip")
    assert {roi.position for roi in roifile.roiread(tmp_path / "set.zip")} == {1}
    again = pyrhi.measure(tmp_path / "s.tif", tmp_path / "set.zip")
    assert [(s.slice, s.rhi) for s in again.slices] == [(1, result.rhi)]


def test_found_high_areas_are_in_the_sets(axial: Path, tmp_path: Path):
    tables = pyrhi.measure_folder(axial, find_high="auto", jobs=1, output=tmp_path / "out")
    written = tables.to_rois(tmp_path / "sets")
    for path in written:
        found = roifile.roiread(tmp_path / "out/rois" / path.name)
        ours = roifile.roiread(path)
        assert [r.name for r in ours] == [r.name for r in found if r.name != "normal"]


def test_slices_that_imagej_does_not_show_are_no_set(sample: Path, tmp_path: Path):
    nifti = sample / "nifti"
    given = {"cord": nifti / "t2_cord.nii.gz", "high": nifti / "t2_high.nii.gz"}
    result = pyrhi.measure(nifti / "t2.nii.gz", **given, plane="axial")
    with pytest.raises(ParameterError, match="which ImageJ does not show"):
        result.to_rois(tmp_path / "set.zip")
    result = pyrhi.measure(nifti / "t2.nii.gz", **given)
    result.to_rois(tmp_path / "set.zip")
    assert pyrhi.measure(nifti / "t2.nii.gz", tmp_path / "set.zip").rhi == result.rhi
