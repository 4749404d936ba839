"""Pairs of groups and the trend over groups against R, Sachs and their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.samples import HUNDAL, PLANTS, SACHS, SPRAYS, groups
from scipy import stats

from pyrhi.study.posthoc import dunn, games_howell, jonckheere, tukey


def test_tukey_is_r_on_plant_growth() -> None:
    # TukeyHSD(aov(weight ~ group, PlantGrowth)), differences as printed.
    printed = [
        ("ctrl", "trt1", -0.371, -1.0622161, 0.3202161, 0.3908711),
        ("ctrl", "trt2", 0.494, -0.1972161, 1.1852161, 0.1979960),
        ("trt1", "trt2", 0.865, 0.1737839, 1.5562161, 0.0120064),
    ]
    for pair, (first, second, difference, low, high, p) in zip(tukey(PLANTS), printed, strict=True):
        assert (pair.first, pair.second) == (first, second)
        assert (pair.size.value, pair.size.low, pair.size.high, pair.p) == pytest.approx(
            (difference, low, high, p), abs=6e-8
        )


def test_games_howell_is_its_formula_by_scipy() -> None:
    # Games & Howell 1976: Welch's t and df, p from the studentized range of q = t * sqrt(2).
    for pair in games_howell(SPRAYS):
        welch = stats.ttest_ind(SPRAYS[pair.second], SPRAYS[pair.first], equal_var=False)
        q = abs(welch.statistic) * np.sqrt(2)
        assert pair.statistic == pytest.approx(q, rel=1e-9)
        assert pair.df == (pytest.approx(welch.df, rel=1e-9),)
        assert pair.p == pytest.approx(stats.studentized_range.sf(q, 6, welch.df), abs=1e-6)
        assert pair.size.value == pytest.approx(
            SPRAYS[pair.second].mean() - SPRAYS[pair.first].mean(), rel=1e-12
        )
        assert (pair.size.low < 0 < pair.size.high) == (pair.p > 0.05)


def test_dunn_is_its_formula() -> None:
    # Dunn 1964: difference of mean ranks over its tie-corrected error, here written out.
    values = np.concatenate(list(SPRAYS.values()))
    ranks = stats.rankdata(values).reshape(6, 12).mean(axis=1)
    n = values.size
    ties = np.unique(values, return_counts=True)[1]
    spread = n * (n + 1) / 12 - (ties**3 - ties).sum() / (12 * (n - 1))
    error = np.sqrt(spread * (1 / 12 + 1 / 12))
    pairs = dunn(SPRAYS)
    z = [(ranks["ABCDEF".index(p.second)] - ranks["ABCDEF".index(p.first)]) / error for p in pairs]
    assert [p.statistic for p in pairs] == pytest.approx(z, rel=1e-9)
    raw = 2 * stats.norm.sf(np.abs(z))
    order = np.argsort(raw)
    holm = np.empty(len(raw))
    holm[order] = np.minimum(np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1)), 1)
    assert [p.p for p in pairs] == pytest.approx(list(holm), rel=1e-9)


def test_jonckheere_is_sachs_and_hollander_wolfe() -> None:
    # PMCMR on Sachs's example prints z = 2.2716, one-sided p = 0.01156.
    test = jonckheere(SACHS)
    assert (round(test.statistic, 4), round(test.p / 2, 5)) == (2.2716, 0.01156)
    # Hollander & Wolfe's J is 79. Its tie-corrected error is that of Kendall's S (Kendall 1970).
    j = sum(
        np.sum(b[:, None] > a) + np.sum(b[:, None] == a) / 2
        for i, a in enumerate(HUNDAL.values())
        for b in list(HUNDAL.values())[i + 1 :]
    )
    assert j == 79
    place = np.repeat([0, 1, 2], 6)
    kendall = stats.kendalltau(place, np.concatenate(list(HUNDAL.values())), method="asymptotic")
    assert jonckheere(HUNDAL).p == pytest.approx(kendall.pvalue, rel=1e-9)
    assert round(jonckheere(HUNDAL).statistic, 2) == 2.04


def test_a_group_without_spread_has_no_games_howell() -> None:
    assert games_howell(groups(a=[1, 1], b=[2, 3])) == ()
