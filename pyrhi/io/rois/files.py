"""ROI files: which belong to an image, and what is in them."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import RoiError
from pyrhi.io.rois.decode import decode_roi
from pyrhi.limits import MAX_ROI_BYTES, MAX_ROISET_BYTES, MAX_ROISET_ENTRIES

if TYPE_CHECKING:
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image

ROI_SUFFIX = ".roi"
IMAGE_ENDINGS = (".tiff", ".tif", ".png", ".nii.gz", ".nii", ".dcm", ".dicom", ".ima")
"""Extensions that are no part of an image's name; a DICOM folder's name has none."""

ROI_ENDINGS = (".zip", ".RoiSet.zip", "_RoiSet.zip", ".roi")
"""What may follow an image's name without its extension, best first."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile raises on a damaged or locked file."""

FOLDER_ROISET = "RoiSet.zip"
"""Name of ImageJ's own default; belongs to an image where the folder has only one."""


def read_rois(path: str | os.PathLike[str], /) -> list[Roi]:
    """Read all ROIs of a ``.roi`` file or RoiSet ``.zip``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    rois : list of Roi
        In the order of the file, named as the ROI Manager names them.

    Raises
    ------
    RoiError
        If the file cannot be read, holds no ROI, or a ROI in it is damaged; the message names
        file and ROI.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".zip":
            return _read_zip(path)
        if path.stat().st_size > MAX_ROI_BYTES:
            msg = f"{path}: is larger than a ROI can be ({MAX_ROI_BYTES} bytes)"
            raise RoiError(msg)
        return [decode_roi(path.read_bytes(), name=path.stem, source=str(path))]
    except FileNotFoundError:
        msg = f"{path}: no such ROI file; check --rois or save the ROIs again"
        raise RoiError(msg) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error})"
        raise RoiError(msg) from None


def _read_zip(path: Path) -> list[Roi]:
    rois: list[Roi] = []
    total = 0
    try:
        if path.stat().st_size > MAX_ROISET_BYTES:
            msg = f"{path}: is larger than a RoiSet can be ({MAX_ROISET_BYTES} bytes)"
            raise RoiError(msg)
        # From memory: zipfile seeks back and forth, and a system call each costs more than all.
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            entries = [e for e in archive.infolist() if e.filename.endswith(ROI_SUFFIX)]
            if len(entries) > MAX_ROISET_ENTRIES:
                msg = f"{path}: holds {len(entries)} ROIs, more than pyrhi reads"
                raise RoiError(msg)
            for entry in entries:
                total += entry.file_size
                if entry.file_size > MAX_ROI_BYTES or total > MAX_ROISET_BYTES:
                    msg = (
                        f"{path}: unpacks to more than {MAX_ROISET_BYTES} bytes; "
                        "this is no RoiSet of ImageJ's"
                    )
                    raise RoiError(msg)
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    msg = f"{path}: is packed in a way that ImageJ does not know; save it there"
                    raise RoiError(msg)
                with archive.open(entry) as stream:
                    # The size in the directory can lie: never read more than it says.
                    data = stream.read(entry.file_size)
                # Nothing is ever unpacked to disk, so a path in a name is only a name.
                name = entry.filename[: -len(ROI_SUFFIX)].replace("\\", "/").rsplit("/", 1)[-1]
                rois.append(decode_roi(data, name=name, source=str(path)))
    except _DAMAGED as error:
        msg = f"{path}: is not a readable RoiSet ({error}); save it again in ImageJ"
        raise RoiError(msg) from None
    if not rois:
        msg = f"{path}: holds no .roi files; save the set in the ROI Manager (More > Save)"
        raise RoiError(msg)
    return rois


def stem_of(path: Path, /) -> str:
    """Return the name of an image without its extension; ``.nii.gz`` is one extension.

    Examples
    --------
    >>> stem_of(Path("a/t2.nii.gz")), stem_of(Path("slice.014.tif")), stem_of(Path("series.1"))
    ('t2', 'slice.014', 'series.1')
    """
    lower = path.name.lower()
    ending = next((e for e in IMAGE_ENDINGS if lower.endswith(e)), "")
    return path.name[: -len(ending)] if ending else path.name


def split_ending(name: str, /) -> tuple[str, str]:
    """Split a file name into what it is called and what kind of file it is.

    Examples
    --------
    >>> split_ending("t2_014.RoiSet.zip"), split_ending("t2.nii.gz"), split_ending("1.2.3")
    (('t2_014', '.RoiSet.zip'), ('t2', '.nii.gz'), ('1.2.3', ''))
    """
    lower = name.lower()
    endings = (*ROI_ENDINGS, *IMAGE_ENDINGS)
    found = [e for e in endings if lower.endswith(e.lower())]
    ending = max(found, key=len, default="")
    return (name[: -len(ending)], name[len(name) - len(ending) :]) if ending else (name, "")


def candidate_paths(image: Path, /) -> list[str]:
    """Return where the ROIs of an image may lie, best first; the folder's own set is last."""
    stem = str(image.parent / stem_of(image))
    return [stem + ending for ending in ROI_ENDINGS]


def find_rois(image: Path, /) -> Path | None:
    """Return the ROI file of an image that nobody named, or None.

    Parameters
    ----------
    image
        Path of the image, or of a folder with a DICOM series.

    Returns
    -------
    path : Path or None
        Beside the image by its name; a ``RoiSet.zip`` inside a DICOM folder, or in a folder that
        holds this one image and no other.
    """
    found = next(filter(os.path.isfile, candidate_paths(image)), None)
    if found:
        return Path(found)
    # Only where there is such a set is it worth looking whose it is.
    inside, beside = image / FOLDER_ROISET, image.parent / FOLDER_ROISET
    if inside.is_file():
        return inside
    return beside if beside.is_file() and _is_only_image(image) else None


def _is_only_image(image: Path) -> bool:
    """True where a folder holds no other image; beside a DICOM folder any other folder counts."""
    series = image.is_dir()
    others = (entry for entry in os.scandir(image.parent) if entry.name != image.name)
    return not any(
        (series and entry.is_dir()) or entry.name.lower().endswith(IMAGE_ENDINGS)
        for entry in others
        if not entry.name.startswith(".")
    )


def embedded_rois(image: Image, /) -> list[Roi]:
    """Return the ROIs inside an ImageJ TIFF: its overlay, then its selection."""
    source = str(image.path) if image.path else image.name
    blocks = [*image.overlay, *([image.embedded_rois] if image.embedded_rois else [])]
    return [decode_roi(data, source=source) for data in blocks]


def rois_beside(image: Image, path: Path, /) -> list[Roi]:
    """Return the ROIs of an image that nobody named: beside its file, else inside it.

    Parameters
    ----------
    image
        The opened image.
    path
        Its file or folder.

    Raises
    ------
    RoiError
        If there are none, or they cannot be read.
    """
    beside = find_rois(path)
    if beside is not None:
        return read_rois(beside)
    found = embedded_rois(image)
    if not found:
        msg = (
            f"{path}: no ROIs beside it (NAME.zip, NAME.RoiSet.zip, NAME_RoiSet.zip, "
            "NAME.roi) or inside it; save its ROI set there, or give --rois"
        )
        raise RoiError(msg)
    return found
