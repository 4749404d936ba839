"""Patients with RHI and pain, from a cohort file and the tables of ``pyrhi measure``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import TableError
from pyrhi.io.reading import TextRow, TextTable, read_table
from pyrhi.pain.model import RHI_MAX, Patient
from pyrhi.pain.scores import (
    ReaderAgreement,
    Scale,
    consensus,
    location_in,
    number_group,
    number_in,
    reader_agreement,
    reconcile,
    tier,
    tier_in,
    vas_in,
)
from pyrhi.rhi.roles import first_few
from pyrhi.wording import counted

if TYPE_CHECKING:
    import os

NAMES_SHOWN = 5


@dataclass(frozen=True)
class CohortPatient:
    """A patient of a cohort.

    Parameters
    ----------
    name
        The patient's name in the file.
    patient
        RHI, location and number.
    vas
        Consensus VAS, 0 to 10; None where the file gives only the tier.
    tier
        Tier of the VAS, or the one that the file gives.
    """

    name: str
    patient: Patient
    vas: float | None
    tier: str


@dataclass(frozen=True)
class Cohort:
    """A cohort file as it was read.

    Parameters
    ----------
    patients
        In the file's order.
    agreement
        Agreement of the two readers of VAS, where the file has both.
    notes
        Contradictions that were found, one sentence each.
    """

    patients: tuple[CohortPatient, ...]
    agreement: ReaderAgreement | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class MeasuredPatient:
    """A row of ``patients.csv``, with the cohort file's location and number where it has them.

    Parameters
    ----------
    name, visit
        Patient and visit (empty without one).
    patient
        RHI, location and number.
    """

    name: str
    visit: str
    patient: Patient


def read_measured(
    path: str | os.PathLike[str], /, *, cohort: str | os.PathLike[str] | None = None
) -> tuple[tuple[MeasuredPatient, ...], tuple[str, ...]]:
    """Read ``patients.csv``, as ``pyrhi measure`` writes it.

    Parameters
    ----------
    path
        The table: columns Patient and RHI, optionally Location, Lesions and Visit.
    cohort
        A cohort file whose columns location and number win.

    Returns
    -------
    tuple
        The patients in the file's order, and the contradictions that were found.

    Raises
    ------
    TableError
        If a column is missing or a cell holds what it may not.
    """
    table = read_table(path)
    table.require("patient", "rhi")
    check_unique(table, "patient", "visit")
    other = _by_patient(cohort) if cohort is not None else {}
    patients, notes = [], []
    for row in table.rows:
        name = row["patient"]
        patient, patient_notes = _patient(row, other.get(name), rhi=_rhi(row))
        patients.append(MeasuredPatient(name, row.get("visit", ""), patient))
        notes += patient_notes
    if cohort is not None:
        names = dict.fromkeys(row["patient"] for row in table.rows)
        notes += [*_absent(other, names, path), *_absent(names, other, cohort)]
    return tuple(patients), tuple(notes)


def read_pain_cohort(
    path: str | os.PathLike[str],
    /,
    *,
    measured: str | os.PathLike[str] | None = None,
    scale: Scale = "0-10",
) -> Cohort:
    """Read a cohort file: patients with RHI and pain.

    Parameters
    ----------
    path
        The table: patient; rhi (or `measured`); vas, or vas_1 and vas_2 (with vas_adjudicated,
        which wins), or tier; optionally location and number.
    measured
        ``patients.csv``, which gives RHI, and location and number where the cohort has none.
    scale
        Scale of VAS, ``"0-10"`` or ``"mm"``.

    Returns
    -------
    Cohort

    Raises
    ------
    TableError
        If a column is missing, a cell holds what it may not, a patient is there twice, or RHI is
        missing or over 100.
    """
    table = read_table(path)
    table.require("patient")
    check_unique(table, "patient")
    if measured is None:
        table.require("rhi")
    other = _by_patient(measured, "rhi") if measured is not None else {}
    if not {"vas_1", "vas_2"} <= set(table.columns) and "tier" not in table.columns:
        table.require("vas")
    patients, notes, readings = [], [], []
    for row in table.rows:
        name = row["patient"]
        match = other.get(name)
        rhi = _rhi(row)
        if rhi is None and match is not None:
            rhi = _rhi(match)
        if rhi is None:
            msg = f"{row.where('rhi')}: RHI of patient {name} is missing"
            raise TableError(msg)
        if rhi > RHI_MAX:
            msg = f"{row.where('rhi')}: RHI {rhi:g} is over 100; check the patient's ROIs"
            raise TableError(msg)
        patient, patient_notes = _patient(match, row, rhi=rhi)
        notes += patient_notes
        vas, readers = vas_of(row, scale), readers_of(row, scale)
        if readers is not None:
            readings.append((name, *readers))
        patients.append(CohortPatient(name, patient, vas, _tier(row, vas)))
    if measured is not None:
        notes += _absent(other, {p.name for p in patients}, path)
    agreement = None
    if len(readings) > 1:
        names, first, second = zip(*readings, strict=True)
        agreement = reader_agreement(names, first, second)
    return Cohort(tuple(patients), agreement, tuple(notes))


def chosen(cohort: Cohort, tiers: Sequence[str] | None, /) -> tuple[list[Patient], list[str]]:
    """Give the patients and tiers for a fit.

    Parameters
    ----------
    cohort
        The cohort.
    tiers
        Tiers to keep; None keeps all.

    Returns
    -------
    tuple
        Patients, and their tiers.

    Raises
    ------
    TableError
        If a tier's name is unknown.
    """
    for name in tiers or ():
        tier_in(name, where="tiers")
    kept = [p for p in cohort.patients if tiers is None or p.tier in tiers]
    return [p.patient for p in kept], [p.tier for p in kept]


def agreement_lines(cohort: Cohort, /) -> list[str]:
    """Say in words how the two readers of VAS agree.

    Parameters
    ----------
    cohort
        The cohort.

    Returns
    -------
    list of str
        Empty where the cohort has one reader.
    """
    found = cohort.agreement
    if found is None:
        return []
    kappa, icc = found.kappa, found.icc
    return [
        f"readers' tiers: quadratic weighted kappa {kappa.value:.2f} "
        f"({kappa.low:.2f} to {kappa.high:.2f}), VAS: ICC(2,1) {icc.value:.2f} "
        f"({icc.low:.2f} to {icc.high:.2f}), {found.n} patients",
        *(
            f"readers differ by tier: patient {d.patient}, VAS {d.vas_1:g} ({d.tier_1}) and "
            f"{d.vas_2:g} ({d.tier_2})"
            for d in found.differences
        ),
    ]


def check_unique(table: TextTable, *columns: str, hint: str = "") -> None:
    """Refuse a row without a patient, and a second row of the same one.

    Parameters
    ----------
    table
        The table.
    columns
        What tells rows apart: ``patient``, and others that may be missing (``lesion``, ``visit``).
    hint
        What a file with several rows of a patient needs, where the others are blank.

    Raises
    ------
    TableError
        Naming both lines.
    """
    seen: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        key = tuple(row.get(c, "") for c in columns)
        where = row.where(columns[0])
        if not key[0]:
            msg = f"{where}: the patient's name is missing"
            raise TableError(msg)
        before = seen.setdefault(key, row.line)
        if before != row.line:
            others = [f"{c} {k!r}" for c, k in zip(columns[1:], key[1:], strict=True) if k]
            which = ", ".join([f"patient {key[0]!r}", *others]) + ("," if others else "")
            msg = f"{where}: {which} is already on line {before}{'' if others else hint}"
            raise TableError(msg)


def readers_of(row: TextRow, scale: Scale, /) -> tuple[float, float] | None:
    """Read both blinded readers' VAS; None where the file has not both columns."""
    if "vas_1" not in row or "vas_2" not in row:
        return None
    first, second = (vas_in(row[c], scale=scale, where=row.where(c)) for c in ("vas_1", "vas_2"))
    return first, second


def vas_of(row: TextRow, scale: Scale, /) -> float | None:
    """Read the one VAS, or the readers' consensus (vas_adjudicated wins over the mean).

    Parameters
    ----------
    row
        Row of a cohort file.
    scale
        Scale of VAS.

    Returns
    -------
    float or None
        None where the file has no VAS.

    Raises
    ------
    TableError
        If a score is missing or outside of the scale.
    """
    readers = readers_of(row, scale)
    if readers is not None:
        settled = row.get("vas_adjudicated")
        where = row.where("vas_adjudicated")
        return consensus(*readers, vas_in(settled, scale=scale, where=where) if settled else None)
    return vas_in(row["vas"], scale=scale, where=row.where("vas")) if "vas" in row else None


def _absent(
    names: Iterable[str], others: Container[str], where: str | os.PathLike[str]
) -> list[str]:
    """Say whom another table does not have: Excel takes zeros from the front of names."""
    absent = [name for name in names if name not in others]
    if not absent:
        return []
    who = counted(len(absent), "patient")
    return [f"{who} not in {Path(where).name}: {first_few(absent, NAMES_SHOWN)}"]


def _by_patient(path: str | os.PathLike[str], *columns: str) -> dict[str, TextRow]:
    table = read_table(path)
    table.require("patient", *columns)
    check_unique(table, "patient")
    return {row["patient"]: row for row in table.rows}


def _rhi(row: TextRow) -> float | None:
    where = row.where("rhi")
    rhi = number_in(row.get("rhi"), where=where)
    if rhi is not None and rhi < 0:
        msg = f"{where}: RHI {rhi:g} is negative; it is a percentage of the cord's area"
        raise TableError(msg)
    return rhi


def _location(row: TextRow | None) -> str | None:
    return None if row is None else location_in(row.get("location"), where=row.where("location"))


def _number(row: TextRow | None, column: str) -> str | None:
    return None if row is None else number_group(row.get(column), where=row.where(column))


def _patient(
    measured: TextRow | None, cohort: TextRow | None, *, rhi: float | None
) -> tuple[Patient, list[str]]:
    """Join a measured row and a cohort row; the cohort's location and number win."""
    place, place_note = reconcile(_location(cohort), _location(measured), what="location")
    number, number_note = reconcile(
        _number(cohort, "number"), _number(measured, "lesions"), what="number"
    )
    row = cohort if cohort is not None else measured
    start = f"patient {row['patient']}: " if row is not None else ""
    return Patient(rhi, place, number), [start + n for n in (place_note, number_note) if n]


def _tier(row: TextRow, vas: float | None) -> str:
    written = row.get("tier")
    if vas is None:
        return tier_in(written, where=row.where("tier"))
    name = tier(vas)
    if written and tier_in(written, where=row.where("tier")) != name:
        msg = f"{row.where('tier')}: {written!r}, but a VAS of {vas:g} is {name}"
        raise TableError(msg)
    return name
