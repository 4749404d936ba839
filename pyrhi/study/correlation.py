"""Correlation of two columns: Pearson, Spearman and Kendall, each with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate

MIN_PAIRS = 5
"""Kendall's interval divides by n - 4."""

SPEARMAN_SOURCE = "interval: Bonett & Wright, Psychometrika 2000; 65: 23-28"
KENDALL_SOURCE = "interval: Fieller, Hartley & Pearson, Biometrika 1957; 44: 470-481"
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
    x: npt.ArrayLike, y: npt.ArrayLike, /, *, level: float = CONFIDENCE
) -> tuple[Correlation, Correlation, Correlation]:
    """Correlate two columns.

    Parameters
    ----------
    x, y
        Values without gaps, shape ``(n,)``.
    level
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
    Coefficients and p by scipy.stats. With z = atanh(coefficient), the intervals are z plus and
    minus the normal quantile times sqrt((1 + rho²/2) / (n - 3)) for Spearman and
    sqrt(0.437 / (n - 4)) for Kendall; their sources are in `SPEARMAN_SOURCE` and
    `KENDALL_SOURCE`. Pearson's is ``scipy.stats.pearsonr``'s.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or a.size < MIN_PAIRS:
        msg = f"a correlation needs {MIN_PAIRS} or more pairs, and there are {min(a.size, b.size)}"
        raise ParameterError(msg)
    for name, column in (("first", a), ("second", b)):
        if np.ptp(column) == 0:
            msg = f"the {name} column is constant ({column[0]:g}): there is no correlation"
            raise ParameterError(msg)
    stats = need("scipy.stats", "study")
    n = a.size
    rho = stats.spearmanr(a, b)
    tau = stats.kendalltau(a, b, variant="b")
    r = stats.pearsonr(a, b)
    interval = r.confidence_interval(level)
    return (
        Correlation(
            "Spearman rho",
            _fisher(float(rho.statistic), math.sqrt((1 + rho.statistic**2 / 2) / (n - 3)), level),
            float(rho.pvalue),
            n,
            SPEARMAN_SOURCE,
        ),
        Correlation(
            "Kendall tau-b",
            _fisher(float(tau.statistic), math.sqrt(0.437 / (n - 4)), level),
            float(tau.pvalue),
            n,
            KENDALL_SOURCE,
        ),
        Correlation(
            "Pearson r",
            Estimate(float(r.statistic), float(interval.low), float(interval.high), level),
            float(r.pvalue),
            n,
            PEARSON_SOURCE,
        ),
    )


def _fisher(value: float, error: float, level: float) -> Estimate:
    if abs(value) >= 1:
        return Estimate(value, value, value, level)
    half = NormalDist().inv_cdf(0.5 + level / 2) * error
    z = math.atanh(value)
    return Estimate(value, math.tanh(z - half), math.tanh(z + half), level)
