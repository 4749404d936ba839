"""Whether a compressed NRRD is whole: ITK does not look at the checksum of its pixels."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from pyrhi.errors import ImageError
from pyrhi.limits import MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

MAX_HEADER_LINES = 100_000
MAX_LINE_BYTES = 2**20
CHUNK = 2**20


def check_nrrd(path: Path, /) -> None:
    """Refuse a NRRD whose gzip-compressed pixels do not have their checksum.

    Raises
    ------
    ImageError
        If they are damaged, or lie in several compressed files.

    Notes
    -----
    The format is that of Teem's "Definition of NRRD File Format": fields until an empty line,
    ``encoding``, ``data file`` and ``line skip``.
    """
    with path.open("rb") as stream:
        fields = _fields(stream)
        if fields.get("encoding", "").lower() not in ("gz", "gzip"):
            return
        name = fields.get("data file", fields.get("datafile"))
        if name is None:
            _check_stream(path, stream, 0)
            return
    data = path.parent / name
    if name.upper().startswith("LIST") or "%" in name:
        msg = f"{path}: its pixels lie in several files; save it as one .nrrd"
        raise ImageError(msg)
    if not data.is_file():
        msg = f"{path}: its pixels are in {name}, which is not there; copy it beside the header"
        raise ImageError(msg)
    skipped = fields.get("line skip", fields.get("lineskip", "0"))
    with data.open("rb") as stream:
        _check_stream(data, stream, int(skipped) if skipped.isdecimal() else 0)


def _fields(stream: IO[bytes]) -> dict[str, str]:
    """Fields of the header; the stream stands at what follows them."""
    fields: dict[str, str] = {}
    for _ in range(MAX_HEADER_LINES):
        line = stream.readline(MAX_LINE_BYTES)
        text = line.decode("latin-1").strip()
        if not text:
            break
        key, colon, value = text.partition(": ")
        if colon and not key.startswith("#"):
            fields[key.strip().lower()] = value.strip()
    return fields


def _check_stream(path: Path, stream: IO[bytes], skipped: int) -> None:
    """Unpack to nowhere: the checksum stands at the end."""
    for _ in range(skipped):
        stream.readline(MAX_LINE_BYTES)
    done = 0
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            while (piece := packed.read(CHUNK)) and done <= MAX_UNPACKED_BYTES:
                done += len(piece)
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{path}: the compressed pixels are truncated or damaged; export it again"
        raise ImageError(msg) from error
    if done > MAX_UNPACKED_BYTES:
        msg = f"{path}: unpacks to more than pyrhi reads ({MAX_UNPACKED_BYTES} bytes)"
        raise ImageError(msg)
