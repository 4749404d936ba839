"""The DICOM series below a folder, as a PACS exports it, and which have ROIs."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.batch.identifiers import header_texts
from pyrhi.batch.names import NameGate
from pyrhi.errors import ImageError, RoiError
from pyrhi.io.images.dicom_list import SeriesFacts, list_series
from pyrhi.io.images.folder import natural
from pyrhi.io.rois.files import find_rois

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyrhi.io.tables import Cell

HEADINGS = (
    "Series",
    "Folder",
    "Modality",
    "Plane",
    "Size",
    "Pixel_mm",
    "Distance_mm",
    "Slices",
    "TR_ms",
    "TE_ms",
    "ROIs",
    "Notes",
)

HIDDEN = (
    "names of folders repeat what DICOM headers say of patients; they are shown as pseudonyms"
    " (--patient-id shows them as they are)"
)


@dataclass(frozen=True)
class SeriesRow:
    """One series below a folder.

    Parameters
    ----------
    folder
        Path below the folder that was asked for, with pseudonyms where it repeats a header.
    facts
        What it is.
    rois
        ``yes``, ``no``, or ``two files`` where two may be its ROIs.
    notes
        What a person should know before outlining it.
    """

    folder: str
    facts: SeriesFacts
    rois: str
    notes: tuple[str, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Cells in the order of `HEADINGS`, empty where a fact is not known."""
        f = self.facts
        pixel = "" if math.isnan(f.pixel_width) else f"{f.pixel_width:.4g} x {f.pixel_height:.4g}"
        return (
            f.label,
            self.folder,
            f.modality,
            f.plane,
            f"{f.columns} x {f.rows}",
            pixel,
            *(_short(value) for value in (f.distance,)),
            str(f.slices),
            *(_short(value) for value in (f.repetition_time, f.echo_time)),
            self.rois,
            "; ".join(self.notes),
        )

    @property
    def json(self) -> dict[str, object]:
        """The same for a program; None where a fact is not known."""
        f = self.facts
        numbers = {
            "pixel_width_mm": f.pixel_width,
            "pixel_height_mm": f.pixel_height,
            "distance_mm": f.distance,
            "repetition_time_ms": f.repetition_time,
            "echo_time_ms": f.echo_time,
        }
        return {
            "series": f.label,
            "folder": self.folder,
            "modality": f.modality or None,
            "plane": f.plane or None,
            "columns": f.columns,
            "rows": f.rows,
            "slices": f.slices,
            **{key: None if math.isnan(value) else value for key, value in numbers.items()},
            "localizer": f.localizer,
            "rois": self.rois,
            "notes": list(self.notes),
        }


def _short(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


@dataclass(frozen=True)
class SeriesList:
    """The series below a folder.

    Parameters
    ----------
    rows
        One for each series, folder by folder.
    hidden
        True where a name is shown as a pseudonym.
    """

    rows: tuple[SeriesRow, ...]
    hidden: bool


def series_below(
    top: Path, /, *, key_path: str | None = None, patient_id: bool = False
) -> SeriesList:
    """Look at all DICOM series of a folder and of those below it.

    Parameters
    ----------
    top
        The folder.
    key_path
        Key file of the pseudonyms; None takes the user's own, which is made where it is needed.
    patient_id
        True shows the names of folders as they are, whatever headers say.

    Raises
    ------
    ImageError
        If there is no such folder, or no DICOM image in it.
    """
    if not top.is_dir():
        msg = f"{top}: no such folder; check the path"
        raise ImageError(msg)
    gate = NameGate(key_path)
    found = []
    for folder in _folders(top):
        listed = list_series(folder)
        if not patient_id:
            for header in listed.headers:
                gate.learn(header_texts(header))
        if listed.series or listed.unreadable:
            found.append((folder, listed))
    if not found:
        msg = f"{top}: holds no DICOM image; other images need no list: pyrhi measure takes them"
        raise ImageError(msg)
    shown: Callable[[str], str] = str if patient_id else gate.text
    rows: list[SeriesRow] = []
    hidden = False
    for folder, listed in found:
        below = folder.relative_to(top).as_posix()
        name = shown(below)
        hidden |= name != below
        rois = _rois(folder)
        for facts in listed.series:
            rows.append(SeriesRow(name, facts, rois, _notes(facts, listed.unreadable)))
    return SeriesList(tuple(rows), hidden)


def _folders(top: Path) -> Iterator[Path]:
    for folder, below, _ in os.walk(top):
        below[:] = sorted((b for b in below if not b.startswith((".", "__MACOSX"))), key=natural)
        yield Path(folder)


def _rois(folder: Path) -> str:
    try:
        return "yes" if find_rois(folder) is not None else "no"
    except RoiError:
        return "two files"


def _notes(facts: SeriesFacts, unreadable: int) -> tuple[str, ...]:
    notes = ["localizer"] if facts.localizer else []
    if facts.problem:
        notes.append(facts.problem)
    if unreadable:
        files = "file" if unreadable == 1 else "files"
        notes.append(f"{unreadable} {files} of this folder cannot be read")
    return tuple(notes)
