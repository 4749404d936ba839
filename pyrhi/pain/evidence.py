"""What location or number of metastases says of the tier, from the study's Table 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.publication import published
from pyrhi.pain.scores import TIERS, tier

Array = npt.NDArray[np.float64]

EVIDENCE = ("rhi", "rhi+location", "rhi+number")
"""What a prediction may rest on."""

PAINFUL = TIERS[1:]
"""Tiers whose RHI the study prints."""

PSEUDO_COUNT = 0.5
"""Added to each tier's count in a group, as Jeffreys's prior does: no tier becomes impossible."""


def checked_evidence(evidence: str, /) -> str:
    """Check what a prediction shall rest on.

    Parameters
    ----------
    evidence
        One of `EVIDENCE`.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ParameterError
        If it is unknown, or asks for location and number at once.
    """
    if "location" in evidence and "number" in evidence:
        msg = (
            "location and number are not independent evidence (most patients with several "
            "metastases have several regions): use rhi+location or rhi+number, not both"
        )
        raise ParameterError(msg)
    if evidence not in EVIDENCE:
        msg = f"evidence {evidence!r} is unknown: {', '.join(EVIDENCE)}"
        raise ParameterError(msg)
    return evidence


def score_distribution(mean: float, low: int, high: int, /) -> Array:
    """Find the distribution of whole VAS scores of which only mean and range are known.

    Parameters
    ----------
    mean
        Mean score.
    low, high
        Lowest and highest score.

    Returns
    -------
    ndarray
        Probability of the scores 0 to 10, shape ``(11,)``: the one of greatest entropy among
        those on ``low`` to ``high`` with that mean, p(v) proportional to exp(a v).

    Raises
    ------
    ParameterError
        If the mean is not inside of the range.

    Notes
    -----
    Jaynes ET. Information theory and statistical mechanics. Phys Rev 1957; 106: 620-630.
    """
    if not low < mean < high:
        msg = f"a mean of {mean:g} is not inside of the range {low} to {high}"
        raise ParameterError(msg)
    scores = np.arange(low, high + 1)

    def probabilities(slope: float) -> Array:
        power = slope * (scores - mean)
        p: Array = np.exp(power - power.max())
        p /= p.sum()
        return p

    brentq = need("scipy.optimize", "study").brentq
    slope = brentq(lambda a: float(probabilities(a) @ scores) - mean, -50.0, 50.0, xtol=1e-14)
    result = np.zeros(11)
    result[scores] = probabilities(float(slope))
    return result


def group_sizes(evidence: str, /) -> dict[str, float]:
    """Give the number of patients in each group that Table 2 speaks of.

    Parameters
    ----------
    evidence
        ``"rhi+location"`` or ``"rhi+number"``.

    Returns
    -------
    dict
        By location as Table 1 prints them. By number Table 1 prints one (16) and multiple (29):
        how the 29 divide into 2 and >2 is not printed, and equal halves are assumed.
    """
    table = published()["table_1"]
    if checked_evidence(evidence) == "rhi+location":
        return {name: float(count) for name, (count, _) in table["location"].items()}
    several = table["bone_metastases"]["multiple"][0] / 2
    return {"1": float(table["bone_metastases"]["one"][0]), "2": several, ">2": several}


def tier_counts(evidence: str, /) -> dict[str, Array]:
    """Estimate the patients of each painful tier in each group of `group_sizes`.

    Returns
    -------
    dict
        For each group its counts of mild, moderate and severe, shape ``(3,)``: group size times
        the tier's share (`score_distribution`, VAS 1 or more) plus `PSEUDO_COUNT`.
    """
    key = checked_evidence(evidence).removeprefix("rhi+")
    printed: dict[str, Any] = published()["table_2_vas"][key]
    counts = {}
    for group, size in group_sizes(evidence).items():
        low, high = printed[group]["range"]
        p = score_distribution(printed[group]["mean"], low, high)
        shares = np.array([sum(p[v] for v in range(11) if tier(v) == name) for name in PAINFUL])
        counts[group] = size * shares / shares.sum() + PSEUDO_COUNT
    return counts


def likelihood(counts: dict[str, Array], /) -> dict[str, Array]:
    """Give the likelihood of each group given the tier, as a ratio to the group's overall share.

    Parameters
    ----------
    counts
        Counts (or shares times group size) of the tiers, for each group; the last axis is tiers.

    Returns
    -------
    dict
        P(group | tier) / P(group) = P(tier | group) / P(tier), last axis tiers.
    """
    total = sum(counts.values(), start=np.zeros(len(PAINFUL)))
    overall = total / total.sum(axis=-1, keepdims=True)
    return {g: c / c.sum(axis=-1, keepdims=True) / overall for g, c in counts.items()}
