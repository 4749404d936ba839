"""Images that other libraries hold, against the same image read from its file."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813
import xarray as xr
from nibabel.eulerangles import euler2mat

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.io.images.objects import image_of_object

AFFINE = np.eye(4)
AFFINE[:3, :3] = euler2mat(0.2, 0.1, -0.3) * np.array([0.7, 0.9, 3.0])
AFFINE[:3, 3] = (-10, 20, 30)


def saved(path: Path, dtype, slope: float | None = None) -> Path:
    values = np.random.default_rng(1).integers(0, 200, (6, 5, 4)).astype(dtype)
    image = nib.Nifti1Image(values, AFFINE)
    image.set_qform(AFFINE, 1)
    image.header.set_xyzt_units("mm")
    if slope:
        image.header.set_slope_inter(slope, 3.0)
    nib.save(image, path)
    return path


def same(image, expected, atol: float = 0.0) -> None:
    assert (image.kind, image.n_slices, image.dimensions) == (
        expected.kind, expected.n_slices, expected.dimensions,
    )  # fmt: skip
    for n in range(1, expected.n_slices + 1):
        assert np.array_equal(image.plane(n), expected.plane(n))
    assert np.allclose(image.geometry.affine, expected.geometry.affine, atol=1e-5)
    ours, theirs = image.calibration, expected.calibration
    assert np.allclose(ours.pixel_width, theirs.pixel_width, rtol=0, atol=atol)
    assert np.allclose(ours.pixel_height, theirs.pixel_height, rtol=0, atol=atol)
    assert np.allclose(ours.pixel_depth, theirs.pixel_depth, rtol=0, atol=atol)
    assert ours.unit == theirs.unit == "mm"
    assert (ours.function, ours.coefficients) == (theirs.function, theirs.coefficients)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_an_image_of_nibabels_is_measured_as_its_file(tmp_path: Path, dtype):
    path = saved(tmp_path / "t2.nii.gz", dtype)
    with read_image(path) as expected:
        same(image_of_object(nib.load(path)), expected)


def test_nibabel_scaled_and_in_memory(tmp_path: Path):
    path = saved(tmp_path / "t2.nii", np.int16, 0.5)
    with read_image(path) as expected:
        same(image_of_object(nib.load(path)), expected)
    made = image_of_object(nib.Nifti1Image(np.zeros((3, 4, 5, 2), np.uint8), AFFINE))
    assert made.dimensions == (1, 5, 2)
    with pytest.raises(ImageError, match="is no stack of slices"):
        image_of_object(nib.Nifti1Image(np.zeros((3, 4, 5, 2, 2), np.uint8), AFFINE))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_images_of_simpleitk_and_xarray_are_measured_as_their_file(tmp_path: Path, dtype):
    path = saved(tmp_path / "t2.nii.gz", dtype)
    read = sitk.ReadImage(str(path))
    origin, spacing, size = read.GetOrigin(), read.GetSpacing(), read.GetSize()
    # As itk.xarray_from_image makes it: coordinates by origin and spacing, the direction turned.
    array = xr.DataArray(
        sitk.GetArrayFromImage(read),
        dims=("z", "y", "x"),
        coords={d: o + s * np.arange(n)
                for d, o, s, n in zip("xyz", origin, spacing, size, strict=True)},
        attrs={"direction": np.flip(np.array(read.GetDirection()).reshape(3, 3))},
    )  # fmt: skip
    with read_image(path) as expected:
        same(image_of_object(read), expected, 1e-6)
        same(image_of_object(array), expected, 1e-6)
        same(image_of_object(array.transpose("x", "z", "y")), expected, 1e-6)


def test_xarray_that_is_no_grid():
    values = np.zeros((2, 3, 4))
    with pytest.raises(ImageError, match="has the dimensions a, b, c; name them z, y, x"):
        image_of_object(xr.DataArray(values, dims=("a", "b", "c")))
    uneven = xr.DataArray(values, dims=("z", "y", "x"), coords={"x": [0, 1, 2, 4], "y": range(3)})
    with pytest.raises(ImageError, match="the coordinates of x are not evenly spaced"):
        image_of_object(uneven)
    bare = image_of_object(xr.DataArray(values, dims=("z", "y", "x")))
    assert (bare.geometry, bare.calibration.unit) == (None, "pixel")


def test_data_sets_in_any_order_are_measured_as_their_folder(
    tmp_path: Path, series_of, sagittal: Path
):
    folder = tmp_path / "series"
    series_of(sagittal / "t2_sagittal.tif", folder, numbers=range(4))
    read = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    with read_image(folder) as expected:
        with image_of_object(read[::-1], name="mine") as image:
            same(image, expected)
            assert (image.name, image.path) == ("mine", None)
        with image_of_object(read[2]) as one:
            assert np.array_equal(one.plane(1), expected.plane(3))
    for item in read:
        del item.file_meta
        item.ImagePositionPatient[2] += 1
    with image_of_object(read) as moved:
        assert np.isclose(moved.geometry.affine[2, 3], 1.0)
    read[0].Rows = 3
    with pytest.raises(ImageError, match=r"^mine"):
        image_of_object(read, name="mine")


def test_what_is_of_no_library_is_none():
    assert image_of_object(np.zeros((3, 3))) is None
    assert image_of_object([]) is None
    assert image_of_object("t2.nii") is None
