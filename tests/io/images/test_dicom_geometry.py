"""Where a DICOM series lies, against SimpleITK's (GDCM's) reading of the same files."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from nibabel.eulerangles import euler2mat

from pyrhi.errors import RoiError
from pyrhi.io.geometry import plane_of
from pyrhi.io.images import read_image
from pyrhi.io.masks import read_mask

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def placed(sources, folder: Path, direction: np.ndarray, steps, tilt=(0.0, 0.0, 0.0)) -> None:
    """Write the slices again, each at a place of its own along the normal, leaning by `tilt`."""
    for source, step in zip(sources, steps, strict=True):
        source.PixelSpacing = [0.9, 0.7]
        source.ImageOrientationPatient = [f"{v:.9g}" for v in direction[:, :2].T.ravel()]
        place = np.array([-30.0, 12.0, 700.0]) + step * (direction[:, 2] + np.asarray(tilt))
        source.ImagePositionPatient = [f"{v:.9g}" for v in place]
        source.save_as(folder / f"IM{source.InstanceNumber:04d}.dcm", enforce_file_format=True)


@pytest.fixture
def series(tmp_path: Path, series_of, sagittal: Path):
    folder = tmp_path / "series"
    return folder, series_of(sagittal / "t2_sagittal.tif", folder, numbers=range(5))


ANGLES = [(0, 0, 0), (0.3, -0.2, 0.1), (0, 1.5707963267948966, 0), (1.2, 0.4, -2.2)]


@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("order", [1, -1])
def test_a_series_lies_where_simpleitk_has_it(series, angles, order: int):
    folder, sources = series
    placed(sources, folder, euler2mat(*angles), [3.3 * n * order for n in range(5)])
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    read = reader.Execute()
    affine = np.eye(4)
    direction = np.array(read.GetDirection()).reshape(3, 3)
    affine[:3, :3] = direction * read.GetSpacing()
    affine[:3, 3] = read.GetOrigin()
    with read_image(folder) as image:
        assert image.geometry is not None
        assert image.geometry.origins is None
        assert np.allclose(image.geometry.affine, LPS @ affine, atol=1e-6)
        assert image.geometry.shape == read.GetSize()
        values = sitk.GetArrayFromImage(read)
        for n in range(5):
            assert np.array_equal(image.plane(n + 1), values[n])
        assert plane_of(image.geometry) in ("axial", "oblique", "sagittal")


def test_a_tilted_gantry_shears_the_grid_and_masks_still_fit(series, tmp_path: Path):
    folder, sources = series
    placed(sources, folder, np.eye(3), [3.0 * n for n in range(5)], tilt=(0.0, 0.25, 0.0))
    with read_image(folder) as image:
        assert image.geometry is not None
        step = image.geometry.affine[:3, 2]
        assert np.allclose(step, [0.0, -0.75, 3.0])
        values = np.zeros((image.width, image.height, 5), np.uint8)
        values[3:9, 4:11, 1:3] = 1
        written = nib.Nifti1Image(values, image.geometry.affine)
        nib.save(written, tmp_path / "m.nii")
        assert np.array_equal(read_mask(image, tmp_path / "m.nii").values, values.T)
        straight = image.geometry.affine.copy()
        straight[:3, 2] = [0, 0, 3.0]
        nib.save(nib.Nifti1Image(values, straight), tmp_path / "s.nii")
        with pytest.raises(RoiError, match="not on the grid of series"):
            read_mask(image, tmp_path / "s.nii")


def test_a_missing_slice_makes_places_uneven_and_no_volume_fits(series, tmp_path: Path):
    folder, sources = series
    placed(sources, folder, np.eye(3), [0.0, 3.0, 6.0, 12.0, 15.0])
    with read_image(folder) as image:
        assert any("not evenly spaced" in said for said in image.warnings)
        assert image.geometry is not None
        assert np.allclose(image.geometry.origins[:, 2] - 700, [0, 3, 6, 12, 15])
        values = np.zeros((image.width, image.height, 5), np.uint8)
        values[3:9, 4:11, 3] = 1
        nib.save(nib.Nifti1Image(values, image.geometry.affine), tmp_path / "m.nii")
        with pytest.raises(RoiError, match="the slices are not evenly spaced"):
            read_mask(image, tmp_path / "m.nii")
        whole = np.zeros((image.width, image.height, 6), np.uint8)
        whole[3:9, 4:11, 4] = 1
        even = image.geometry.affine.copy()
        even[:3, 2] = [0, 0, 3.0]
        nib.save(nib.Nifti1Image(whole, even), tmp_path / "w.nii")
        laid = read_mask(image, tmp_path / "w.nii", resample=True)
        assert np.array_equal(laid.values != 0, values.T != 0)


def test_slices_that_share_a_place_have_no_geometry(series):
    folder, sources = series
    placed(sources, folder, np.eye(3), [0.0, 3.0, 3.0, 6.0, 9.0])
    with read_image(folder) as image:
        assert image.geometry is None


def test_a_single_slice_lies_somewhere_too(series):
    folder, sources = series
    placed(sources, folder, np.eye(3), [0.0, 3.0, 6.0, 9.0, 12.0])
    with read_image(folder / "IM0003.dcm") as image:
        assert image.geometry is not None
        assert np.allclose(image.geometry.affine[:3, 3], [30.0, -12.0, 706.0])
        assert image.geometry.shape == (image.width, image.height, 1)
