"""Kappa and ICC against published tables and a second library."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import icc21, icc31, mean_squares, weighted_kappa

# Shrout & Fleiss 1979, Table 2: four judges' ratings of six targets.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]

# Gwet's `cont3x3abstractors` (R package irrCAC): two abstractors, 100 pregnancies.
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])


def readings(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = [(i, j) for (i, j), count in np.ndenumerate(table) for _ in range(int(count))]
    first, second = np.array(cells).T
    return first, second


def test_mean_squares_are_shrout_and_fleiss() -> None:
    # Their Table 3: BMS 11.24, JMS 32.49, EMS 1.02.
    ms = mean_squares(SHROUT_FLEISS)
    assert (round(ms.subjects, 2), round(ms.readers, 2), round(ms.error, 2)) == (11.24, 32.49, 1.02)


def test_icc_are_shrout_and_fleiss() -> None:
    # Their Table 4 (.29 and .71); intervals as R's psych::ICC prints them for this table.
    two, three = icc21(SHROUT_FLEISS), icc31(SHROUT_FLEISS)
    assert round(two.value, 2) == 0.29
    assert round(three.value, 2) == 0.71
    assert (round(two.low, 3), round(two.high, 2)) == (0.019, 0.76)
    assert (round(three.low, 2), round(three.high, 2)) == (0.34, 0.95)


def test_icc_of_perfect_and_of_constant_readings() -> None:
    perfect = icc21([[1, 1], [5, 5], [9, 9]])
    assert (perfect.value, perfect.low, perfect.high) == (1.0, 1.0, 1.0)
    assert icc31([[1, 2], [5, 6], [9, 10]]).value == 1.0
    assert np.isnan(icc21([[3, 3], [3, 3]]).value)
    assert np.isnan(icc31([[3, 3], [3, 3]]).value)


def test_icc_refuses_a_missing_value() -> None:
    with pytest.raises(ParameterError, match="subject 2, reader 1"):
        icc21([[1, 2], [np.nan, 4]])
    with pytest.raises(ParameterError, match="two or more subjects"):
        icc31([[1, 2]])


def test_kappa_is_the_one_that_irrcac_prints() -> None:
    # irrCAC's documentation prints 0.7964094, (0.68, 0.913), and 0.8921569 with quadratic weights.
    first, second = readings(ABSTRACTORS)
    plain = weighted_kappa(first, second, categories=3, weights="none")
    assert plain.value == pytest.approx(0.7964094, abs=5e-8)
    # its interval uses Student's t and a sample variance; the printed digits are near the same
    assert (plain.low, plain.high) == pytest.approx((0.68, 0.913), abs=0.002)
    assert weighted_kappa(first, second, categories=3).value == pytest.approx(0.8921569, abs=5e-8)


@pytest.mark.parametrize(("ours", "theirs"), [("linear", "linear"), ("quadratic", "quadratic")])
def test_kappa_and_interval_by_two_other_libraries(ours: str, theirs: str) -> None:
    rng = np.random.default_rng(20)
    first = rng.integers(0, 4, 60)
    second = np.clip(first + rng.integers(-1, 2, 60), 0, 3)
    mine = weighted_kappa(first, second, categories=4, weights=ours)  # type: ignore[arg-type]
    table = np.zeros((4, 4))
    np.add.at(table, (first, second), 1)
    other = cohens_kappa(table, wt=theirs)
    assert mine.value == pytest.approx(cohen_kappa_score(first, second, weights=theirs), rel=1e-12)
    assert mine.value == pytest.approx(other.kappa, rel=1e-12)
    assert (mine.low, mine.high) == pytest.approx((other.kappa_low, other.kappa_upp), rel=1e-9)


def test_quadratic_kappa_is_the_concordance_coefficient() -> None:
    # Fleiss & Cohen 1973 (Educ Psychol Meas 33: 613-619): with moments over n the two are equal.
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 4, 45), rng.integers(0, 4, 45)
    concordance = 2 * np.cov(a, b, ddof=0)[0, 1] / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    assert weighted_kappa(a, b, categories=4).value == pytest.approx(concordance, rel=1e-12)


def test_kappa_where_chance_is_complete_is_not_defined() -> None:
    assert np.isnan(weighted_kappa([1, 1], [1, 1], categories=4).value)


def test_kappa_refuses_other_categories() -> None:
    with pytest.raises(ParameterError, match="0 to 3"):
        weighted_kappa([0, 4], [0, 1], categories=4)
    with pytest.raises(ParameterError, match="2 and 1 readings"):
        weighted_kappa([0, 1], [0], categories=4)
