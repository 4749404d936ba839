"""How well tier probabilities foretell tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pyrhi.pain.agreement import weighted_kappa

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

METRICS = (
    "accuracy",
    "accuracy_moderate_or_severe",
    "weighted_kappa",
    "c_index",
    "somers_d",
    "brier",
    "ranked_probability_score",
    "calibration_slope",
)
"""Names of the measures of `measure`, in the tables' order."""

THRESHOLDS = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""Probabilities of moderate or severe pain from which one would act: decision curves."""

_CLIP = 1e-6
_SLOPE_RIDGE = 1e-8
_NEWTON_STEPS = 50
_MAX_SLOPE = 50.0


@dataclass(frozen=True)
class Outcome:
    """What happened, and where the headline's cut lies.

    Parameters
    ----------
    tier
        Tier of each patient, 0 to ``tiers - 1``.
    tiers
        Number of tiers.
    event_from
        First tier of the headline's event (moderate or severe pain).
    """

    tier: Ints
    tiers: int
    event_from: int

    @property
    def event(self) -> npt.NDArray[np.bool_]:
        """Whether pain was moderate or severe."""
        return self.tier >= self.event_from

    def take(self, index: Ints) -> Outcome:
        """Return the outcome of some of the patients."""
        return Outcome(self.tier[index], self.tiers, self.event_from)


def measure(p: Array, outcome: Outcome, /) -> Array:
    """Compute all `METRICS`.

    Parameters
    ----------
    p
        Probability of each tier, shape ``(n, tiers)``.
    outcome
        What happened.

    Returns
    -------
    ndarray
        In the order of `METRICS`; NaN where a measure is not defined.

    Notes
    -----
    The called tier is the most probable one. Accuracy of moderate or severe: against P >= 1/2.
    C-index: share of pairs of patients in different tiers whose expected tiers are in the same
    order, ties one half (Harrell); Somers' D is 2 C - 1. Brier score: sum over tiers of squared
    differences. Ranked probability score: mean over the cuts of the squared differences of the
    cumulative probabilities (Epstein ES. J Appl Meteorol 1969; 8: 985-987). Calibration slope:
    logistic regression of moderate or severe on the logit of its probability (Cox 1958).
    """
    n, tiers = p.shape
    called = p.argmax(axis=1)
    event = p[:, outcome.event_from :].sum(axis=1)
    kappa = weighted_kappa(called, outcome.tier, categories=tiers).value
    c = c_index(p @ np.arange(tiers), outcome.tier)
    truth = np.zeros_like(p)
    truth[np.arange(n), outcome.tier] = 1
    steps = np.cumsum(p - truth, axis=1)[:, :-1]
    return np.array(
        [
            (called == outcome.tier).mean(),
            ((event >= 0.5) == outcome.event).mean(),
            kappa,
            c,
            2 * c - 1,
            ((p - truth) ** 2).sum(axis=1).mean(),
            (steps**2).mean(),
            calibration_slope(event, outcome.event),
        ]
    )


def net_benefit(p: Array, event: npt.NDArray[np.bool_], threshold: float, /) -> float:
    """Net benefit of acting where the probability of an event reaches a threshold.

    Parameters
    ----------
    p
        Probability of the event.
    event
        Whether it happened.
    threshold
        Probability from which one would act, over 0 and below 1: its odds are how many needless
        acts one would accept for one that is needed.

    Returns
    -------
    float
        True positives less the threshold's odds times the false positives, for each patient.
        Acting on everybody is ``p = 1``, on nobody 0.

    Notes
    -----
    Vickers AJ, Elkin EB. Med Decis Making 2006; 26: 565-574.
    """
    acted = p >= threshold
    odds = threshold / (1 - threshold)
    return float(((acted & event).sum() - odds * (acted & ~event).sum()) / event.size)


def c_index(score: Array, tier: Ints, /) -> float:
    """Share of pairs in different tiers that a score puts in the right order, ties one half.

    Parameters
    ----------
    score
        Score of each patient.
    tier
        Tier of each patient.

    Returns
    -------
    float
        NaN where no two patients differ in tier.
    """
    higher = tier[:, None] > tier[None, :]
    pairs = int(higher.sum())
    if not pairs:
        return float("nan")
    order = np.sign(score[:, None] - score[None, :])
    return float((higher * (order + 1) / 2).sum() / pairs)


def calibration_slope(p: Array, event: npt.NDArray[np.bool_], /) -> float:
    """Slope of a logistic regression of an event on the logit of its probability.

    Parameters
    ----------
    p
        Probability of the event; cut at 1e-6 from 0 and 1.
    event
        Whether it happened.

    Returns
    -------
    float
        1 is ideal, below 1 too extreme. NaN where the probabilities or the events are all the
        same, or where the probabilities separate the events and no finite slope exists.
    """
    clipped = np.clip(p, _CLIP, 1 - _CLIP)
    x = np.log(clipped / (1 - clipped))
    if event.all() or not event.any() or np.ptp(x) == 0:
        return float("nan")
    with_event, without = x[event], x[~event]
    if with_event.min() >= without.max() or with_event.max() <= without.min():
        return float("nan")
    design = np.column_stack([np.ones_like(x), x])
    beta = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        mu = 1 / (1 + np.exp(-np.clip(design @ beta, -700, 700)))
        weight = mu * (1 - mu)
        hessian = design.T @ (design * weight[:, None]) + _SLOPE_RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (event - mu))
        size = float(np.abs(step).max())
        beta += step * min(1.0, 5.0 / size) if size else step
        if size < 1e-10:
            break
    return float(beta[1]) if abs(beta[1]) < _MAX_SLOPE else float("nan")
