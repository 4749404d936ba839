"""Decision curve: what acting on the published model's probability would be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.metrics import THRESHOLDS, net_benefit
from pyrhi.pain.model import PainModel, Patient, load_model
from pyrhi.pain.scores import TIERS
from pyrhi.study.cluster import RESAMPLES, SEED, cluster_bootstrap
from pyrhi.study.cohort import Cohort
from pyrhi.study.plotting import BAND, LINE, new_figure, save_figure

SOURCE = (
    "Vickers & Elkin, Med Decis Making 2006; 26: 565-574; intervals: Vickers et al., BMC Med "
    "Inform Decis Mak 2008; 8: 53 (percentiles of resampled patients)"
)
MODERATE = TIERS.index("moderate")
LEAST = 5
"""Fewer rows give no curve."""


@dataclass(frozen=True)
class DecisionPoint:
    """A threshold of the curve.

    Parameters
    ----------
    threshold
        Probability of moderate or severe pain from which one would act.
    model
        Net benefit of acting by the model, with its interval.
    everybody
        Net benefit of acting on everybody (on nobody: 0).
    """

    threshold: float
    model: Estimate
    everybody: float


def decision_curve(
    p: npt.ArrayLike,
    event: npt.ArrayLike,
    patients: Sequence[str],
    /,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[DecisionPoint, ...]:
    """Make a decision curve.

    Parameters
    ----------
    p
        Probability of the event in each row, shape ``(n,)``.
    event
        Whether it happened.
    patients
        Patient of each row; whole patients are resampled.
    thresholds
        Over 0 and below 1.
    resamples, seed
        How intervals are resampled.

    Returns
    -------
    tuple of DecisionPoint

    Notes
    -----
    `SOURCE`.
    """
    probability, happened = np.asarray(p, dtype=float), np.asarray(event, dtype=bool)
    sure = np.ones_like(probability)
    return tuple(
        DecisionPoint(
            at,
            cluster_bootstrap(
                lambda rows, at=at: net_benefit(probability[rows], happened[rows], at),  # type: ignore[misc]
                patients,
                resamples=resamples,
                seed=seed,
            ),
            net_benefit(sure, happened, at),
        )
        for at in thresholds
    )


def decisions_of(
    cohort: Cohort, /, *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[DecisionPoint, ...]:
    """Make the decision curve of the shipped published model on a cohort, which it never saw.

    Parameters
    ----------
    cohort
        The cohort; its rows with RHI and VAS count, those without pain as no event.
    resamples, seed
        As `decision_curve`.

    Returns
    -------
    tuple of DecisionPoint
        Empty where fewer than `LEAST` rows have RHI, or all or none had the event.
    """
    model = load_model("published")
    rows = [
        (q, TIERS.index(r.tier) >= MODERATE, r.patient)
        for r in cohort.rows
        if r.tier is not None and (q := _probability(model, r.rhi)) is not None
    ]
    if len(rows) < LEAST or len({event for _, event, _ in rows}) < 2:
        return ()
    probability, event, patients = zip(*rows, strict=True)
    return decision_curve(probability, event, patients, resamples=resamples, seed=seed)


def draw_decisions(
    points: Sequence[DecisionPoint], stem: Path, /, *, synthetic: bool = False
) -> tuple[Path, Path]:
    """Draw a decision curve beside acting on everybody and on nobody.

    Files as `pyrhi.study.plotting.save_figure` writes them.
    """
    x = [p.threshold for p in points]
    figure, axes = new_figure()
    axes.fill_between(x, [p.model.low for p in points], [p.model.high for p in points], **BAND)
    axes.plot(x, [p.model.value for p in points], label="published model by RHI", **LINE)
    axes.plot(x, [p.everybody for p in points], color="0.45", linestyle="--", label="everybody")
    axes.axhline(0, color="0.45", linestyle=":", label="nobody")
    top = max(p.model.high for p in points)
    axes.set_ylim(-0.1, top + 0.1)
    axes.set_xlabel("Probability of moderate or severe pain from which one would act")
    axes.set_ylabel("Net benefit")
    axes.set_title("Decision curve with 95 % interval", fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=9)
    return save_figure(figure, stem, synthetic=synthetic)


def _probability(model: PainModel, rhi: float | None) -> float | None:
    if rhi is None:
        return None
    try:
        estimate = model.predict(Patient(rhi)).moderate_or_severe
    except ParameterError:
        return None
    return None if estimate is None else estimate.value
