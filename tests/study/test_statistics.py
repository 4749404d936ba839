"""Tests over groups and correlations against what R's documentation and papers print."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.study.cluster import cluster_bootstrap
from pyrhi.study.correlation import correlations
from pyrhi.study.groups import (
    GroupTest,
    anova,
    kruskal_wallis,
    levene,
    rank_epsilon2,
    variance_share,
    welch_anova,
)
from pyrhi.study.posthoc import dunn, games_howell, jonckheere, tukey


def groups(**values: list[float]) -> dict[str, np.ndarray]:
    return {name: np.array(v, dtype=float) for name, v in values.items()}


# R's dataset PlantGrowth (Dobson 1983, Table 7.1).
PLANTS = groups(
    ctrl=[4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    trt1=[4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    trt2=[6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
)

# R's dataset InsectSprays (Beall 1942).
SPRAYS = groups(
    A=[10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    B=[11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    C=[0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    D=[3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    E=[3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    F=[11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
)

# Hundal 1969 in Hollander & Wolfe: pieces made with no, rough and accurate information.
HUNDAL = groups(
    control=[40, 35, 38, 43, 44, 41],
    rough=[38, 40, 47, 44, 40, 42],
    accurate=[48, 40, 45, 43, 46, 44],
)

# Sachs 1997, Angewandte Statistik, p. 402.
SACHS = groups(
    A=[106, 114, 116, 127, 145], B=[110, 125, 143, 148, 151], C=[136, 139, 149, 160, 174]
)


def test_anova_and_kruskal_are_r_on_plant_growth() -> None:
    # summary(aov(weight ~ group)): F 4.846, p 0.0159; kruskal.test: 7.9882, p 0.01842.
    f, h = anova(PLANTS), kruskal_wallis(PLANTS)
    assert (round(f.statistic, 3), f.df, round(f.p, 4)) == (4.846, (2, 27), 0.0159)
    assert (round(h.statistic, 4), h.df, round(h.p, 5)) == (7.9882, (2,), 0.01842)


def test_levene_is_r_car_on_plant_growth() -> None:
    # car::leveneTest(weight ~ group): F 1.1192, p 0.3412.
    test = levene(PLANTS)
    assert (round(test.statistic, 4), round(test.p, 4)) == (1.1192, 0.3412)


def test_welch_is_r_oneway_test() -> None:
    # oneway.test(count ~ spray, InsectSprays): F = 36.065, df 5, 30.043, p-value = 7.999e-12.
    test = welch_anova(SPRAYS)
    assert round(test.statistic, 3) == 36.065
    assert test.df == (5, pytest.approx(30.043, abs=5e-4))
    assert test.p == pytest.approx(7.999e-12, abs=5e-16)
    # oneway.test(weight ~ group, PlantGrowth): F = 5.181, df 2, 17.128, p-value = 0.01739.
    test = welch_anova(PLANTS)
    assert (round(test.statistic, 3), round(test.df[1], 3), round(test.p, 5)) == (
        5.181, 17.128, 0.01739,
    )  # fmt: skip


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


def test_correlations_are_r_cor_test_of_hollander_wolfe() -> None:
    # R's example(cor.test): lightness of tuna and panel scores.
    x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    rho, tau, r = correlations(x, y)
    assert rho.estimate.value == pytest.approx(0.6, abs=1e-12)
    assert (round(tau.estimate.value, 7), round(tau.p, 4)) == (0.4444444, 0.1194)
    assert (round(r.estimate.value, 7), round(r.p, 4)) == (0.5711816, 0.1082)
    assert (r.estimate.low, r.estimate.high) == pytest.approx((-0.1497426, 0.8955795), abs=5e-8)


def test_the_intervals_of_ranks_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    r = 0.6
    true_tau = 2 / np.pi * np.arcsin(r)
    true_rho = 6 / np.pi * np.arcsin(r / 2)
    hits = np.zeros(2)
    trials = 400
    for _ in range(trials):
        x = rng.normal(size=45)
        y = r * x + np.sqrt(1 - r**2) * rng.normal(size=45)
        rho, tau, _ = correlations(x, y)
        hits += [
            rho.estimate.low <= true_rho <= rho.estimate.high,
            tau.estimate.low <= true_tau <= tau.estimate.high,
        ]
    assert np.all(np.abs(hits / trials - 0.95) < 0.03)


def test_effect_sizes_are_sums_of_squares() -> None:
    test = anova(PLANTS)
    share = variance_share(test)
    whole = np.concatenate(list(PLANTS.values()))
    total = ((whole - whole.mean()) ** 2).sum()
    within = sum(((v - v.mean()) ** 2).sum() for v in PLANTS.values())
    ms = within / 27
    assert share.eta2.value == pytest.approx((total - within) / total, rel=1e-12)
    assert share.omega2.value == pytest.approx((total - within - 2 * ms) / (total + ms), rel=1e-9)
    assert share.epsilon2.value == pytest.approx((total - within - 2 * ms) / total, rel=1e-9)
    # The ends put the observed F at 2.5 % and 97.5 % of its noncentral distribution.
    for end, tail in ((share.eta2.low, 0.975), (share.eta2.high, 0.025)):
        noncentrality = 30 * end / (1 - end)
        assert stats.ncf.cdf(test.statistic, 2, 27, noncentrality) == pytest.approx(tail, abs=1e-6)


def test_a_small_f_has_an_interval_from_zero() -> None:
    share = variance_share(GroupTest("one-way ANOVA", "F", 0.3, (2.0, 27.0), 0.74))
    assert share.eta2.low == 0
    assert share.omega2.value < 0 < share.omega2.high


def test_rank_epsilon_squared_is_one_for_groups_that_do_not_overlap() -> None:
    assert rank_epsilon2(groups(a=[1, 1], b=[2, 2], c=[3, 3])) == pytest.approx(1)
    assert rank_epsilon2(PLANTS) == pytest.approx(7.988229 / 29, abs=1e-7)


def test_what_has_no_test_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="'b' has 1 value"):
        anova(groups(a=[1, 2], b=[3]))
    with pytest.raises(ParameterError, match="all values are 4"):
        kruskal_wallis(groups(a=[4, 4], b=[4, 4]))
    with pytest.raises(ParameterError, match="first column is constant"):
        correlations([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])
    assert np.isnan(welch_anova(groups(a=[1, 1], b=[2, 3])).statistic)
    assert games_howell(groups(a=[1, 1], b=[2, 3])) == ()


def test_bootstrap_of_patients_is_wider_than_that_of_lesions() -> None:
    rng = np.random.default_rng(1)
    patient = rng.normal(size=30)
    values = np.repeat(patient, 4)
    names = [f"P{i}" for i in range(30) for _ in range(4)]
    whole = cluster_bootstrap(lambda rows: float(values[rows].mean()), names, seed=1)
    # Four equal lesions say as much as one patient: the mean's error is sd / sqrt(30).
    error = patient.std() / np.sqrt(30)
    assert (whole.high - whole.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.06)
    assert whole.value == pytest.approx(values.mean())
    one_each = cluster_bootstrap(
        lambda rows: float(values[rows].mean()), [str(i) for i in range(120)], seed=1
    )
    plain = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=2000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert (one_each.low, one_each.high) == pytest.approx((plain.low, plain.high), abs=0.02)
