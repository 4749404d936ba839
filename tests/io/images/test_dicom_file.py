"""One DICOM file: lossless pixels hold their values, and what ImageJ misreads is refused."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
)
from rigs.images import dicom, ramp, raw

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


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
