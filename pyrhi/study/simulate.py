"""A synthetic cohort that keeps what the paper prints as far as its numbers allow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.pain.publication import published
from pyrhi.pain.scores import tier
from pyrhi.study.cluster import SEED

COLUMNS = (
    "patient",
    "age",
    "sex",
    "histology",
    "months_to_metastasis",
    "location",
    "number",
    "vas",
    "onset",
    "therapy",
    "rhi",
    "primary_confirmed",
    "metastases_diagnosed",
    "mri_in_period",
    "data_complete",
    "other_malignancy",
    "diagnosis_unclear",
    "images_available",
    "synthetic",
)
"""Columns of the synthetic cohort."""

AGE_SD = 9.0
MONTHS_LOG_SD = 0.8
MIN_AGE = 28
TRIES = 20_000
"""Draws of scores before giving up."""

MIN_MILD = 3
"""Fewer patients cannot have a median of their own between the ends of a range."""

SyntheticRow = Mapping[str, str]


@dataclass(frozen=True)
class _Spread:
    """Values of one tier: positions that may lie below the overall median, and the others."""

    low: list[float]
    high: list[float]


def simulate(seed: int = SEED, /, numbers: Mapping[str, Any] | None = None) -> list[SyntheticRow]:
    """Make a synthetic cohort.

    Parameters
    ----------
    seed
        Seed of the generator; the same seed gives the same cohort.
    numbers
        The printed numbers, in the form of `pyrhi.pain.published`; None takes that paper's.

    Returns
    -------
    list of dict
        One row for each patient: cells by column, in the order of `COLUMNS`.

    Raises
    ------
    ParameterError
        If the numbers leave no cohort.

    Notes
    -----
    Kept: Table 1's counts (without those on pain: see `pyrhi.study.consistency`), Table 2's
    means and ranges by location, Table 3's medians and ranges, the median age and time. What
    this costs is found afterwards by `pyrhi.study.kept.compare`.
    """
    data = numbers if numbers is not None else published()
    rng = np.random.default_rng(seed)
    table_1, n = data["table_1"], int(data["n"])
    locations = _labels(table_1["location"])
    if len(locations) != n:
        msg = f"the locations count {len(locations)} patients, not {n}: no cohort can be made"
        raise ParameterError(msg)
    vas = _scores(data, rng)
    rhi = _rhi(vas, data["table_3_rhi_percent"], rng)
    one = int(table_1["bone_metastases"]["one"][0])
    counts = _numbers(locations, vas, one, float(data["table_2_vas"]["number"]["2"]["mean"]))
    histology = _shuffled(_labels(table_1["histologic_type"]), n, rng)
    therapy = _shuffled(_therapies(table_1["therapy"]), n, rng)
    painful = [i for i in range(n) if vas[i] > 0]
    onsets = _shuffled(_labels(table_1["onset"]), len(painful), rng)
    onset = dict(zip(painful, onsets, strict=True))
    ages = _around(float(data["age_median_years"]), rng.normal(0, AGE_SD, n), MIN_AGE)
    median_months = float(data["months_to_spinal_metastasis_median"])
    months = _around(median_months, median_months * np.expm1(rng.normal(0, MONTHS_LOG_SD, n)), 1)
    order = rng.permutation(n)
    return [
        {
            "patient": f"SYN{place + 1:03d}",
            "age": f"{ages[i]:.0f}",
            "sex": "female",
            "histology": histology[i],
            "months_to_metastasis": f"{months[i]:.0f}",
            "location": locations[i],
            "number": counts[i],
            "vas": f"{vas[i]}",
            "onset": onset.get(int(i), ""),
            "therapy": therapy[i],
            "rhi": f"{rhi[i]:g}",
            "primary_confirmed": "yes",
            "metastases_diagnosed": "yes",
            "mri_in_period": "yes",
            "data_complete": "yes",
            "other_malignancy": "no",
            "diagnosis_unclear": "no",
            "images_available": "yes",
            "synthetic": "yes",
        }
        for place, i in enumerate(order)
    ]


def _labels(counts: Mapping[str, Any]) -> list[str]:
    return [name for name, (count, _) in counts.items() for _ in range(int(count))]


def _therapies(printed: Mapping[str, Any]) -> list[str]:
    """Turn counts of overlapping therapies into one word for each patient."""
    both = int(printed["both"][0])
    alone = {name: int(printed[name][0]) - both for name in ("chemotherapy", "radiotherapy")}
    words = {**alone, "both": both, "none": int(printed["none"][0])}
    return [name for name, count in words.items() for _ in range(count)]


def _shuffled(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """Put words in a random order, with blanks where they are too few."""
    padded = words + [""] * (n - len(words))
    return [padded[i] for i in rng.permutation(len(padded))][:n]


def _scores(data: Mapping[str, Any], rng: np.random.Generator) -> list[int]:
    """Draw whole VAS scores whose ranges and rounded means by location are those printed."""
    groups = data["table_2_vas"]["location"]
    counts = {name: int(count) for name, (count, _) in data["table_1"]["location"].items()}
    for _ in range(TRIES):
        vas: list[int] = []
        for name, count in counts.items():
            vas += _group_scores(count, groups[name]["mean"], groups[name]["range"], rng)
        if [tier(v) for v in vas].count("mild") >= MIN_MILD:
            return vas
    msg = "no scores were found that keep the printed means and ranges by location"
    raise ParameterError(msg)


def _group_scores(
    n: int, mean: float, limits: tuple[int, int], rng: np.random.Generator
) -> list[int]:
    low, high = limits
    for _ in range(TRIES):
        inner = np.sort(rng.integers(low, high + 1, max(n - 2, 0)))
        values = np.array([low, *inner, high][:n])
        # Moving single scores by a point brings the mean to the printed one.
        while values.mean() >= mean + 0.5 or values.mean() < mean - 0.5:
            step = 1 if values.mean() < mean else -1
            free = [i for i in range(1, n - 1) if low <= values[i] + step <= high]
            if not free:
                break
            values[free[int(rng.integers(len(free)))]] += step
        else:
            return [int(v) for v in values]
    msg = f"{n} scores from {low} to {high} cannot have the mean {mean}"
    raise ParameterError(msg)


def _numbers(locations: list[str], vas: list[int], one: int, mean_of_two: float) -> list[str]:
    """Give one metastasis to the lowest scores of a single region, two to the lowest others."""

    def by_score(i: int) -> tuple[int, int]:
        return vas[i], i

    single = [i for i, place in enumerate(locations) if place != "multiple"]
    ones = set(sorted(single, key=by_score)[:one])
    rest = sorted((i for i in range(len(vas)) if i not in ones), key=by_score)
    scores = np.array([vas[i] for i in rest])
    means = np.cumsum(scores) / np.arange(1, len(rest) + 1)
    # As many as their printed mean allows, but neither nobody nor all.
    count = min(max(int((means < mean_of_two + 0.5).sum()), 2), len(rest) - 2)
    two = set(rest[:count])
    return ["1" if i in ones else "2" if i in two else ">2" for i in range(len(vas))]


def _around(
    median: float, deviations: npt.NDArray[np.float64], least: float
) -> npt.NDArray[np.float64]:
    """Whole values with exactly this median: half of them at or below it, half at or above."""
    values = np.sort(np.maximum(np.rint(median + deviations), least))
    middle = len(values) // 2
    values[:middle] = np.minimum(values[:middle], median)
    values[middle:] = np.maximum(values[middle:], median)
    values[middle] = median
    if len(values) % 2 == 0:
        values[middle - 1] = median
    return np.random.default_rng(len(values)).permutation(values)


def _rhi(vas: list[int], printed: Mapping[str, Any], rng: np.random.Generator) -> list[float]:
    """Draw RHI with the printed medians and ranges by tier and over all patients."""
    tiers = [tier(v) for v in vas]
    overall = float(printed["overall"]["median"])
    below = math.ceil(len(vas) / 2) - 1
    rows = {name: row for name, row in printed["tiers"].items() if name != "p"}
    spreads: dict[str, _Spread] = {}
    for name, row in rows.items():
        spreads[name] = _spread(tiers.count(name), row, overall, rng)
    without = tiers.count("none")
    # Nobody printed an RHI without pain; low ones leave the overall median reachable.
    lowest = float(printed["overall"]["range"][0])
    spreads["none"] = _Spread([_tenth(v) for v in rng.uniform(lowest, overall, without)], [])
    candidates = [(name, i) for name, s in spreads.items() for i in range(len(s.low))]
    surplus = len(candidates) - below - 1
    movable = [
        (name, i)
        for name, i in candidates
        if name in rows and i > 0 and rows[name]["median"] > overall
    ]
    if surplus < 0 or len(movable) < surplus + 1:
        msg = f"tiers of these sizes cannot have the overall median {overall:g}"
        raise ParameterError(msg)
    chosen = [movable[int(i)] for i in rng.permutation(len(movable))[: surplus + 1]]
    name, i = chosen[0]
    spreads[name].low[i] = overall
    for name, i in chosen[1:]:
        spreads[name].low[i] = _tenth(rng.uniform(overall, min(spreads[name].high)))
    rhi = [0.0] * len(vas)
    for name, spread in spreads.items():
        values = sorted(spread.low + spread.high)
        # More pain goes with more RHI, with noise: whole scores are tied.
        members = [i for i, t in enumerate(tiers) if t == name]
        members.sort(key=lambda i: vas[i] + float(rng.normal(0, 1)))
        for i, value in zip(members, values, strict=True):
            rhi[i] = value
    return rhi


def _spread(n: int, row: Mapping[str, Any], overall: float, rng: np.random.Generator) -> _Spread:
    """Draw n values with this median and range, as many as can be at or below `overall`."""
    low, high = map(float, row["range"])
    median = float(row["median"])
    half = (n - 1) // 2
    cap = min(overall, median) if median > overall else median
    lower = [low, *(_tenth(v) for v in rng.uniform(low, cap, half - 1))]
    upper = [*(_tenth(v) for v in rng.uniform(median, high, half - 1)), high]
    if n % 2:
        middle = [median]
    else:
        reach = min(median - max(lower), min(upper) - median)
        gap = _tenth(rng.uniform(0, reach))
        middle = [median - gap, median + gap]
    if median <= overall:
        return _Spread(sorted(lower + middle + upper), [])
    return _Spread(sorted(lower), middle + upper)


def _tenth(value: float) -> float:
    return math.floor(value * 10) / 10
