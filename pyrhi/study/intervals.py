"""Intervals that hold with ties, groups and few patients; and where an interval and p differ."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate

JACKKNIFE_SOURCE = (
    "interval: jackknife on Fisher's z (Miller, Biometrika 1974; 61: 1-15; "
    "Newson, J Stat Softw 2006; 15(1))"
)
NEWCOMBE_SOURCE = "interval: Newcombe, Stat Med 2006; 25: 559-573, method 5"

MIN_MEDIAN = 6
"""Fewer values leave no pair of them that holds the median in 95 % of samples."""

ONE_SIDED = (
    "F and H have one tail, the interval has two: it leaves 0 out only where p < 0.025, and then "
    "takes the spread of the data"
)
NULL_SPREAD = "p takes the spread that there is without association, the interval that of the data"
ADJUSTED = "p is adjusted for all pairs of groups, the interval is not"
FAMILY = "it is adjusted for all primary tests, the interval is not"
OUTSIDE = (
    "the effect size lies outside: the interval is that of the population's share, never below 0; "
    "near 0 eta squared and rank epsilon squared are too large on average, omega squared and "
    "epsilon squared may be negative"
)


def fisher_interval(value: float, error: float, quantile: float, confidence: float) -> Estimate:
    """Interval of a coefficient from -1 to 1, symmetric on Fisher's z.

    Parameters
    ----------
    value
        The coefficient.
    error
        Its standard error on the scale of z = atanh(value).
    quantile
        How many errors the interval reaches to either side.
    confidence
        Confidence level, for the record.

    Returns
    -------
    Estimate
        The ends are NaN where the coefficient is -1 or 1 (z is infinite) or has no error.
    """
    if abs(value) >= 1 or not math.isfinite(error):
        return Estimate(value, math.nan, math.nan, confidence)
    z, half = math.atanh(value), quantile * error
    return Estimate(value, math.tanh(z - half), math.tanh(z + half), confidence)


def jackknife_interval(
    value: float, left_out: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> Estimate:
    """Interval of a coefficient from the values that leave out one row (or one patient) each.

    Parameters
    ----------
    value
        The coefficient of all rows, -1 to 1.
    left_out
        The coefficient without each of the rows (or patients), shape ``(n,)``.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        The ends are NaN where a value is not defined, or the coefficient is -1 or 1.

    Notes
    -----
    The error is the root of (n - 1) / n times the sum of the squared deviations of the values
    left out from their mean, divided by 1 - value² for Fisher's z; Student's t with n - 1
    degrees of freedom (`JACKKNIFE_SOURCE`). It needs no distribution and knows of ties.
    """
    x = np.asarray(left_out, dtype=float)
    n = x.size
    if n < 2 or not np.isfinite(x).all() or abs(value) >= 1:
        return Estimate(value, math.nan, math.nan, confidence)
    error = math.sqrt((n - 1) / n * float(((x - x.mean()) ** 2).sum())) / (1 - value**2)
    quantile = float(need("scipy.stats", "study").t.ppf(0.5 + confidence / 2, n - 1))
    return fisher_interval(value, error, quantile, confidence)


def cliffs_delta(
    first: npt.ArrayLike, second: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> Estimate:
    """Cliff's delta: how much more often the second group's value is larger than smaller.

    Parameters
    ----------
    first, second
        Values of the two groups, shapes ``(m,)`` and ``(n,)``.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        From -1 to 1; ties count for neither.

    Notes
    -----
    Cliff N. Psychological Bulletin 1993; 114: 494-509. With theta = U / (m n) = (delta + 1) / 2
    the ends are where (theta - t)² = z² t (1 - t) (1 + k ((1 - t) / (2 - t) + t / (1 + t))) / (m n)
    with k = (m + n) / 2 - 1 (`NEWCOMBE_SOURCE`): a range of its own also where the groups do not
    overlap.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    u = float(need("scipy.stats", "study").mannwhitneyu(b, a).statistic)
    pairs = a.size * b.size
    theta, k = u / pairs, (a.size + b.size) / 2 - 1
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2

    def outside(t: float) -> float:
        shape = 1 + k * ((1 - t) / (2 - t) + t / (1 + t))
        return (theta - t) ** 2 - z2 * t * (1 - t) * shape / pairs

    brentq = need("scipy.optimize", "study").brentq
    # At theta 0 and 1 the point itself solves the equation, and so does the end that is wanted.
    inner = 1e-9
    low = 0.0 if theta == 0 else float(brentq(outside, 0.0, min(theta, 1 - inner), xtol=1e-14))
    high = 1.0 if theta == 1 else float(brentq(outside, max(theta, inner), 1.0, xtol=1e-14))
    return Estimate(2 * theta - 1, 2 * low - 1, 2 * high - 1, confidence)


def median_interval(values: npt.ArrayLike, /, *, confidence: float = CONFIDENCE) -> Estimate:
    """Median with its distribution-free interval, by ``scipy.stats.quantile_test``.

    Parameters
    ----------
    values
        Values, shape ``(n,)``.
    confidence
        Confidence level; the interval holds it or more, as two of the values are its ends.

    Returns
    -------
    Estimate
        The ends are NaN for fewer than `MIN_MEDIAN` values (at a confidence of 0.95).

    Notes
    -----
    Conover WJ. Practical Nonparametric Statistics, 3rd ed., Wiley 1999, section 3.2.
    """
    x = np.asarray(values, dtype=float)
    if not x.size:
        return Estimate(math.nan, math.nan, math.nan, confidence)
    found = need("scipy.stats", "study").quantile_test(x, q=float(np.median(x)), p=0.5)
    ends = found.confidence_interval(confidence)
    return Estimate(float(np.median(x)), float(ends.low), float(ends.high), confidence)


def disagreement(p: float, size: Estimate, reason: str, /, *, name: str = "p") -> str:
    """Say why an interval and a p speak differently about no effect (0), where they do.

    Parameters
    ----------
    p
        p of no effect.
    size
        The effect with its interval.
    reason
        Why they may differ.
    name
        What p is called beside the interval.

    Returns
    -------
    str
        Empty where they agree, or one is not defined.
    """
    if math.isnan(p) or math.isnan(size.low) or math.isnan(size.high):
        return ""
    alpha = 1 - size.confidence
    leaves_out = size.low > 0 or size.high < 0
    if (p < alpha) == leaves_out:
        return ""
    position = "leaves 0 out" if leaves_out else "holds 0"
    side = "below" if p < alpha else "not below"
    return f"the interval {position} while {name} is {side} {alpha:.2g}: {reason}"
