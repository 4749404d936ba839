"""The tables of measures beside RHI: patients, lesions and the signal of each slice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyrhi.rhi.measures import (
    NO_LEVEL,
    NO_REFERENCE,
    contrast_ratio,
    lesions_of,
    signal_change_ratio,
    sins_location_points,
    tokuhashi_vertebral_points,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.plan import Task
    from pyrhi.io.tables import Cell
    from pyrhi.rhi.measure import RhiNumbers
    from pyrhi.rhi.measures import Lesion, MeasuredSlice, MeasureOptions

MEASURE_HEADINGS = (
    "Patient", "Visit", "LesionCount", "LesionVolume", "LesionLength", "LongestLesion",
    "AxialDamageRatio", "SignalChangeRatio", "ContrastRatio", "CordRatio", "SinsLocation",
    "TokuhashiVertebrae", "Reason",
)  # fmt: skip
"""Columns of ``measures.csv``."""

LESION_HEADINGS = (
    "Patient", "Visit", "Lesion", "Image", "FirstSlice", "LastSlice", "Level", "Volume", "Length",
    "AxialDamageRatio", "Reason",
)  # fmt: skip
"""Columns of ``lesions.csv``."""

SIGNAL_HEADINGS = (
    "Patient", "Image", "Slice", "Level", "ReferenceMean", "CordRatio", "SignalChangeRatio",
    "ContrastRatio", "AxialDamageRatio", "SinsLocation", "Reason",
)  # fmt: skip
"""Columns of ``signal.csv``."""

NAN = math.nan


@dataclass
class _Patient:
    slices: list[MeasuredSlice] = field(default_factory=list)
    levels: dict[str, None] = field(default_factory=dict)
    without_level: bool = False
    worst: float = -1.0
    ratios: tuple[float, float, float] = (NAN, NAN, NAN)
    reference: bool = False


class Measures:
    """Measures beside RHI of a run, as its images come by.

    Parameters
    ----------
    options
        What somebody said of images that do not say it.
    """

    def __init__(self, options: MeasureOptions, /) -> None:
        self._options = options
        self._patients: dict[tuple[str, str], _Patient] = {}
        self._signal: list[list[Cell]] = []

    def add(self, task: Task, record: NamedRecord, excluded: Sequence[bool], /) -> None:
        """Add a measured image; `excluded` says of each row of ``rhi.csv`` if it does not count."""
        measures = record.measures
        assert measures is not None
        patient = self._patients.setdefault((record.patient, task.visit), _Patient())
        slices = iter(measures.slices)
        for row, gone in zip(record.rhi, excluded or (False,) * len(record.rhi), strict=True):
            if row.high_count:
                part = next(slices)
                labelled = replace(part.labelled, excluded=gone)
                patient.slices.append(replace(part, labelled=labelled))
            if not gone:
                self._row(record.patient, row, measures.reference_mean, patient)

    def _row(self, name: str, row: RhiNumbers, reference: float, patient: _Patient) -> None:
        signal = signal_change_ratio(row.high_mean, reference)
        contrast = contrast_ratio(row.high_mean, reference)
        cord = signal_change_ratio(row.cord_mean, reference)
        if row.high_area > 0:
            patient.levels |= dict.fromkeys(filter(None, row.level.split("-")))
            patient.without_level |= not row.level
        if row.rhi > patient.worst:
            patient.worst, patient.ratios = row.rhi, (signal, contrast, cord)
            patient.reference = not math.isnan(reference)
        plane = row.plane or self._options.slice_plane
        points = sins_location_points(row.level) if row.level else None
        self._signal.append([
            name, row.image, row.slice, row.level, reference, cord, signal, contrast,
            row.rhi / 100.0 if plane == "axial" else NAN, _cell(points),
            NO_REFERENCE if math.isnan(reference) else "",
        ])  # fmt: skip

    def tables(self) -> dict[str, tuple[tuple[str, ...], list[list[Cell]]]]:
        """Return headings and rows of each table, by its name."""
        patients: list[list[Cell]] = []
        lesions: list[list[Cell]] = []
        for (name, visit), patient in self._patients.items():
            found = lesions_of(patient.slices)
            patients.append([name, visit, *_patient_cells(patient, found)])
            lesions += [[name, visit, *cells] for cells in _lesion_rows(found)]
        return {
            "measures": (MEASURE_HEADINGS, patients),
            "lesions": (LESION_HEADINGS, lesions),
            "signal": (SIGNAL_HEADINGS, self._signal),
        }


def _patient_cells(patient: _Patient, lesions: Sequence[Lesion]) -> Iterator[Cell]:
    reasons = dict.fromkeys(reason for lesion in lesions for reason in lesion.reasons)
    if not patient.reference:
        reasons[NO_REFERENCE] = None
    if patient.without_level:
        reasons[NO_LEVEL] = None
    levels = () if patient.without_level else tuple(patient.levels)
    points = [sins_location_points(level) for level in levels]
    known = [p for p in points if p is not None]
    yield len(lesions)
    yield math.fsum(lesion.volume for lesion in lesions)
    yield math.fsum(lesion.length for lesion in lesions)
    yield max((lesion.length for lesion in lesions), default=0.0)
    yield max((lesion.axial_damage_ratio for lesion in lesions), default=0.0)
    yield from patient.ratios
    yield _cell(max(known) if known and len(known) == len(points) else None)
    yield _cell(tokuhashi_vertebral_points(len(levels)) if levels else None)
    yield "; ".join(reasons)


def _lesion_rows(lesions: Sequence[Lesion]) -> Iterator[list[Cell]]:
    for number, lesion in enumerate(lesions, start=1):
        yield [
            number, lesion.sequence, lesion.first, lesion.last, " ".join(lesion.levels),
            lesion.volume, lesion.length, lesion.axial_damage_ratio, "; ".join(lesion.reasons),
        ]  # fmt: skip


def _cell(points: int | None) -> Cell:
    return "" if points is None else points
