"""What a run gave, counted as its images come by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrhi.batch.names import HIDDEN
from pyrhi.batch.ratings import EXCLUDED
from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyrhi.batch.names import NamedRecord, NameGate
    from pyrhi.batch.plan import Task
    from pyrhi.batch.ratings import RatedCells, RatedRows
    from pyrhi.batch.summarise import Patients
    from pyrhi.io.tables import Cell


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run gave.

    Parameters
    ----------
    images
        Number of images that were measured.
    resumed
        Number of those that an earlier run had measured.
    failures
        Image and error of each image that could not be measured.
    notes
        Sentences about what was left out.
    rhi_headings
        Columns of ``rhi.csv``.
    patient_headings, patients
        Columns and rows of ``patients.csv``.
    kept
        Record of each image and what readers said of its rows; empty unless it was asked for.
    names
        What the column Image says of the tasks whose own names are hidden, by number.
    measures
        Headings and rows of the tables of measures beside RHI, by name; empty unless they were
        asked for.
    """

    images: int
    resumed: int
    failures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    rhi_headings: tuple[str, ...]
    patient_headings: tuple[str, ...]
    patients: tuple[tuple[Cell, ...], ...]
    kept: tuple[tuple[NamedRecord, RatedCells], ...]
    names: Mapping[int, str]
    measures: Mapping[str, tuple[tuple[str, ...], list[list[Cell]]]] = field(default_factory=dict)

    def names_of(self, tasks: Sequence[Task], /) -> list[str]:
        """Return what the column Image says of each task of the run."""
        return [self.names.get(number, task.name) for number, task in enumerate(tasks)]


class Tally:
    """Counts and sentences of a run as its images come by.

    Parameters
    ----------
    keep
        True keeps the records of all images.
    """

    def __init__(self, keep: bool, /) -> None:
        self._keep = keep
        self._images = self._resumed = 0
        self._failures: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._kept: list[tuple[NamedRecord, RatedCells]] = []
        self._names: dict[int, str] = {}

    def add(
        self, index: int, task: Task, record: NamedRecord, cells: RatedCells, /, *, resumed: bool
    ) -> None:
        """Count one image of a run, and keep what its record says beside numbers."""
        self._resumed += resumed
        if record.name != task.name:
            self._names[index] = record.name
        if record.error:
            self._failures.append((record.name, record.error))
        else:
            self._images += 1
            self._notes += [f"{record.path}: {note}" for note in record.notes]
        if self._keep:
            self._kept.append((record, cells))

    def result(
        self, rated: RatedRows, gate: NameGate, patients: Patients, headings: tuple[str, ...], /
    ) -> RunResult:
        """Return what all images gave; `headings` are the columns of ``rhi.csv``."""
        notes = []
        if gate.hidden:
            notes.append(HIDDEN.format(count=counted(gate.hidden, "image")))
        if rated.left_out:
            notes.append(EXCLUDED.format(count=rated.left_out, total=counted(rated.rows, "row")))
        return RunResult(
            images=self._images,
            resumed=self._resumed,
            failures=tuple(self._failures),
            notes=(*notes, *self._notes),
            rhi_headings=headings,
            patient_headings=patients.headings,
            patients=tuple(tuple(cells) for cells in patients.rows()),
            kept=tuple(self._kept),
            names=self._names,
        )
