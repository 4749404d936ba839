"""Open an image, whatever its format: the content decides, not the extension."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import ImageError, PyrhiError
from pyrhi.io.regular import open_regular
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from typing import BinaryIO

    from pyrhi.io.images.image import Image, StreamReader

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
ZIP_MAGIC = b"PK\x03\x04"
GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 352


def read_image(
    path: str | os.PathLike[str],
    /,
    *,
    series: str | None = None,
    imager_pixel_spacing: bool = False,
) -> Image:
    """Open a TIFF (also in a zip), DICOM, NIfTI, PNG, JPEG, NRRD or MetaImage, or a DICOM folder.

    Parameters
    ----------
    path
        File or folder.
    series
        Which DICOM series to take from a folder with several: its SeriesNumber or its
        SeriesInstanceUID.
    imager_pixel_spacing
        True takes a DICOM file's ImagerPixelSpacing where it has no PixelSpacing.

    Returns
    -------
    Image
        The opened image; its planes are read when asked for.

    Raises
    ------
    ImageError
        If the file is missing, damaged or of a kind that cannot be measured as ImageJ would.
    """
    file = Path(path)
    try:
        stream = open_regular(file)
    except IsADirectoryError:
        return _read_folder(file, series, imager_pixel_spacing)
    except OSError as error:
        if file.is_dir():  # Windows refuses to open a folder as a file
            return _read_folder(file, series, imager_pixel_spacing)
        raise _failure(file, error) from error
    except ValueError as error:
        raise _failure(file, error) from error
    try:
        return _dispatch(file, stream, imager_pixel_spacing)
    except PyrhiError:
        stream.close()
        raise
    except Exception as error:  # parsers of damaged files raise nearly anything
        stream.close()
        raise _failure(file, error) from error


def read_plain(path: str | os.PathLike[str], /) -> Image | None:
    """Open a plain TIFF, which takes no library that a damaged file could bring down.

    Parameters
    ----------
    path
        File.

    Returns
    -------
    Image or None
        The image as `read_image` opens it; None where it is another, or cannot be read.
    """
    try:
        stream = open_regular(path)
    except (OSError, ValueError):
        return None
    image = None
    try:
        head = stream.read(HEAD_BYTES)
        if head[:4] in TIFF_MAGICS and head[128:132] != b"DICM":
            from pyrhi.io.images import tiff

            image = tiff.read_plain(Path(path), stream)
    except Exception:  # `read_image` says what is wrong with it
        image = None
    if image is None:
        stream.close()
    return image


def _failure(path: Path, error: BaseException) -> ImageError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
    return ImageError(f"{path}: cannot be read as an image ({reason})")


def _dispatch(path: Path, stream: BinaryIO, imager_pixel_spacing: bool) -> Image:
    head = stream.read(HEAD_BYTES)
    if not head:
        msg = f"{path}: the file is empty; export it again"
        raise ImageError(msg)
    reader = _reader_of(path, head, imager_pixel_spacing)
    if reader is not None:
        return reader(path, stream)
    if head.startswith(b"NRRD") or path.suffix.lower() in (".mha", ".mhd"):
        from pyrhi.io.images import itk

        if itk.is_volume(path, head):
            stream.close()
            return itk.read(path, head)
    msg = (
        f"{path}: this is no TIFF, DICOM, NIfTI or PNG file, whatever its name says;"
        " open it in ImageJ and save it as TIFF"
    )
    raise ImageError(msg)


def _reader_of(path: Path, head: bytes, imager_pixel_spacing: bool) -> StreamReader | None:
    """What opens a format that is read from one stream; each library is loaded when needed."""
    # A DICOM file's first 128 bytes are free, and some scanners write the start of a TIFF there.
    if head[:4] in TIFF_MAGICS and head[128:132] != b"DICM":
        from pyrhi.io.images import tiff

        return tiff.read
    if head.startswith(PNG_MAGIC):
        from pyrhi.io.images import png

        return png.read
    if head.startswith(JPEG_MAGIC):
        from pyrhi.io.images import jpeg

        return jpeg.read
    if head[128:132] == b"DICM" or _is_bare_dicom(path, head):
        from pyrhi.io.images import dicom

        return partial(dicom.read_file, imager_pixel_spacing=imager_pixel_spacing)
    if head.startswith(GZIP_MAGIC) or _is_nifti(head):
        from pyrhi.io.images import nifti

        return nifti.read
    if head.startswith(ZIP_MAGIC):
        from pyrhi.io.images import zipped

        return zipped.read
    return None


def _read_folder(path: Path, series: str | None, imager_pixel_spacing: bool) -> Image:
    from pyrhi.io.images import dicom

    try:
        return dicom.read_series(path, series=series, imager_pixel_spacing=imager_pixel_spacing)
    except PyrhiError:
        raise
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise _failure(path, error) from error


def _is_nifti(head: bytes) -> bool:
    return head[344:348] in (b"n+1\0", b"ni1\0") or head[4:8] in (b"n+2\0", b"ni2\0")


def _is_bare_dicom(path: Path, head: bytes) -> bool:
    """Tell DICOM without preamble as ``ij.io.Opener.getFileType`` does."""
    starts_with_group = head[0] in (2, 8) and head[1:2] == b"\0" and head[3:4] == b"\0"
    return starts_with_group or (path.suffix.lower() == ".dcm" and not _is_nifti(head))
