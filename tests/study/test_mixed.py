"""Models for several rows of a patient against lme4, ordinal and sandwich in R."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rigs.reference import from_r
from rigs.samples import SPRAYS
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.study.mixed import mixed_slope, ordinal_slope

R = from_r("models")

# R's dataset Orange (Draper & Smith 1998): circumference of five trees at seven ages.
AGE = np.tile([118, 484, 664, 1004, 1231, 1372, 1582], 5)
TREE = [str(i) for i in range(5) for _ in range(7)]
ROUND = np.array([
    30, 58, 87, 115, 120, 142, 145, 33, 69, 111, 156, 172, 203, 203, 30, 51, 75, 108, 115, 139,
    140, 32, 62, 112, 167, 179, 209, 214, 30, 49, 81, 125, 142, 174, 177,
])  # fmt: skip


def test_the_mixed_model_is_lme4s() -> None:
    found = mixed_slope(AGE, ROUND, TREE)
    _, slope, _, error, between, within = R["mixed orange"]
    assert found.slope.value == pytest.approx(slope, rel=1e-7)
    assert found.statistic == pytest.approx(slope / error, rel=1e-6)
    assert found.icc == pytest.approx(between / (between + within), rel=1e-5)
    assert (found.patients, found.n, found.df) == (5, 35, 3)
    half = stats.t.ppf(0.975, 3) * error
    assert (found.slope.low, found.slope.high) == pytest.approx(
        (slope - half, slope + half), rel=1e-6
    )


def test_patients_who_do_not_differ_at_all_leave_lme4s_error() -> None:
    # MixedLM's own error was up to 40 % smaller where the variance between patients is 0.
    counts = np.concatenate(list(SPRAYS.values()))
    block = [str(i % 12) for i in range(72)]
    found = mixed_slope(np.repeat(np.arange(1.0, 7.0), 12), counts, block)
    _, slope, _, error, between, _ = R["mixed insects"]
    assert found.slope.value == pytest.approx(slope, rel=1e-9)
    assert found.statistic == pytest.approx(slope / error, rel=1e-9)
    assert (found.icc, between) == (0, 0)


def test_the_ordinal_model_is_clms_with_the_errors_of_sandwich() -> None:
    classes = np.digitize(ROUND, [80.5, 140.5])
    classes[[2, 10, 18, 26, 34]] = [2, 0, 2, 0, 0]
    found = ordinal_slope(AGE / 1000, classes, TREE)
    slope, error = R["ordinal orange"][2], R["ordinal orange"][5]
    assert found.slope.value == pytest.approx(slope, rel=1e-5)
    assert found.slope.value / found.statistic == pytest.approx(error, rel=1e-5)
    assert math.isnan(found.icc)


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(ParameterError, match="4 patients: 5 or more"):
        mixed_slope([1, 2, 3, 4], [1, 2, 3, 5], list("ABCD"))
    with pytest.raises(ParameterError, match="predictor is constant"):
        mixed_slope([1] * 6, range(6), list("ABCDEF"))
    with pytest.raises(ParameterError, match="outcome is constant"):
        ordinal_slope(range(6), [1] * 6, list("ABCDEF"))
    with pytest.raises(ParameterError, match="separates the tiers"):
        ordinal_slope(range(12), [0] * 6 + [1] * 6, list("ABCDEFABCDEF"))


def test_patients_who_do_not_differ_have_an_icc_near_zero() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=60)
    found = mixed_slope(x, 2 * x + rng.normal(size=60), [str(i % 20) for i in range(60)])
    assert 0 <= found.icc < 0.2
    assert found.slope.low < 2 < found.slope.high
