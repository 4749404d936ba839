"""Which images of a folder or manifest are measured, with which ROIs, for which patient."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from pyrhi.errors import ImageError, RoiError, TableError
from pyrhi.io.images.folder import images_below
from pyrhi.io.reading import read_table
from pyrhi.io.rois.files import find_rois, stem_of
from pyrhi.rhi.summary import LOCATIONS

if TYPE_CHECKING:
    from pyrhi.io.reading import TextRow
    from pyrhi.rhi.high import Reference

MASK_COLUMNS = ("cord_mask", "high_mask", "masks")
MANIFEST_COLUMNS = ("patient", "image", "rois", "location", "number", "visit", *MASK_COLUMNS)


@dataclass(frozen=True, slots=True)
class Task:
    """One image to measure.

    Parameters
    ----------
    image
        File, or folder with a DICOM series.
    name
        What the column Image says: the path below the input folder.
    rois
        ROI file; None takes what lies beside the image or inside it.
    patient
        From the manifest; empty takes the DICOM pseudonym, or else the folder's name.
    location, number, visit
        From the manifest; empty without.
    cord_mask, high_mask
        Mask images instead of ROIs.
    masks
        One file with both.
    """

    image: str
    name: str
    rois: str | None = None
    patient: str = ""
    location: str = ""
    number: str = ""
    visit: str = ""
    cord_mask: str | None = None
    high_mask: str | None = None
    masks: str | None = None

    @property
    def has_masks(self) -> bool:
        """True where masks say what is measured."""
        return bool(self.cord_mask or self.high_mask or self.masks)


@dataclass(frozen=True)
class Item:
    """One image to be measured.

    Parameters
    ----------
    task
        The image and its ROIs.
    reference
        Centre and spread of the patient's cord for ``--high auto``.
    """

    task: Task
    reference: Reference | None = None


def text_patient(task: Task, /) -> str:
    """Return the patient's name where neither manifest nor header has one: the folder's."""
    path = task.image if os.path.isabs(task.image) else str(Path(task.image).absolute())
    return os.path.basename(path if os.path.isdir(path) else os.path.dirname(path))


@dataclass(frozen=True)
class FolderPlan(Sequence[Task]):
    """The images of a folder; each task is made when it is asked for, since there may be many.

    Parameters
    ----------
    top
        The folder, or the one in which the only image lies.
    names
        Paths of the images below it, with ``/``; empty for the folder itself.
    rois, cord_mask, high_mask, masks
        As of `find_tasks`.
    left_out
        Number of DICOM folders without the series that is wanted.
    """

    top: Path
    names: tuple[str, ...]
    rois: Path | None = None
    cord_mask: str | None = None
    high_mask: str | None = None
    masks: str | None = None
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> list[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | list[Task]:
        if isinstance(index, slice):
            return [self._task(name) for name in self.names[index]]
        return self._task(self.names[index])

    @cached_property
    def _count_of_file_name(self) -> Counter[str]:
        """How many images bear each file name."""
        return Counter(name.rsplit("/", 1)[-1] for name in self.names)

    def _has_its_name_alone(self, name: str) -> bool:
        return self._count_of_file_name[name] <= 1 if name else len(self.names) == 1

    @cached_property
    def _before(self) -> str:
        """What stands before each name in the path of its image."""
        return "" if str(self.top) == "." else f"{self.top}/"

    def path_of(self, name: str, /) -> str:
        """Return the path of one of the images."""
        return self._before + name if name else str(self.top)

    @cached_property
    def _is_plain(self) -> bool:
        """True where no file is named beside the images themselves."""
        given = (self.rois, self.cord_mask, self.high_mask, self.masks)
        return given == (None, None, None, None)

    def _task(self, name: str) -> Task:
        image = self.path_of(name)
        if self._is_plain:
            return Task(image, name or self.top.name)
        patterns = (self.cord_mask, self.high_mask, self.masks)
        path = Path(image)
        masks = _masks(path, *patterns)
        return Task(
            image=image,
            name=name or self.top.name,
            rois=_rois_for(name or self.top.name, self.rois, self._has_its_name_alone),
            **{key: str(mask) for key, mask in masks.items()},
        )


def images_of(tasks: Iterable[Task], /) -> Iterator[str]:
    """Yield the path of the image of each task; those of a folder without making its tasks."""
    if isinstance(tasks, FolderPlan):
        yield from map(tasks.path_of, tasks.names)
    else:
        yield from (task.image for task in tasks)


def find_tasks(
    source: Path,
    /,
    *,
    rois: Path | None = None,
    cord_mask: str | None = None,
    high_mask: str | None = None,
    masks: str | None = None,
    series: str | None = None,
) -> FolderPlan:
    """Return the images of a file or folder, in a fixed order.

    Parameters
    ----------
    source
        An image, a DICOM folder, or a folder with images (folders below it are patients).
    rois
        ROI file of the only image, or a folder with a ROI file for each image.
    cord_mask, high_mask, masks
        Mask images, or one file with both; ``{stem}`` stands for the image's name without its
        ending.
    series
        DICOM series that is wanted: folders that do not hold it are left out, where some do.

    Raises
    ------
    ImageError
        If there is no such file or no image in the folder.
    """
    if not source.exists():
        msg = f"{source}: no such file or folder; check the path"
        raise ImageError(msg)
    if source.is_file():
        top, names = source.parent, [source.name]
    elif not source.is_dir():
        msg = f"{source}: is neither a file nor a folder; choose an image or a folder of images"
        raise ImageError(msg)
    else:
        top, names = source, images_below(source, rois=rois)
        patterns = (cord_mask, high_mask, masks)
        if any(patterns):
            files = {
                str(mask) for name in names for mask in _masks(source / name, *patterns).values()
            }
            names = [name for name in names if str(source / name) not in files]
    if not names:
        msg = f"{source}: holds no image (TIFF, DICOM, NIfTI or PNG); check the folder"
        raise ImageError(msg)
    found = len(names)
    if series is not None:
        names = _with_series(top, names, series)
    if rois is not None and rois.is_file() and len(names) > 1:
        msg = f"{rois}: one ROI file for {len(names)} images; give --rois a folder"
        raise ImageError(msg)
    for pattern in (cord_mask, high_mask, masks):
        if pattern is not None and "{stem}" not in pattern and len(names) > 1:
            msg = (
                f"{pattern}: one mask for {len(names)} images; write {{stem}} for the image's name "
                "without its ending, or measure one image"
            )
            raise ImageError(msg)
    left_out = found - len(names)
    return FolderPlan(top, tuple(names), rois, cord_mask, high_mask, masks, left_out)


def _with_series(top: Path, names: list[str], series: str) -> list[str]:
    """Leave out the DICOM folders that do not hold a series, where some do."""
    folders = [name for name in names if (top / name).is_dir()]
    if len(folders) < 2:
        return names
    from pyrhi.io.images.dicom_list import holds_series

    without = {name for name in folders if not holds_series(top / name, series)}
    return names if len(without) == len(folders) else [n for n in names if n not in without]


def _masks(path: Path, cord: str | None, high: str | None, both: str | None) -> dict[str, Path]:
    """Mask images of an image; a relative pattern with {stem} lies beside the image."""
    out: dict[str, Path] = {}
    for key, pattern in (("cord_mask", cord), ("high_mask", high), ("masks", both)):
        if pattern is None:
            continue
        text = pattern.replace("{stem}", stem_of(path))
        out[key] = path.parent / text if "{stem}" in pattern else Path(text)
    return out


def _rois_for(name: str, rois: Path | None, alone: Callable[[str], bool]) -> str | None:
    """Return the ROI file of an image in a folder of ROI files: never one that fits others, too.

    Parameters
    ----------
    name
        Path of the image below the input folder.
    rois
        ROI file, or folder with a file for each image; None names none.
    alone
        Says whether no other image of the plan has a file name; whether there is no other image
        at all, for an empty one.
    """
    if rois is None or not rois.is_dir():
        return None if rois is None else str(rois)
    image = rois / name
    flat = rois / image.name
    missing = str(image.parent / f"{stem_of(image)}.zip")
    try:
        for place in (image, flat) if alone(image.name) else (image,):
            found = find_rois(place)
            if found is not None and (alone("") or _is_named_after(found, place)):
                return str(found)
    except RoiError:  # two files may be its ROIs: the folder is looked at again, and told about
        return str(rois)
    return missing


def _is_named_after(found: Path, image: Path) -> bool:
    """True for a ROI file with the image's name, or inside the image's own folder."""
    return found.parent == image or found.name.lower().startswith(stem_of(image).lower())


def tasks_of_manifest(path: str | os.PathLike[str], /) -> list[Task]:
    """Read the images of a study from a table.

    Parameters
    ----------
    path
        CSV or workbook with the columns patient and image, and optionally rois, location,
        number, visit, cord_mask, high_mask, masks; paths are relative to its folder.

    Raises
    ------
    TableError
        If the file cannot be read, or a column or cell is missing or wrong; names the row.
    """
    table = read_table(path)
    table.require(*MANIFEST_COLUMNS[:2])
    return [_manifest_task(Path(path), row) for row in table.rows]


def _manifest_task(path: Path, row: TextRow) -> Task:
    cells = {key: row.get(key, "") for key in MANIFEST_COLUMNS}
    for column in MANIFEST_COLUMNS[:2]:
        if not cells[column]:
            msg = f"{row.where(column)}: the {column} is missing"
            raise TableError(msg)
    location = cells["location"].lower()
    if location and location not in LOCATIONS:
        msg = f"{row.where('location')}: {location!r} is not one of {', '.join(LOCATIONS)}"
        raise TableError(msg)
    if cells["number"] and not cells["number"].isdigit():
        msg = f"{row.where('number')}: {cells['number']!r} is not a whole number"
        raise TableError(msg)
    image = path.parent / cells["image"]
    return Task(
        image=str(image),
        name=cells["image"],
        rois=str(path.parent / cells["rois"]) if cells["rois"] else None,
        patient=cells["patient"],
        location=location,
        number=cells["number"],
        visit=cells["visit"],
        **{key: str(path.parent / cells[key]) for key in MASK_COLUMNS if cells[key]},
    )


def check_unique(tasks: Sequence[Task], /) -> None:
    """Raise where two tasks would be one row of the tables.

    Raises
    ------
    TableError
        If an image stands twice.
    """
    if isinstance(tasks, FolderPlan):  # a folder has each name once
        return
    names = Counter((task.patient, task.visit, task.name) for task in tasks)
    for (_, _, name), count in names.items():
        if count > 1:
            msg = f"{name}: stands {count} times in the manifest; keep one row"
            raise TableError(msg)
