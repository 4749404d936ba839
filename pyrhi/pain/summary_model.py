"""The ``published`` model: tiers from RHI by the study's printed medians and ranges alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.pain.evidence import PAINFUL, checked_evidence, likelihood, tier_counts
from pyrhi.pain.model import (
    MODERATE_OR_SEVERE,
    RHI_MAX,
    Checker,
    Document,
    PainModel,
    Patient,
    Prediction,
    new_document,
    undecided,
)
from pyrhi.pain.orderstat import Posterior, normal, posterior
from pyrhi.pain.publication import CITATION, published

Array = npt.NDArray[np.float64]

DEFAULT_SIZE = 13
"""Patients of each tier: the paper does not print it; 39 with pain in three equal parts."""

STEPS_PER_UNIT = 10
"""Steps of the table for each unit of RHI."""

DRAWS = 10_000
SEED = 20_250_307
"""Draws from the posterior that give the intervals, and their fixed seed."""

ODDS = 2.0
"""Least odds for a call, and least factor by which RHI must have raised the call's prior odds."""

ANY_GROUP = "any"
JOINT = "P_moderate_or_severe"
COLUMNS = tuple(f"P_{name}" for name in PAINFUL)

_DIGITS = 12
_END_UNIT = 1e6  # ends are rounded outwards to this part of one
_SPAN = (-200.0, 300.0, 0.05)
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Decision:
    """Where the model decides, by the probability of moderate or severe pain.

    Parameters
    ----------
    mild_at_most
        Mild is called up to this probability.
    moderate_or_severe_at_least
        Moderate or severe is called from this probability on.
    """

    mild_at_most: float
    moderate_or_severe_at_least: float


@dataclass(frozen=True)
class Table:
    """Probabilities over RHI 0 to 100.

    Parameters
    ----------
    columns
        ``P_mild``, ``P_moderate``, ``P_severe``, ``P_moderate_or_severe`` and each one's
        ``_low`` and ``_high``: one value for each step of RHI.
    steps_per_unit
        Steps for each unit of RHI.
    """

    columns: Mapping[str, Sequence[float]]
    steps_per_unit: int = STEPS_PER_UNIT

    def at(self, column: str, rhi: float) -> float:
        """Interpolate a column linearly.

        Parameters
        ----------
        column
            Name of the column.
        rhi
            RHI from 0 to 100.

        Returns
        -------
        float

        Notes
        -----
        The rule is the same in ``fiji_scripts`` (docs/model-json.md), in this order of operations.
        """
        values = self.columns[column]
        position = rhi * self.steps_per_unit
        index = min(math.floor(position), len(values) - 2)
        return values[index] + (position - index) * (values[index + 1] - values[index])

    def estimate(self, column: str, rhi: float, confidence: float) -> Estimate:
        """Interpolate a column and the two ends of its interval."""
        low, high = self.at(f"{column}_low", rhi), self.at(f"{column}_high", rhi)
        return Estimate(self.at(column, rhi), low, high, confidence)


@dataclass(frozen=True)
class PublishedModel(PainModel, kind="published"):
    """Mild against moderate or severe by the study's summaries; made by `build_published`.

    It never says ``none``, whatever the RHI.

    Parameters
    ----------
    evidence
        What it rests on, one of ``pyrhi.pain.evidence.EVIDENCE``.
    rhi_range
        Lowest and highest published RHI; the model decides nothing outside.
    decision
        Where it decides.
    separation
        Area under the curve of moderate against severe.
    confidence
        Level of the intervals.
    tables
        One for each group of the evidence.
    """

    evidence: str
    rhi_range: tuple[float, float]
    decision: Decision
    separation: float
    confidence: float
    tables: Mapping[str, Table]

    @staticmethod
    def fields_of(check: Checker, /) -> dict[str, Any]:
        """Read evidence, range, rule and tables."""
        evidence = check.text("evidence")
        if check.strings("tiers") != PAINFUL:
            check.fail("tiers", f"{', '.join(PAINFUL)} (no RHI of patients without pain exists)")
        low, high = check.ascending("rhi_range", size=2)
        rule = check.part("decision")
        decision = Decision(
            rule.number("mild_at_most", low=0, high=0.5),
            rule.number("moderate_or_severe_at_least", low=0.5, high=1),
        )
        groups = check.part("tables")
        if not groups.document or (evidence == "rhi" and set(groups.document) != {ANY_GROUP}):
            check.fail("tables", "one table for each group of the evidence")
        steps = check.whole("steps_per_unit", low=1)
        return {
            "evidence": evidence,
            "rhi_range": (low, high),
            "decision": decision,
            "separation": check.part("performance").part("auc_moderate_vs_severe").number("value"),
            "confidence": check.number("interval_level", low=0, high=1),
            "tables": {name: _read_table(groups.part(name), steps) for name in groups.document},
        }

    def judge(self, rhi: float, patient: Patient, /) -> Prediction:
        """Say the probabilities, and mild or the rest where the rule decides."""
        group, missing = self._group(patient)
        if missing:
            return undecided(missing)
        table = self.tables[group]
        probabilities = {
            name: table.estimate(column, rhi, self.confidence)
            for name, column in zip(PAINFUL, COLUMNS, strict=True)
        }
        joint = table.estimate(JOINT, rhi, self.confidence)
        tier, reason = self._decide(rhi, joint.value)
        return Prediction(
            tier=tier,
            probabilities=probabilities,
            moderate_or_severe=joint,
            indeterminate=not tier,
            reason=reason,
        )

    def _group(self, patient: Patient) -> tuple[str, str]:
        if self.evidence == "rhi":
            return ANY_GROUP, ""
        what = self.evidence.removeprefix("rhi+")
        group = patient.location if what == "location" else patient.number
        if group is None:
            return "", f"{what} is missing"
        if group not in self.tables:
            return "", f"{what} {group}: the study prints no pain score for it"
        return group, ""

    def _decide(self, rhi: float, joint: float) -> tuple[str, str]:
        low, high = self.rhi_range
        if rhi == 0:
            return "", (
                f"RHI 0 is outside of the published {low:g}-{high:g}; no lesion is not no pain"
            )
        if not low <= rhi <= high:
            return "", f"RHI {rhi:g} is outside of the published {low:g}-{high:g}"
        rule = self.decision
        if joint <= rule.mild_at_most:
            return "mild", ""
        if joint >= rule.moderate_or_severe_at_least:
            return MODERATE_OR_SEVERE, (
                f"not split: moderate and severe are barely separable (AUC {self.separation:.2f})"
            )
        return "", (
            f"near the boundary: P(moderate or severe) {joint:.2f} is between "
            f"{rule.mild_at_most:.2f} and {rule.moderate_or_severe_at_least:.2f}"
        )


def crossings(model: PublishedModel, /) -> tuple[float, float]:
    """Cut-offs where the published model's more probable of two neighbouring tiers changes.

    Parameters
    ----------
    model
        The published model, on RHI alone.

    Returns
    -------
    tuple of float
        RHI at which moderate overtakes mild, and severe overtakes moderate, within the published
        range, to the table's step.

    Raises
    ------
    ParameterError
        If two tiers do not cross there.
    """
    table = next(iter(model.tables.values()))
    low, high = model.rhi_range
    found = []
    for lower, upper in pairwise(COLUMNS):
        a, b = table.columns[lower], table.columns[upper]
        steps = range(int(low) * STEPS_PER_UNIT, int(high) * STEPS_PER_UNIT + 1)
        step = next((i for i in steps if b[i] >= a[i]), None)
        if step is None:
            msg = f"{lower} and {upper} do not cross between RHI {low:g} and {high:g}"
            raise ParameterError(msg)
        found.append(step / STEPS_PER_UNIT)
    return found[0], found[1]


def decision_rule(priors: Mapping[str, float], /) -> Decision:
    """Where the model decides, from its priors.

    Parameters
    ----------
    priors
        Prior probability of mild, moderate and severe.

    Returns
    -------
    Decision
        A call needs odds of `ODDS` to 1 or more, and RHI must have raised the prior odds of that
        call by that factor or more. With equal priors: mild up to 1/3 (odds 2 to 1 against prior
        odds of 1 to 2), moderate or severe from 0.8 on (odds 4 to 1 against 2 to 1).
    """
    prior_odds = (priors["moderate"] + priors["severe"]) / priors["mild"]
    for_mild = ODDS * max(1.0, 1 / prior_odds)
    for_more = ODDS * max(1.0, prior_odds)
    return Decision(1 / (1 + for_mild), for_more / (1 + for_more))


def build_published(
    *,
    sizes: Sequence[int] = (DEFAULT_SIZE,) * 3,
    priors: Sequence[float] = (1.0, 1.0, 1.0),
    evidence: str = "rhi",
) -> Document:
    """Make the published model from Table 3 (and Table 2).

    Parameters
    ----------
    sizes
        Patients with mild, moderate and severe pain: an assumption, as the paper does not print
        them. Together not more than its patients.
    priors
        Prior weights of mild, moderate and severe; they are divided by their sum.
    evidence
        ``"rhi"``, ``"rhi+location"`` or ``"rhi+number"``.

    Returns
    -------
    dict
        The model's document, for `pyrhi.pain.model.parse_model` or a JSON file.

    Raises
    ------
    ParameterError
        If sizes, priors or evidence are not possible.

    Notes
    -----
    RHI in each tier is taken as normal. Its mean and SD have the posterior of
    `pyrhi.pain.orderstat.posterior` (exact likelihood of minimum, median and maximum; flat prior
    in mean and log SD); the tier's density is the posterior predictive one. Probabilities follow
    by Bayes's rule. The low and high ends are quantiles of that probability over draws of the
    parameters. With other evidence, RHI and group are taken as independent given the tier.
    """
    checked_evidence(evidence)
    paper = published()
    prior = _checked_priors(priors)
    summaries = _summaries(paper, sizes)
    posteriors = [posterior(s["min"], s["median"], s["max"], s["n"]) for s in summaries.values()]
    rng = np.random.default_rng(SEED)
    # one draw in each of DRAWS equal shares of probability: quantiles settle sooner
    draws = [p.sample((rng.permutation(DRAWS) + 0.5) / DRAWS) for p in posteriors]
    grid = np.arange(int(RHI_MAX) * STEPS_PER_UNIT + 1) / STEPS_PER_UNIT
    density = np.array([p.density(grid) for p in posteriors])
    weights = _weights(evidence, rng)
    performance = _performance(posteriors, draws, prior)
    low, high = paper["table_3_rhi_percent"]["overall"]["range"]
    rule = decision_rule(dict(zip(PAINFUL, prior, strict=True)))
    label = "/".join(str(s["n"]) for s in summaries.values())
    shown = ":".join(f"{p:g}" for p in priors)
    document = new_document(
        "published",
        f"published {evidence} n={label} prior={shown}",
        PAINFUL,
        _caveats(performance),
    )
    document |= {
        "source": CITATION,
        "evidence": evidence,
        "summaries": summaries,
        "priors": dict(zip(PAINFUL, prior, strict=True)),
        "rhi_range": [low, high],
        "decision": {
            "mild_at_most": rule.mild_at_most,
            "moderate_or_severe_at_least": rule.moderate_or_severe_at_least,
        },
        "performance": performance,
        "interval_level": CONFIDENCE,
        "draws": DRAWS,
        "seed": SEED,
        "steps_per_unit": STEPS_PER_UNIT,
        "tables": {
            group: _table(grid, density, draws, np.array(prior) * point, np.array(prior) * drawn)
            for group, (point, drawn) in weights.items()
        },
    }
    return document


def _summaries(paper: Mapping[str, Any], sizes: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Take minimum, median and maximum of each painful tier from Table 3, with assumed sizes."""
    printed = paper["table_3_rhi_percent"]["tiers"]
    return {
        name: {
            "min": printed[name]["range"][0],
            "median": printed[name]["median"],
            "max": printed[name]["range"][1],
            "n": size,
        }
        for name, size in zip(PAINFUL, _checked_sizes(sizes, paper["n"]), strict=True)
    }


def _weights(evidence: str, rng: np.random.Generator) -> dict[str, tuple[Array, Array]]:
    """Likelihood of each group given the tier: its point value, and its draws."""
    if evidence == "rhi":
        return {ANY_GROUP: (np.ones(3), np.ones((DRAWS, 3)))}
    counts = tier_counts(evidence)
    shares = {g: rng.standard_gamma(c, size=(DRAWS, 3)) for g, c in counts.items()}
    # a group's size is known; only its tiers' shares are drawn
    scaled = {g: s / s.sum(axis=1, keepdims=True) * counts[g].sum() for g, s in shares.items()}
    point, drawn = likelihood(counts), likelihood(scaled)
    return {g: (point[g], drawn[g]) for g in counts}


def _read_table(check: Checker, steps: int) -> Table:
    size = int(RHI_MAX) * steps + 1
    names = [f"{c}{end}" for c in (*COLUMNS, JOINT) for end in ("", "_low", "_high")]
    columns = {name: check.numbers(name, size=size, low=0, high=1) for name in names}
    for i in range(size):
        total = sum(columns[c][i] for c in COLUMNS)
        joint = columns[COLUMNS[1]][i] + columns[COLUMNS[2]][i]
        if abs(total - 1) > _SUM_TOLERANCE or abs(joint - columns[JOINT][i]) > _SUM_TOLERANCE:
            check.fail(COLUMNS[0], f"a probability that adds up with the others (row {i})")
    return Table(columns, steps)


def _checked_sizes(sizes: Sequence[int], patients: int) -> Sequence[int]:
    if len(sizes) != len(PAINFUL) or sum(sizes) > patients:
        msg = (
            f"tier sizes {','.join(map(str, sizes))} are impossible: give mild, moderate and "
            f"severe, together not more than the study's {patients} patients"
        )
        raise ParameterError(msg)
    return sizes


def _checked_priors(priors: Sequence[float]) -> list[float]:
    if len(priors) != len(PAINFUL) or not all(math.isfinite(p) and p > 0 for p in priors):
        msg = "give three priors over 0, of mild, moderate and severe, such as 1,1,1"
        raise ParameterError(msg)
    return [float(p) / float(sum(priors)) for p in priors]


def _table(
    grid: Array,
    density: Array,
    draws: Sequence[tuple[Array, Array]],
    weight: Array,
    drawn_weight: Array,
) -> dict[str, list[float]]:
    """Probabilities and their intervals at every step of RHI."""
    p = density * weight[:, None]
    p = p / p.sum(axis=0)
    ends = np.empty((4, 2, grid.size))
    tail = (1 - CONFIDENCE) / 2
    for i, rhi in enumerate(grid):
        f = np.array([normal(rhi, *d) for d in draws]) * drawn_weight.T
        f = f / f.sum(axis=0)
        each = np.vstack([f, f[1] + f[2]])
        ends[:, :, i] = np.quantile(each, [tail, 1 - tail], axis=1).T
    table = {}
    for name, value, (low, high) in zip(
        (*COLUMNS, JOINT), np.vstack([p, p[1] + p[2]]), ends, strict=True
    ):
        table[name] = [round(float(v), _DIGITS) for v in value]
        # far out in the tails the predictive probability can leave the central interval
        low, high = np.minimum(low, value), np.maximum(high, value)
        table[f"{name}_low"] = [float(v) for v in np.floor(low * _END_UNIT) / _END_UNIT]
        table[f"{name}_high"] = [float(v) for v in np.ceil(high * _END_UNIT) / _END_UNIT]
    return table


def _performance(
    posteriors: Sequence[Posterior],
    draws: Sequence[tuple[Array, Array]],
    prior: Sequence[float],
) -> dict[str, Any]:
    """Say what the model expects of itself (no patient's row was ever seen)."""
    start, stop, step = _SPAN
    x = np.arange(start, stop, step)
    f = np.array([p.density(x) for p in posteriors]) * np.array(prior)[:, None]
    mild = f[0] > f[1] + f[2]
    accuracy = float((f[0][mild].sum() + (f[1] + f[2])[~mild].sum()) / f.sum())
    # mild is called between some of these edges and the next; its call may win again far out
    changes = np.flatnonzero(np.diff(mild.astype(int)))
    edges = [-math.inf, *(float(v) + step / 2 for v in x[changes]), math.inf]
    called = [bool(mild[0]), *(bool(v) for v in mild[changes + 1])]
    inside = [
        sum(
            (
                _between(a, b, *d)
                for (a, b), yes in zip(pairwise(edges), called, strict=True)
                if yes
            ),
            start=np.zeros(DRAWS),
        )
        for d in draws
    ]
    spread = prior[0] * inside[0] + prior[1] * (1 - inside[1]) + prior[2] * (1 - inside[2])
    (mean_m, sd_m), (mean_s, sd_s) = draws[1], draws[2]
    area_draws = _ndtr((mean_s - mean_m) / np.hypot(sd_m, sd_s))
    below = np.cumsum(f[1]) - f[1] / 2
    area = float((f[2] * below).sum() / (f[1].sum() * f[2].sum()))
    return {
        "expected_accuracy_mild_vs_rest": _summary(accuracy, spread),
        "auc_moderate_vs_severe": _summary(area, area_draws),
    }


def _between(low: float, high: float, mean: Array, sd: Array) -> Array:
    return _ndtr((high - mean) / sd) - _ndtr((low - mean) / sd)


def _ndtr(z: Array) -> Array:
    from scipy.special import ndtr

    result: Array = ndtr(z)
    return result


def _summary(value: float, draws: Array) -> dict[str, float]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return {
        "value": round(value, 6),
        "low": round(float(low), 6),
        "high": round(float(high), 6),
    }


def _caveats(performance: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    accuracy = performance["expected_accuracy_mild_vs_rest"]
    area = performance["auc_moderate_vs_severe"]
    return (
        "Made from the medians and ranges of one study of 45 patients; no patient's row was seen "
        "and nothing was validated.",
        f"It tells mild from moderate or severe (expected accuracy {accuracy['value']:.0%}, "
        f"{accuracy['low']:.0%} to {accuracy['high']:.0%}).",
        f"Moderate and severe are barely separable (AUC {area['value']:.2f}, "
        f"{area['low']:.2f} to {area['high']:.2f}).",
        "No pain (tier none) is never inferred from RHI, not even from RHI 0: no lesion is not "
        "no pain.",
    )
