"""RHI and VAS over visits: changes, which of them are real, and lesions that come and go."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pyrhi.batch.ratings import is_excluded
from pyrhi.errors import ParameterError, TableError
from pyrhi.io.reading import TextRow, TextTable, read_table
from pyrhi.pain.scores import Scale, number_in, vas_in
from pyrhi.wording import counted

NAN = float("nan")

HIGHER, LOWER, WITHIN = "higher", "lower", "within repeatability"
NO_COEFFICIENT = "no repeatability coefficient: no change is called real"
ZERO_BASELINE = "{name}: the baseline is 0, percent is not defined"
ZERO_NADIR = "{name}: the nadir is 0, percent from it is not defined"
NOT_MEASURED = "not measured at this visit"
NOT_BEFORE = "the level was not measured before: it cannot be called new"

PRESENT, NEW, CONTINUING, VANISHED, ABSENT, FIRST, UNKNOWN = (
    "present",
    "new",
    "continuing",
    "vanished",
    "absent",
    "first measured",
    "not measured",
)

PATIENT_TABLE, RHI_TABLE = "patients.csv", "rhi.csv"


@dataclass(frozen=True)
class Change:
    """Change of a number since baseline and nadir; NaN where it is not defined.

    Parameters
    ----------
    value
        The number at this visit.
    from_baseline, from_baseline_percent
        Since the first visit at which it was measured.
    from_nadir, from_nadir_percent
        Since the lowest value of the visits before.
    """

    value: float
    from_baseline: float = NAN
    from_baseline_percent: float = NAN
    from_nadir: float = NAN
    from_nadir_percent: float = NAN


@dataclass(frozen=True)
class ProgressionRow:
    """A patient, or a level of a patient, at a visit.

    Parameters
    ----------
    patient, level, visit
        `level` is empty for the patient's own RHI.
    rhi, vas
        Numbers and their changes; VAS belongs to the patient, not to a level.
    baseline_call, nadir_call
        `HIGHER`, `LOWER` or `WITHIN`; empty at the baseline and where nothing can be called.
    lesion
        Of a level: what became of its lesion since the visit before; empty for the patient.
    reasons
        Why something is blank.
    """

    patient: str
    level: str
    visit: str
    rhi: Change
    vas: Change
    baseline_call: str
    nadir_call: str
    lesion: str
    reasons: tuple[str, ...]


@dataclass
class Series:
    """Everything that was read: RHI by patient, level and visit, and VAS by patient and visit.

    Parameters
    ----------
    rhi
        By patient and level (empty for the patient's own), then by visit.
    vas
        By patient, then by visit.
    visits
        In the order of their first appearance.
    notes
        What a reader of the results has to know.
    """

    rhi: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    vas: dict[str, dict[str, float]] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_series(
    sources: Sequence[Path],
    /,
    *,
    manifest: Path | None = None,
    vas: Path | None = None,
    scale: Scale = "0-10",
) -> Series:
    """Read visits.

    Parameters
    ----------
    sources
        ``patients.csv`` or ``rhi.csv`` of ``pyrhi measure``, folders that hold them, or a table
        with the columns patient, visit, rhi and, where there is one, vas. Without a column
        visit a file is one visit, named after its folder.
    manifest
        The manifest of the measurement (patient, image, visit): gives the visit of each image
        of ``rhi.csv``.
    vas
        Table with patient, visit and vas.
    scale
        Scale of VAS.

    Returns
    -------
    Series

    Raises
    ------
    TableError
        If a table cannot be used, or a patient is there twice at one visit.
    """
    series = Series()
    by_image = _manifest(manifest) if manifest is not None else {}
    with_visits: set[Path] = set()
    for path in _files(sources):
        table = read_table(path)
        table.require("patient", "rhi")
        visit = _visit_of_file(path, sources)
        if "visit" in table.columns:
            with_visits.add(path.parent)
        if "level" in table.columns and "image" in table.columns:
            if path.parent in with_visits and "visit" not in table.columns and not by_image:
                series.notes.append(
                    f"{path}: does not say the visit of its images: give the --manifest of the "
                    "measurement to follow levels"
                )
                continue
            _add_levels(series, table, visit, by_image)
        else:
            _add_patients(series, table, visit, scale)
    if vas is not None:
        table = read_table(vas)
        table.require("patient", "visit", "vas")
        for row in table.rows:
            if row["vas"]:
                _put_vas(series, row, row["visit"], scale)
    return series


def _files(sources: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for source in sources:
        if source.is_dir():
            found = [p for n in (PATIENT_TABLE, RHI_TABLE) if (p := source / n).is_file()]
            if not found:
                msg = f"{source}: holds neither {PATIENT_TABLE} nor {RHI_TABLE}"
                raise TableError(msg)
            files += found
        else:
            files.append(source)
    return files


def _visit_of_file(path: Path, sources: Sequence[Path]) -> str:
    """Name a file's visit after its folder where files are called alike, else after the file."""
    stems = [p.stem for p in sources if not p.is_dir()]
    alike = path.name in (PATIENT_TABLE, RHI_TABLE) or stems.count(path.stem) > 1
    return path.absolute().parent.name if alike else path.stem


def _manifest(path: Path) -> dict[tuple[str, str], str]:
    table = read_table(path)
    table.require("patient", "image", "visit")
    visits: dict[tuple[str, str], str] = {}
    for row in table.rows:
        before = visits.setdefault((row["patient"], row["image"]), row["visit"])
        if before != row["visit"]:
            msg = f"{row.where('visit')}: {row['image']!r} is also of the visit {before!r}"
            raise TableError(msg)
    return visits


def _add_patients(series: Series, table: TextTable, file_visit: str, scale: Scale) -> None:
    for row in table.rows:
        patient = _patient(row)
        visit = _visit(row, file_visit)
        values = series.rhi.setdefault((patient, ""), {})
        if visit in values:
            msg = f"{row.where('patient')}: patient {patient!r} is already there at {visit!r}"
            raise TableError(msg)
        rhi = _rhi(row)
        if rhi is not None:
            values[visit] = rhi
            _note_visit(series, visit)
        if row.get("vas"):
            _put_vas(series, row, visit, scale)


def _add_levels(
    series: Series, table: TextTable, file_visit: str, by_image: Mapping[tuple[str, str], str]
) -> None:
    """Take the highest RHI of a level's slices, as ``patients.csv`` does of all slices."""
    unnamed = 0
    for row in table.rows:
        visit = row.get("visit") or by_image.get((_patient(row), row["image"]), "")
        if not visit and by_image:
            msg = f"{row.where('image')}: {row['image']!r} is not in the manifest: it has no visit"
            raise TableError(msg)
        rhi = _rhi(row)
        if is_excluded(row):
            continue
        if not row["level"]:
            unnamed += 1
        elif rhi is not None:
            values = series.rhi.setdefault((_patient(row), row["level"]), {})
            name = visit or file_visit
            values[name] = max(rhi, values.get(name, rhi))
            _note_visit(series, name)
    if unnamed:
        series.notes.append(
            f"{table.path}: {counted(unnamed, 'slice')} without a vertebral level: lesions there "
            "cannot be followed by level"
        )


def _patient(row: TextRow) -> str:
    if not row["patient"]:
        msg = f"{row.where('patient')}: the patient's name is missing"
        raise TableError(msg)
    return row["patient"]


def _visit(row: TextRow, file_visit: str) -> str:
    if "visit" not in row:
        return file_visit
    if not row["visit"]:
        msg = f"{row.where('visit')}: the visit is missing"
        raise TableError(msg)
    return row["visit"]


def _rhi(row: TextRow) -> float | None:
    value = number_in(row["rhi"], where=row.where("rhi"))
    if value is not None and value < 0:
        msg = f"{row.where('rhi')}: RHI {value:g} is below 0"
        raise TableError(msg)
    return value


def _put_vas(series: Series, row: TextRow, visit: str, scale: Scale) -> None:
    values = series.vas.setdefault(_patient(row), {})
    score = vas_in(row["vas"], scale=scale, where=row.where("vas"))
    if values.setdefault(visit, score) != score:
        msg = f"{row.where('vas')}: patient {row['patient']!r} has another VAS at {visit!r}"
        raise TableError(msg)
    _note_visit(series, visit)


def _note_visit(series: Series, visit: str) -> None:
    if visit not in series.visits:
        series.visits.append(visit)


_NUMBERED = re.compile(r"(.*?)([0-9]+(?:\.[0-9]+)?)([^0-9]*)")
"""Such as month_6."""

_DAY = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{2}){1,2}")
"""A day that sorts by its first number, and of which nobody knows which number is the month."""


def visit_order(visits: Sequence[str], given: Sequence[str] | None = None, /) -> list[str]:
    """Put visits in order of time.

    Parameters
    ----------
    visits
        Visits in the order of their first appearance.
    given
        The order that the user gives.

    Returns
    -------
    list of str
        As given; else by number or ISO date where all visits are such, or by the number in names
        that differ in it alone; else as they appeared.

    Raises
    ------
    ParameterError
        If the given order lacks a visit, or the order cannot be told: names have days that are no
        ISO dates, or numbers that do not ascend beside names without one.
    """
    if given is not None:
        missing = [v for v in visits if v not in given]
        if missing:
            msg = f"visit {missing[0]!r} is in a table, but not in the order {', '.join(given)}"
            raise ParameterError(msg)
        return [v for v in given if v in visits]
    try:
        return sorted(visits, key=float)
    except ValueError:
        pass
    try:
        return sorted(visits, key=date.fromisoformat)
    except ValueError:
        return _by_names(visits)


def _by_names(visits: Sequence[str]) -> list[str]:
    numbered = [found for v in visits if (found := _NUMBERED.fullmatch(v))]
    alike = len({(found[1], found[3]) for found in numbered}) == 1
    if alike and len(numbered) == len(visits):
        return [found[0] for found in sorted(numbered, key=lambda found: float(found[2]))]
    numbers = [float(found[2]) for found in numbered]
    if (alike and numbers != sorted(numbers)) or (
        len(visits) > 1 and any(map(_DAY.fullmatch, visits))
    ):
        msg = (
            f"the order of the visits {', '.join(visits)} cannot be told: name them by number or "
            "date (2025-01-13), or give --visits"
        )
        raise ParameterError(msg)
    return list(visits)


def progression_of(
    series: Series, /, *, repeatability: float | None = None, visits: Sequence[str] | None = None
) -> tuple[ProgressionRow, ...]:
    """Follow every patient and level over the visits.

    Parameters
    ----------
    series
        What was read.
    repeatability
        Repeatability coefficient of RHI, in its percentage points; a change is called real
        beyond it alone. None calls nothing.
    visits
        Order of the visits; None as `visit_order` finds it.

    Returns
    -------
    tuple of ProgressionRow
        By patient, level and visit; a visit at which a level was not measured is a row that
        says so.

    Raises
    ------
    ParameterError
        If the coefficient is negative or not finite, or the order lacks a visit.

    Notes
    -----
    There is no validated threshold for RHI, so that none is used (RECIST's are for diameters).
    A change is real where it exceeds 1.96 sqrt(2) within-reader SD: Bland JM, Altman DG. Stat
    Methods Med Res 1999; 8: 135-160.
    """
    if repeatability is not None and not (math.isfinite(repeatability) and repeatability >= 0):
        msg = f"the repeatability coefficient {repeatability:g} is not a number from 0 on"
        raise ParameterError(msg)
    order = visit_order(series.visits, visits)
    rows: list[ProgressionRow] = []
    keys = {*series.rhi, *((p, "") for p in series.vas)}
    for patient, level in sorted(keys, key=lambda k: (_natural(k[0]), _natural(k[1]))):
        values = series.rhi.get((patient, level), {})
        scores = {} if level else series.vas.get(patient, {})
        # A level belongs to all visits at which the patient was seen.
        seen = {v for (p, _), of in series.rhi.items() if p == patient for v in of}
        seen |= set(series.vas.get(patient, {}))
        mine = [v for v in order if v in seen]
        rows += _follow(patient, level, mine, values, scores, repeatability)
    return tuple(rows)


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", text)]


def _follow(
    patient: str,
    level: str,
    visits: Sequence[str],
    values: Mapping[str, float],
    scores: Mapping[str, float],
    repeatability: float | None,
) -> Iterable[ProgressionRow]:
    rhi_before: list[float] = []
    vas_before: list[float] = []
    for place, visit in enumerate(visits):
        reasons: list[str] = []
        rhi, vas = values.get(visit, NAN), scores.get(visit, NAN)
        change = change_of(rhi, rhi_before)
        if math.isnan(rhi):
            reasons.append(f"RHI {NOT_MEASURED}")
        elif rhi_before:
            reasons += _zeros("RHI", rhi_before)
            reasons += [NO_COEFFICIENT] * (repeatability is None)
        if vas_before and not math.isnan(vas):
            reasons += _zeros("VAS", vas_before)
        lesion = ""
        if level:
            lesion = _lesion(rhi, rhi_before, first=place == 0)
            reasons += [NOT_BEFORE] * (lesion == FIRST)
        yield ProgressionRow(
            patient,
            level,
            visit,
            change,
            change_of(vas, vas_before),
            call(change.from_baseline, repeatability),
            call(change.from_nadir, repeatability),
            lesion,
            tuple(reasons),
        )
        if not math.isnan(rhi):
            rhi_before.append(rhi)
        if not math.isnan(vas):
            vas_before.append(vas)


def _zeros(name: str, before: Sequence[float]) -> list[str]:
    reasons = [ZERO_BASELINE] * (before[0] == 0) + [ZERO_NADIR] * (min(before) == 0)
    return [reason.format(name=name) for reason in reasons]


def change_of(value: float, before: Sequence[float], /) -> Change:
    """Compute the change of a value.

    Parameters
    ----------
    value
        The value at this visit; NaN where it was not measured.
    before
        The values of the visits before, in their order.

    Returns
    -------
    Change
        Percent is NaN where the baseline or nadir is 0.
    """
    if math.isnan(value) or not before:
        return Change(value)
    base, nadir = before[0], min(before)
    return Change(
        value,
        value - base,
        100 * (value - base) / base if base else NAN,
        value - nadir,
        100 * (value - nadir) / nadir if nadir else NAN,
    )


def call(change: float, repeatability: float | None, /) -> str:
    """Call a change real only beyond the repeatability coefficient."""
    if math.isnan(change) or repeatability is None:
        return ""
    if abs(change) <= repeatability:
        return WITHIN
    return HIGHER if change > 0 else LOWER


def _lesion(rhi: float, before: Sequence[float], *, first: bool) -> str:
    if math.isnan(rhi):
        return UNKNOWN
    if not before:
        return (PRESENT if rhi > 0 else ABSENT) if first or rhi == 0 else FIRST
    if rhi > 0:
        return CONTINUING if before[-1] > 0 else NEW
    return VANISHED if before[-1] > 0 else ABSENT
