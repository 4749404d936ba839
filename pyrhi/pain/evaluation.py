"""How well the ordinal model foretells: cross-validation and optimism, beside two baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pyrhi.errors import ModelError, ParameterError
from pyrhi.pain.agreement import CONFIDENCE
from pyrhi.pain.evidence import PAINFUL
from pyrhi.pain.metrics import METRICS, THRESHOLDS, Array, Ints, Outcome, measure, net_benefit
from pyrhi.pain.model import Patient, checked_rhi, load_model
from pyrhi.pain.ordinal import Fit, fit_ordinal, make_design, train
from pyrhi.pain.scores import TIERS

FOLDS = 5
REPEATS = 10
BOOTSTRAPS = 200
INTERVAL_DRAWS = 200
SEED = 1
MAX_FAILED = 0.1
"""Largest share of refits that may fail before the evaluation is refused."""

CALIBRATION_GROUPS = 5
_TAIL = (1 - CONFIDENCE) / 2
_SAME = 0.02

ORDINAL, MAJORITY, PUBLISHED = "ordinal", "majority", "published"
EVERYBODY = "everybody"
CROSS_VALIDATION, OPTIMISM = "cross-validation", "bootstrap optimism"
APPARENT, AS_SHIPPED = "apparent", "as shipped"

Predictor = Callable[[Sequence[Patient]], Array]


@dataclass(frozen=True)
class Score:
    """One measure of one model.

    Parameters
    ----------
    model, method, metric
        Which one, and how it was found.
    value, low, high
        The value and its interval; NaN where it is not defined.
    """

    model: str
    method: str
    metric: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationPoint:
    """A group of patients of like probability of moderate or severe pain.

    Parameters
    ----------
    model
        Which model.
    predicted
        Mean probability.
    observed, low, high
        Share with moderate or severe pain, with Wilson's interval.
    n
        Patients.
    """

    model: str
    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class DecisionValue:
    """Net benefit of acting by a model's held-out probability of moderate or severe pain.

    Parameters
    ----------
    model
        Which model; ``everybody`` acts without one (and nobody has a net benefit of 0).
    threshold
        Probability from which one would act.
    net_benefit
        `pyrhi.pain.metrics.net_benefit`, mean of the repeats.
    """

    model: str
    threshold: float
    net_benefit: float


@dataclass(frozen=True)
class Evaluation:
    """Result of `evaluate`.

    Parameters
    ----------
    tiers
        Tiers in their order.
    scores
        Every measure.
    confusion
        For each model the patients by tier (rows) and called tier (columns), mean of the repeats.
    calibration
        Points of the calibration plot.
    decisions
        Decision curves on held-out patients.
    settings
        What was done, for the record: patients, seed, folds, repeats, draws, failed refits.
    """

    tiers: tuple[str, ...]
    scores: tuple[Score, ...]
    confusion: dict[str, Array]
    calibration: tuple[CalibrationPoint, ...]
    decisions: tuple[DecisionValue, ...]
    settings: dict[str, object]


def evaluate(
    patients: Sequence[Patient],
    tiers: Sequence[str],
    /,
    *,
    terms: Sequence[str] = ("rhi",),
    penalty: float = 0.0,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    bootstraps: int = BOOTSTRAPS,
    seed: int = SEED,
) -> Evaluation:
    """Evaluate the ordinal model on a cohort, with every step refitted in every resample.

    Parameters
    ----------
    patients, tiers
        The cohort.
    terms, penalty
        As `pyrhi.pain.ordinal.train`.
    folds, repeats
        Repeated stratified cross-validation.
    bootstraps
        Resamples of the optimism correction.
    seed
        Same seed, same result.

    Returns
    -------
    Evaluation

    Raises
    ------
    ModelError
        If the model cannot be fitted on the cohort, or in more than `MAX_FAILED` of resamples.
    ParameterError
        If a number is impossible.

    Notes
    -----
    Cross-validation: a measure's value is its mean over the repeats; its interval is the
    percentile interval over resampled patients, whose held-out predictions stay as they are.
    Optimism correction: Harrell FE, Lee KL, Mark DB. Stat Med 1996; 15: 361-387, resampling
    within tiers; its interval is the bootstrap interval of the apparent value, shifted by the
    optimism (Noma H et al. Stat Med 2021; 40: 5691-5701). The ``published`` baseline is never
    fitted: it is applied as it is shipped and knows no tier none. The majority baseline gives
    every patient the training patients' shares of the tiers. A patient of a location or number
    that a training fold lacks gets these shares, too.
    """
    if min(folds, repeats, bootstraps) < 1 or folds < 2:
        msg = "give two or more folds, and one or more repeats and bootstraps"
        raise ParameterError(msg)
    full = train(patients, tiers, terms=terms, penalty=penalty)
    names = full.fit.tiers
    outcome = _outcome(tiers, names)
    counts = np.bincount(outcome.tier)
    _check_folds(folds, counts, names)
    rng = np.random.default_rng(seed)

    def fitter(index: Ints) -> Predictor:
        return _ordinal_predictor([patients[i] for i in index], outcome.take(index), terms, penalty)

    def shares(index: Ints) -> Predictor:
        return _share_predictor(outcome.take(index))

    held_out, failed_folds = _cross_validate(
        patients, outcome, {ORDINAL: fitter, MAJORITY: shares}, folds, repeats, rng
    )
    baseline = _published(patients, names)
    if baseline is not None:
        held_out[PUBLISHED] = baseline[None, :, :]
    n = len(patients)
    draws = [rng.integers(0, n, n) for _ in range(INTERVAL_DRAWS)]
    optimism, failed_boots = _optimism(patients, outcome, fitter, bootstraps, rng)
    apparent = full.fit.probabilities(full.design.matrix(patients))
    return Evaluation(
        tiers=names,
        scores=tuple(_all_scores(held_out, apparent, optimism, outcome, draws)),
        confusion={m: _confusion(p, outcome) for m, p in held_out.items()},
        calibration=tuple(
            point for m, p in held_out.items() for point in _calibration(m, p, outcome)
        ),
        decisions=tuple(_decisions(held_out, outcome)),
        settings={
            "patients": n,
            "patients_by_tier": dict(zip(names, counts.tolist(), strict=True)),
            "terms": list(full.design.terms),
            "penalty": penalty,
            "folds": folds,
            "repeats": repeats,
            "bootstraps": bootstraps,
            "interval_draws": INTERVAL_DRAWS,
            "seed": seed,
            "failed_folds": failed_folds,
            "failed_bootstraps": failed_boots,
        },
    )


def _check_folds(folds: int, counts: Ints, names: Sequence[str]) -> None:
    """Refuse more folds than the smallest tier has patients."""
    if folds > counts.min():
        few = names[int(counts.argmin())]
        msg = f"{folds} folds, but tier {few} has {counts.min()} patients: give fewer --folds"
        raise ParameterError(msg)


def _all_scores(
    held_out: dict[str, Array],
    apparent: Array,
    optimism: Array,
    outcome: Outcome,
    draws: Sequence[Ints],
) -> Iterable[Score]:
    """Measure held-out probabilities, then the fit on its own patients, plain and corrected."""
    for model, p in held_out.items():
        method = AS_SHIPPED if model == PUBLISHED else CROSS_VALIDATION
        yield from _scores(model, method, *_with_interval(p, outcome, draws))
    at = measure(apparent, outcome)
    interval = _quantiles(np.array([measure(apparent[i], outcome.take(i)) for i in draws]))
    yield from _scores(ORDINAL, APPARENT, at, *interval)
    yield from _scores(ORDINAL, OPTIMISM, *(values - optimism for values in (at, *interval)))


def stratified_folds(tier: Ints, folds: int, rng: np.random.Generator, /) -> Ints:
    """Deal patients out to folds, each tier as evenly as can be.

    Parameters
    ----------
    tier
        Tier of each patient.
    folds
        Number of folds.
    rng
        Random generator.

    Returns
    -------
    ndarray
        Fold of each patient.
    """
    fold = np.empty(tier.size, dtype=np.int64)
    offset = 0
    for value in np.unique(tier):
        members = rng.permutation(np.flatnonzero(tier == value))
        fold[members] = (np.arange(members.size) + offset) % folds
        offset += members.size
    return fold


def _outcome(tiers: Sequence[str], names: tuple[str, ...]) -> Outcome:
    moderate = TIERS.index("moderate")
    event_from = next((i for i, n in enumerate(names) if TIERS.index(n) >= moderate), 1)
    # where no tier lies below moderate, the headline is the lowest tier against the rest
    return Outcome(np.array([names.index(t) for t in tiers]), len(names), max(event_from, 1))


def _ordinal_predictor(
    patients: Sequence[Patient], outcome: Outcome, terms: Sequence[str], penalty: float
) -> Predictor:
    design = make_design(patients, terms)
    coefficients, thresholds, covariance = fit_ordinal(
        design.matrix(patients), outcome.tier, tiers=outcome.tiers, penalty=penalty
    )
    fit = Fit(("",) * outcome.tiers, design.columns, coefficients, thresholds, covariance)
    shares = _share_predictor(outcome)

    def predict(others: Sequence[Patient]) -> Array:
        rows = []
        for patient in others:
            try:
                rows.append(fit.probabilities(np.array([design.row(patient)]))[0])
            except ParameterError:
                rows.append(shares([patient])[0])
        return np.array(rows)

    return predict


def _share_predictor(outcome: Outcome) -> Predictor:
    shares = np.bincount(outcome.tier, minlength=outcome.tiers) / outcome.tier.size
    return lambda others: np.tile(shares, (len(others), 1))


def _published(patients: Sequence[Patient], names: tuple[str, ...]) -> Array | None:
    """Probabilities of the shipped model, where its tiers are all among those of the cohort."""
    if not set(PAINFUL) <= set(names):
        return None
    model = load_model(PUBLISHED)
    p = np.zeros((len(patients), len(names)))
    for i, patient in enumerate(patients):
        _, problem = checked_rhi(patient)
        if problem:
            msg = f"patient {i + 1} of the cohort: {problem}"
            raise ParameterError(msg)
        prediction = model.predict(patient)
        for name, estimate in prediction.probabilities.items():
            p[i, names.index(name)] = estimate.value
    return p


def _cross_validate(
    patients: Sequence[Patient],
    outcome: Outcome,
    makers: dict[str, Callable[[Ints], Predictor]],
    folds: int,
    repeats: int,
    rng: np.random.Generator,
) -> tuple[dict[str, Array], int]:
    held = {m: np.empty((repeats, len(patients), outcome.tiers)) for m in makers}
    failed = 0
    for repeat in range(repeats):
        fold = stratified_folds(outcome.tier, folds, rng)
        for k in range(folds):
            inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            others = [patients[int(i)] for i in outside]
            for name, maker in makers.items():
                try:
                    p = maker(inside)(others)
                except (ModelError, ParameterError):
                    failed += 1
                    p = _share_predictor(outcome.take(inside))(others)
                held[name][repeat, outside] = p
    _check_failed(failed, repeats * folds, "cross-validation fits")
    return held, failed


def _optimism(
    patients: Sequence[Patient],
    outcome: Outcome,
    fitter: Callable[[Ints], Predictor],
    bootstraps: int,
    rng: np.random.Generator,
) -> tuple[Array, int]:
    differences, failed = [], 0
    for _ in range(bootstraps):
        index = _resample(outcome, rng)
        try:
            predict = fitter(index)
        except (ModelError, ParameterError):
            failed += 1
            continue
        p = predict(patients)
        differences.append(measure(p[index], outcome.take(index)) - measure(p, outcome))
    _check_failed(failed, bootstraps, "bootstrap fits")
    return _nanmean(np.array(differences)), failed


def _check_failed(failed: int, total: int, what: str) -> None:
    if failed > MAX_FAILED * total:
        msg = (
            f"{failed} of {total} {what} failed (separated tiers or a group too small): "
            "give --penalty 1 or fewer terms"
        )
        raise ModelError(msg)


def _resample(outcome: Outcome, rng: np.random.Generator) -> Ints:
    """Draw patients with replacement within each tier, so that none vanishes."""
    parts = []
    for value in range(outcome.tiers):
        members = np.flatnonzero(outcome.tier == value)
        parts.append(members[rng.integers(0, members.size, members.size)])
    return np.concatenate(parts)


def _with_interval(p: Array, outcome: Outcome, draws: Sequence[Ints]) -> tuple[Array, Array, Array]:
    value = _nanmean(np.array([measure(one, outcome) for one in p]))
    drawn = [_nanmean(np.array([measure(one[i], outcome.take(i)) for one in p])) for i in draws]
    return value, *_quantiles(np.array(drawn))


def _nanmean(values: Array) -> Array:
    """Mean over the first axis of what is defined; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    result: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return result


def _quantiles(draws: Array) -> tuple[Array, Array]:
    low, high = np.full(len(METRICS), np.nan), np.full(len(METRICS), np.nan)
    for j in range(len(METRICS)):
        known = draws[np.isfinite(draws[:, j]), j]
        if known.size:
            low[j], high[j] = np.quantile(known, [_TAIL, 1 - _TAIL])
    return low, high


def _scores(model: str, method: str, value: Array, low: Array, high: Array) -> list[Score]:
    return [
        Score(model, method, name, float(v), float(a), float(b))
        for name, v, a, b in zip(METRICS, value, low, high, strict=True)
    ]


def _confusion(p: Array, outcome: Outcome) -> Array:
    table = np.zeros((outcome.tiers, outcome.tiers))
    for one in p:
        np.add.at(table, (outcome.tier, one.argmax(axis=1)), 1)
    return table / len(p)


def _decisions(held_out: dict[str, Array], outcome: Outcome) -> Iterable[DecisionValue]:
    for model, p in held_out.items():
        event = p[:, :, outcome.event_from :].sum(axis=2)
        for at in THRESHOLDS:
            values = [net_benefit(one, outcome.event, at) for one in event]
            yield DecisionValue(model, at, float(np.mean(values)))
    sure = np.ones(outcome.tier.size)
    for at in THRESHOLDS:
        yield DecisionValue(EVERYBODY, at, net_benefit(sure, outcome.event, at))


def _calibration(model: str, p: Array, outcome: Outcome) -> list[CalibrationPoint]:
    event = p[:, :, outcome.event_from :].sum(axis=2).mean(axis=0)
    points = []
    z = NormalDist().inv_cdf(1 - _TAIL)
    # a constant probability is one group, not five that the order of the file made
    groups = CALIBRATION_GROUPS if np.ptp(event) > _SAME else 1
    for group in np.array_split(np.argsort(event, kind="stable"), groups):
        n = int(group.size)
        share = float(outcome.event[group].mean())
        # Wilson EB. J Am Stat Assoc 1927; 22: 209-212
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        low, high = max(middle - float(half), 0.0), min(middle + float(half), 1.0)
        points.append(CalibrationPoint(model, float(event[group].mean()), share, low, high, n))
    return points
