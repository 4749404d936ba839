"""Agreement of readers: weighted kappa and intraclass correlations, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need

CONFIDENCE = 0.95
"""Level of every confidence interval, unless another is asked for."""

MIN_SUBJECTS = 2
MIN_READERS = 2


@dataclass(frozen=True)
class Estimate:
    """A number with its confidence interval.

    Parameters
    ----------
    value
        The estimate; NaN where the data do not define it.
    low, high
        Ends of the interval; NaN where it is not defined.
    confidence
        Confidence level of the interval.
    """

    value: float
    low: float
    high: float
    confidence: float = CONFIDENCE


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of a two-way table without replication.

    Parameters
    ----------
    subjects, readers, error
        Between subjects (BMS), between readers (JMS) and residual (EMS).
    n, k
        Number of subjects and of readers.
    """

    subjects: float
    readers: float
    error: float
    n: int
    k: int


def weighted_kappa(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    /,
    *,
    categories: int,
    weights: Literal["none", "linear", "quadratic"] = "quadratic",
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Cohen's weighted kappa of two readers, with its large-sample interval.

    Parameters
    ----------
    first, second
        Category of each subject by either reader, whole numbers from 0 to ``categories - 1``,
        shape ``(n,)``.
    categories
        Number of categories of the scale, also of those that nobody used.
    weights
        Weight of agreement between the categories i and j of k: ``"quadratic"``
        1 - (i - j)² / (k - 1)², ``"linear"`` 1 - abs(i - j) / (k - 1), ``"none"`` 1 or 0.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        NaN where both readers put every subject in one and the same category: chance agreement
        is then complete and kappa is not defined.

    Raises
    ------
    ParameterError
        If the readers' arrays differ in length, are empty, or hold another category.

    Notes
    -----
    Kappa: Cohen J. Psychological Bulletin 1968; 70: 213-220. Standard error: Fleiss JL, Cohen J,
    Everitt BS. Psychological Bulletin 1969; 72: 323-327, equation 13. The interval is cut at -1
    and 1.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape or a.size == 0:
        msg = f"kappa needs two readers of the same subjects, not {a.size} and {b.size} readings"
        raise ParameterError(msg)
    both = np.concatenate([a, b])
    if not np.issubdtype(both.dtype, np.integer) or both.min() < 0 or both.max() >= categories:
        msg = f"kappa needs whole categories from 0 to {categories - 1}"
        raise ParameterError(msg)
    n = a.size
    p = np.zeros((categories, categories))
    np.add.at(p, (a, b), 1 / n)
    distance = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories)))
    w = {
        "none": (distance == 0).astype(float),
        "linear": 1 - distance / max(categories - 1, 1),
        "quadratic": 1 - distance**2 / max(categories - 1, 1) ** 2,
    }[weights]
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed = float((w * p).sum())
    chance = float((w * np.outer(rows, columns)).sum())
    if np.isclose(chance, 1.0, rtol=0, atol=1e-15):
        return Estimate(float("nan"), float("nan"), float("nan"), confidence)
    kappa = (observed - chance) / (1 - chance)
    mean_weight = np.add.outer(w @ columns, rows @ w)
    spread = float((p * (w - mean_weight * (1 - kappa)) ** 2).sum())
    variance = (spread - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * float(np.sqrt(max(variance, 0.0)))
    return Estimate(kappa, max(kappa - half, -1.0), min(kappa + half, 1.0), confidence)


def mean_squares(scores: npt.ArrayLike, /) -> MeanSquares:
    """Mean squares between subjects, between readers and residual.

    Parameters
    ----------
    scores
        One row for each subject and one column for each reader, shape ``(n, k)``, complete.

    Returns
    -------
    MeanSquares

    Raises
    ------
    ParameterError
        If there are fewer than two subjects or readers, or a value is missing.
    """
    x = np.asarray(scores, dtype=float)
    if x.ndim != 2 or x.shape[0] < MIN_SUBJECTS or x.shape[1] < MIN_READERS:
        msg = "an intraclass correlation needs two or more subjects and two or more readers"
        raise ParameterError(msg)
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        msg = f"an intraclass correlation needs every value: subject {row + 1}, reader {column + 1}"
        raise ParameterError(msg)
    n, k = x.shape
    by_subject, by_reader = x.mean(axis=1), x.mean(axis=0)
    residual = x - by_subject[:, None] - by_reader[None, :] + x.mean()
    return MeanSquares(
        subjects=float(k * by_subject.var(ddof=1)),
        readers=float(n * by_reader.var(ddof=1)),
        error=float((residual**2).sum() / ((n - 1) * (k - 1))),
        n=n,
        k=k,
    )


def icc21(scores: npt.ArrayLike, /, *, confidence: float = CONFIDENCE) -> Estimate:
    """ICC(2,1): absolute agreement of single readings, readers random.

    Parameters
    ----------
    scores
        One row for each subject and one column for each reader, shape ``(n, k)``.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        NaN where no value differs from any other.

    Raises
    ------
    ParameterError
        As `mean_squares` does.

    Notes
    -----
    Shrout PE, Fleiss JL. Psychological Bulletin 1979; 86: 420-428. The interval (Satterthwaite's
    degrees of freedom) is Fleiss and Shrout's, Psychometrika 1978; 43: 259-262, which
    McGraw KO, Wong SP. Psychological Methods 1996; 1: 30-46 give as that of ICC(A,1).
    """
    ms = mean_squares(scores)
    n, k = ms.n, ms.k
    icc = _icc(ms, k * (ms.readers - ms.error) / n)
    readers_part = k * icc * ms.readers
    error_part = (n * (1 + (k - 1) * icc) - k * icc) * ms.error
    whole = (n - 1) * readers_part**2 + error_part**2
    if not whole > 0:
        return Estimate(icc, icc, icc, confidence)
    df = (k - 1) * (n - 1) * (readers_part + error_part) ** 2 / whole
    upper_f, lower_f = _f_quantiles(n - 1, df, confidence)
    rest = k * ms.readers + (k * n - k - n) * ms.error
    low = n * (ms.subjects - upper_f * ms.error) / (upper_f * rest + n * ms.subjects)
    high = n * (lower_f * ms.subjects - ms.error) / (rest + n * lower_f * ms.subjects)
    return Estimate(icc, float(low), float(high), confidence)


def icc31(scores: npt.ArrayLike, /, *, confidence: float = CONFIDENCE) -> Estimate:
    """ICC(3,1): consistency of single readings, readers fixed; all else as `icc21`.

    Notes
    -----
    Shrout PE, Fleiss JL. Psychological Bulletin 1979; 86: 420-428 (estimate and interval).
    """
    ms = mean_squares(scores)
    n, k = ms.n, ms.k
    icc = _icc(ms, 0.0)
    if not ms.error > 0:
        return Estimate(icc, icc, icc, confidence)
    upper_f, lower_f = _f_quantiles(n - 1, (n - 1) * (k - 1), confidence)
    ratio = ms.subjects / ms.error
    low, high = ratio / upper_f, ratio * lower_f
    return Estimate(icc, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1), confidence)


def _icc(ms: MeanSquares, of_readers: float) -> float:
    """Share of the variance that is the subjects'; NaN where nothing differs."""
    spread = ms.subjects + (ms.k - 1) * ms.error + of_readers
    if spread <= 0 or (ms.subjects == 0 and ms.readers == 0 and ms.error == 0):
        return float("nan")
    return (ms.subjects - ms.error) / spread


def _f_quantiles(d1: float, d2: float, confidence: float) -> tuple[float, float]:
    """Upper quantiles of F with these degrees of freedom, and with the two exchanged."""
    f = need("scipy.stats", "study").f
    return float(f.ppf(0.5 + confidence / 2, d1, d2)), float(f.ppf(0.5 + confidence / 2, d2, d1))
