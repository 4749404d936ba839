"""ImageJ's TIFF in a zip (File > Save As > ZIP), as ``ij.io.Opener.openZip`` opens it."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from pyrhi.errors import ImageError
from pyrhi.limits import MAX_COMPRESSION, MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from pyrhi.io.images.image import Image

CHUNK = 2**20
IN_MEMORY = 32 * 2**20


def read(path: Path, stream: BinaryIO) -> Image:
    """Open the TIFF that is the first entry of a zip.

    A `StreamReader`; another first entry, and one that unpacks to more than pyrhi reads, are
    refused.
    """
    from pyrhi.io.images import tiff

    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = _unpack(path, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        msg = f"{path}: the zip is damaged or locked; save it again in ImageJ"
        raise ImageError(msg) from error
    finally:
        stream.close()
    try:
        return tiff.read(path, unpacked)
    except BaseException:
        unpacked.close()
        raise


def _unpack(path: Path, archive: zipfile.ZipFile) -> BinaryIO:
    """Unpack the first entry of a zip, in memory or, where it is large, to a temporary file."""
    entry = min(archive.infolist(), key=lambda e: e.header_offset, default=None)
    if entry is None or not entry.filename.endswith(".tif"):
        if entry is not None and entry.filename.endswith(".roi"):
            msg = f"{path}: is a set of ROIs, not an image; give it as --rois of its image"
        else:
            msg = f"{path}: a zip without a TIFF as its first entry; unpack it, or save it as TIFF"
        raise ImageError(msg)
    if entry.file_size > min(MAX_UNPACKED_BYTES, max(entry.compress_size, 1) * MAX_COMPRESSION):
        msg = f"{path}: unpacks to {entry.file_size} bytes, more than pyrhi reads; save it as TIFF"
        raise ImageError(msg)
    # tifffile takes no file without a name, nor one that may move from memory to disk.
    large = entry.file_size > IN_MEMORY
    target: Any = tempfile.NamedTemporaryFile() if large else io.BytesIO()  # noqa: SIM115
    try:
        with archive.open(entry) as packed:
            done = 0
            # The size in the directory can lie: never unpack more than it says.
            while done < entry.file_size and (chunk := packed.read(CHUNK)):
                done += target.write(chunk)
    except BaseException:
        target.close()
        raise
    return target  # type: ignore[no-any-return]
