"""Tests over groups and their effect sizes against R and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.reference import from_r
from rigs.samples import HUNDAL, PLANTS, SPRAYS, groups
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.study.groups import (
    anova,
    kruskal_wallis,
    levene,
    noncentral_share,
    rank_share,
    variance_share,
    welch_anova,
)

SAMPLES = [("hundal", HUNDAL), ("plants", PLANTS), ("insects", SPRAYS)]


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


def test_effect_sizes_are_sums_of_squares() -> None:
    test = anova(PLANTS)
    share = variance_share(PLANTS)
    whole = np.concatenate(list(PLANTS.values()))
    total = ((whole - whole.mean()) ** 2).sum()
    within = sum(((v - v.mean()) ** 2).sum() for v in PLANTS.values())
    ms = within / 27
    assert share.eta2.value == pytest.approx((total - within) / total, rel=1e-12)
    assert share.omega2.value == pytest.approx((total - within - 2 * ms) / (total + ms), rel=1e-9)
    assert share.epsilon2.value == pytest.approx((total - within - 2 * ms) / total, rel=1e-9)
    # The ends put the observed F at 2.5 % and 97.5 % of its noncentral distribution.
    for end, tail in zip(noncentral_share(test), (0.975, 0.025), strict=True):
        noncentrality = 30 * end / (1 - end)
        assert stats.ncf.cdf(test.statistic, 2, 27, noncentrality) == pytest.approx(tail, abs=1e-6)


def test_a_small_f_has_an_interval_from_zero() -> None:
    share = variance_share(groups(a=[1, 2, 3, 4], b=[2, 3, 4, 5], c=[1, 2, 4, 5]))
    assert share.eta2.low == 0
    assert share.omega2.value < 0 < share.omega2.high


def test_one_value_that_differs_leaves_the_noncentral_interval() -> None:
    # Without it all are equal, and a jackknife has no share to take.
    lone = groups(a=[0, 0, 0], b=[0, 0, 5])
    share = variance_share(lone).eta2
    assert (share.low, share.high) == noncentral_share(anova(lone))
    assert 0 == share.low < share.value < share.high


def test_equal_means_have_no_effect_whatever_is_rounded() -> None:
    same = groups(a=[0.1, 0.2, 0.3, 0.7], b=[0.3, 0.2, 0.1, 0.7], c=[0.7, 0.1, 0.3, 0.2])
    test = anova(same)
    assert (test.statistic, test.p) == (0, 1)
    share = variance_share(same).eta2
    assert (share.value, share.low) == (0, 0)
    assert rank_share(same).low == 0


@pytest.mark.parametrize(("name", "samples"), SAMPLES)
def test_the_interval_of_eta_squared_is_the_jackknife_by_r(
    name: str, samples: dict[str, np.ndarray]
) -> None:
    found = variance_share(samples).eta2
    wanted = from_r("intervals")[f"eta {name}"]
    assert [found.value, found.low, found.high] == pytest.approx(wanted, abs=1e-9)


def test_rank_epsilon_squared_is_one_for_groups_that_do_not_overlap() -> None:
    assert rank_share(groups(a=[1, 1], b=[2, 2], c=[3, 3])).value == pytest.approx(1)
    assert rank_share(PLANTS).value == pytest.approx(7.988229 / 29, abs=1e-7)


def test_what_has_no_test_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="'b' has 1 value"):
        anova(groups(a=[1, 2], b=[3]))
    with pytest.raises(ParameterError, match="all values are 4"):
        kruskal_wallis(groups(a=[4, 4], b=[4, 4]))
    assert np.isnan(welch_anova(groups(a=[1, 1], b=[2, 3])).statistic)


@pytest.mark.parametrize(("name", "samples"), SAMPLES)
def test_rank_epsilon_squared_has_the_interval_of_ranks_by_r(
    name: str, samples: dict[str, np.ndarray]
) -> None:
    found = rank_share(samples)
    wanted = from_r("intervals")[f"share {name}"]
    assert [found.value, found.low, found.high] == pytest.approx(wanted, abs=1e-8)


def population(
    shift: float, sizes: tuple[int, ...], whole_scores: bool
) -> dict[str, tuple[np.ndarray, int]]:
    """Probabilities of the scores 0 to 10 (or a fine grid of values) in each group."""
    grid = np.arange(0.5, 10) if whole_scores else np.arange(-20, 40, 0.05)
    means = [4 + 2.2 * shift * i for i in range(len(sizes))]
    below = [np.append(stats.norm.cdf(grid, m, 2.2), 1.0) for m in means]
    return {
        str(i): (np.diff(np.append(0.0, b)), n)
        for i, (b, n) in enumerate(zip(below, sizes, strict=True))
    }


def true_share(groups: dict[str, tuple[np.ndarray, int]], ranks: bool) -> float:
    """Share of the variance between groups in the whole population, of scores or their ranks."""
    p = np.array([q for q, _ in groups.values()])
    weight = np.array([n for _, n in groups.values()]) / sum(n for _, n in groups.values())
    together = weight @ p
    score = np.cumsum(together) - together / 2 if ranks else np.arange(p.shape[1], dtype=float)
    middle = together @ score
    return float((weight * (p @ score - middle) ** 2).sum() / (together @ (score - middle) ** 2))


@pytest.mark.parametrize(
    ("sizes", "shift", "whole_scores"),
    [
        ((3, 22, 19), 0.2, False),
        ((3, 22, 19), 0.4, True),
        ((3, 22, 19), 1.2, True),
        ((15, 15, 15), 0.8, False),
        ((15, 15, 15), 1.6, True),
        ((16, 3, 26), 0.8, True),
        ((16, 3, 26), 1.2, True),
        ((16, 3, 26), 1.2, False),
    ],
)
def test_the_shares_of_variance_cover(
    sizes: tuple[int, ...], shift: float, whole_scores: bool
) -> None:
    # The noncentral F alone held 82 to 97 %, percentiles of a bootstrap of ranks 86 to 97.
    groups_of = population(shift, sizes, whole_scores)
    held = np.zeros(2)
    truth = [true_share(groups_of, ranks) for ranks in (False, True)]
    rng = np.random.default_rng(9)
    for _ in range(1000):
        drawn = {k: rng.choice(p.size, n, p=p).astype(float) for k, (p, n) in groups_of.items()}
        shares = variance_share(drawn).eta2, rank_share(drawn)
        held += [s.low <= t <= s.high for s, t in zip(shares, truth, strict=True)]
    assert np.all((held / 10 >= 93) & (held / 10 <= 97)), held / 10


def test_no_effect_is_in_the_intervals_of_the_shares_of_variance() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        values = rng.integers(0, 11, 44).astype(float)
        held += rank_share(groups(a=values[:3], b=values[3:25], c=values[25:])).low == 0
    # 97.5 % by theory, as the end above never misses 0 (Steiger 2004); three standard errors.
    assert abs(held / 10 - 97.5) <= 3 * 100 * np.sqrt(0.975 * 0.025 / 1000)


def test_groups_without_spread_have_a_share_of_one_and_no_interval() -> None:
    share = variance_share(groups(a=[1, 1], b=[2, 2])).eta2
    assert share.value == 1
    assert np.isnan(share.low)
