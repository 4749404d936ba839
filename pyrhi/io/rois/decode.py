"""Decoding of the ``.roi`` format exactly as ``ij.io.RoiDecoder`` reads it.

roifile is a fine general reader, but it unwraps wrapped coordinates by another rule than
ImageJ, and one wrapped coordinate is a wrong area.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.imagej.roi import Roi, RoiSubtype, RoiType
from pyrhi.limits import MAX_ROI_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct(">4shBBhhhhH4fhiIIhh2Bhii")
_ASPECT = struct.Struct(">f")
_SECOND = struct.Struct(">5i")
_HEADER_BYTES = 64
_HEADER2_BYTES = 36
_WRAPPED_BELOW = -5000
"""``RoiDecoder.getShort``: smaller values were meant to be unsigned."""

_SPLINE_FIT = 1
_SUB_PIXEL = 128
_VERTEX_TYPES = frozenset(
    {
        RoiType.POLYGON,
        RoiType.FREEHAND,
        RoiType.TRACED,
        RoiType.POLYLINE,
        RoiType.FREELINE,
        RoiType.ANGLE,
        RoiType.POINT,
    }
)


_KINDS = {int(kind): kind for kind in RoiType}
_SUBTYPES = {int(kind): kind for kind in RoiSubtype}


def decode_roi(data: bytes, /, *, name: str = "", source: str = "") -> Roi:
    """Decode one ROI.

    Parameters
    ----------
    data
        Bytes of a ``.roi`` file.
    name
        Name that the ROI Manager shows (the file's or zip entry's, without ``.roi``); the name
        in the ROI itself where this is empty.
    source
        File to name in an error.

    Raises
    ------
    RoiError
        If the bytes are not a ROI, are truncated or damaged.

    Notes
    -----
    Source: ``ij.io.RoiDecoder.getRoi``.
    """
    where = f"{source}: ROI {name!r}" if source else f"ROI {name!r}"
    try:
        return _decode(data, name)
    except RoiError as error:
        msg = f"{where} {error}"
        raise RoiError(msg) from None
    except (struct.error, ValueError, IndexError, UnicodeDecodeError, OverflowError):
        msg = f"{where} is damaged or truncated; save it again in ImageJ"
        raise RoiError(msg) from None


def _signed(value: int) -> int:
    return value + 65536 if value < _WRAPPED_BELOW else value


def _decode(data: bytes, name: str) -> Roi:
    if data[:2] != b"Io" or len(data) < _HEADER_BYTES:
        msg = "is not an ImageJ ROI; save it from the ROI Manager"
        raise RoiError(msg)
    _, version, kind, _, top, left, bottom, right, count, *rest = _HEADER.unpack_from(data)
    composite_size, stroke_color, _, subtype_code, options = rest[5:10]
    arc_size, position, header2 = rest[12:]
    if min(top, left, bottom, right) < _WRAPPED_BELOW:
        top, left, bottom, right = _signed(top), _signed(left), _signed(bottom), _signed(right)
    type_, subtype = _KINDS.get(kind), _SUBTYPES.get(subtype_code)
    if type_ is None or subtype is None:
        msg = f"has an unknown type ({kind}, {subtype_code}); save it again in ImageJ"
        raise RoiError(msg)
    channel, slice_, frame, group, own_name = _second_header(data, header2, version)
    sub_pixel = bool(options & _SUB_PIXEL) and version >= 222
    bounds: tuple[float, float, float, float] | None = None
    x = y = xf = yf = shape = ends = None
    if composite_size > 0:
        shape = _composite(data, type_, composite_size)
    elif type_ in (RoiType.RECT, RoiType.OVAL):
        if sub_pixel and version >= 223:
            bounds = (rest[0], rest[1], rest[2], rest[3])
            _check_numbers(bounds, "bounds")
    elif type_ in _VERTEX_TYPES:
        if subtype in (RoiSubtype.ELLIPSE, RoiSubtype.ROTATED_RECT) and type_ == RoiType.FREEHAND:
            ends = (rest[0], rest[1], rest[2], rest[3], *_ASPECT.unpack_from(data, 52))
            _check_numbers(ends, "end points")
        elif subtype not in (RoiSubtype.TEXT, RoiSubtype.IMAGE):
            n = count or struct.unpack_from(">i", data, 18)[0]
            x, y, xf, yf = _vertices(data, n, left, top, sub_pixel)
    return Roi(
        name or own_name,
        type_,
        left,
        top,
        right - left,
        bottom - top,
        subtype=subtype,
        float_bounds=bounds,
        x=x,
        y=y,
        xf=xf,
        yf=yf,
        ends=ends,
        shape=shape,
        arc_size=arc_size,
        spline=bool(options & _SPLINE_FIT) and version >= 218,
        position=max(position, 0),
        channel=channel,
        slice=slice_,
        frame=frame,
        group=group,
        stroke_color=stroke_color,
        data=data,
    )


def _composite(data: bytes, type_: RoiType, size: int) -> NDArray[np.float32]:
    if type_ != RoiType.RECT:
        msg = "is a composite of a wrong type; save it again in ImageJ"
        raise RoiError(msg)
    _check_points(size)
    return np.frombuffer(data, ">f4", size, _HEADER_BYTES).astype(np.float32)


def _check_numbers(values: tuple[float, ...], what: str) -> None:
    if not all(abs(value) < 2**31 for value in values):
        msg = f"has {what} that are not numbers; draw it again"
        raise RoiError(msg)


def _check_points(count: int) -> None:
    if count > MAX_ROI_POINTS:
        msg = f"claims {count} points, more than pyrhi reads ({MAX_ROI_POINTS}); it is damaged"
        raise RoiError(msg)


def _second_header(data: bytes, at: int, version: int) -> tuple[int, int, int, int, str]:
    """Hyperstack position, group and name."""
    if not (at > 0 and at + _HEADER2_BYTES <= len(data)):
        return 0, 0, 0, 0, ""
    channel, slice_, frame, offset, length = _SECOND.unpack_from(data, at + 4)
    group = data[at + 30] if version >= 228 else 0
    name = ""
    if offset > 0 and length > 0 and offset + 2 * length <= len(data):
        name = data[offset : offset + 2 * length].decode("utf-16-be", "replace")
    return max(channel, 0), max(slice_, 0), max(frame, 0), group, name


def _vertices(data: bytes, n: int, left: int, top: int, sub_pixel: bool):  # type: ignore[no-untyped-def]
    """Absolute vertices; relative ones below 0 count as 0, wrapped ones as unsigned."""
    if n <= 0:
        msg = "has no vertices; draw it again"
        raise RoiError(msg)
    _check_points(n)
    relative = np.frombuffer(data, ">i2", 2 * n, _HEADER_BYTES).astype(np.int32)
    if relative.min() < 0:
        relative = np.where(relative < _WRAPPED_BELOW, relative + 65536, np.maximum(relative, 0))
        relative = relative.astype(np.int32)
    x, y = relative[:n] + np.int32(left), relative[n:] + np.int32(top)
    if not sub_pixel:
        return x, y, None, None
    floats = np.frombuffer(data, ">f4", 2 * n, _HEADER_BYTES + 4 * n).astype(np.float32)
    if not np.isfinite(floats).all() or np.abs(floats).max() >= 2**31:
        msg = "has coordinates that are not numbers; draw it again"
        raise RoiError(msg)
    return x, y, floats[:n], floats[n:]
