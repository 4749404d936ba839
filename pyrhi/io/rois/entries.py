"""Entries of a plain zip, as ImageJ writes a RoiSet: small, stored or deflated, no extensions.

zipfile spends ten times as long on such a file as inflating it takes. What is not wholly plain is
left to it; a test compares both.
"""

from __future__ import annotations

import struct
import zlib

MAX_ENTRIES = 1000
MAX_ENTRY_BYTES = 2**20

_END = struct.Struct("<4s4H2IH")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_ENCRYPTED_OR_PATCHED = 0x0001 | 0x0020 | 0x0040 | 0x2000
STORED, DEFLATED = 0, 8


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
    try:
        return _entries(data)
    except (struct.error, zlib.error, UnicodeDecodeError):
        return None


def _entries(data: bytes) -> list[tuple[str, bytes]] | None:
    mark, disk, first_disk, here, count, size, start, comment = _END.unpack(data[-_END.size :])
    end = len(data) - _END.size
    if mark != b"PK\5\6" or (disk, first_disk, comment) != (0, 0, 0) or here != count:
        return None
    if not 0 < count <= MAX_ENTRIES or start + size != end:
        return None
    found = []
    at, free = start, 0
    for _ in range(count):
        head = _CENTRAL.unpack_from(data, at)
        mark, _, needed, flags, method, _, _, checksum, packed, unpacked, *rest = head
        name_length, extra, remark, entry_disk, _, _, offset = rest
        name = data[at + _CENTRAL.size : at + _CENTRAL.size + name_length]
        at += _CENTRAL.size + name_length + extra + remark
        if mark != b"PK\1\2" or needed > 20 or flags & _ENCRYPTED_OR_PATCHED or entry_disk:
            return None
        if max(packed, unpacked) > MAX_ENTRY_BYTES or extra or b"\0" in name or offset < free:
            return None
        content = _content(data, name, offset, (method, packed, unpacked, checksum), start)
        if content is None:
            return None
        free = offset + _LOCAL.size + packed
        found.append((name.decode("ascii"), content))
    return found if at == end else None


def _content(
    data: bytes, name: bytes, offset: int, sizes: tuple[int, int, int, int], limit: int
) -> bytes | None:
    method, packed, unpacked, checksum = sizes
    local = _LOCAL.unpack_from(data, offset)
    begin = offset + _LOCAL.size
    after = begin + local[9]
    if local[0] != b"PK\3\4" or data[begin:after] != name or local[3] != method:
        return None
    after += local[10]
    raw = data[after : after + packed]
    if after + packed > limit:
        return None
    if method == DEFLATED:
        inflate = zlib.decompressobj(-15)
        raw = inflate.decompress(raw, unpacked + 1)
        if not inflate.eof or inflate.unused_data:
            return None
    elif method != STORED:
        return None
    return raw if len(raw) == unpacked and zlib.crc32(raw) == checksum else None
