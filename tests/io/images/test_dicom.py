"""DICOM: round trips through pydicom, series, spacing and transfer syntaxes."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
)
from rigs.images import PIXELS, QUICK, dicom, make_series, ramp, raw

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


@QUICK
@given(data=PIXELS.filter(lambda a: a.dtype.kind in "ui"))
def test_dicom_round_trip(tmp_path, data):
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
    with pytest.raises(ImageError, match=r"series 1 \(2 slices\), series 2 \(1 slices\)") as caught:
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


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=["RLE", "JPEG 2000"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2"])
def test_lossless_transfer_syntaxes_hold_the_values(tmp_path, syntax, dtype):
    data = np.random.default_rng(3).integers(0, 200, (2, 64, 64)).astype(dtype)
    path = dicom(tmp_path / "x", data, frames=2, syntax=syntax)
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, dtype == "i2"), data)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)


def test_jpeg_lossless_holds_the_values(tmp_path):
    import imagecodecs

    data = np.random.default_rng(3).integers(0, 4000, (16, 16)).astype("u2")
    from pydicom.encaps import encapsulate

    path = dicom(tmp_path / "x", data)
    import pydicom

    header = pydicom.dcmread(path)
    header.PixelData = encapsulate([imagecodecs.ljpeg_encode(data, bitspersample=16)])
    header["PixelData"].is_undefined_length = True
    header.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    header.save_as(path)
    with read_image(path) as image:
        np.testing.assert_array_equal(image.plane(1), data)


def test_signed_32_bit_dicom_is_refused(tmp_path):
    path = dicom(tmp_path / "x", ramp("i4"))
    with pytest.raises(ImageError, match="32-bit signed"):
        read_image(path)
