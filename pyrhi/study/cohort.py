"""The cohort: one row for each patient, or for each lesion where patients have several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import TableError
from pyrhi.io.reading import TextRow, read_table
from pyrhi.pain.cohort import check_unique, read_measured, readers_of, vas_of
from pyrhi.pain.model import RHI_MAX, Patient
from pyrhi.pain.scores import (
    Scale,
    location_in,
    number_group,
    number_in,
    reconcile,
    tier,
    vas_in,
)
from pyrhi.study.eligibility import Excluded, exclusion_of
from pyrhi.wording import counted

if TYPE_CHECKING:
    import os

SEXES = ("male", "female")
HISTOLOGIES = ("luminal_a", "luminal_b", "her2_positive", "tnbc")
ONSETS = ("metachronous", "synchronous")
THERAPIES = ("chemotherapy", "radiotherapy", "both", "none")

YES = frozenset({"yes", "y", "true", "1"})
_MISSING = frozenset({"", "na", "n/a", "nan", "unknown"})

MANY = 3
"""So many RHI of 1 % and less, and none above, look like shares of 1."""


@dataclass(frozen=True)
class CohortRow:
    """One included patient, or one lesion of a patient.

    Parameters
    ----------
    line
        Line of the cohort file.
    patient, lesion
        Who and which; `lesion` is empty where the file has no such column.
    age
        Years; None where it is missing, as below.
    sex, histology, onset, therapy
        One of `SEXES`, `HISTOLOGIES`, `ONSETS`, `THERAPIES`.
    months_to_metastasis
        Months from the diagnosis of cancer to that of spine metastases.
    location, number
        One of ``pyrhi.pain.scores.LOCATIONS`` and of ``NUMBERS``.
    vas
        Score from 0 to 10 (the readers' consensus where there are two: None where one is missing
        and none was adjudicated).
    tier
        Tier of `vas`.
    rhi
        RHI in percent.
    synthetic
        True where the row was made by ``pyrhi study --simulate``.
    vas_1, vas_2
        The two blinded readers' scores, where the file has both.
    """

    line: int
    patient: str
    lesion: str
    age: float | None
    sex: str | None
    histology: str | None
    months_to_metastasis: float | None
    location: str | None
    number: str | None
    vas: float | None
    tier: str | None
    onset: str | None
    therapy: str | None
    rhi: float | None
    synthetic: bool
    vas_1: float | None = None
    vas_2: float | None = None


@dataclass(frozen=True)
class Cohort:
    """A cohort after eligibility.

    Parameters
    ----------
    name
        Name of the file.
    rows
        The included rows.
    excluded
        The others, each with its reason.
    columns
        Columns of the file.
    notes
        What a reader of the results has to know.
    """

    name: str
    rows: tuple[CohortRow, ...]
    excluded: tuple[Excluded, ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether any row is synthetic."""
        return any(row.synthetic for row in self.rows)

    @property
    def clustered(self) -> bool:
        """Whether a patient has more than one row."""
        return len({row.patient for row in self.rows}) < len(self.rows)

    @property
    def lesions(self) -> dict[str, list[CohortRow]]:
        """The rows of each patient."""
        found: dict[str, list[CohortRow]] = {}
        for row in self.rows:
            found.setdefault(row.patient, []).append(row)
        return found

    @property
    def patients(self) -> tuple[CohortRow, ...]:
        """The first row of each patient, for what belongs to a patient and not to a lesion."""
        return tuple(rows[0] for rows in self.lesions.values())


def choice_in(row: TextRow, column: str, choices: Sequence[str], /) -> str | None:
    """Read a cell that holds one of a few words.

    Parameters
    ----------
    row
        The row.
    column
        Its column; one that is not there is a missing value.
    choices
        The words; blanks and hyphens count as underscores.

    Returns
    -------
    str or None
        None where the cell is blank.

    Raises
    ------
    TableError
        If the cell holds another word.
    """
    text = row.get(column, "").lower()
    if text in _MISSING and text not in choices:
        return None
    word = text.replace("-", "_").replace(" ", "_")
    if word not in choices:
        msg = f"{row.where(column)}: {text!r} is not known: write {', '.join(choices)}"
        raise TableError(msg)
    return word


def read_study_cohort(
    path: str | os.PathLike[str],
    /,
    *,
    patients: str | os.PathLike[str] | None = None,
    scale: Scale = "0-10",
) -> Cohort:
    """Read a cohort file, leave out who is not eligible, and join the measured RHI.

    Parameters
    ----------
    path
        The cohort, CSV; ``docs/study.md`` has its columns.
    patients
        ``patients.csv`` of ``pyrhi measure``, joined on the patient; the cohort's own RHI,
        location and number win over it.
    scale
        ``"0-10"``, or ``"mm"`` for a VAS of 0 to 100 mm.

    Returns
    -------
    Cohort

    Raises
    ------
    TableError
        If a column is missing, a cell holds what it may not, or a patient stands there twice.
    """
    table = read_table(path)
    table.require("patient")
    if "vas" not in table.columns:
        table.require("vas_1", "vas_2")
    if patients is None:
        table.require("rhi")
    measured = _measured_by_name(patients) if patients is not None else {}
    name = Path(path).name
    check_unique(
        table, "patient", "lesion", hint="; several lesions of one patient need a column 'lesion'"
    )
    rows: list[CohortRow] = []
    excluded: list[Excluded] = []
    notes: list[str] = []
    for cells in table.rows:
        out = exclusion_of(cells)
        if out is not None:
            excluded.append(out)
            continue
        row = _row(cells, scale)
        if patients is not None:
            row, contradictions = _joined(row, measured.get(row.patient))
            notes += [
                f"{name}, line {row.line}, patient {row.patient}: {c}" for c in contradictions
            ]
        if row.rhi is not None and row.rhi > RHI_MAX:
            msg = f"{cells.where('rhi')}: RHI {row.rhi:g} is over 100; check the patient's ROIs"
            raise TableError(msg)
        rows.append(row)
    if not rows:
        msg = f"{path}: no row is eligible; look at its columns of criteria"
        raise TableError(msg)
    unknown = sorted(set(measured) - {row["patient"] for row in table.rows})
    if unknown:
        notes.append(
            f"{Path(str(patients)).name}: {counted(len(unknown), 'measured patient')} not in "
            f"{name}, left out: {', '.join(unknown)}"
        )
    known = [row.rhi for row in rows if row.rhi]
    if len(known) >= MANY and max(known) <= 1:
        notes.append(
            f"{name}: RHI is {max(known):g} at most in {len(known)} rows: it is a percentage, such "
            "as 28.4 and not 0.284; check the column"
        )
    _check_patient_level(name, rows)
    return Cohort(name, tuple(rows), tuple(excluded), table.columns, tuple(notes))


def _measured_by_name(path: str | os.PathLike[str]) -> dict[str, Patient]:
    """Read ``patients.csv``; a cohort wants one visit of each patient."""
    found, _ = read_measured(path)
    by_name: dict[str, Patient] = {}
    for measured in found:
        if measured.name in by_name:
            msg = (
                f"{path}: patient {measured.name!r} has several visits; "
                "keep the row of the visit that the study takes"
            )
            raise TableError(msg)
        by_name[measured.name] = measured.patient
    return by_name


def _row(text: TextRow, scale: Scale) -> CohortRow:
    by_readers = "vas_1" in text and "vas_2" in text
    given = [c for c in (("vas_1", "vas_2") if by_readers else ("vas",)) if _holds(text, c)]
    readers = readers_of(text, scale) if len(given) == 2 else None
    vas: float | None = None
    if by_readers and readers is None and _holds(text, "vas_adjudicated"):
        vas = vas_in(text["vas_adjudicated"], scale=scale, where=text.where("vas_adjudicated"))
    elif readers is not None or given == ["vas"]:
        vas = vas_of(text, scale)
    return CohortRow(
        line=text.line,
        patient=text["patient"],
        lesion=text.get("lesion", ""),
        age=_not_negative(text, "age"),
        sex=choice_in(text, "sex", SEXES),
        histology=choice_in(text, "histology", HISTOLOGIES),
        months_to_metastasis=_not_negative(text, "months_to_metastasis"),
        location=location_in(text.get("location"), where=text.where("location")),
        number=number_group(text.get("number"), where=text.where("number")),
        vas=vas,
        tier=None if vas is None else tier(vas),
        onset=choice_in(text, "onset", ONSETS),
        therapy=choice_in(text, "therapy", THERAPIES),
        rhi=_not_negative(text, "rhi"),
        synthetic=text.get("synthetic", "").lower() in YES,
        vas_1=readers[0] if readers else None,
        vas_2=readers[1] if readers else None,
    )


def _holds(text: TextRow, column: str) -> bool:
    """Whether a cell holds a number; what is none is refused."""
    return number_in(text.get(column), where=text.where(column)) is not None


def _not_negative(text: TextRow, column: str) -> float | None:
    value = number_in(text.get(column), where=text.where(column))
    if value is not None and value < 0:
        msg = f"{text.where(column)}: {value:g} is below 0"
        raise TableError(msg)
    return value


def _joined(row: CohortRow, measured: Patient | None) -> tuple[CohortRow, list[str]]:
    if measured is None:
        return row, [] if row.rhi is not None else ["not in the measured table: no RHI"]
    location, location_note = reconcile(row.location, measured.location, what="location")
    number, number_note = reconcile(row.number, measured.number, what="number")
    notes = [note for note in (location_note, number_note) if note]
    rhi = row.rhi if row.rhi is not None else measured.rhi
    if row.rhi is not None and measured.rhi is not None and row.rhi != measured.rhi:
        notes.append(f"rhi: the cohort file says {row.rhi:g}, the measured {measured.rhi:g}")
    return replace(row, rhi=rhi, location=location, number=number), notes


def _check_patient_level(name: str, rows: Sequence[CohortRow]) -> None:
    """Refuse lesions of one patient whose rows differ in what belongs to the patient."""
    first: dict[str, CohortRow] = {}
    columns = ("age", "sex", "histology", "months_to_metastasis", "number", "therapy")
    for row in rows:
        before = first.setdefault(row.patient, row)
        for column in columns:
            if getattr(row, column) != getattr(before, column):
                msg = (
                    f"{name}, line {row.line}, column {column}: patient {row.patient!r} has "
                    f"another value on line {before.line}"
                )
                raise TableError(msg)
