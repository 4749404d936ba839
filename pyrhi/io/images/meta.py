"""Whether a MetaImage is whole: ITK takes damaged pixels of one for zeros and others."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from pyrhi.errors import ImageError
from pyrhi.io.images.image import check_bytes
from pyrhi.limits import MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from pathlib import Path

ELEMENT_BYTES = {
    "MET_CHAR": 1, "MET_UCHAR": 1, "MET_SHORT": 2, "MET_USHORT": 2, "MET_INT": 4, "MET_UINT": 4,
    "MET_LONG": 4, "MET_ULONG": 4, "MET_LONG_LONG": 8, "MET_ULONG_LONG": 8, "MET_FLOAT": 4,
    "MET_DOUBLE": 8,
}  # fmt: skip
NEEDED = ("NDims", "DimSize", "ElementType", "ElementDataFile")
MAX_HEADER_LINES = 1000
MAX_LINE_BYTES = 2**16
CHUNK = 2**20


def check_meta(path: Path, /) -> None:
    """Refuse a MetaImage whose header lacks what it needs or whose pixels are not all there.

    Raises
    ------
    ImageError
        If it is damaged, or its pixels are of a kind or in files that are not read.

    Notes
    -----
    Compressed pixels are a zlib stream, which ends with a checksum (Adler-32: it misses few
    errors) that ITK does not look at.
    """
    fields, start = _fields(path)
    for key in NEEDED:
        if key not in fields:
            msg = f"{path}: the header lacks {key}: it is truncated or damaged; export it again"
            raise ImageError(msg)
    size = ELEMENT_BYTES.get(fields["ElementType"])
    try:
        numbers = [int(n) for n in fields["DimSize"].split()]
        channels = int(fields.get("ElementNumberOfChannels", "1"))
        length = int(fields.get("CompressedDataSize", "0"))
        skipped = max(int(fields.get("HeaderSize", "0")), 0)
    except ValueError:
        numbers, channels, length, skipped = [], 0, 0, 0
    needed = math.prod(numbers) * channels * (size or 0)
    if needed <= 0 or min(numbers) <= 0:
        msg = f"{path}: is no volume of numbers that is read, or is damaged; export it again"
        raise ImageError(msg)
    name = fields["ElementDataFile"]
    if name.upper().startswith("LIST") or "%" in name:
        msg = f"{path}: its pixels lie in several files; save it as one .mha"
        raise ImageError(msg)
    data = path if name.upper() == "LOCAL" else path.parent / name
    begin = start if data == path else skipped
    if not data.is_file():
        msg = f"{path}: its pixels are in {name}, which is not there; copy it beside the header"
        raise ImageError(msg)
    if fields.get("CompressedData", "False").lower() == "true":
        _check_stream(data, begin, length, needed)
    elif fields.get("BinaryData", "True").lower() == "true":
        check_bytes(data, begin + needed, data.stat().st_size)


def _fields(path: Path) -> tuple[dict[str, str], int]:
    """Fields of the header, and where the bytes after it begin."""
    fields: dict[str, str] = {}
    with path.open("rb") as stream:
        for _ in range(MAX_HEADER_LINES):
            line = stream.readline(MAX_LINE_BYTES)
            key, equals, value = line.decode("latin-1").partition("=")
            if not line or not equals:
                break
            fields[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                break
        return fields, stream.tell()


def _check_stream(path: Path, begin: int, length: int, needed: int) -> None:
    """Unpack a zlib stream to nowhere, for its length and its checksum."""
    unpacker = zlib.decompressobj()
    done = 0
    left = length or path.stat().st_size - begin
    try:
        with path.open("rb") as stream:
            stream.seek(begin)
            while left > 0 and not unpacker.eof and (packed := stream.read(min(CHUNK, left))):
                left -= len(packed)
                while packed and done < MAX_UNPACKED_BYTES:
                    done += len(unpacker.decompress(packed, CHUNK))
                    packed = unpacker.unconsumed_tail
    except zlib.error:
        done = -1
    if done != needed or not unpacker.eof:
        msg = f"{path}: the compressed pixels are truncated or damaged; export it again"
        raise ImageError(msg)
