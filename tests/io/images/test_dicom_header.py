"""Broken elements of real hospitals: what is not needed refuses nothing, and no value is told."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless, RLELossless
from rigs.dicom_files import write_dicom, write_series

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image

PIXELS = np.arange(12 * 9, dtype=np.uint16).reshape(12, 9)

NOT_NEEDED = {
    "a single frame's number": {"NumberOfFrames": b"1A"},
    "frames said by a name": {"NumberOfFrames": b"Doe^Jane"},
    "dates": {
        "StudyDate": b"yesterday ",
        "SeriesDate": b"2026-13-45",
        "PatientBirthDate": b"\xff\xfe",
        "AcquisitionTime": b"25:99",
    },
    "an unknown character set": {"SpecificCharacterSet": b"ISO_IR 999"},
    "bytes that are not of their character set": {
        "SpecificCharacterSet": b"ISO_IR 192",
        "PatientName": b"M\xfcller^J\xf6rg ",
        "StudyDescription": b"\x81\x82\x83 ",
    },
    "a window": {"WindowCenter": b"much", "WindowWidth": b"a\\b "},
    "thickness and times": {
        "SliceThickness": b"thin",
        "EchoTime": b"90,5",
        "InstanceNumber": b"x ",
    },
    "sizes of bytes": {"StackID": b"\0" * 7 + b"1"},
    "a number of an integer too long": {"SeriesNumber": b"12345678901234567890"},
}


@pytest.mark.parametrize("case", NOT_NEEDED)
def test_a_broken_element_that_is_not_needed(tmp_path: Path, case: str):
    path = write_dicom(tmp_path / "a.dcm", PIXELS, broken=NOT_NEEDED[case])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with read_image(path) as image:
            np.testing.assert_array_equal(image.plane(1), PIXELS)
            assert image.n_slices == 1
            assert (image.calibration.pixel_width, image.calibration.unit) == (0.25, "mm")
        message = "; ".join(image.warnings)
    assert not {"Doe", "yesterday", "1A", "999"} & set(message.replace(";", " ").split())


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_a_compressed_frame_with_a_broken_number(tmp_path: Path, syntax: str):
    path = write_dicom(
        tmp_path / "a.dcm", PIXELS, compress=syntax, broken={"NumberOfFrames": b"one "}
    )
    with read_image(path) as image:
        np.testing.assert_array_equal(image.plane(1), PIXELS)


@pytest.mark.parametrize("syntax", [None, RLELossless])
def test_frames_that_cannot_be_counted_are_refused(tmp_path: Path, syntax: str | None):
    path = write_dicom(
        tmp_path / "a.dcm",
        np.stack([PIXELS] * 3),
        compress=syntax,
        broken={"NumberOfFrames": b"3 Doe "},
    )
    with pytest.raises(ImageError) as error:
        read_image(path)
    assert str(error.value) == (
        f"{path}: NumberOfFrames of the DICOM header cannot be read, and the pixels are not those"
        " of one frame; export it again"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RescaleSlope", b"Doe^Jane"),
        ("RescaleIntercept", b"1,5 "),
        ("BitsAllocated", b"\x10\0\0"),
        ("Rows", b"\x0c"),
    ],
)
def test_what_is_needed_is_named_without_its_value(tmp_path: Path, name: str, value: bytes):
    path = write_dicom(tmp_path / "a.dcm", PIXELS, broken={name: value})
    with pytest.raises(ImageError) as error:
        read_image(path)
    assert str(error.value) == f"{path}: {name} of the DICOM header cannot be read; export it again"


def test_a_broken_pixel_size_is_said(tmp_path: Path):
    path = write_dicom(tmp_path / "a.dcm", PIXELS, broken={"PixelSpacing": b"0.5\\Jane "})
    with read_image(path) as image:
        assert image.calibration.unit == "pixel"
        assert "PixelSpacing cannot be read and was taken as missing" in image.warnings


def test_a_broken_position_is_said(tmp_path: Path):
    folder = write_series(tmp_path / "s", 3)
    write_dicom(
        folder / "IM0002",
        np.full((32, 40), 200, np.uint16),
        InstanceNumber=2,
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        broken={"ImagePositionPatient": b"0\\0\\x "},
    )
    with read_image(folder) as image:
        assert [int(image.plane(n)[0, 0]) for n in (1, 2, 3)] == [100, 200, 300]
        assert image.warnings == (
            "no slice positions: slices are in the order of their InstanceNumber",
            "ImagePositionPatient cannot be read and was taken as missing",
        )
