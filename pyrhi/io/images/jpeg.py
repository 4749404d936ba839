"""JPEG by imagecodecs, as ImageJ (``Opener.openJpegOrGif``) opens it: lossy, without pixel size."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.io.images.image import check_bytes, check_plane_size, picture, whole_stream
from pyrhi.limits import MAX_COMPRESSION

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from pyrhi.io.images.image import Image

LOSSY = "JPEG: its compression has changed the grey values; measure the original where there is one"
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
APP1, START_OF_SCAN, END = 0xE1, 0xDA, b"\xff\xd9"
ORIENTATION, UPRIGHT = 274, 1


def read(path: Path, stream: BinaryIO) -> Image:
    """Open a JPEG: grey or colour, 8 bits; a colour one whose pixels are all grey is 8-bit.

    A `StreamReader`; 12 bits, four channels and an EXIF orientation that turns it are refused.
    """
    data = whole_stream(stream)
    segments, scan = _segments(path, data)
    frame = next((body for marker, body in segments if marker in FRAME_MARKERS), b"")
    if len(frame) < 6 or data.rfind(END) < scan:
        msg = f"{path}: the JPEG is truncated or damaged; export it again"
        raise ImageError(msg)
    bits, height, width, samples = struct.unpack(">BHHB", frame[:6])
    check_plane_size(path, width, height)
    check_bytes(path, width * height, len(data) * MAX_COMPRESSION)
    if bits != 8 or samples not in (1, 3):
        msg = (
            f"{path}: a JPEG of {bits} bits and {samples} channels, which ImageJ does not open;"
            " save it as TIFF"
        )
        raise ImageError(msg)
    if any(_orientation(body) != UPRIGHT for marker, body in segments if marker == APP1):
        msg = (
            f"{path}: its EXIF orientation turns the JPEG, which not every ImageJ does;"
            " open it in ImageJ and save it as TIFF"
        )
        raise ImageError(msg)
    import imagecodecs

    plane = np.asarray(imagecodecs.jpeg8_decode(data))
    if plane.shape[:2] != (height, width):
        msg = f"{path}: the JPEG is damaged; export it again"
        raise ImageError(msg)
    # Opener.convertGrayJpegTo8Bits
    if plane.ndim == 3 and (plane == plane[..., :1]).all():
        plane = np.ascontiguousarray(plane[..., 0])
    return picture(path, plane, "RGB" if plane.ndim == 3 else "8-bit", LOSSY)


def _segments(path: Path, data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """Return marker and content of the segments before the pixels, and where these begin."""
    found: list[tuple[int, bytes]] = []
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        if marker == START_OF_SCAN:
            return found, at
        found.append((marker, data[at + 4 : at + 2 + size]))
        at += 2 + max(size, 2)
    msg = f"{path}: the JPEG is truncated or damaged; export it again"
    raise ImageError(msg)


def _orientation(body: bytes) -> int:
    """Return the orientation that an EXIF segment gives; upright without one."""
    if not body.startswith(b"Exif\0\0"):
        return UPRIGHT
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(body[6:])) as exif:
            tag = exif.pages.first.tags.get(ORIENTATION)
            return int(tag.value) if tag is not None else UPRIGHT
    except Exception:  # a damaged EXIF segment turns nothing: neither does ImageJ then
        return UPRIGHT
