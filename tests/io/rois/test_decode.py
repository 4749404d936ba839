"""A .roi file as ImageJ decodes it, and whatever a damaged one may hold."""

from __future__ import annotations

import base64
import contextlib
import struct
import zipfile

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st
from rigs.places import DATA

from pyrhi.errors import RoiError
from pyrhi.imagej.mask import roi_mask
from pyrhi.imagej.roi import RoiType
from pyrhi.io.rois import decode_roi, encode_mask

ONE = encode_mask(np.ones((4, 5), bool), name="cord")


def test_spline_whose_points_lie_far_apart():
    """Found by fuzzing: 137 bytes that took 20 GB and two minutes to be refused."""
    data = base64.b64decode(
        "SW91dADkAAAAR//+AFUAJwAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgQAAAAAtAEACAAAAcAAP"
        "APb/AAAJAAUADAAFAABBYAAAQP///7+AAANA////QpoAAM7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs5CkAAAAABA"
        "aQBuAGU="
    )
    with pytest.raises(RoiError, match=r"a spline of \d+ points is more than pyrhi measures"):
        roi_mask(decode_roi(data), (256, 256))


def test_point_count_is_limited():
    bad = bytearray(decode_source("poly"))
    bad[16:18] = b"\0\0"
    bad[18:22] = struct.pack(">i", 2**30)
    with pytest.raises(RoiError, match="claims 1073741824 points"):
        decode_roi(bytes(bad), name="x")


def decode_source(kind: str) -> bytes:
    with zipfile.ZipFile(DATA / "golden/t2_sagittal_16bit.RoiSet.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(f"-{kind}.roi"))
        return archive.read(name)


def test_wrapped_and_negative_coordinates_as_in_imagej():
    """``RoiDecoder.getShort``: below -5000 unsigned, else negative, and negative becomes 0."""
    data = bytearray(decode_source("poly"))
    n = struct.unpack_from(">H", data, 16)[0]
    data[64:66] = struct.pack(">h", -3)
    data[66:68] = struct.pack(">h", -6000)
    roi = decode_roi(bytes(data), name="x")
    left = struct.unpack_from(">h", data, 10)[0]
    assert n > 2
    assert roi.x is not None
    assert roi.x[0] == left
    assert roi.x[1] == left + 65536 - 6000


KINDS = ("rect", "rectf", "rrect", "ovalf", "poly", "polyf", "ellipse", "composite", "mask")


def refusal(data: bytes) -> str | None:
    try:
        decode_roi(data, name="cut")
    except RoiError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_roi_cut_anywhere_is_refused_or_whole(kind: str):
    data = decode_source(kind)
    for end in range(len(data)):
        message = refusal(data[:end])
        # A ROI may end before its name and still be whole.
        assert message is None or ("cut" in message and "\n" not in message)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_damaged_bytes_never_give_anything_else(kind, data):
    raw = bytearray(decode_source(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    message = refusal(bytes(raw))
    assert message is None or "\n" not in message
    if message is None:
        roi = decode_roi(bytes(raw), name="bad")
        if roi.is_area and roi.width * roi.height < 10**6:
            with contextlib.suppress(RoiError):
                roi_mask(roi, (32, 32))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_roi_are_refused_whatever_they_are(raw):
    with pytest.raises(RoiError):
        decode_roi(b"Xo" + raw, name="any")


def test_a_type_that_imagej_does_not_know_is_refused():
    data = bytearray(ONE)
    data[6] = 99
    with pytest.raises(RoiError, match="unknown type"):
        decode_roi(bytes(data), name="x")


def test_line_type_is_read():
    roi = roifile.ImagejRoi()
    roi.roitype = roifile.ROI_TYPE.LINE
    roi.version = 228
    assert decode_roi(roi.tobytes(), name="l").type is RoiType.LINE
