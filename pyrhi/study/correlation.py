"""Correlation of two columns: Pearson, Spearman and Kendall, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.intervals import JACKKNIFE_SOURCE, fisher_interval, jackknife_interval
from pyrhi.study.pairs import pairs_of, refuse_constant

MIN_PAIRS = 5
"""Fewer pairs say nothing about a correlation."""

SPEARMAN, KENDALL, PEARSON = "Spearman rho", "Kendall tau-b", "Pearson r"
SPEARMAN_SOURCE = "interval: Bonett & Wright, Psychometrika 2000; 65: 23-28"
KENDALL_SOURCE = JACKKNIFE_SOURCE
PEARSON_SOURCE = "interval: Fisher's z"


@dataclass(frozen=True)
class Correlation:
    """A correlation.

    Parameters
    ----------
    name
        ``Spearman rho``, ``Kendall tau-b`` or ``Pearson r``.
    estimate
        The coefficient with its interval.
    p
        Two-sided p.
    n
        Number of pairs.
    source
        Where the interval comes from.
    """

    name: str
    estimate: Estimate
    p: float
    n: int
    source: str


def correlations(
    x: npt.ArrayLike, y: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> tuple[Correlation, Correlation, Correlation]:
    """Correlate two columns.

    Parameters
    ----------
    x, y
        Values without gaps, shape ``(n,)``.
    confidence
        Confidence level.

    Returns
    -------
    tuple of Correlation
        Spearman, Kendall tau-b, Pearson: VAS is ordinal and tied, so that ranks come first.

    Raises
    ------
    ParameterError
        If there are fewer than `MIN_PAIRS` pairs, or a column is constant.

    Notes
    -----
    Coefficients and p by scipy.stats. With z = atanh(rho), Spearman's interval is z plus and minus
    the normal quantile times sqrt((1 + rho²/2) / (n - 3)) (`SPEARMAN_SOURCE`); Kendall's is
    `kendall_interval`'s, Pearson's ``scipy.stats.pearsonr``'s.
    """
    a, b = _checked(x, y)
    n = a.size
    rho, tau, r = (test(a, b) for test in _tests())
    error = math.sqrt((1 + float(rho.statistic) ** 2 / 2) / (n - 3))
    quantile = NormalDist().inv_cdf(0.5 + confidence / 2)
    ends = r.confidence_interval(confidence)
    found = (
        (SPEARMAN, fisher_interval(float(rho.statistic), error, quantile, confidence), rho,
         SPEARMAN_SOURCE),
        (KENDALL, kendall_interval(a, b, confidence=confidence), tau, KENDALL_SOURCE),
        (PEARSON, Estimate(float(r.statistic), float(ends.low), float(ends.high), confidence), r,
         PEARSON_SOURCE),
    )  # fmt: skip
    first, second, third = (
        Correlation(name, estimate, float(test.pvalue), n, source)
        for name, estimate, test, source in found
    )
    return first, second, third


def coefficients(x: npt.ArrayLike, y: npt.ArrayLike, /) -> tuple[float, float, float]:
    """Spearman's, Kendall's and Pearson's coefficient without interval or p.

    Parameters
    ----------
    x, y
        As `correlations`.

    Returns
    -------
    tuple of float

    Raises
    ------
    ParameterError
        As `correlations`.
    """
    a, b = _checked(x, y)
    first, second, third = (float(test(a, b).statistic) for test in _tests())
    return first, second, third


def _tests() -> tuple[Any, Any, Any]:
    stats = need("scipy.stats", "study")
    return stats.spearmanr, stats.kendalltau, stats.pearsonr


def _checked(
    x: npt.ArrayLike, y: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    a, b = pairs_of(x, y, least=MIN_PAIRS, what="a correlation")
    refuse_constant(a, "first column", "there is no correlation")
    refuse_constant(b, "second column", "there is no correlation")
    return a, b


def kendall_interval(
    x: npt.ArrayLike, y: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> Estimate:
    """Kendall's tau-b with its jackknife interval, which knows of ties and groups.

    Parameters
    ----------
    x, y
        Values without gaps, shape ``(n,)``; neither is constant.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        As `pyrhi.study.intervals.jackknife_interval`; the ends are also NaN where a column is
        constant without one of the rows.

    Notes
    -----
    tau-b = S / sqrt(X Y) with S the sum over ordered pairs of sign(dx) sign(dy), X and Y the
    numbers of pairs not tied in x and in y: Kendall MG. Biometrika 1945; 33: 239-251. Leaving
    out a row takes its pairs off the three sums.
    """
    dx, dy = (np.sign(np.subtract.outer(v, v)) for v in map(np.asarray, (x, y)))
    s, nx, ny = (d.sum() - 2 * d.sum(axis=1) for d in (dx * dy, dx * dx, dy * dy))
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = s / np.sqrt(nx * ny)
    value = float(need("scipy.stats", "study").kendalltau(x, y).statistic)
    return jackknife_interval(value, left_out, confidence=confidence)
