"""ROI files: which belong to an image, and what is in them."""

from __future__ import annotations

import io
import os
import re
import struct
import time
import zipfile
import zlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import RoiError
from pyrhi.io.regular import open_regular, read_regular
from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.entries import plain_entries
from pyrhi.io.sorted_names import SortedNames
from pyrhi.limits import MAX_ROI_BYTES, MAX_ROISET_BYTES, MAX_ROISET_ENTRIES

if TYPE_CHECKING:
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image

ROI_SUFFIX = ".roi"
SEGMENTATION_ENDINGS = (".seg.nrrd", ".seg.nhdr")
"""What 3D Slicer calls its masks."""

VOLUME_ENDINGS = (".nrrd", ".nhdr", ".mha", ".mhd")
IMAGE_ENDINGS = (
    ".tiff", ".tif", ".png", ".nii.gz", ".nii", ".dcm", ".dicom", ".ima", *VOLUME_ENDINGS,
)  # fmt: skip
JPEG_ENDINGS = (".jpg", ".jpeg")
STEM_ENDINGS = (*IMAGE_ENDINGS, *JPEG_ENDINGS, ".zip")
"""Extensions that are no part of an image's name; a DICOM folder's name has none."""

_ONE_ENDING = frozenset(e for e in STEM_ENDINGS if e.count(".") == 1)

_KIND = re.compile(r"(.+)\.(zip|roi)", re.I | re.S)
_WORD = r"roisets?|rois?"
_WORD_ALONE = re.compile(rf"({_WORD})\.(zip|roi)", re.I)
_ROI_FOLDER = re.compile(_WORD, re.I)
_WORD_AT_END = re.compile(rf"({_WORD})$", re.I)
_WORD_APART = re.compile(rf"([ _.-]+({_WORD})|roisets?)$", re.I)
_SEPARATORS = ("__", "_", "-", ".", " ", "")
"""What public macros write between an image's name and the word RoiSet, ROIs or their like."""

_AFTER_STEM = "_-. rR"
"""First characters of what may follow an image's name in that of its ROI file."""

_LEVEL = "C|HWK|TH?|D|BWK|L|LWK|S|SWK"
_LEVELS = re.compile(
    rf"(?<![^\W_])(?:{_LEVEL})[ _.-]?(?P<above>[0-9]{{1,2}}) *(?P<slash>/) *"
    rf"(?P<second>(?:{_LEVEL})[ _.-]?)?(?P<below>[0-9]{{1,2}})(?![^\W_])",
    re.I,
)
"""Two vertebrae with a slash between them: L5/S1, C5/6."""

_FRESH_NS = 2 * 10**9
"""A folder that changed less than this ago may change again under the same time of change."""

_AGAIN_NS = 10**8
"""How long such a folder is taken as it was seen."""

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

_LOCAL_HEADER = struct.Struct("<4s22xHH")
HEAD_BYTES = 2**16 + _LOCAL_HEADER.size
"""Bytes of a zip that hold the name of its first entry, however long."""


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
    path = path if isinstance(path, Path) else Path(path)
    try:
        if path.suffix.lower() == ".zip":
            return _read_zip(path)
        if path.stat().st_size > MAX_ROI_BYTES:
            msg = f"{path}: is larger than a ROI can be ({MAX_ROI_BYTES} bytes)"
            raise RoiError(msg)
        return [decode_roi(read_regular(path), name=path.stem, source=str(path))]
    except FileNotFoundError:
        msg = f"{path}: no such ROI file; check --rois or save the ROIs again"
        raise RoiError(msg) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error})"
        raise RoiError(msg) from None


def _read_zip(path: Path) -> list[Roi]:
    if path.stat().st_size > MAX_ROISET_BYTES:
        msg = f"{path}: is larger than a RoiSet can be ({MAX_ROISET_BYTES} bytes)"
        raise RoiError(msg)
    data = read_regular(path)
    source = str(path)
    found = _plain_set(data)
    return [decode_roi(roi, name=name, source=source) for name, roi in found] or _unzipped(
        path, data
    )


def _plain_set(data: bytes) -> list[tuple[str, bytes]]:
    return [
        (name, roi)
        for entry, roi in plain_entries(data) or ()
        if (name := _roi_of_entry(entry)) is not None
    ]


def plain_rois(path: str, data: bytes, /) -> list[tuple[str, bytes]]:
    """Return name and bytes of the ROIs of a plain file, as `read_rois` names them.

    Parameters
    ----------
    path
        A ``.roi`` file or RoiSet ``.zip``.
    data
        What it holds.

    Returns
    -------
    rois : list
        Empty where the file is not plain, holds no ROI, or an image.
    """
    if path.lower().endswith(".zip"):
        return [] if _begins_with_image(data[:HEAD_BYTES]) else _plain_set(data)
    return [(Path(path).stem, data)]


def _unzipped(path: Path, packed: bytes) -> list[Roi]:
    rois: list[Roi] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = [e for e in archive.infolist() if _is_roi_entry(e.filename)]
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
                rois.append(decode_roi(data, name=entry_name(entry.filename), source=str(path)))
    except _DAMAGED as error:
        msg = f"{path}: is not a readable RoiSet ({error}); save it again in ImageJ"
        raise RoiError(msg) from None
    if not rois:
        msg = f"{path}: holds no .roi files; save the set in the ROI Manager (More > Save)"
        raise RoiError(msg)
    return rois


# The sets of a study repeat their names.
@lru_cache(maxsize=4096)
def _roi_of_entry(entry: str) -> str | None:
    return entry_name(entry) if _is_roi_entry(entry) else None


def _is_roi_entry(entry: str) -> bool:
    """Tell ROIs from what macOS adds to a zip."""
    parts = entry.replace("\\", "/").split("/")
    return entry.endswith(ROI_SUFFIX) and "__MACOSX" not in parts and parts[-1][:2] != "._"


def entry_name(entry: str, /) -> str:
    """Return the name of a ROI in a RoiSet: without folders, but a level's slash is part of it.

    Parameters
    ----------
    entry
        Name of the zip entry; ImageJ writes a ROI's name there as it stands.

    Examples
    --------
    >>> entry_name("set/cord.roi"), entry_name("high L5/S1.roi"), entry_name("a/C5/6.roi")
    ('cord', 'high L5/S1', 'C5/6')
    """
    name = entry[: -len(ROI_SUFFIX)].replace("\\", "/")
    kept = [m.start("slash") for m in _LEVELS.finditer(name) if _are_levels(m)]
    start = max((i + 1 for i, c in enumerate(name) if c == "/" and i not in kept), default=0)
    return name[start:]


def _are_levels(match: re.Match[str]) -> bool:
    return bool(match["second"]) or int(match["below"]) == int(match["above"]) + 1


def stem_of(path: Path | str, /) -> str:
    """Return the name of an image without its extension; ``.nii.gz`` is one extension.

    Parameters
    ----------
    path
        Its path, or its name alone.

    Examples
    --------
    >>> stem_of(Path("a/t2.nii.gz")), stem_of(Path("slice.014.tif")), stem_of(Path("series.1"))
    ('t2', 'slice.014', 'series.1')
    """
    return _stem(path if isinstance(path, str) else path.name)


@lru_cache(maxsize=1024)
def _stem(name: str) -> str:
    lower = name.lower()
    last = lower[lower.rfind(".") :]
    # Most names end in one extension, which a set knows at once.
    ending = last if last in _ONE_ENDING else next(filter(lower.endswith, STEM_ENDINGS), "")
    return name[: -len(ending)] if ending else name


def split_ending(name: str, /) -> tuple[str, str]:
    """Split a file name into what it is called and what kind of file it is.

    Examples
    --------
    >>> split_ending("t2_014.RoiSet.zip"), split_ending("t2.nii.gz"), split_ending("1.2.3")
    (('t2_014', '.RoiSet.zip'), ('t2', '.nii.gz'), ('1.2.3', ''))
    >>> split_ending("t2_014_ROIs.zip"), split_ending("t2_014.tif.roi"), split_ending("roi.zip")
    (('t2_014', '_ROIs.zip'), ('t2_014', '.tif.roi'), ('roi', '.zip'))
    """
    stem = name
    if match := _KIND.fullmatch(name):
        stem = _WORD_APART.sub("", match[1]) or match[1]
    stem = stem_of(stem)
    return stem, name[len(stem) :]


def is_roi_word(name: str, /) -> bool:
    """Say whether a file or folder is called RoiSet, ROIs or the like, and nothing else.

    Examples
    --------
    >>> is_roi_word("RoiSet.zip"), is_roi_word("ROIs"), is_roi_word("t2_ROIs.zip")
    (True, True, False)
    """
    return bool(_WORD_ALONE.fullmatch(name) or _ROI_FOLDER.fullmatch(name))


def _stems(base: str) -> list[str]:
    """Return what an image may be called whose ROI file is `base` without its extension."""
    stems = [base]
    if match := _WORD_AT_END.search(base):
        before = base[: match.start()]
        stems += [before[: len(before) - len(s)] for s in _SEPARATORS if before.endswith(s)]
    return [stem for stem in stems if stem]


@dataclass(frozen=True, eq=False)
class Folder:
    """What a folder holds."""

    rois: SortedNames
    """ROI files that bear an image's name."""
    sets: list[str]
    """ROI files that bear no image's name."""
    roi_folders: list[str]
    images: frozenset[str]
    """Images whose ending says so, and folders that may be DICOM series: where `sets` may be
    theirs."""
    taken: frozenset[str]
    """Names of images that a ROI file, without its extension, may have and be another's."""
    jpegs: frozenset[str]

    def rois_of(self, *stems: str) -> list[str]:
        """Return the ROI files of an image that is called so, by any of these names."""
        found: dict[str, list[str]] = {stem: [] for stem in stems}
        # One of them begins all others: the name without its ending.
        beginning = min(stems, key=len)
        at = self.rois.place(beginning)
        while at < len(self.rois) and (name := self.rois[at]).startswith(beginning):
            for stem in stems:
                if _may_follow(stem, name[:-4]):
                    found[stem].append(name)
                    break
            at += 1
        return [name for names in found.values() for name in names]


def _may_follow(stem: str, base: str) -> bool:
    """Say whether a ROI file, called `base` without its extension, bears an image's name."""
    if not base.startswith(stem) or base == stem:
        return base == stem
    return base[len(stem)] in _AFTER_STEM and stem in _stems(base)


_NOTHING = Folder(SortedNames([]), [], [], frozenset(), frozenset(), frozenset())


def _listing(folder: str) -> Folder:
    try:
        changed = os.stat(folder).st_mtime_ns
        now = time.time_ns()
        # A folder that was filled a moment ago is looked at again, but not once for each image.
        moment = now // _AGAIN_NS if now - changed < _FRESH_NS else 0
        return _look_once(folder, (changed, moment))
    except OSError:
        return _NOTHING


def _look(folder: str) -> Folder:
    rois: list[str] = []
    sets: list[str] = []
    ambiguous: set[str] = set()
    roi_folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name.lower().endswith((*IMAGE_ENDINGS, *JPEG_ENDINGS)):
                continue
            if entry.is_dir():
                if _ROI_FOLDER.fullmatch(name):
                    roi_folders.append(name)
            elif _WORD_ALONE.fullmatch(name):
                sets.append(name)
            elif match := _KIND.fullmatch(name):
                rois.append(name)
                if len(_stems(match[1])) > 1:
                    ambiguous.add(match[1])
    for names in (rois, sets, roi_folders):
        names.sort()
    # A study may have many images: what nobody will ask for is not kept, nor looked at.
    images, jpegs = _images(folder) if sets or roi_folders or ambiguous else ([], [])
    stems = (stem for name in images for stem in (name, stem_of(name)))
    if sets or roi_folders:
        taken = frozenset(stems)
        return Folder(
            SortedNames(rois), sets, roi_folders, frozenset(images), taken, frozenset(jpegs)
        )
    taken = frozenset(ambiguous.intersection(stems))
    return Folder(SortedNames(rois), sets, roi_folders, frozenset(), taken, frozenset())


def _images(folder: str) -> tuple[list[str], list[str]]:
    """Return what may be an image in a folder, with folders, and its JPEGs."""
    images: list[str] = []
    jpegs: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name, lower = entry.name, entry.name.lower()
            if name.startswith("."):
                continue
            if entry.is_dir():
                if not _ROI_FOLDER.fullmatch(name):
                    images.append(name)
            elif lower.endswith(IMAGE_ENDINGS):
                if not lower.endswith(SEGMENTATION_ENDINGS):
                    images.append(name)
            elif lower.endswith(JPEG_ENDINGS):
                jpegs.append(name)
    return images, jpegs


_FOLDERS_KEPT = 16
_seen: OrderedDict[str, tuple[tuple[int, int], Folder]] = OrderedDict()


def _look_once(folder: str, state: tuple[int, int]) -> Folder:
    """Look through a folder of slices once, not once for each of its slices."""
    known = _seen.get(folder)
    if known is not None and known[0] == state:
        return known[1]
    found = _look(folder)
    _seen[folder] = (state, found)
    while len(_seen) > _FOLDERS_KEPT:
        # Another thread may have taken the last one out.
        with suppress(KeyError):
            _seen.popitem(last=False)
    return found


def candidate_paths(image: Path, /) -> list[str]:
    """Return the files that may hold the ROIs of an image: by its name, then a folder's set.

    Parameters
    ----------
    image
        Path of the image, or of a folder with a DICOM series.
    """
    named, sets = _found(image)
    return [*named, *sets]


def _found(image: Path) -> tuple[list[str], list[str]]:
    parent = str(image.parent)
    return _candidates(image, parent, _listing(parent))


# Asked twice for one image: of its inputs, and of its ROIs.
@lru_cache(maxsize=64)
def _candidates(image: Path, parent: str, here: Folder) -> tuple[list[str], list[str]]:
    return _named(image, parent, here), _sets_of_only_image(image, parent, here)


def _named(image: Path, parent: str, here: Folder) -> list[str]:
    """Return the ROI files that bear the name of an image, beside it or in a folder ``ROIs``."""
    stems = dict.fromkeys((stem_of(image), image.name))
    found: dict[str, None] = {}
    for folder in (parent, *(os.path.join(parent, sub) for sub in here.roi_folders)):
        there = here if folder == parent else _listing(folder)
        for name in there.rois_of(*stems):
            base, path = name[:-4], os.path.join(folder, name)
            # Another image may be called as this one's ROI file: a_roi.zip of a_roi.tif or a.tif.
            if base in stems or base not in here.taken:
                found[path] = None
    return [p for p in found if p != str(image) and not is_zipped_image(p)]


def only_roi_file(image: str, listings: dict[str, Folder], /) -> str | None:
    """Return the ROI file that `find_rois` finds, where it is quickly told.

    Parameters
    ----------
    image
        Path of a file.
    listings
        What folders hold that were looked at a moment ago; a new one is added.

    Returns
    -------
    path : str or None
        None where the folder, or one inside, has ROI files for more than their namesakes, or
        where there is not exactly one file of the image's name. It may be an image in a zip.
    """
    parent, name = os.path.split(image)
    parent = parent or "."
    here = listings.get(parent)
    if here is None:
        # Paths are written as by `find_rois`.
        here = _listing(parent) if str(Path(parent)) == parent else _NOTHING
        listings[parent] = here
    if here.sets or here.roi_folders:
        return None
    stems = dict.fromkeys((_stem(name), name))
    found = [
        roi
        for roi in here.rois_of(*stems)
        if roi != name and (roi[:-4] in stems or roi[:-4] not in here.taken)
    ]
    return os.path.join(parent, found[0]) if len(found) == 1 else None


def _sets_of_only_image(image: Path, parent: str, here: Folder) -> list[str]:
    """Return the sets of a folder that hold for its only image."""
    if os.path.isdir(image) and (sets := _listing(str(image)).sets):
        return [os.path.join(image, name) for name in sets]
    found = [os.path.join(parent, name) for name in here.sets]
    for folder in (os.path.join(parent, sub) for sub in here.roi_folders):
        found += [os.path.join(folder, name) for name in _listing(folder).sets]
    return found if found and _is_only_image(image, here) else []


def _is_only_image(image: Path, here: Folder) -> bool:
    """True where a folder holds no other image; beside a DICOM folder any other folder counts."""
    if image.is_dir():
        others = set(here.images)
    else:
        others = {name for name in here.images if name.lower().endswith(IMAGE_ENDINGS)}
    if image.name in here.jpegs:
        others |= here.jpegs
    others |= {name for name in here.rois if is_zipped_image(image.parent / name)}
    return not others - {image.name}


def find_rois(image: Path, /) -> Path | None:
    """Return the ROI file of an image that nobody named, or None.

    Parameters
    ----------
    image
        Path of the image, or of a folder with a DICOM series.

    Returns
    -------
    path : Path or None
        A file with the image's name (``x.zip``, ``x_RoiSet.zip``, ``x-ROIs.zip``, ``x.tif.roi``, in
        any case of the word), beside the image or in a folder ``ROI``, ``ROIs`` or ``RoiSet``
        there; else a ``RoiSet.zip`` in a DICOM folder, or of a folder that holds this one image.

    Raises
    ------
    RoiError
        If two files may be the one.
    """
    named, sets = _found(image)
    found = named or sets
    if len(found) > 1:
        both = " and ".join(os.path.relpath(path, image.parent) for path in found[:2])
        more = f" ({len(found)} files in all)" if len(found) > 2 else ""
        msg = (
            f"{image}: {both}{more} may both be its ROIs; move or delete one, or name the right"
            " one by --rois"
        )
        raise RoiError(msg)
    return Path(found[0]) if found else None


def is_zipped_image(path: str | os.PathLike[str], /) -> bool:
    """Say whether a ``.zip`` holds an image: ``ij.io.Opener.openZip`` looks at its first entry."""
    if not os.fspath(path).lower().endswith(".zip"):
        return False
    try:
        status = os.stat(path)
        return _holds_image(os.fspath(path), status.st_size, status.st_mtime_ns)
    except (OSError, struct.error):
        return False


# Asked several times for one image: of its inputs, and of its ROIs.
@lru_cache(maxsize=64)
def _holds_image(path: str, _size: int, _changed: int) -> bool:
    with open_regular(path) as stream:
        return _begins_with_image(stream.read(HEAD_BYTES))


def _begins_with_image(head: bytes) -> bool:
    magic, length, _ = _LOCAL_HEADER.unpack_from(head)
    name = head[_LOCAL_HEADER.size : _LOCAL_HEADER.size + length]
    return bool(magic == b"PK\3\4" and name.endswith((b".tif", b".dcm")))


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
    if not found and path.is_dir():
        msg = (
            f"{path}: no ROIs beside the DICOM folder (NAME.zip, NAME_ROIs.zip) or in it"
            " (RoiSet.zip); outline it, or give --rois; pyrhi series lists what is there"
        )
        raise RoiError(msg)
    if not found:
        msg = (
            f"{path}: no ROIs beside it (NAME.zip, NAME.RoiSet.zip, NAME_ROIs.zip, "
            "NAME.roi) or inside it; save its ROI set there, or give --rois"
        )
        raise RoiError(msg)
    return found
