"""PNG by imagecodecs, as ImageJ (``Opener.openUsingImageIO``) opens it: no pixel size."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.io.images.image import check_bytes, check_plane_size, picture, whole_stream
from pyrhi.limits import MAX_COMPRESSION

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from pyrhi.io.images.image import Image

MAGIC_BYTES = 8
CHUNK_FRAME = 12
GREY, RGB, PALETTE = 0, 2, 3


def read(path: Path, stream: BinaryIO) -> Image:
    """Open a PNG: 8- or 16-bit grey, 8-bit RGB, or a palette (its index values, as in ImageJ).

    A `StreamReader`; transparency, fewer than 8 bits and 16-bit RGB are refused.
    """
    data = whole_stream(stream)
    chunks = _chunks(path, data)
    name, header = chunks[0] if chunks else (b"", b"")
    if name != b"IHDR" or len(header) != 13:
        msg = f"{path}: the PNG has no header: it is damaged; export it again"
        raise ImageError(msg)
    width, height, bits, colour = struct.unpack(">IIBB", header[:10])
    check_plane_size(path, width, height)
    check_bytes(path, width * height * bits // 8, len(data) * MAX_COMPRESSION)
    names = {name for name, _ in chunks}
    allowed = {(GREY, 8): "8-bit", (GREY, 16): "16-bit", (RGB, 8): "RGB", (PALETTE, 8): "8-bit"}
    kind = allowed.get((colour, bits))
    if kind is None or b"tRNS" in names:
        msg = (
            f"{path}: a PNG with transparency, fewer than 8 bits or 16-bit colours is not measured;"
            " save it as 8- or 16-bit grey"
        )
        raise ImageError(msg)
    warnings = []
    if colour == PALETTE:
        data = _as_indices(chunks)
        warnings.append("colour table: its index values are measured, as in ImageJ")
    import imagecodecs

    plane = np.asarray(imagecodecs.png_decode(data))
    if plane.shape[:2] != (height, width):
        msg = f"{path}: the PNG is damaged; export it again"
        raise ImageError(msg)
    return picture(path, plane, kind, *warnings)


def _chunks(path: Path, data: bytes) -> list[tuple[bytes, bytes]]:
    """Return name and content of every chunk up to the end chunk, each checked by its CRC."""
    found = []
    at = MAGIC_BYTES
    while at + CHUNK_FRAME <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + size]
        crc = data[at + 8 + size : at + CHUNK_FRAME + size]
        if len(crc) < 4 or zlib.crc32(body) != int.from_bytes(crc, "big"):
            break
        found.append((body[:4], body[4:]))
        if body[:4] == b"IEND":
            return found
        at += CHUNK_FRAME + size
    msg = f"{path}: the PNG is truncated or damaged; export it again"
    raise ImageError(msg)


def _as_indices(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return the PNG as a grey one without palette, so that its indices are decoded."""
    header = bytearray(chunks[0][1])
    header[9] = GREY
    kept = [(b"IHDR", bytes(header))]
    kept += [(name, body) for name, body in chunks if name in (b"IDAT", b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in kept
    )
