"""Volumes cut along another axis, against numpy on what nibabel reads."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pyrhi.errors import ImageError
from pyrhi.io.geometry import plane_of
from pyrhi.io.images import read_image
from pyrhi.io.images.reslice import in_plane


def volume(path: Path, affine: np.ndarray, shape=(4, 5, 6), dtype=np.int16, place: int = 1) -> Path:
    values = np.random.default_rng(7).integers(-300, 300, shape).astype(dtype)
    image = nib.Nifti1Image(values, affine)
    image.set_sform(affine, place)
    image.set_qform(affine, place)
    image.header.set_xyzt_units("mm")
    nib.save(image, path)
    return path


AFFINE = np.array([[0, 0, 3.0, -30], [-0.7, 0, 0, 20], [0, 0.9, 0, 5], [0, 0, 0, 1]])


@pytest.mark.parametrize(("plane", "axis"), [("sagittal", 2), ("coronal", 0), ("axial", 1)])
@pytest.mark.parametrize("shape", [(4, 5, 6), (4, 5, 6, 2)])
def test_slices_are_those_of_the_array(tmp_path: Path, plane: str, axis: int, shape):
    path = volume(tmp_path / "v.nii", AFFINE, shape)
    data = np.asanyarray(nib.load(path).dataobj)
    data = data if data.ndim == 4 else data[..., None]
    with in_plane(read_image(path), plane) as image:
        assert plane_of(image.geometry) == plane
        assert image.slice_axis == axis
        count = data.shape[axis]
        assert image.n_slices == count * data.shape[3]
        assert image.dimensions == (1, count, data.shape[3])
        a, b = (i for i in range(3) if i != axis)
        sizes = np.float32([0.7, 0.9, 3.0])
        calibration = image.calibration
        assert (calibration.pixel_width, calibration.pixel_height) == (sizes[a], sizes[b])
        assert calibration.pixel_depth == sizes[axis]
        for n in range(image.n_slices):
            cut = np.take(data[..., n // count], n % count, axis=axis).T
            assert np.array_equal(image.plane(n + 1).astype(int) - 32768, cut)
        corner = np.array([1, 2, 3])
        spot = np.zeros(3)
        spot[[a, b, axis]] = corner
        there = image.geometry.to_world(corner[None].astype(float))[0]
        assert np.allclose(there, (AFFINE @ [*spot, 1])[:3], atol=1e-4)


def test_the_acquired_plane_is_across_the_widest_spacing(tmp_path: Path):
    first = np.diag([3.3, 0.6, 0.6, 1.0])
    with in_plane(read_image(volume(tmp_path / "a.nii", first)), "acquired") as image:
        assert (image.slice_axis, image.n_slices, plane_of(image.geometry)) == (0, 4, "sagittal")
    even = np.diag([1.0, 1.0, 1.0, 1.0])
    with in_plane(read_image(volume(tmp_path / "b.nii", even)), "acquired") as image:
        assert (image.slice_axis, image.n_slices, plane_of(image.geometry)) == (2, 6, "axial")


def test_a_volume_that_says_no_place_has_no_named_plane(tmp_path: Path):
    path = volume(tmp_path / "v.nii", np.diag([3.3, 0.6, 0.6, 1.0]), place=0)
    with read_image(path) as image:
        assert image.geometry is None
        with pytest.raises(ImageError, match="does not say how it lies"):
            in_plane(image, "axial")
        assert in_plane(image, "acquired").slice_axis == 0
        with pytest.raises(ImageError, match="no plane 'tilted'"):
            in_plane(image, "tilted")


def test_colour_is_not_cut_another_way(tmp_path: Path):
    import tifffile

    path = tmp_path / "rgb.tif"
    tifffile.imwrite(path, np.zeros((3, 4, 5, 3), np.uint8), photometric="rgb")
    with read_image(path) as image:
        assert in_plane(image, "acquired") is image


def test_dicom_slices_are_the_acquired_ones(tmp_path: Path, series_of, sagittal: Path):
    folder = tmp_path / "series"
    series_of(sagittal / "t2_sagittal.tif", folder, spacing=9.0)
    with read_image(folder) as image:
        assert in_plane(image, "acquired") is image
