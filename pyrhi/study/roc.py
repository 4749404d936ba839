"""How well a number tells two groups apart: the ROC curve, its area and their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.intervals import cliffs_delta

MIN_GROUP = 2
"""A group of one has no spread."""

DELONG_SOURCE = "DeLong, DeLong & Clarke-Pearson, Biometrics 1988; 44: 837-845"
EXACT_SOURCE = "exact intervals: Clopper & Pearson, Biometrika 1934; 26: 404-413"


@dataclass(frozen=True)
class RocPoint:
    """A cut-off of the curve: positive is the value or more.

    Parameters
    ----------
    cut
        The cut-off.
    sensitivity, specificity
        Each with its exact interval.
    """

    cut: float
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True)
class Roc:
    """A ROC curve.

    Parameters
    ----------
    delong
        Area with DeLong's interval; the ends are NaN where the area is 0 or 1.
    newcombe
        Area with Newcombe's interval, which holds for few patients, too.
    z, p
        DeLong's test of an area of 1/2, two-sided; NaN where the area is 0 or 1.
    negatives, positives
        Sizes of the two groups.
    points
        The cut-offs, ascending; every value that occurs is one.
    """

    delong: Estimate
    newcombe: Estimate
    z: float
    p: float
    negatives: int
    positives: int
    points: tuple[RocPoint, ...]


def without_intervals(roc: Roc, /) -> Roc:
    """Return a ROC curve whose intervals are NaN: they take rows as independent."""

    def bare(found: Estimate) -> Estimate:
        return replace(found, low=math.nan, high=math.nan)

    points = tuple(
        replace(p, sensitivity=bare(p.sensitivity), specificity=bare(p.specificity))
        for p in roc.points
    )
    return replace(roc, delong=bare(roc.delong), newcombe=bare(roc.newcombe), points=points)


def roc_of(
    negative: npt.ArrayLike, positive: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> Roc:
    """Make the ROC curve of a number that is higher in the positive group.

    Parameters
    ----------
    negative, positive
        Values of the two groups, shapes ``(m,)`` and ``(n,)``.
    confidence
        Confidence level.

    Returns
    -------
    Roc
        The direction is not chosen by the data: an area below 1/2 stays so.

    Raises
    ------
    ParameterError
        If a group has fewer than `MIN_GROUP` values.

    Notes
    -----
    Area and its variance: `DELONG_SOURCE`. Sensitivity and specificity: `EXACT_SOURCE`. Newcombe's
    interval is that of `pyrhi.study.intervals.cliffs_delta` (area = (delta + 1) / 2).
    """
    a, b = np.asarray(negative, dtype=float), np.asarray(positive, dtype=float)
    if min(a.size, b.size) < MIN_GROUP:
        msg = f"a ROC curve needs {MIN_GROUP} or more in each group: {a.size} and {b.size}"
        raise ParameterError(msg)
    delta = cliffs_delta(a, b, confidence=confidence)
    area, low, high = ((d + 1) / 2 for d in (delta.value, delta.low, delta.high))
    newcombe = Estimate(area, low, high, confidence)
    error = _delong_error(a, b)
    delong, z, p = Estimate(area, math.nan, math.nan, confidence), math.nan, math.nan
    if error > 0:
        half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
        delong = Estimate(area, max(area - half, 0.0), min(area + half, 1.0), confidence)
        z = (area - 0.5) / error
        p = math.erfc(abs(z) / math.sqrt(2))
    cuts = np.unique(np.concatenate([a, b]))
    true = _shares((b[None, :] >= cuts[:, None]).sum(axis=1), b.size, confidence)
    false = _shares((a[None, :] < cuts[:, None]).sum(axis=1), a.size, confidence)
    points = tuple(RocPoint(*point) for point in zip(cuts.tolist(), true, false, strict=True))
    return Roc(delong, newcombe, z, p, a.size, b.size, points)


def _delong_error(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Standard error of the area, from the placements of either group's values."""
    won = (np.sign(np.subtract.outer(b, a)) + 1) / 2
    by_positive, by_negative = won.mean(axis=1), won.mean(axis=0)
    variance = by_positive.var(ddof=1) / b.size + by_negative.var(ddof=1) / a.size
    return float(np.sqrt(variance))


def _shares(hits: npt.NDArray[np.intp], n: int, confidence: float) -> list[Estimate]:
    proportion = need("statsmodels.stats.proportion", "study")
    low, high = proportion.proportion_confint(hits, n, alpha=1 - confidence, method="beta")
    rows = zip(hits / n, low, high, strict=True)
    return [Estimate(float(value), float(a), float(b), confidence) for value, a, b in rows]
