"""Entries of a plain zip, as ImageJ writes a RoiSet: small, stored or deflated, no extensions.

zipfile spends ten times as long on such a file as inflating it takes. What is not wholly plain is
left to it; a test compares both.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_ENTRIES = 1000
MAX_ENTRY_BYTES = 2**20
STORED, DEFLATED = 0, 8

COLUMNS = 7
"""Numbers of each entry: where its name and its content begin, and their lengths; method, length
of what is unpacked, checksum."""

_MAX_ENTRIES = MAX_ENTRIES
_MAX_BYTES = MAX_ENTRY_BYTES
_END_BYTES = 22
_CENTRAL_BYTES = 46
_LOCAL_BYTES = 30
_NEWEST = 20
_ENCRYPTED_OR_PATCHED = 0x0001 | 0x0020 | 0x0040 | 0x2000
_MARK_END = 0x06054B50
_MARK_CENTRAL = 0x02014B50
_MARK_LOCAL = 0x04034B50


def _two(data: bytes, at: int) -> int:
    return data[at] + 256 * data[at + 1]


def _four(data: bytes, at: int) -> int:
    return _two(data, at) + 65536 * _two(data, at + 2)


def _count(data: bytes) -> int:
    """Return the number of entries; -1 where the end of the directory is unusual."""
    at = len(data) - _END_BYTES
    if at < 0 or _four(data, at) != _MARK_END:
        return -1
    # Disk, disk of the directory, comment.
    if _two(data, at + 4) != 0 or _two(data, at + 6) != 0 or _two(data, at + 20) != 0:
        return -1
    count = _two(data, at + 10)
    if _two(data, at + 8) != count or not 0 < count <= _MAX_ENTRIES:
        return -1
    return count if _four(data, at + 16) + _four(data, at + 12) == at else -1


def _entry(data: bytes, at: int, free: int, limit: int, out: NDArray[np.int64], row: int) -> int:
    """Write the numbers of the entry at a place of the directory; returns the next place, or -1.

    Nothing may lie before `free`, where the last entry ended, or after `limit`.
    """
    end = len(data) - _END_BYTES
    if at + _CENTRAL_BYTES > end or _four(data, at) != _MARK_CENTRAL:
        return -1
    flags = _two(data, at + 8)
    method = _two(data, at + 10)
    packed = _four(data, at + 20)
    unpacked = _four(data, at + 24)
    length = _two(data, at + 28)
    place = _four(data, at + 42)
    following = at + _CENTRAL_BYTES + length + _two(data, at + 32)
    # Version needed, extension, disk.
    if _two(data, at + 6) > _NEWEST or _two(data, at + 30) != 0 or _two(data, at + 34) != 0:
        return -1
    if flags & _ENCRYPTED_OR_PATCHED or max(packed, unpacked) > _MAX_BYTES or following > end:
        return -1
    if place < free or place + _LOCAL_BYTES + length > limit:
        return -1
    if _four(data, place) != _MARK_LOCAL or _two(data, place + 8) != method:
        return -1
    if _two(data, place + 26) != length:
        return -1
    name = at + _CENTRAL_BYTES
    for k in range(length):
        letter = data[name + k]
        if letter == 0 or letter > 127 or data[place + _LOCAL_BYTES + k] != letter:
            return -1
    content = place + _LOCAL_BYTES + length + _two(data, place + 28)
    if content + packed > limit:
        return -1
    out[7 * row] = name
    out[7 * row + 1] = length
    out[7 * row + 2] = content
    out[7 * row + 3] = packed
    out[7 * row + 4] = method
    out[7 * row + 5] = unpacked
    out[7 * row + 6] = _four(data, at + 16)
    return following


def _directory(data: bytes, count: int, out: NDArray[np.int64]) -> bool:
    """Write the numbers of all entries; False where one is unusual or overlaps another."""
    start = _four(data, len(data) - 6)
    at = start
    free = 0
    for row in range(count):
        at = _entry(data, at, free, start, out, row)
        if at < 0:
            return False
        free = out[7 * row + 2] + out[7 * row + 3]
    return at == len(data) - _END_BYTES


def plain_entries(data: bytes, /) -> list[tuple[str, bytes]] | None:
    """Return name and content of the entries of a zip, in the order of its directory.

    Parameters
    ----------
    data
        The file.

    Returns
    -------
    entries : list or None
        None where anything is unusual or wrong: a comment, zip64, encryption, another method,
        a name that is not ASCII, entries that overlap, a checksum that does not hold.
    """
    count = _count(data)
    if count < 0:
        return None
    numbers = np.empty(COLUMNS * count, np.int64)
    if not _directory(data, count, numbers):
        return None
    found = []
    places = iter(numbers.tolist())
    for name, length, at, packed, method, unpacked, checksum in zip(
        *[places] * COLUMNS, strict=True
    ):
        content = _content(data[at : at + packed], method, unpacked)
        if content is None or len(content) != unpacked or zlib.crc32(content) != checksum:
            return None
        found.append((data[name : name + length].decode("ascii"), content))
    return found


def _content(raw: bytes, method: int, unpacked: int) -> bytes | None:
    if method == DEFLATED:
        inflate = zlib.decompressobj(-15)
        try:
            content = inflate.decompress(raw, unpacked + 1)
        except zlib.error:
            return None
        return None if not inflate.eof or inflate.unused_data else content
    return raw if method == STORED else None
