"""Measuring from Python: arrays and files, results and tables."""

from __future__ import annotations

import math
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813
import xarray

import pyrhi
import pyrhi.api
from pyrhi.cli.main import run
from pyrhi.io.rois.encode import encode_mask, write_roiset


def test_surface_is_what_it_says():
    for name in pyrhi.__all__:
        assert getattr(pyrhi, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pyrhi.nothing  # type: ignore[attr-defined]


def test_a_file_gives_imagejs_number(axial: Path):
    result = pyrhi.measure(axial / "t2_axial_022.tif")
    assert result.rhi == 28.409090909090907
    assert result.worst.unit == "mm^2"
    assert result.worst.cord_mask.shape == (99, 29)
    assert result.high_area == result.worst.high_mask.sum() * 0.8 * 0.8


def test_arrays_equal_files(axial: Path):
    from_file = pyrhi.measure(axial / "t2_axial_022.tif").worst
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        pixels = image.plane(1)
    before = pixels.copy()
    again = pyrhi.measure(
        pixels, cord=from_file.cord_mask, high=from_file.high_mask, pixel_size=(0.8, 0.8)
    )
    assert again.rhi == from_file.rhi
    assert again.cord_area == pytest.approx(from_file.cord_area, rel=1e-12)
    assert np.array_equal(pixels, before)


def test_a_stack_of_arrays_has_a_row_for_each_slice():
    cord = np.zeros((3, 20, 20), bool)
    cord[:, 5:15, 5:15] = True
    high = np.zeros_like(cord)
    high[1, 6:8, 6:11] = True
    result = pyrhi.measure(np.zeros((3, 20, 20), np.float32), cord=cord, high=high)
    assert [s.rhi for s in result.slices] == [0.0, 10.0, 0.0]
    assert (result.rhi, result.worst.slice) == (10.0, 2)


def test_empty_high_mask_is_a_true_zero():
    cord = np.ones((9, 9), bool)
    result = pyrhi.measure(np.zeros((9, 9), np.uint8), cord=cord, high=np.zeros_like(cord))
    assert (result.rhi, result.high_area) == (0.0, 0.0)
    assert math.isnan(result.worst.high_outside_percent)


def test_an_image_in_memory_takes_rois(axial: Path):
    rois = pyrhi.read_rois(axial / "t2_axial_022.zip")
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        assert pyrhi.measure(image, rois).rhi == 28.409090909090907
        assert pyrhi.measure(image).rhi == 28.409090909090907


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((np.zeros((5, 5)),), {}, pyrhi.ParameterError, "give rois, or cord and high masks"),
        ((np.zeros(5),), {"cord": np.ones(5)}, pyrhi.ImageError, "shape"),
        ((np.zeros((5, 5)),), {"cord": np.zeros((5, 5))}, pyrhi.RoiError, "no pixel"),
        ((np.zeros((5, 5)),), {"cord": np.ones((4, 4))}, pyrhi.RoiError, "4 x 4"),
        (
            (np.zeros((5, 5)),),
            {"cord": np.ones((5, 5)), "pixel_size": (0, 1)},
            pyrhi.ImageError,
            "two positive numbers",
        ),
        (
            (np.zeros((5, 5)),),
            {"cord": np.ones((5, 5)), "find_high": "nope"},
            pyrhi.ParameterError,
            "Otsu",
        ),
    ],
)
def test_errors_quote_the_argument(arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        pyrhi.measure(*arguments, **keywords)


def test_results_are_those_that_imagej_wrote(data: Path):
    table = pyrhi.results(
        data / "golden/t2_sagittal_signed.tif", data / "golden/t2_sagittal_signed.RoiSet.zip"
    )
    theirs = pd.read_csv(data / "golden/t2_sagittal_signed.results.csv")
    assert list(table["Roi"]) == list(theirs["Roi"])
    np.testing.assert_allclose(table["Area"], theirs["Area"], rtol=1e-12)


def test_auto_threshold_is_one_function_on_pixels(axial: Path):
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        pixels = image.plane(1)
    threshold = pyrhi.auto_threshold(pixels, "Otsu", options="dark")
    assert 0 < threshold.lower < threshold.upper
    with pytest.raises(pyrhi.ThresholdError, match="Otsu"):
        pyrhi.auto_threshold(pixels, "Otsuu")


@pytest.fixture(scope="module")
def other_programs(data: Path) -> dict[str, Path]:
    folder = data / "masks"
    return {name: folder / f"{name}.nii.gz" for name in ("t2", "cord", "high", "cord_levels_sct")}


def numbers_of(result: pyrhi.api.Measurement) -> list[tuple[int, str, float]]:
    return [(row.slice, row.level, row.rhi) for row in result.slices]


@pytest.mark.parametrize("image_by", ["path", "nibabel", "simpleitk", "xarray"])
@pytest.mark.parametrize("mask_by", ["path", "nibabel", "simpleitk", "xarray"])
def test_images_and_masks_of_other_libraries(other_programs, image_by: str, mask_by: str):
    def held(name: str, by: str):
        path = other_programs[name]
        if by == "path":
            return path
        if by == "nibabel":
            return nibabel.load(path)
        read = sitk.ReadImage(str(path))
        if by == "simpleitk":
            return read
        origin, spacing, size = read.GetOrigin(), read.GetSpacing(), read.GetSize()
        coords = {d: origin[i] + spacing[i] * np.arange(size[i]) for i, d in enumerate("xyz")}
        turned = np.flip(np.reshape(read.GetDirection(), (3, 3)))
        values = sitk.GetArrayFromImage(read)
        return xarray.DataArray(values, coords, ("z", "y", "x"), attrs={"direction": turned})

    expected = pyrhi.measure(other_programs["t2"], cord=other_programs["cord"],
                             high=other_programs["high"])  # fmt: skip
    found = pyrhi.measure(
        held("t2", image_by), cord=held("cord", mask_by), high=held("high", mask_by)
    )
    for (slice_, level, rhi), wanted in zip(numbers_of(found), numbers_of(expected), strict=True):
        assert (slice_, level, pytest.approx(rhi, rel=1e-12)) == wanted
    assert numbers_of(found)[3] == (23, "", pytest.approx(1.6129032258064515, rel=1e-12))
    assert found.notes == ()


def test_an_array_is_laid_on_an_image_by_its_shape(other_programs):
    values = np.asarray(nibabel.load(other_programs["cord"]).dataobj).T
    found = pyrhi.measure(other_programs["t2"], cord=values, high=other_programs["high"])
    assert numbers_of(found)[3] == (23, "", pytest.approx(1.6129032258064515, rel=1e-12))
    assert found.notes == (
        "mask cord mask says nothing of its place: it was laid on t2.nii.gz pixel by pixel",
    )


def test_labels_and_planes_from_python(other_programs):
    found = pyrhi.measure(
        nibabel.load(other_programs["t2"]),
        cord=nibabel.load(other_programs["cord_levels_sct"]),
        high=other_programs["high"],
        labels="sct",
    )
    assert {row.level for row in found.slices} == {"C2", "C3", "C4", "C5"}
    assert {row.method for row in found.slices} == {"drawn; labels sct, whole cord"}
    axial = pyrhi.measure(
        other_programs["t2"], cord=other_programs["cord"], high=other_programs["high"],
        plane="axial",
    )  # fmt: skip
    cord = np.asarray(nibabel.load(other_programs["cord"]).dataobj)
    assert [row.slice for row in axial.slices] == [j + 1 for j in range(55) if cord[:, j].any()]
    first = axial.slices[0]
    assert first.cord_mask.sum() == cord[:, first.slice - 1].sum()
    assert first.cord_area == pytest.approx(first.cord_mask.sum() * 0.7 * 3.0, rel=1e-6)


def test_data_sets_of_pydicom_are_measured_as_their_folder(
    tmp_path: Path, series_of, sagittal: Path
):
    folder = tmp_path / "series"
    sources = series_of(sagittal / "t2_sagittal.tif", folder)
    rois = sagittal / "t2_sagittal.RoiSet.zip"
    expected = pyrhi.measure(folder, rois)
    assert numbers_of(pyrhi.measure(sources, rois)) == numbers_of(expected)
    run(["dicom", str(folder), "--rois", str(rois), "-o", str(tmp_path / "dicom")])
    segmentation = pydicom.dcmread(tmp_path / "dicom" / "segmentation.dcm")
    assert numbers_of(pyrhi.measure(sources, masks=segmentation)) == numbers_of(expected)


def test_drawn_rois_lie_on_the_slices_of_the_file(other_programs, tmp_path: Path):
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(np.eye(6) > 0, name="cord"))])
    with pytest.raises(pyrhi.ImageError, match=r"slices of the file, which are not axial"):
        pyrhi.measure(other_programs["t2"], tmp_path / "r.zip", plane="axial")
    sagittal = pyrhi.measure(other_programs["t2"], tmp_path / "r.zip", plane="sagittal")
    assert len(sagittal.slices) == 52
