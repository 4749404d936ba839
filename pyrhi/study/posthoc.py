"""Pairs of groups after a test over all: Tukey, Games-Howell, Dunn; and the trend over groups.

Each refuses what `pyrhi.study.groups.check_groups` refuses, with its `ParameterError`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.groups import GroupTest, Samples, check_groups
from pyrhi.study.intervals import cliffs_delta


@dataclass(frozen=True)
class PairTest:
    """A comparison of two groups.

    Parameters
    ----------
    first, second
        The groups; differences are second minus first.
    symbol, statistic
        ``q`` or ``z`` and its value.
    df
        Degrees of freedom; empty for Dunn.
    p
        p adjusted for all pairs.
    effect
        Name of the effect size.
    size
        Mean difference with its simultaneous interval, or Cliff's delta with its own.
    """

    first: str
    second: str
    symbol: str
    statistic: float
    df: tuple[float, ...]
    p: float
    effect: str
    size: Estimate


def tukey(samples: Samples, /, *, confidence: float = CONFIDENCE) -> tuple[PairTest, ...]:
    """Tukey-Kramer comparisons of all pairs (equal variances), by ``statsmodels``."""
    return _studentized(samples, "equal", confidence)


def games_howell(samples: Samples, /, *, confidence: float = CONFIDENCE) -> tuple[PairTest, ...]:
    """Games-Howell comparisons of all pairs (unequal variances), by ``statsmodels``.

    Returns
    -------
    tuple of PairTest
        Empty where a group has no spread.

    Notes
    -----
    Games PA, Howell JF. J Educ Stat 1976; 1: 113-125.
    """
    check_groups(samples)
    if any(np.ptp(values) == 0 for values in samples.values()):
        return ()
    return _studentized(samples, "unequal", confidence)


def dunn(samples: Samples, /) -> tuple[PairTest, ...]:
    """Dunn's comparisons of all pairs, Holm's adjustment, by ``scikit_posthocs``.

    Returns
    -------
    tuple of PairTest
        z is positive where the second group ranks higher; the effect size is
        `pyrhi.study.intervals.cliffs_delta` of the two groups.

    Notes
    -----
    Dunn OJ. Technometrics 1964; 6: 241-252.
    """
    check_groups(samples)
    posthocs = need("scikit_posthocs", "study")
    stats = need("scipy.stats", "study")
    values = list(samples.values())
    raw = np.asarray(posthocs.posthoc_dunn(values, p_adjust=None))
    adjusted = np.asarray(posthocs.posthoc_dunn(values, p_adjust="holm"))
    ranks = stats.rankdata(np.concatenate(values))
    ends = np.cumsum([0, *map(len, values)])
    mean_rank = [ranks[a:b].mean() for a, b in pairwise(ends)]
    names = list(samples)
    pairs = []
    for i, j in combinations(range(len(names)), 2):
        # The library gives p alone; z is the normal quantile of the unadjusted one.
        sign = float(np.sign(mean_rank[j] - mean_rank[i]))
        z = sign * float(stats.norm.isf(raw[i, j] / 2))
        size = cliffs_delta(values[i], values[j])
        p = float(adjusted[i, j])
        pairs.append(PairTest(names[i], names[j], "z", z, (), p, "Cliff's delta", size))
    return tuple(pairs)


def jonckheere(samples: Samples, /) -> GroupTest:
    """Jonckheere-Terpstra test of a trend over ordered groups, by ``scikit_posthocs``.

    Parameters
    ----------
    samples
        Values of each group, in the groups' order.

    Returns
    -------
    GroupTest
        The standardised statistic, corrected for ties, and its two-sided p.

    Notes
    -----
    Jonckheere AR. Biometrika 1954; 41: 133-145.
    """
    check_groups(samples)
    with warnings.catch_warnings():
        # It warns that it corrected for ties, which is what is wanted here.
        warnings.simplefilter("ignore", UserWarning)
        p, z = need("scikit_posthocs", "study").test_jonckheere(
            [list(values) for values in samples.values()]
        )
    return GroupTest("Jonckheere-Terpstra", "z", float(z), (), float(p))


def _studentized(samples: Samples, use_var: str, confidence: float) -> tuple[PairTest, ...]:
    check_groups(samples)
    multicomp = need("statsmodels.stats.multicomp", "study")
    values = np.concatenate(list(samples.values()))
    # The library sorts the groups by label, so that numbers keep their order.
    labels = np.repeat(np.arange(len(samples)), [len(v) for v in samples.values()])
    result = multicomp.pairwise_tukeyhsd(values, labels, alpha=1 - confidence, use_var=use_var)
    df = np.broadcast_to(np.asarray(result.df_total, dtype=float), result.meandiffs.shape)
    names = list(samples)
    pairs = []
    for row, (i, j) in enumerate(combinations(range(len(names)), 2)):
        difference = float(result.meandiffs[row])
        low, high = map(float, result.confint[row])
        size = Estimate(difference, low, high, confidence)
        q = abs(difference) / float(result.std_pairs[row])
        p = float(result.pvalues[row])
        freedom = (float(df[row]),)
        pairs.append(PairTest(names[i], names[j], "q", q, freedom, p, "mean difference", size))
    return tuple(pairs)
