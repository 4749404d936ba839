"""The header of a plain TIFF: one uncompressed image or ImageJ stack behind one directory.

What most exports are. A header that is not wholly understood is left to tifffile, which also finds
the words for a damaged one; where both read a file, they give the same (a test compares them).
Source: ``ij.io.TiffDecoder`` (``OpenIFD``), TIFF 6.0 for the tags.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

HEAD_BYTES = 8192
"""Read at once: the directory of most files lies in it."""

MAX_ENTRIES = 64

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
DESCRIPTION, OFFSETS, SAMPLES, ROWS, COUNTS = 270, 273, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, PLANAR, UNIT, PREDICTOR, SAMPLE_FORMAT = 282, 283, 284, 296, 317, 339
METADATA_COUNTS, METADATA = 50838, 50839
MAX_METADATA_HEADER = 804
METADATA_KINDS = {
    b"info": ("Info", True),
    b"labl": ("Labels", True),
    b"roi ": ("ROI", False),
    b"over": ("Overlays", False),
    b"rang": ("Ranges", False),
    b"luts": ("LUTs", False),
    b"prop": ("Properties", True),
}
"""Kinds of ImageJ's metadata, and whether each part is text."""

NEXT, END = -1, -2
"""Stand for whether a second directory follows, and for where the header ends."""

WITHOUT_MEANING = frozenset({254, 255, 269, 271, 272, 274, 280, 281, 305, 306, 315, 316, 33432})
"""Tags that change neither pixels nor pixel size."""

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}
_DEFAULTS = {BITS: 1, COMPRESSION: 1, FILL_ORDER: 1, SAMPLES: 1, PLANAR: 1, PREDICTOR: 1}
_WHOLE = frozenset({*_DEFAULTS, WIDTH, LENGTH, PHOTOMETRIC, ROWS, UNIT, SAMPLE_FORMAT})
_TOO_BIG = 2**31


@dataclass(frozen=True)
class Tag:
    """Value of a tag."""

    value: Any


@dataclass(frozen=True, eq=False)
class PlainPage:
    """A directory under the names that tifffile's pages have.

    `header_end` is the place after the last byte of the file that anything here was taken from.
    """

    byteorder: str
    imagewidth: int
    imagelength: int
    bitspersample: int
    samplesperpixel: int
    sampleformat: int
    photometric: int
    planarconfig: int
    dataoffsets: tuple[int, ...]
    databytecounts: tuple[int, ...]
    file_bytes: int
    has_next: bool
    header_end: int
    tags: dict[int, Tag] = field(default_factory=dict)
    compression: int = 1
    predictor: int = 1
    fillorder: int = 1
    is_tiled: bool = False

    @property
    def chunked(self) -> tuple[int]:
        """Number of strips."""
        return (len(self.dataoffsets),)


def plain_page(stream: BinaryIO, /) -> PlainPage | None:
    """Read the header of a plain TIFF.

    Parameters
    ----------
    stream
        The file, opened for reading.

    Returns
    -------
    page : PlainPage or None
        None where anything is unusual or wrong: compressed or tiled pixels, BigTIFF, an unknown
        tag, text that is not ASCII, a value outside the file. Where a second directory follows
        (``has_next``), the image is plain only if its description makes it a stack of one.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    size = stream.seek(0, os.SEEK_END)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or len(head) < 8:
        return None
    (at,) = struct.unpack_from(f"{order}I", head, 4)
    try:
        tags = _tags(stream, head, at, size, order)
    except (struct.error, ValueError, KeyError, UnicodeDecodeError):
        return None
    return None if tags is None else _page(tags, order, size)


def _tags(stream: BinaryIO, head: bytes, at: int, size: int, order: str) -> dict[int, Any] | None:
    """Return the values of all tags of the first directory; None where one is unusual."""
    found: dict[int, Any] = {END: 8}

    def part(start: int, length: int) -> bytes:
        if start < 8 or start + length > size:
            msg = "outside the file"
            raise ValueError(msg)
        found[END] = max(found[END], start + length)
        if start + length <= len(head):
            return head[start : start + length]
        stream.seek(start)
        return stream.read(length)

    (count,) = struct.unpack(f"{order}H", part(at, 2))
    if not 0 < count <= MAX_ENTRIES:
        return None
    entries = part(at + 2, 12 * count + 4)
    found[NEXT] = entries[-4:] != b"\0\0\0\0"
    for code, kind, number, place in struct.iter_unpack(f"{order}HHI4s", entries[:-4]):
        if code in WITHOUT_MEANING:
            continue
        length = _SIZES[kind] * number
        if code in found or not 0 < number < _TOO_BIG:
            return None
        start = struct.unpack(f"{order}I", place)[0]
        data = place[:length] if length <= 4 else part(start, length)
        value = _value(code, kind, number, data, order)
        if value is None:
            return None
        found[code] = value
    return found


def _value(code: int, kind: int, number: int, data: bytes, order: str) -> Any:
    """Return a tag's value as tifffile has it; None where code and kind do not go together."""
    if kind in (SHORT, LONG):
        values = struct.unpack(f"{order}{number}{'H' if kind == SHORT else 'I'}", data)
        if code in (OFFSETS, COUNTS, METADATA_COUNTS):
            return values
        if (
            code in _WHOLE
            and len(set(values)) == 1
            and (number == 1 or code in (BITS, SAMPLE_FORMAT))
        ):
            return values[0]
    elif code == DESCRIPTION and kind == ASCII:
        text = data.rstrip(b"\0").decode("ascii")
        # tifffile takes blanks at the ends away, and cuts nothing at a zero byte between.
        return None if "\0" in text else text.strip()
    elif code in (X_RESOLUTION, Y_RESOLUTION) and (kind, number) == (RATIONAL, 1):
        return struct.unpack(f"{order}II", data)
    elif code == METADATA and kind in (BYTE, UNDEFINED):
        return data
    return None


def _page(tags: dict[int, Any], order: str, size: int) -> PlainPage | None:
    """Return the page where its pixels lie together in the file, else None."""
    value = _DEFAULTS | tags
    if not {WIDTH, LENGTH, PHOTOMETRIC, OFFSETS, COUNTS} <= value.keys():
        return None
    if not (value[WIDTH] and value[LENGTH]):
        return None
    if value.get(UNIT, 1) not in (1, 2, 3) or value.get(SAMPLE_FORMAT, 1) not in (1, 2, 3):
        return None
    if (value[COMPRESSION], value[FILL_ORDER], value[PREDICTOR]) != (1, 1, 1):
        return None
    bits, samples, photometric = value[BITS], value[SAMPLES], value[PHOTOMETRIC]
    colour = (bits, samples, photometric, value[PLANAR]) == (8, 3, 2, 1)
    if not colour and not (samples == 1 and photometric in (0, 1) and bits in (8, 16, 32)):
        return None
    offsets, counts = value[OFFSETS], value[COUNTS]
    plane = value[WIDTH] * value[LENGTH] * samples * bits // 8
    # The only strip of a stack may count all of its planes.
    whole = sum(counts) == plane or (len(counts) == 1 and counts[0] > plane)
    if len(offsets) != len(counts) or not whole or min(counts) <= 0:
        return None
    if any(o + c != p for o, c, p in zip(offsets, counts, offsets[1:], strict=False)):
        return None
    strips = -(-value[LENGTH] // min(value.get(ROWS, value[LENGTH]) or 1, value[LENGTH]))
    if strips != len(offsets) or offsets[0] < 8 or offsets[0] + sum(counts) > size:
        return None
    metadata = _metadata(tags, order)
    if metadata is None:
        return None
    kept = (DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, UNIT)
    return PlainPage(
        byteorder=order,
        imagewidth=value[WIDTH],
        imagelength=value[LENGTH],
        bitspersample=bits,
        samplesperpixel=samples,
        sampleformat=value.get(SAMPLE_FORMAT, 1),
        photometric=photometric,
        planarconfig=value[PLANAR],
        dataoffsets=offsets,
        databytecounts=counts,
        file_bytes=size,
        has_next=tags[NEXT],
        header_end=tags[END],
        tags={**{c: Tag(tags[c]) for c in kept if c in tags}, **metadata},
    )


def _metadata(tags: dict[int, Any], order: str) -> dict[int, Tag] | None:
    """Return ImageJ's labels, ROI and overlay; None where their block is not as it writes it.

    Source: ``ij.io.TiffDecoder.getMetaData``: a table of kinds and how many of each, then the
    parts, whose lengths the other tag has.
    """
    if METADATA not in tags:
        return {} if METADATA_COUNTS not in tags else None
    data, counts = tags[METADATA], tags.get(METADATA_COUNTS, (0,))
    if data[:4] not in (b"IJIJ", b"JIJI") or not 12 <= counts[0] <= MAX_METADATA_HEADER:
        return None
    if counts[0] % 8 != 4 or len(data) < counts[0]:
        return None
    kinds = list(struct.iter_unpack(f"{order}4sI", data[4 : counts[0]]))
    if sum(counts) != len(data) or sum(count for _, count in kinds) != len(counts) - 1:
        return None
    encoding = {"<": "utf-16-le", ">": "utf-16-be"}[order]
    found: dict[str, list[Any]] = {}
    at, part = counts[0], 1
    for kind, count in kinds:
        name, is_text = METADATA_KINDS.get(kind if order == ">" else kind[::-1], ("", False))
        if not name:
            return None
        values = found.setdefault(name, [])
        for length in counts[part : part + count]:
            piece = data[at : at + length]
            values.append(piece.decode(encoding) if is_text else piece)
            at += length
        part += count
    return {METADATA: Tag(found)}
