"""From the records of the images to one row for each patient and visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.batch.plan import FolderPlan
from pyrhi.rhi.summary import PatientRow, PatientTotals, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.plan import Task
    from pyrhi.io.tables import Cell

PATIENT_HEADINGS = (
    "Patient",
    "Images",
    "Slices",
    "RHI",
    "RHI_max",
    "RHI_mean",
    "RHI_pooled",
    "Lesions",
    "Location",
)
"""Columns of ``patients.csv``; Number and Visit follow where the manifest has them."""

MANIFEST_FIELDS = ("number", "visit")
"""Columns of the manifest that ``patients.csv`` repeats."""


class Patients:
    """The patients of a run, in the order in which their first images come.

    Parameters
    ----------
    tasks
        The images of the run.
    summary
        Which value of the slices becomes a patient's RHI.
    """

    def __init__(self, tasks: Sequence[Task], summary: Summary, /) -> None:
        self._summary = summary
        self._in_order = isinstance(tasks, FolderPlan)
        self._repeated = repeated_fields(tasks)
        self._totals: dict[tuple[str, str], PatientTotals] = {}
        self._given: dict[tuple[str, str], list[str]] = {}
        self.headings = (*PATIENT_HEADINGS, *(name.capitalize() for name in self._repeated))

    def add(self, task: Task, record: NamedRecord, excluded: Sequence[bool], /) -> None:
        """Add a measured image; `excluded` says of each row of ``rhi.csv`` if it does not count."""
        whose = record.patient, task.visit
        totals = self._totals.get(whose)
        if totals is None:
            totals = PatientTotals(record.patient, in_order=self._in_order)
            self._totals[whose] = totals
        totals.add(record.rhi, record.lesions, excluded=excluded, location=task.location)
        given = self._given.setdefault(whose, [""] * len(self._repeated))
        for at, name in enumerate(self._repeated):
            given[at] = given[at] or getattr(task, name)

    def rows(self) -> list[list[Cell]]:
        """Return the cells of ``patients.csv``."""
        return [
            [
                *(getattr(row, name) for name in PatientRow.__dataclass_fields__),
                *self._given[whose],
            ]
            for whose, totals in self._totals.items()
            if (row := totals.row(self._summary))
        ]


def repeated_fields(tasks: Sequence[Task], /) -> tuple[str, ...]:
    """Return which fields of the manifest any task has."""
    if isinstance(tasks, FolderPlan):
        return ()
    return tuple(name for name in MANIFEST_FIELDS if any(getattr(t, name) for t in tasks))
