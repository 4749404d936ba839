"""Intervals against R, and by simulation: how often they hold the true value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rigs.reference import coverage, from_r
from rigs.samples import PLANTS, SPRAYS
from scipy import stats

from pyrhi.pain.agreement import Estimate
from pyrhi.study.intervals import (
    MIN_MEDIAN,
    cliffs_delta,
    disagreement,
    jackknife_interval,
    median_interval,
)

R = from_r("intervals")


@pytest.mark.parametrize("pair", ["A F", "C B", "D E"])
def test_cliffs_delta_is_newcombes_equation_solved_by_r(pair: str) -> None:
    first, second = pair.split()
    found = cliffs_delta(SPRAYS[first], SPRAYS[second])
    assert [found.value, found.low, found.high] == pytest.approx(R[f"delta {pair}"], abs=1e-9)


def test_groups_that_do_not_overlap_have_a_delta_of_one_with_room_below() -> None:
    found = cliffs_delta([1, 2, 3], [4, 5, 6, 7])
    assert (found.value, found.high) == (1, 1)
    assert 0 < found.low < 0.2
    other = cliffs_delta([4, 5, 6, 7], [1, 2, 3])
    assert (other.value, other.low, other.high) == pytest.approx((-1, -1, -found.low), abs=1e-12)


@pytest.mark.parametrize("sizes", [(3, 22), (15, 15), (16, 26)])
@pytest.mark.parametrize("shift", [0.0, 0.8, 1.6])
def test_the_interval_of_cliffs_delta_covers_with_ties(
    sizes: tuple[int, int], shift: float
) -> None:
    # Whole scores from 0 to 10, as VAS are; their distribution is known, and so is delta.
    edges = np.append(np.arange(0.5, 10), np.inf)
    below = [stats.norm.cdf(edges, 4 + 2.2 * s, 2.2) for s in (0.0, shift)]
    p, q = (np.diff(np.append(0, b)) for b in below)
    truth = float(sum(q[i] * (p[:i].sum() - p[i + 1 :].sum()) for i in range(11)))

    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = cliffs_delta(rng.choice(11, sizes[0], p=p), rng.choice(11, sizes[1], p=q))
        return found.low, found.high

    assert 93 <= coverage(interval, truth, seed=7, samples=1000) <= 97


def test_the_median_is_r_on_its_datasets() -> None:
    for name, samples in (("insects", SPRAYS), ("plants", PLANTS)):
        found = median_interval(np.concatenate(list(samples.values())))
        assert [found.value, found.low, found.high] == R[f"median {name}"]


@pytest.mark.parametrize("n", [6, 19, 45])
def test_the_interval_of_the_median_covers_whatever_the_distribution(n: int) -> None:
    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = median_interval(rng.gamma(0.7, 30, n))
        return found.low, found.high

    held = coverage(interval, stats.gamma.median(0.7, scale=30), seed=3, samples=1000)
    # Two of the values are its ends: by theory it holds the first of these that is 95 % or more.
    inside = 100 * (1 - 2 * stats.binom.cdf(np.arange(n // 2), n, 0.5))
    exact = inside[inside >= 95][-1]
    assert abs(held - exact) <= 3 * np.sqrt(exact * (100 - exact) / 1000)


def test_too_few_values_have_a_median_without_an_interval() -> None:
    few = median_interval([3, 1, 2, 5, 4])
    assert len(range(5)) < MIN_MEDIAN
    assert few.value == 3
    assert math.isnan(few.low)
    assert math.isnan(few.high)
    assert math.isnan(median_interval([]).value)


def test_a_complete_correlation_has_no_interval_instead_of_a_point() -> None:
    assert math.isnan(jackknife_interval(1.0, [1.0, 1.0, 1.0]).low)
    assert math.isnan(jackknife_interval(0.5, [0.5, math.nan, 0.4]).high)


@pytest.mark.parametrize(
    ("p", "low", "high", "message"),
    [
        (0.06, 0.03, 0.4, "the interval leaves 0 out while p is not below 0.05: because"),
        (0.04, -0.1, 0.4, "the interval holds 0 while p is below 0.05: because"),
        (0.04, 0.0, 0.4, "the interval holds 0 while p is below 0.05: because"),
        (0.04, 0.1, 0.4, ""),
        (0.06, -0.1, 0.4, ""),
        (math.nan, 0.1, 0.4, ""),
        (0.01, math.nan, math.nan, ""),
    ],
)
def test_an_interval_beside_a_p_that_contradicts_it_says_why(
    p: float, low: float, high: float, message: str
) -> None:
    assert disagreement(p, Estimate(0.2, low, high), "because") == message
