"""Pain scores: VAS to tier, two readers' consensus, and the study's groups."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pyrhi.errors import ParameterError, TableError
from pyrhi.pain.agreement import Estimate, icc21, weighted_kappa

TIERS = ("none", "mild", "moderate", "severe")
"""Tiers in their order: VAS 0, 1-3, 4-7, 8-10."""

LOCATIONS = ("cervical", "thoracic", "lumbar", "sacral", "multiple")
"""Where the metastases are; ``multiple`` is more than one region."""

UNKNOWN = "unknown"
"""Location that nothing tells."""

NUMBERS = ("1", "2", ">2")
"""Groups of the number of metastases."""

VAS_MAX = 10.0
MILD_BELOW = 4.0
MODERATE_BELOW = 8.0
MM_PER_POINT = 10.0

Scale = Literal["0-10", "mm"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MORE_THAN_TWO = {">2", "> 2", ">=3", "3+", "over two", "more than two"}


def number_in(value: object, /, *, where: str) -> float | None:
    """Read a number from a cell.

    Parameters
    ----------
    value
        A number, or a cell's text; blank, ``NaN`` and ``NA`` are missing values.
    where
        Row and column, for the message.

    Returns
    -------
    float or None
        None where the value is missing.

    Raises
    ------
    TableError
        If the cell holds anything but a finite number.
    """
    if value is None:
        return None
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        number = float(value)
        if math.isnan(number):
            return None
    else:
        text = str(value).strip()
        if text.lower() in {"", "nan", "na", "n/a"}:
            return None
        if not _NUMBER.fullmatch(text):
            hint = "; write a decimal point" if re.fullmatch(r"\d+,\d+", text) else ""
            if text.endswith("%"):
                hint = "; write it as a number, without the percent sign or percent format"
            msg = f"{where}: {text!r} is not a number{hint}"
            raise TableError(msg)
        number = float(text)
    if not math.isfinite(number):
        msg = f"{where}: {value!r} is not a finite number"
        raise TableError(msg)
    return number


def vas_in(value: object, /, *, scale: Scale = "0-10", where: str = "VAS") -> float:
    """Read a VAS score, as `number_in` reads a number.

    Parameters
    ----------
    value, where
        As `number_in`.
    scale
        ``"0-10"``, or ``"mm"`` for a scale of 0 to 100 mm.

    Returns
    -------
    float
        The score on the scale of 0 to 10.

    Raises
    ------
    TableError
        If the value is missing, text, or outside of the scale.
    ParameterError
        If the scale is unknown.
    """
    if scale not in ("0-10", "mm"):
        msg = f"VAS scale {scale!r} is unknown: use 0-10 or mm"
        raise ParameterError(msg)
    number = number_in(value, where=where)
    if number is None:
        msg = f"{where}: the VAS score is missing"
        raise TableError(msg)
    top = VAS_MAX * MM_PER_POINT if scale == "mm" else VAS_MAX
    if not 0 <= number <= top:
        hint = "; ask for the 0-100 mm scale if it is one" if VAS_MAX < number <= 100 else ""
        msg = f"{where}: VAS {number:g} is outside of 0 to {top:g}{hint}"
        raise TableError(msg)
    return number / MM_PER_POINT if scale == "mm" else number


def tier(value: object, /, *, scale: Scale = "0-10", where: str = "VAS") -> str:
    """Tier of a VAS score, which is read as `vas_in` does.

    Returns
    -------
    str
        ``none`` (0), ``mild`` (above 0, below 4), ``moderate`` (below 8) or ``severe``.

    Notes
    -----
    The study's tiers are none (0), mild (1-3), moderate (4-7) and severe (8-10) of whole scores;
    decimals (a mean of two readers) are cut at 0, below 4 and below 8.
    """
    vas = vas_in(value, scale=scale, where=where)
    if vas == 0:
        return "none"
    if vas < MILD_BELOW:
        return "mild"
    return "moderate" if vas < MODERATE_BELOW else "severe"


def tier_in(value: object, /, *, where: str) -> str:
    """Read a tier's name: one of `TIERS`, and a `TableError` for anything else."""
    text = "" if value is None else str(value).strip().lower()
    if text not in TIERS:
        msg = f"{where}: {text!r} is not a tier: write {', '.join(TIERS)}"
        raise TableError(msg)
    return text


def location_in(value: object, /, *, where: str) -> str | None:
    """Read a location: one of `LOCATIONS`, None where the cell is blank or says unknown.

    Raises
    ------
    TableError
        If it is another text.
    """
    text = "" if value is None else str(value).strip().lower()
    if text in {"", UNKNOWN, "nan", "na", "n/a"}:
        return None
    if text not in LOCATIONS:
        msg = f"{where}: {text!r} is not a location: write {', '.join(LOCATIONS)} or {UNKNOWN}"
        raise TableError(msg)
    return text


def number_group(value: object, /, *, where: str) -> str | None:
    """Read the number of metastases, a count or a text such as ``>2``, as the study's group.

    Returns
    -------
    str or None
        One of `NUMBERS`; None where the cell is blank, or counts no lesion (0).

    Raises
    ------
    TableError
        If it is neither a whole count nor a group.
    """
    text = "" if value is None else str(value).strip().lower().lstrip("'")
    if text in _MORE_THAN_TWO:
        return ">2"
    count = number_in(value, where=where)
    if count is None or count == 0:
        return None
    if count < 0 or count != int(count):
        msg = f"{where}: {text!r} is not a number of metastases: write 1, 2 or >2"
        raise TableError(msg)
    return NUMBERS[min(int(count), len(NUMBERS)) - 1]


def reconcile(cohort: str | None, measured: str | None, /, *, what: str) -> tuple[str | None, str]:
    """Choose between the cohort file's group and the one from the measured tables.

    Parameters
    ----------
    cohort
        Group from the cohort file, which wins; None where it says nothing.
    measured
        Group from the measured levels or lesion counts.
    what
        ``"location"`` or ``"number"``, for the message.

    Returns
    -------
    tuple
        The group, and the contradiction in words (empty without one).
    """
    if cohort is None or measured is None or cohort == measured:
        return (cohort if cohort is not None else measured), ""
    return cohort, f"{what}: the cohort file says {cohort}, the measured tables say {measured}"


def consensus(first: float, second: float, adjudicated: float | None = None, /) -> float:
    """Consensus of two readers' VAS: the adjudicated score where there is one, else the mean.

    Parameters
    ----------
    first, second
        The two readers' scores, 0 to 10.
    adjudicated
        The score agreed on afterwards, 0 to 10; it wins.

    Returns
    -------
    float
        The consensus, 0 to 10.
    """
    return (first + second) / 2 if adjudicated is None else adjudicated


@dataclass(frozen=True)
class TierDifference:
    """A patient whom the two readers put in different tiers."""

    patient: str
    vas_1: float
    vas_2: float
    tier_1: str
    tier_2: str


@dataclass(frozen=True)
class ReaderAgreement:
    """Agreement of two blinded readers of VAS.

    Parameters
    ----------
    n
        Number of patients.
    kappa
        Quadratic weighted kappa of the tiers, with its interval.
    icc
        ICC(2,1) of the scores, with its interval.
    differences
        The patients whose tiers differ.
    """

    n: int
    kappa: Estimate
    icc: Estimate
    differences: tuple[TierDifference, ...]


def reader_agreement(
    patients: Sequence[str], vas_1: Sequence[float], vas_2: Sequence[float], /
) -> ReaderAgreement:
    """Agreement of two readers of VAS.

    Parameters
    ----------
    patients
        Name of each patient.
    vas_1, vas_2
        The readers' scores of each patient, 0 to 10.

    Returns
    -------
    ReaderAgreement

    Raises
    ------
    ParameterError
        If the lengths differ, or there are fewer than two patients.
    TableError
        If a score is outside of 0 to 10.
    """
    if not len(patients) == len(vas_1) == len(vas_2):
        msg = f"{len(patients)} patients, but {len(vas_1)} and {len(vas_2)} scores"
        raise ParameterError(msg)
    tiers_1 = [tier(v, where=f"patient {p}, vas_1") for p, v in zip(patients, vas_1, strict=True)]
    tiers_2 = [tier(v, where=f"patient {p}, vas_2") for p, v in zip(patients, vas_2, strict=True)]
    return ReaderAgreement(
        n=len(patients),
        kappa=weighted_kappa(
            [TIERS.index(t) for t in tiers_1],
            [TIERS.index(t) for t in tiers_2],
            categories=len(TIERS),
        ),
        icc=icc21(np.column_stack([vas_1, vas_2])),
        differences=tuple(
            TierDifference(*row)
            for row in zip(patients, vas_1, vas_2, tiers_1, tiers_2, strict=True)
            if row[3] != row[4]
        ),
    )
