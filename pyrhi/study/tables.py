"""Tables 1 to 3 of the study, from a cohort."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pyrhi.pain.scores import LOCATIONS
from pyrhi.rhi.summary import MULTIPLE
from pyrhi.study.cohort import (
    HISTOLOGIES,
    ONSETS,
    SEXES,
    THERAPIES,
    Cohort,
    CohortRow,
)
from pyrhi.study.groups import Samples
from pyrhi.study.intervals import median_interval
from pyrhi.study.statistics import (
    GROUPINGS,
    RHI_BY_TIER,
    VAS_BY_LOCATION,
    VAS_BY_NUMBER,
    Statistics,
)

NAN = float("nan")


@dataclass(frozen=True)
class Summary:
    """Summary of a column.

    Parameters
    ----------
    n
        Number of values.
    median, mean, low, high
        NaN without values.
    sd
        Standard deviation (n - 1); NaN for fewer than two values.
    median_low, median_high
        Interval of the median (`pyrhi.study.intervals.median_interval`); NaN for too few values,
        and for several of one patient.
    """

    n: int
    median: float = NAN
    mean: float = NAN
    sd: float = NAN
    low: float = NAN
    high: float = NAN
    median_low: float = NAN
    median_high: float = NAN


def summary_of(values: Iterable[float | None], /, *, independent: bool = True) -> Summary:
    """Summarise the values that are there; only independent ones give the median an interval."""
    x = np.array([v for v in values if v is not None], dtype=float)
    if not x.size:
        return Summary(0)
    sd = float(x.std(ddof=1)) if x.size > 1 else math.nan
    median = median_interval(x if independent else x[:0])
    middle, low, high = float(np.median(x)), float(x.min()), float(x.max())
    return Summary(x.size, middle, float(x.mean()), sd, low, high, median.low, median.high)


@dataclass(frozen=True)
class CharacteristicRow:
    """A row of Table 1.

    Parameters
    ----------
    characteristic, item
        Such as ``Location`` and ``Cervical``; `item` is empty for a measured column.
    key
        Path of the same number in ``published.json``.
    n
        Patients with it.
    of_n
        Patients for whom it is known; percentages are of these.
    percent
        100 * n / of_n.
    summary
        Of a measured column, else None.
    """

    characteristic: str
    item: str
    key: str
    n: int
    of_n: int
    percent: float
    summary: Summary | None = None


@dataclass(frozen=True)
class GroupRow:
    """A row of Table 2 or 3.

    Parameters
    ----------
    factor, group
        Such as ``Location`` and ``Cervical``; `group` is empty for all together.
    key
        Path of the same row in ``published.json``.
    summary
        Of VAS or RHI.
    p_kruskal_wallis, p_anova
        p over the factor's groups, on its first row; NaN elsewhere.
    """

    factor: str
    group: str
    key: str
    summary: Summary
    p_kruskal_wallis: float = NAN
    p_anova: float = NAN


@dataclass(frozen=True)
class Tables:
    """Tables 1 to 3."""

    characteristics: tuple[CharacteristicRow, ...]
    vas: tuple[GroupRow, ...]
    rhi: tuple[GroupRow, ...]


LOCATION, NUMBER, TIER = "Location", "Number of metastases", "Pain tier"

_ANALYSES = {LOCATION: VAS_BY_LOCATION, NUMBER: VAS_BY_NUMBER, TIER: RHI_BY_TIER}

_LABELS = {
    "luminal_a": "Luminal A",
    "luminal_b": "Luminal B",
    "her2_positive": "Her-2 positive",
    "tnbc": "TNBC",
    ">2": "over two",
    "mild": "Mild pain (1-3)",
    "moderate": "Moderate pain (4-7)",
    "severe": "Severe pain (8-10)",
    "none": "None",
}


def label(name: str, /) -> str:
    """Return a name as the tables and figures print it."""
    return _LABELS.get(name, name.capitalize())


def tables_of(cohort: Cohort, statistics: Statistics, /) -> Tables:
    """Make Tables 1 to 3.

    Parameters
    ----------
    cohort
        The cohort.
    statistics
        Its statistics, for the p values.

    Returns
    -------
    Tables
        Table 1 counts patients; Tables 2 and 3 count rows (lesions where a patient has several).
    """
    rows = cohort.rows
    by_location, by_number, by_tier = (
        GROUPINGS[analysis].samples(rows) for analysis in _ANALYSES.values()
    )
    key, vas = "table_3_rhi_percent", "table_2_vas"
    summary = partial(summary_of, independent=not cohort.clustered)
    return Tables(
        tuple(_characteristics(cohort)),
        (
            GroupRow(
                "Initial pain score (VAS)", "", f"{vas}.overall", summary(r.vas for r in rows)
            ),
            *_group_rows(LOCATION, by_location, f"{vas}.location", statistics, summary),
            *_group_rows(NUMBER, by_number, f"{vas}.number", statistics, summary),
        ),
        (
            GroupRow("RHI (%)", "", f"{key}.overall", summary(r.rhi for r in rows)),
            *_group_rows(TIER, by_tier, f"{key}.tiers", statistics, summary),
        ),
    )


def _group_rows(
    factor: str,
    samples: Samples,
    key: str,
    statistics: Statistics,
    summary: Callable[[Iterable[float]], Summary],
) -> Iterable[GroupRow]:
    p = {
        test: row.p if (row := statistics.find(_ANALYSES[factor], test)) is not None else NAN
        for test in ("Kruskal-Wallis", "one-way ANOVA")
    }
    for place, (name, values) in enumerate(samples.items()):
        first = place == 0
        yield GroupRow(
            factor,
            label(name),
            f"{key}.{name}",
            summary(values.tolist()),
            p["Kruskal-Wallis"] if first else NAN,
            p["one-way ANOVA"] if first else NAN,
        )


def _characteristics(cohort: Cohort) -> Iterable[CharacteristicRow]:
    people = cohort.patients
    yield from _counted("Gender", "gender", people, lambda r: r.sex, SEXES)
    for text, key, value in (
        ("Age (years)", "age_median_years", lambda r: r.age),
        ("Time to spine metastasis (months)", "months_to_spinal_metastasis_median",
         lambda r: r.months_to_metastasis),
    ):  # fmt: skip
        summary = summary_of(value(r) for r in people)
        yield CharacteristicRow(text, "", key, summary.n, len(people), NAN, summary)
    yield from _counted(
        "Histologic type", "histologic_type", people, lambda r: r.histology, HISTOLOGIES
    )
    yield from _counted(
        "Bone metastases (n)",
        "bone_metastases",
        people,
        lambda r: None if r.number is None else "one" if r.number == "1" else "multiple",
        ("one", "multiple"),
    )
    lesions = cohort.lesions
    yield from _counted(
        "Location", "location", people, lambda r: _region(lesions[r.patient]), LOCATIONS
    )
    yield from _counted(
        "Pain occurrence",
        "pain",
        people,
        lambda r: _pain_of(lesions[r.patient]),
        ("with", "without"),
    )
    yield from _counted(
        "Time of bone metastasis and pain",
        "onset",
        people,
        lambda r: _onset_of(lesions[r.patient]),
        ONSETS,
    )
    yield from _therapies(people)


def _region(rows: Sequence[CohortRow]) -> str | None:
    """Where a patient's lesions lie: `MULTIPLE` in several regions, None where one is not known."""
    regions = {r.location for r in rows}
    if None in regions:
        return None
    return regions.pop() if len(regions) == 1 else MULTIPLE


def _pain_of(rows: Sequence[CohortRow]) -> str | None:
    """Whether any of a patient's lesions hurts; None where that is not known."""
    if any(r.vas for r in rows):
        return "with"
    return None if any(r.vas is None for r in rows) else "without"


def _onset_of(rows: Sequence[CohortRow]) -> str | None:
    """Onset of a patient whose lesions have one; None where they differ."""
    onsets = {r.onset for r in rows}
    return onsets.pop() if len(onsets) == 1 else None


def _counted(
    title: str,
    key: str,
    people: Iterable[CohortRow],
    value: Callable[[CohortRow], str | None],
    order: Iterable[str],
) -> Iterable[CharacteristicRow]:
    known = [v for r in people if (v := value(r)) is not None]
    for name in order:
        n = known.count(name)
        if name == "sacral" and n == 0:
            continue
        percent = 100 * n / len(known) if known else NAN
        yield CharacteristicRow(title, label(name), f"table_1.{key}.{name}", n, len(known), percent)


def _therapies(people: Iterable[CohortRow]) -> Iterable[CharacteristicRow]:
    """Count therapies as the paper does: `both` is also counted under either."""
    known = [r.therapy for r in people if r.therapy is not None]
    for name in THERAPIES:
        n = known.count(name)
        if name in ("chemotherapy", "radiotherapy"):
            n += known.count("both")
        percent = 100 * n / len(known) if known else NAN
        yield CharacteristicRow(
            "Systemic therapy", label(name), f"table_1.therapy.{name}", n, len(known), percent
        )
