"""Which files and folders below a folder are images."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import ImageError, RoiError
from pyrhi.io.rois.files import (
    JPEG_ENDINGS,
    SEGMENTATION_ENDINGS,
    VOLUME_ENDINGS,
    find_rois,
    is_roi_word,
    is_zipped_image,
    split_ending,
    stem_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

IMAGE_SUFFIXES = (".tif", ".tiff", ".png", ".nii", ".nii.gz", *VOLUME_ENDINGS)
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
ZIP_ENDING = ".zip"
SEGMENT_FIELD = re.compile(rb"^Segment\d+_\w+:=", re.MULTILINE)
HEADER_BYTES = 2**16
MACOS_FOLDER = "__MACOSX"
"""What macOS adds to a zip, and a person unpacks with it."""


def images_below(top: Path, /, *, rois: Path | None = None) -> list[str]:
    """Return the images of a folder and of those below it, in the order of a file browser.

    Parameters
    ----------
    top
        The folder.
    rois
        Folder with a ROI file for each image; None looks beside the images.

    Returns
    -------
    names : list of str
        Paths below `top`, with ``/``; empty for `top` itself. A folder with DICOM files is one
        image, and 3D Slicer's segments are none. A JPEG is one where ROIs bear its name and no
        other image does, since most are pictures of an image; where there is nothing else, every
        JPEG is one.

    Raises
    ------
    ImageError
        If a folder cannot be read.
    """
    folder = rois if rois is not None and rois.is_dir() else None

    def has_rois(path: Path) -> bool:
        try:
            return find_rois(path if folder is None else folder / path.name) is not None
        except RoiError:  # two files may be its ROIs: that is told when it is measured
            return True

    return list(_walk(top, "", has_rois)) or list(_walk(top, "", lambda _: True))


def _walk(folder: Path, below: str, has_rois: Callable[[Path], bool]) -> Iterator[str]:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", MACOS_FOLDER)):
                    continue
                if entry.is_dir():
                    if not _leads_back(entry):
                        folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
    except OSError as error:
        msg = f"{folder}: cannot be read ({error.strerror or error})"
        raise ImageError(msg) from None
    if any(_is_dicom(folder / f) for f in files if _may_be_dicom(f)):
        yield below.removesuffix("/")
    named = [name for name in files if name.lower().endswith(IMAGE_SUFFIXES)]
    named.sort()
    images = [name for name in named if not _is_segmentation(folder, name)]
    images += [name for name in files if _is_other_image(folder, name, named, has_rois)]
    # Half the files of a study are ROI sets: what is not wanted is not sorted.
    del files, named
    images.sort(key=natural)
    for name in images:
        yield below + name
    for name in sorted(folders, key=natural):
        yield from _walk(folder / name, f"{below}{name}/", has_rois)


def _leads_back(entry: os.DirEntry[str]) -> bool:
    """Tell a link to a folder that it lies in, whose images would be found again and again."""
    if not entry.is_symlink():
        return False
    here = os.path.realpath(os.path.dirname(entry.path))
    return os.path.join(here, "").startswith(os.path.join(os.path.realpath(entry.path), ""))


def _bears_stem(named: Sequence[str], stem: str) -> bool:
    """Say whether one of some images, sorted by name, is called so."""
    beginning = f"{stem}."
    for at in range(bisect_left(named, beginning), len(named)):
        if not named[at].startswith(beginning):
            return False
        if stem_of(named[at]) == stem:
            return True
    return False


def _is_other_image(
    folder: Path, name: str, named: Sequence[str], has_rois: Callable[[Path], bool]
) -> bool:
    """Tell a JPEG that is an image from a picture of one, and a TIFF in a zip from a ROI set."""
    if name.lower().endswith(JPEG_ENDINGS):
        return not _bears_stem(named, stem_of(name)) and has_rois(folder / name)
    if not name.lower().endswith(ZIP_ENDING):
        return False
    # The ROI set of an image or a folder is not opened to see what else it might be.
    if _bears_stem(named, stem_of(name)) or _bears_stem(named, split_ending(name)[0]):
        return False
    return not (is_roi_word(name) or is_roi_word(folder.name)) and is_zipped_image(folder / name)


def _is_segmentation(folder: Path, name: str) -> bool:
    """Tell 3D Slicer's segments from a volume, by the name or by the fields of the header."""
    lower = name.lower()
    if lower.endswith(SEGMENTATION_ENDINGS) or not lower.endswith((".nrrd", ".nhdr")):
        return lower.endswith(SEGMENTATION_ENDINGS)
    try:
        with (folder / name).open("rb") as stream:
            head = stream.read(HEADER_BYTES)
    except OSError:  # that is told when it is measured
        return False
    return SEGMENT_FIELD.search(head.partition(b"\n\n")[0]) is not None


def _may_be_dicom(name: str) -> bool:
    return name.lower().endswith(DICOM_SUFFIXES) or "." not in name


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


_DIGITS = re.compile(r"([0-9]+)")


def natural(name: str, /) -> str:
    """Return a sort key under which slice 9 comes before slice 10, as in a file browser.

    Examples
    --------
    >>> sorted(["s10.tif", "s9.tif", "S1.tif", "s.tif"], key=natural)
    ['S1.tif', 's9.tif', 's10.tif', 's.tif']
    """
    # One text for each name, since a study may have many; no name holds a NUL.
    return _DIGITS.sub(_by_value, name) + "\1"


def _by_value(digits: re.Match[str]) -> str:
    """Sort a number before all letters, by its value, and 01 before 1."""
    value = digits[0].lstrip("0")
    return f"\0{chr(len(value))}{value}\0{digits[0]}\0"
