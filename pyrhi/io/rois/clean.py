"""ROIs under another name, without their properties."""

from __future__ import annotations

import struct
from dataclasses import fields
from typing import Any

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.imagej.roi import Roi
from pyrhi.io.rois.decode import decode_roi

HEADER2_AT, HEADER2_BYTES = 60, 64
NAME, PROPERTIES = 16, 40
"""Where the second header has offset and length of name and properties (``RoiEncoder``)."""


def clean_roi(data: bytes, name: str, /, *, source: str = "") -> bytes:
    """Return a ROI with another name, without properties; its geometry is not touched.

    Parameters
    ----------
    data
        Bytes of a ``.roi`` file.
    name
        The new name.
    source
        File to name in an error.

    Raises
    ------
    RoiError
        If the ROI is damaged, or would not be the same without its texts.
    """
    before = decode_roi(data, name=name, source=source)
    out = bytearray(data)
    header2 = struct.unpack_from(">i", data, HEADER2_AT)[0]
    if 0 < header2 <= len(data) - HEADER2_BYTES:
        for at in (NAME, PROPERTIES):
            offset, length = struct.unpack_from(">2i", data, header2 + at)
            if offset > 0 and length > 0:
                end = min(offset + 2 * length, len(out))
                out[offset:end] = bytes(max(end - offset, 0))
            struct.pack_into(">2i", out, header2 + at, 0, 0)
        encoded = name.encode("utf-16-be")
        struct.pack_into(">2i", out, header2 + NAME, len(out), len(encoded) // 2)
        out += encoded
    cleaned = bytes(out)
    after = decode_roi(cleaned, name=name, source=source)
    if not _same(before, after):
        msg = f"{source}: ROI {name!r} changes when its texts are removed; save it again in ImageJ"
        raise RoiError(msg)
    return cleaned


def _same(one: Roi, other: Roi) -> bool:
    def equal(a: Any, b: Any) -> bool:
        if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            return a is not None and b is not None and np.array_equal(a, b, equal_nan=True)
        return bool(a == b)

    return all(
        equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Roi) if f.name != "data"
    )
