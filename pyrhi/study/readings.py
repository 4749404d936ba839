"""What each reader measured: from finished tables, or from ROI sets on the same images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from pyrhi.batch.plan import Task, find_tasks
from pyrhi.batch.ratings import is_excluded
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ImageError, PyrhiError, TableError
from pyrhi.imagej.calibration import Calibration
from pyrhi.io.images import read_image
from pyrhi.io.reading import TextRow, read_table, table_path
from pyrhi.io.rois.files import find_rois, read_rois
from pyrhi.pain.scores import number_in, tier_in
from pyrhi.rhi.measure import RhiParameters, RhiRow, measure_image
from pyrhi.rhi.measures import MILLIMETRES
from pyrhi.study.outlines import OutlineAgreement, outline_agreement

RHI_TABLE = "rhi.csv"

NO_MM = "no pixel size in mm: distances are left blank"


@dataclass(frozen=True, order=True)
class Place:
    """What was read: a slice and level of an image, or a patient.

    Parameters
    ----------
    patient, image, slice, level
        Empty where the table has no such column; `patient` is empty where an image is named, as
        readers' folders may be named after them.
    """

    patient: str
    image: str
    slice: str
    level: str

    def __str__(self) -> str:
        names = (
            ("patient", self.patient),
            ("", self.image),
            ("slice", self.slice),
            ("", self.level),
        )
        return " ".join(f"{what} {value}".strip() for what, value in names if value)


@dataclass(frozen=True)
class Reading:
    """One reader's numbers of one place; NaN or None where the table has none."""

    cord_area: float | None
    high_area: float | None
    rhi: float | None
    unit: str
    tier: str | None = None


@dataclass(frozen=True)
class Reader:
    """One reading of all places.

    Parameters
    ----------
    name
        The reader; two readings with one name are one reader who read twice.
    label
        Name that tells this reading from all others.
    readings
        By place.
    """

    name: str
    label: str
    readings: dict[Place, Reading]


@dataclass(frozen=True)
class OutlinePair:
    """Outlines of one region by two readers.

    Parameters
    ----------
    place
        Where.
    region
        ``cord`` or ``high``.
    first, second
        Labels of the two readings.
    agreement
        Overlap, and distances in mm.
    """

    place: Place
    region: str
    first: str
    second: str
    agreement: OutlineAgreement


@dataclass(frozen=True)
class Readings:
    """All readers.

    Parameters
    ----------
    readers
        In the order in which they were given.
    outlines
        Pairs of outlines; empty for finished tables.
    failures
        One line for each image or ROI set that could not be used.
    """

    readers: tuple[Reader, ...]
    outlines: tuple[OutlinePair, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass
class _Source:
    name: str
    label: str
    path: Path
    readings: dict[Place, Reading] = field(default_factory=dict)


def read_readers(
    arguments: Sequence[str],
    /,
    *,
    images: Path | None = None,
    sheet: str | None = None,
    parameters: RhiParameters | None = None,
) -> Readings:
    """Read what all readers measured.

    Parameters
    ----------
    arguments
        ``PATH`` or ``NAME=PATH`` for each reading: a table (``rhi.csv``, ``patients.csv``,
        ``tiers.csv``), a folder that holds ``rhi.csv``, or a folder of ROI sets.
    images
        Folder of the images that the ROI sets belong to; None takes them from the readers'
        folders.
    sheet
        Sheet of workbooks that have several and are named without one (``FILE.xlsx#SHEET``).
    parameters
        What decides the numbers of ROI sets; None takes the defaults.

    Returns
    -------
    Readings

    Raises
    ------
    TableError, ImageError
        If a path does not exist, tables and ROI folders are mixed, or a table cannot be used.
    """
    sources = _sources(arguments, sheet)
    tables = {s.label: t for s in sources if (t := _table_of(s.path, images)) is not None}
    if tables and len(tables) < len(sources):
        odd = next(s for s in sources if s.label not in tables)
        msg = f"{odd.path}: holds no {RHI_TABLE}, but another reader's is a table; give one kind"
        raise TableError(msg)
    if tables:
        for source in sources:
            source.readings.update(_read(tables[source.label]))
        return Readings(tuple(Reader(s.name, s.label, s.readings) for s in sources))
    return _measure(sources, images, parameters or RhiParameters())


def _sources(arguments: Sequence[str], sheet: str | None) -> list[_Source]:
    pairs: list[tuple[str, Path]] = []
    for text in arguments:
        name, sign, rest = text.partition("=")
        named = bool(sign and name and not os.path.exists(text))
        path = table_path(rest if named else text, sheet)
        if not path.exists():
            msg = f"{path}: no such file or folder; check the path"
            raise TableError(msg)
        pairs.append((name if named else "", path))
    plain = [p.stem if p.is_file() else p.absolute().name for _, p in pairs]
    # Folders of one name in different places: the path tells them apart.
    unique = len(set(plain)) == len(plain)
    sources: list[_Source] = []
    for (given, path), short in zip(pairs, plain, strict=True):
        name = given or (short if unique else path.as_posix())
        again = sum(s.name == name for s in sources)
        if again and not given:
            msg = f"{path}: is given twice; name a reader who read twice: NAME=PATH NAME=PATH"
            raise TableError(msg)
        sources.append(_Source(name, f"{name} ({again + 1})" if again else name, path))
    return sources


def _table_of(path: Path, images: Path | None) -> Path | None:
    if path.is_file():
        return path
    table = path / RHI_TABLE
    return table if images is None and table.is_file() else None


def _read(path: Path) -> dict[Place, Reading]:
    table = read_table(path)
    table.require("rhi")
    if "image" in table.columns:
        table.require("slice", "level")
    else:
        table.require("patient")
    readings: dict[Place, Reading] = {}
    for row in table.rows:
        place = _place(row)
        if place in readings:
            msg = f"{path}, line {row.line}: {place} is there twice"
            raise TableError(msg)
        if is_excluded(row):
            continue
        readings[place] = Reading(
            cord_area=_number(row, "cordarea"),
            high_area=_number(row, "higharea"),
            rhi=_number(row, "rhi"),
            unit=row.get("unit", ""),
            tier=_tier(row),
        )
    return readings


def _place(row: TextRow) -> Place:
    if "image" in row:
        return Place("", row["image"], row["slice"], row["level"])
    return Place(row["patient"], "", row.get("visit", ""), "")


def _number(row: TextRow, column: str) -> float | None:
    return number_in(row.get(column), where=row.where(column))


def _tier(row: TextRow) -> str | None:
    """Read a tier; blank, and what is no single tier, is undecided."""
    text = row.get("tier", "")
    if not text or " or " in text:
        return None
    return tier_in(text, where=row.where("tier"))


def _measure(sources: list[_Source], images: Path | None, parameters: RhiParameters) -> Readings:
    tasks: dict[str, dict[str, Task]] = {}
    for source in sources:
        if not source.path.is_dir():
            msg = f"{source.path}: is neither a table nor a folder of ROI sets"
            raise ImageError(msg)
        for task in _tasks(source.path, images):
            tasks.setdefault(task.name, {})[source.label] = task
    outlines: list[OutlinePair] = []
    failures: list[str] = []
    for image in sorted(tasks):
        measured: list[tuple[_Source, dict[Place, RhiRow], Calibration, tuple[int, int]]] = []
        for source in sources:
            if source.label not in tasks[image]:
                failures.append(f"{source.path}: has no {image}, which another reader's folder has")
                continue
            task = tasks[image][source.label]
            try:
                rois = Path(task.rois) if task.rois else find_rois(Path(task.image))
                if rois is None or not rois.exists():
                    failures.append(f"{source.path}: has no ROI set for {image}")
                    continue
                with read_image(task.image) as opened:
                    rows = measure_image(
                        opened, read_rois(rois), NumpyEngine(opened), parameters
                    ).rhi
                    size = (opened.height, opened.width)
                    calibration = opened.calibration
            except PyrhiError as error:
                failures.append(f"reader {source.label}: {image}: {error}")
                continue
            by_place = {Place("", image, str(r.slice), r.level): r for r in rows}
            source.readings.update({p: _reading(r) for p, r in by_place.items()})
            measured.append((source, by_place, calibration, size))
        for (a, rows_a, calibration, size), (b, rows_b, _, other) in combinations(measured, 2):
            if size != other:
                failures.append(f"{image}: the image of {a.label} is not that of {b.label}")
                continue
            outlines += _outlines((a.label, rows_a), (b.label, rows_b), calibration, size)
    readers = tuple(Reader(s.name, s.label, s.readings) for s in sources)
    return Readings(readers, tuple(outlines), tuple(failures))


def _tasks(folder: Path, images: Path | None) -> Sequence[Task]:
    if images is not None:
        return find_tasks(images, rois=folder)
    try:
        return find_tasks(folder)
    except ImageError as error:
        msg = f"{folder}: holds neither {RHI_TABLE} nor images; give their folder by --images"
        raise ImageError(msg) from error


def _reading(row: RhiRow) -> Reading:
    return Reading(row.cord_area, row.high_area, row.rhi, row.unit)


def _outlines(
    first: tuple[str, dict[Place, RhiRow]],
    second: tuple[str, dict[Place, RhiRow]],
    calibration: Calibration,
    size: tuple[int, int],
) -> list[OutlinePair]:
    scale = MILLIMETRES.get(calibration.unit.strip().lower(), 0.0)
    spacing = (calibration.pixel_height * scale, calibration.pixel_width * scale)
    pairs = []
    for place in sorted(first[1].keys() & second[1].keys()):
        a, b = first[1][place], second[1][place]
        for region, mask_a, mask_b in (("cord", a.cord, b.cord), ("high", a.high, b.high)):
            found = outline_agreement(
                mask_a.pixels(*size), mask_b.pixels(*size), spacing=spacing if scale else (1.0, 1.0)
            )
            if not scale:
                nan = float("nan")
                note = f"{found.note}; {NO_MM}" if found.note else NO_MM
                found = OutlineAgreement(found.dice, found.jaccard, nan, nan, note)
            pairs.append(OutlinePair(place, region, first[0], second[0], found))
    return pairs
