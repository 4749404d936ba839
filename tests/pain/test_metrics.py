"""Measures of a classification against second libraries."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import somersd
from sklearn.metrics import accuracy_score, cohen_kappa_score, roc_auc_score

from pyrhi.pain.metrics import METRICS, Outcome, c_index, calibration_slope, measure


def test_measures_are_those_of_other_libraries() -> None:
    rng = np.random.default_rng(8)
    p = rng.dirichlet([1, 1, 1], 60)
    tier = rng.integers(0, 3, 60)
    values = dict(zip(METRICS, measure(p, Outcome(tier, 3, 1)), strict=True))
    called = p.argmax(axis=1)
    assert values["accuracy"] == pytest.approx(accuracy_score(tier, called))
    assert values["weighted_kappa"] == pytest.approx(
        cohen_kappa_score(called, tier, weights="quadratic")
    )
    score = p @ np.arange(3)
    assert values["somers_d"] == pytest.approx(somersd(tier, score).statistic)
    assert values["c_index"] == pytest.approx((values["somers_d"] + 1) / 2)
    brier = np.mean([((np.eye(3)[t] - row) ** 2).sum() for t, row in zip(tier, p, strict=True)])
    assert values["brier"] == pytest.approx(brier)
    ranked = [
        np.mean([(row[: k + 1].sum() - float(t <= k)) ** 2 for k in range(2)])
        for t, row in zip(tier, p, strict=True)
    ]
    assert values["ranked_probability_score"] == pytest.approx(np.mean(ranked))
    event = p[:, 1:].sum(axis=1)
    logit = np.log(event / (1 - event))
    fit = sm.GLM(tier >= 1, sm.add_constant(logit), family=sm.families.Binomial()).fit()
    assert values["calibration_slope"] == pytest.approx(fit.params[1], rel=1e-6)


def test_c_index_of_two_tiers_is_the_area_under_the_curve() -> None:
    rng = np.random.default_rng(2)
    score, tier = rng.integers(0, 6, 50).astype(float), rng.integers(0, 2, 50)
    assert c_index(score, tier) == pytest.approx(roc_auc_score(tier, score))


def test_measures_that_are_not_defined_are_nan() -> None:
    assert np.isnan(c_index(np.array([1.0, 2.0]), np.array([1, 1])))
    assert np.isnan(calibration_slope(np.array([0.5, 0.5]), np.array([True, False])))
    assert np.isnan(calibration_slope(np.array([0.2, 0.8]), np.array([False, True])))
