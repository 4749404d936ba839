"""Intervals where several lesions belong to one patient: patients are left out, not lesions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.intervals import JACKKNIFE_SOURCE, jackknife_interval

RESAMPLES = 2000
SEED = 20250113
"""Seed of every resampling, unless another is asked for."""

MIN_DEFINED = 0.9
"""Least share of resamples in which the statistic must be defined."""

SOURCE = "Davison & Hinkley, Bootstrap Methods 1997, ch. 3.8 (resampling clusters), percentiles"
LEFT_OUT_SOURCE = f"{JACKKNIFE_SOURCE}, leaving out patients"

Rows = npt.NDArray[np.intp]


def cluster_jackknife(
    statistic: Callable[[Rows], float],
    clusters: Sequence[str],
    /,
    *,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Interval of a coefficient from -1 to 1, leaving out whole clusters.

    Parameters
    ----------
    statistic
        Takes the positions of rows and returns a number; NaN or a `ParameterError` where it is
        not defined.
    clusters
        Cluster (patient) of each row.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        As `pyrhi.study.intervals.jackknife_interval`.

    Notes
    -----
    `LEFT_OUT_SOURCE`. With one row in each cluster it is the ordinary jackknife. It covers where
    percentiles of resampled clusters do not (few patients).
    """
    rows, groups = np.arange(len(clusters)), _members(clusters)
    left_out = [_value(statistic, np.setdiff1d(rows, group)) for group in groups]
    return jackknife_interval(_value(statistic, rows), left_out, confidence=confidence)


def cluster_bootstrap(
    statistic: Callable[[Rows], float],
    clusters: Sequence[str],
    /,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Percentile interval of a statistic by resampling whole clusters.

    Parameters
    ----------
    statistic
        Takes the positions of rows (with repeats) and returns a number; NaN or a
        `ParameterError` where it is not defined.
    clusters
        Cluster (patient) of each row.
    resamples
        Number of resamples.
    seed
        Seed of the generator; the same seed gives the same interval.
    confidence
        Confidence level.

    Returns
    -------
    Estimate
        The ends are NaN where the statistic is not defined in `MIN_DEFINED` of the resamples.

    Notes
    -----
    `SOURCE`. With one row in each cluster it is the ordinary bootstrap.
    """
    groups = _members(clusters)
    rng = np.random.default_rng(seed)
    values = np.empty(resamples)
    for i in range(resamples):
        chosen = rng.integers(0, len(groups), len(groups))
        values[i] = _value(statistic, np.concatenate([groups[c] for c in chosen]))
    whole = _value(statistic, np.arange(len(clusters)))
    defined = values[np.isfinite(values)]
    if defined.size < MIN_DEFINED * resamples:
        return Estimate(whole, float("nan"), float("nan"), confidence)
    low, high = np.quantile(defined, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Estimate(whole, float(low), float(high), confidence)


def _members(clusters: Sequence[str]) -> list[Rows]:
    """Positions of each cluster's rows."""
    members: dict[str, list[int]] = {}
    for row, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(row)
    return [np.array(rows, dtype=np.intp) for rows in members.values()]


def _value(statistic: Callable[[Rows], float], rows: Rows) -> float:
    try:
        return float(statistic(rows))
    except ParameterError:
        return float("nan")
