"""DICOM: round trips through pydicom, series, spacing, transfer syntaxes, and place in space."""

from __future__ import annotations

import warnings
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813
from hypothesis import given
from nibabel.eulerangles import euler2mat
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from rigs.images import PIXELS, QUICK, dicom, make_series, ramp, raw

from pyrhi.errors import ImageError, RoiError
from pyrhi.io.geometry import plane_of
from pyrhi.io.images import read_image
from pyrhi.io.masks import read_mask


@QUICK
@given(data=PIXELS.filter(lambda a: a.dtype.kind in "ui"))
def test_dicom_keeps_every_value_and_the_pixel_size(tmp_path, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd lengths of 8-bit pixels are padded by the writer
        path = dicom(tmp_path / "x", data, frames=len(data))
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, data.dtype.kind == "i"), data)
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.4, 0.9)


def test_dicom_whose_preamble_starts_as_a_tiff_does():
    """pydicom's own sample of such a file, an MR slice."""
    path = get_testdata_file("MR_small.dcm")
    assert Path(path).read_bytes().startswith(b"II*\0")
    with read_image(path) as image:
        plane = image.plane(1)
    # ImageJ holds signed pixels 32768 higher.
    assert np.array_equal(plane - 32768.0, pydicom.dcmread(path).pixel_array)


def test_a_series_is_sorted_along_its_normal(tmp_path):
    make_series(tmp_path, [7.0, -5.0, 1.0])
    (tmp_path / "notes.txt").write_text("no image")
    with read_image(tmp_path) as image:
        assert [int(image.plane(n)[0, 0]) for n in (1, 2, 3)] == [100, 200, 0]
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.pixel_depth, c.unit) == (0.4, 0.9, 6.0, "mm")
        assert image.name == tmp_path.name
        assert image.patient_id == "made-up"
        assert "made-up" not in repr(image)
        assert image.warnings == ()


def test_a_series_without_positions_is_sorted_by_number_with_a_warning(tmp_path):
    for i, number in enumerate([3, 1, 2]):
        dicom(tmp_path / f"im{i}", ramp(start=100 * i), InstanceNumber=number)
    with read_image(tmp_path) as image:
        assert [int(image.plane(n)[0, 0]) for n in (1, 2, 3)] == [100, 200, 0]
        assert "InstanceNumber" in image.warnings[0]


def test_several_series_are_listed_and_one_can_be_chosen(tmp_path):
    make_series(tmp_path, [0, 1])
    dicom(tmp_path / "z", ramp(start=7), SeriesInstanceUID="1.2.4", SeriesNumber=2)
    with pytest.raises(ImageError, match=r"series 1 \(2 slices\), series 2 \(1 slice\)") as caught:
        read_image(tmp_path)
    assert "1.2.4" not in str(caught.value)
    for chosen in ("2", "1.2.4"):
        with read_image(tmp_path, series=chosen) as image:
            assert image.n_slices == 1
            assert image.plane(1)[0, 0] == 7
    with pytest.raises(ImageError, match="there is no such series"):
        read_image(tmp_path, series="9")


def test_slices_that_do_not_belong_together_are_refused(tmp_path):
    make_series(tmp_path, [0, 1])
    odd = tmp_path / "odd"
    dicom(odd, ramp(shape=(5, 8)))
    with pytest.raises(ImageError, match="odd: the slice is 8 x 5 pixels"):
        read_image(tmp_path)
    sagittal = ["0", "1", "0", "0", "0", "-1"]
    dicom(odd, ramp(), ImageOrientationPatient=sagittal, ImagePositionPatient=["0", "0", "2"])
    with pytest.raises(ImageError, match="odd: the slice lies in another direction"):
        read_image(tmp_path)
    odd.write_bytes((tmp_path / "im0").read_bytes()[:-30])
    with pytest.raises(ImageError, match="odd: the header promises"):
        read_image(tmp_path)


def test_missing_and_doubled_slices_are_told(tmp_path):
    make_series(tmp_path, [0, 1, 2, 4, 4])
    with read_image(tmp_path) as image:
        assert image.calibration.pixel_depth == 1.0
        assert image.warnings == (
            "several slices share one position",
            "slices are not evenly spaced: one may be missing",
        )


def test_spacing_of_an_enhanced_file_comes_from_its_functional_groups(tmp_path):
    def measures(rows, columns):
        inner = Dataset()
        inner.PixelSpacing = [rows, columns]
        inner.SpacingBetweenSlices = "5.5"
        outer = Dataset()
        outer.PixelMeasuresSequence = Sequence([inner])
        return outer

    data = ramp(shape=(2, 6, 8))
    shared = Sequence([measures("0.3", "0.2")])
    path = dicom(tmp_path / "x", data, frames=2, SharedFunctionalGroupsSequence=shared)
    with read_image(path) as image:
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.pixel_depth) == (0.2, 0.3, 5.5)
    frames = Sequence([measures("0.6", "0.5"), measures("0.6", "0.5")])
    both = {"SharedFunctionalGroupsSequence": shared, "PerFrameFunctionalGroupsSequence": frames}
    with read_image(dicom(tmp_path / "y", data, frames=2, **both)) as image:
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.5, 0.6)
    frames[1] = measures("0.7", "0.5")
    path = dicom(tmp_path / "z", data, frames=2, **both)
    with pytest.raises(ImageError, match="pixel size differs"):
        read_image(path)


def test_imager_pixel_spacing_only_when_asked_for(tmp_path):
    path = dicom(tmp_path / "x", ramp(), remove=["PixelSpacing"], ImagerPixelSpacing=["0.2", "0.1"])
    with read_image(path) as image:
        assert image.calibration.unit == "pixel"
        assert "no pixel size: areas are in pixel^2" in image.warnings
    with read_image(path, imager_pixel_spacing=True) as image:
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.1, 0.2)


@pytest.mark.parametrize("spacing", [["0", "0"], ["-1", "1"]])
def test_a_useless_dicom_spacing_gives_pixels_and_a_warning(tmp_path, spacing):
    with read_image(dicom(tmp_path / "x", ramp(), PixelSpacing=spacing)) as image:
        assert image.calibration.unit == "pixel"
        assert image.warnings[0].endswith("cannot be used: areas are in pixel^2")


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
        assert any("not evenly spaced" in message for message in image.warnings)
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
