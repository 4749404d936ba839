"""Comparing groups: one-way and Welch ANOVA, Kruskal-Wallis, Levene, and their effect sizes.

Each test refuses what `check_groups` refuses, with its `ParameterError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate

MIN_GROUP = 2
"""A group of one has no spread."""

ROUNDING = 1e-12
"""Share of the sum of squares that is none."""

SHARE_SOURCE = (
    "interval: jackknife inside the groups (Jones, Biometrika 1974; 61: 343-348) on Fisher's z of "
    "eta; from 0, and as far as the longer of the two, while noncentral F (Steiger, Psychological "
    "Methods 2004; 9: 164-182) holds 0"
)

Samples = Mapping[str, npt.NDArray[np.float64]]
"""Values of each group by its name, in the groups' order."""


@dataclass(frozen=True)
class GroupTest:
    """A test over groups.

    Parameters
    ----------
    test
        Its name.
    symbol, statistic
        Such as ``F`` and its value; NaN where the data do not define it.
    df
        Degrees of freedom; empty where the test has none.
    p
        p of the test.
    """

    test: str
    symbol: str
    statistic: float
    df: tuple[float, ...]
    p: float


@dataclass(frozen=True)
class VarianceShare:
    """Share of variance between groups, by three estimators of one population value.

    Parameters
    ----------
    eta2, omega2, epsilon2
        The estimates; each carries the interval of the population value.
    """

    eta2: Estimate
    omega2: Estimate
    epsilon2: Estimate


def check_groups(samples: Samples, /, *, least: int = MIN_GROUP) -> None:
    """Refuse what no test over groups can be made of.

    Parameters
    ----------
    samples
        Values of each group.
    least
        Least number of values in a group.

    Raises
    ------
    ParameterError
        If there are fewer than two groups, a group has too few values, or all are equal.
    """
    if len(samples) < 2:
        msg = f"a test over groups needs two or more, and there are {len(samples)}"
        raise ParameterError(msg)
    for name, values in samples.items():
        if len(values) < least:
            msg = f"group {name!r} has {len(values)} value; a test needs {least} or more"
            raise ParameterError(msg)
    together = np.concatenate(list(samples.values()))
    if np.ptp(together) == 0:
        msg = f"all values are {together[0]:g}: there is nothing to compare"
        raise ParameterError(msg)


def anova(samples: Samples, /) -> GroupTest:
    """One-way analysis of variance, by ``scipy.stats.f_oneway``."""
    result = _scipy_test(samples, "f_oneway")
    statistic, df, p = _numbers(result, _freedom(samples))
    if statistic <= 0:  # equal means, and a rounding below them, for which scipy's p is NaN
        statistic, p = 0.0, 1.0
    return GroupTest("one-way ANOVA", "F", statistic, df, p)


def welch_anova(samples: Samples, /) -> GroupTest:
    """Welch's analysis of variance (unequal variances), by ``statsmodels``.

    Returns
    -------
    GroupTest
        With NaN where a group has no spread, as its weight would be infinite.

    Notes
    -----
    Welch BL. Biometrika 1951; 38: 330-336.
    """
    check_groups(samples)
    if any(np.ptp(values) == 0 for values in samples.values()):
        nan = float("nan")
        return GroupTest("Welch ANOVA", "F", nan, (float(len(samples) - 1), nan), nan)
    oneway = need("statsmodels.stats.oneway", "study")
    result = oneway.anova_oneway(list(samples.values()), use_var="unequal", welch_correction=True)
    df = (float(result.df[0]), float(result.df[1]))
    return GroupTest("Welch ANOVA", "F", float(result.statistic), df, float(result.pvalue))


def kruskal_wallis(samples: Samples, /) -> GroupTest:
    """Kruskal-Wallis test, corrected for ties, by ``scipy.stats.kruskal``."""
    result = _scipy_test(samples, "kruskal")
    return GroupTest("Kruskal-Wallis", "H", *_numbers(result, _freedom(samples)[:1]))


def levene(samples: Samples, /) -> GroupTest:
    """Levene's test of equal variances about the medians, by ``scipy.stats.levene``.

    Notes
    -----
    Brown MB, Forsythe AB. J Am Stat Assoc 1974; 69: 364-367.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        # Groups without any spread give 0 / 0, which is NaN as it should be.
        result = _scipy_test(samples, "levene", center="median")
    return GroupTest("Levene", "W", *_numbers(result, _freedom(samples)))


def _scipy_test(samples: Samples, name: str, **options: str) -> Any:
    """Run a test of ``scipy.stats`` over groups that can be tested."""
    check_groups(samples)
    return getattr(need("scipy.stats", "study"), name)(*samples.values(), **options)


def _freedom(samples: Samples) -> tuple[float, float]:
    """Degrees of freedom between and within groups."""
    n = sum(map(len, samples.values()))
    return float(len(samples) - 1), float(n - len(samples))


def _numbers(result: Any, df: tuple[float, ...]) -> tuple[float, tuple[float, ...], float]:
    return float(result.statistic), df, float(result.pvalue)


def variance_share(samples: Samples, /, *, confidence: float = CONFIDENCE) -> VarianceShare:
    """Effect sizes of an analysis of variance.

    Parameters
    ----------
    samples
        Values of each group.
    confidence
        Confidence level.

    Returns
    -------
    VarianceShare
        The ends are NaN where groups have no spread inside.

    Notes
    -----
    With F, d1 and d2 of `anova`: eta² = F d1 / (F d1 + d2), omega² = (F - 1) d1 / (F d1 + d2 + 1),
    epsilon² = (F - 1) d1 / (F d1 + d2); Olejnik S, Algina J. Psychological Methods 2003; 8:
    434-447. The interval is that of the population share (`SHARE_SOURCE`), cut at 0, with groups
    as large in the population as here. The noncentral F needs normal values and holds too seldom
    where an effect is strong and scores reach the end of their scale; the jackknife needs none,
    and holds too seldom near 0. Without an effect 97.5 % hold it, as the end above never misses 0
    (Steiger 2004).
    """
    test = anova(samples)
    f, (d1, d2) = test.statistic, test.df
    if not np.isfinite(f):
        # Groups without any spread inside: the share is all, and nothing tells how surely.
        one = Estimate(1.0, float("nan"), float("nan"), confidence)
        return VarianceShare(one, one, one)
    low, high = _jackknifed(samples, confidence)
    if float(need("scipy.special", "study").fdtrc(d1, d2, f)) >= 0.5 - confidence / 2:
        low, high = 0.0, float(np.fmax(noncentral_share(test, confidence=confidence)[1], high))
    whole = f * d1 + d2
    return VarianceShare(
        eta2=Estimate(f * d1 / whole, low, high, confidence),
        omega2=Estimate((f - 1) * d1 / (whole + 1), low, high, confidence),
        epsilon2=Estimate((f - 1) * d1 / whole, low, high, confidence),
    )


def noncentral_share(test: GroupTest, /, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of the population share of variance between groups, for normal values.

    Parameters
    ----------
    test
        A result of `anova`.
    confidence
        Confidence level.

    Notes
    -----
    nc / (nc + n), with the noncentrality nc that puts F at the ends of its noncentral
    distribution; cut at 0 (Steiger 2004).
    """
    d1, d2 = test.df
    n = d1 + d2 + 1
    ends = (
        _noncentrality(test.statistic, d1, d2, 0.5 + h) for h in (confidence / 2, -confidence / 2)
    )
    low, high = (nc / (nc + n) for nc in ends)
    return low, high


def _jackknifed(samples: Samples, confidence: float) -> tuple[float, float]:
    """Interval of the share from the shares without each of the values, groups kept as heavy.

    Each group adds (n - 1) / n times the sum of squares of its own shares to the error², and
    (n - 1) times their mean deviation to the bias; Student's t with Satterthwaite's degrees of
    freedom (Biometrics Bulletin 1946; 2: 110-114), which a group of three makes few.
    """
    whole, groups = _shares_without_each(list(samples.values()))
    # NaN where all others are equal.
    if whole >= 1 or not all((left_out < 1).all() for left_out in groups):
        return float("nan"), float("nan")
    z = np.arctanh(np.sqrt(whole))
    each = [np.arctanh(np.sqrt(np.maximum(left_out, 0.0))) for left_out in groups]
    sizes = np.array([v.size for v in each])
    error2 = np.array([(v.size - 1) * v.var() for v in each])
    if error2.sum() <= 0:
        return float("nan"), float("nan")
    middle = z - sum((v.size - 1) * (v.mean() - z) for v in each)
    df = error2.sum() ** 2 / (error2**2 / (sizes - 1)).sum()
    half = need("scipy.stats", "study").t.ppf(0.5 + confidence / 2, df) * np.sqrt(error2.sum())
    low, high = np.tanh(np.maximum([middle - half, middle + half], 0.0)) ** 2
    return float(low), float(high)


def _shares_without_each(
    values: list[npt.NDArray[np.float64]],
) -> tuple[float, list[npt.NDArray[np.float64]]]:
    """Eta², and for each group eta² without each of its values, whose weight the others take."""
    sizes = np.array([v.size for v in values], dtype=float)
    middle = np.concatenate(values).mean()
    means = np.array([v.mean() - middle for v in values])
    within = np.array([v.size * v.var() for v in values])
    between = float((sizes * means**2).sum())
    whole = between + float(within.sum())
    found = []
    for n, mean, inside, v in zip(sizes, means, within, values, strict=True):
        off = v - middle - mean
        moved = mean - off / (n - 1)
        spread = within.sum() - inside + n / (n - 1) * (inside - n / (n - 1) * off**2)
        apart = between + n * (moved**2 - mean**2) - (n * (moved - mean)) ** 2 / sizes.sum()
        total = apart + spread
        # What rounding leaves of equal values is no spread.
        total[total <= ROUNDING * whole] = np.nan
        found.append(apart / total)
    return between / whole, found


def _noncentrality(f: float, d1: float, d2: float, share: float) -> float:
    """Noncentrality that puts an F at this share of its distribution; 0 where none does."""
    cdf = need("scipy.special", "study").ncfdtr
    if cdf(d1, d2, 0.0, f) <= share:
        return 0.0
    high = d1 * f + 1
    while cdf(d1, d2, high, f) > share:
        high *= 1.5
    brentq = need("scipy.optimize", "study").brentq
    return float(brentq(lambda nc: cdf(d1, d2, nc, f) - share, 0.0, high, xtol=1e-12))


def rank_share(samples: Samples, /, *, confidence: float = CONFIDENCE) -> Estimate:
    """Epsilon² of the Kruskal-Wallis test: the share of the ranks' variance between groups.

    Parameters
    ----------
    samples, confidence
        As of `variance_share`.

    Returns
    -------
    Estimate
        H (n + 1) / (n² - 1) = H / (n - 1), from 0 to 1.

    Notes
    -----
    Tomczak M, Tomczak E. Trends in Sport Sciences 2014; 1: 19-25. It is eta² of the ranks' analysis
    of variance (Conover WJ, Iman RL. Am Stat 1981; 35: 124-129), and has its interval
    (`variance_share`, of the ranks in the whole sample). A percentile bootstrap, which never
    reaches 0, does not cover here.
    """
    check_groups(samples)
    stats = need("scipy.stats", "study")
    n = sum(map(len, samples.values()))
    ranks = stats.rankdata(np.concatenate(list(samples.values())))
    ends = np.cumsum([len(values) for values in samples.values()])[:-1]
    ranked = dict(zip(samples, np.split(ranks, ends), strict=True))
    share = variance_share(ranked, confidence=confidence).eta2
    return Estimate(kruskal_wallis(samples).statistic / (n - 1), share.low, share.high, confidence)
