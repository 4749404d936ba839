"""The ``ordinal`` model: proportional odds, fitted on the user's own patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ModelError, ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.pain.model import (
    Checker,
    PainModel,
    Patient,
    Prediction,
    new_document,
    undecided,
)
from pyrhi.pain.scores import LOCATIONS, NUMBERS, TIERS

Array = npt.NDArray[np.float64]

TERMS = ("rhi", "location", "number")
"""What a fit may use; RHI always."""

RHI_UNIT = 10.0
"""The coefficient of RHI is for this many points."""

MIN_PER_TIER = 5
"""Fewest patients of a tier."""

MIN_PER_SLOPE = 10.0
"""Fewest effective patients for each slope of a fit without penalty."""

CALL_AT = 0.5
"""Least probability of a tier that is called."""

DRAWS = 2_000
SEED = 20_250_307
_TAIL = (1 - CONFIDENCE) / 2
_SEPARATED = 1e-6
_LARGEST = 1e6  # a slope, threshold or covariance beyond this is damage, not a fit

CAVEATS = (
    "Fitted on the user's own patients; valid for such patients only, and only as far as "
    "pyrhi evaluate shows.",
    "The odds are taken as proportional: one slope for every cut between tiers.",
)


@dataclass(frozen=True)
class Fit:
    """A fitted proportional-odds model.

    Parameters
    ----------
    tiers
        Tiers in their order.
    columns
        Names of the design's columns.
    coefficients
        Slope of each column; a positive one raises the tier.
    thresholds
        Cut between each tier and the next, on the logit scale.
    covariance
        Covariance of the coefficients, the first threshold and the logs of the differences of
        the thresholds.
    """

    tiers: tuple[str, ...]
    columns: tuple[str, ...]
    coefficients: Array
    thresholds: Array
    covariance: Array

    def probabilities(self, design: Array, /) -> Array:
        """Probability of each tier.

        Parameters
        ----------
        design
            One row for each patient.

        Returns
        -------
        ndarray
            Shape ``(patients, tiers)``.
        """
        return _probabilities(self.thresholds, design @ self.coefficients)


@dataclass(frozen=True)
class Design:
    """How patients become numbers: RHI, and dummies against a reference group.

    Parameters
    ----------
    terms
        Of `TERMS`.
    groups
        For location and number: the groups, the reference first.
    """

    terms: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        names = [f"rhi_per_{RHI_UNIT:g}"]
        for term in self.terms[1:]:
            names += [f"{term}={group}" for group in self.groups[term][1:]]
        return tuple(names)

    def row(self, patient: Patient, /) -> list[float]:
        """Make one patient's row.

        Parameters
        ----------
        patient
            With RHI.

        Returns
        -------
        list of float

        Raises
        ------
        ParameterError
            If the patient lacks a term, or is of a group that the fit never saw.
        """
        if patient.rhi is None:
            msg = "RHI is missing"
            raise ParameterError(msg)
        values = [patient.rhi / RHI_UNIT]
        for term in self.terms[1:]:
            group = patient.location if term == "location" else patient.number
            if group is None:
                msg = f"{term} is missing"
                raise ParameterError(msg)
            if group not in self.groups[term]:
                msg = f"{term} {group}: no such patient was in the fit"
                raise ParameterError(msg)
            values += [float(group == other) for other in self.groups[term][1:]]
        return values

    def matrix(self, patients: Sequence[Patient], /) -> Array:
        """Make one row for each patient."""
        return np.array([self.row(p) for p in patients], dtype=float)


@dataclass(frozen=True)
class OrdinalModel(PainModel, kind="ordinal"):
    """A proportional-odds model; calls the most probable tier, where it has 1/2 or more.

    Parameters
    ----------
    design
        How patients become numbers.
    fit
        The fitted numbers.
    rhi_range
        Lowest and highest RHI of the patients of the fit; the model decides nothing outside.

    Notes
    -----
    The intervals are quantiles of the probabilities over draws of the parameters from their
    normal approximation (fixed seed).
    """

    design: Design
    fit: Fit
    rhi_range: tuple[float, float]

    @staticmethod
    def fields_of(check: Checker, /) -> dict[str, Any]:
        """Read design, fit and range."""
        tiers = check.strings("tiers")
        terms = check.strings("terms")
        if terms[:1] != TERMS[:1] or [t for t in TERMS if t in terms] != list(terms):
            check.fail("terms", "rhi, optionally followed by location and number")
        part = check.part("groups")
        groups = {term: part.strings(term) for term in terms[1:]}
        for term, names in groups.items():
            known = LOCATIONS if term == "location" else NUMBERS
            if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= set(known):
                part.fail(term, f"two or more different ones of {', '.join(known)}")
        design = Design(terms, groups)
        if check.strings("columns") != design.columns:
            check.fail("columns", ", ".join(design.columns))
        slopes = len(design.columns)
        size = slopes + len(tiers) - 1
        flat = np.array(
            check.numbers("covariance", size=size * size, low=-_LARGEST, high=_LARGEST)
        ).reshape(size, size)
        if not np.allclose(flat, flat.T) or np.linalg.eigvalsh(flat)[0] <= 0:
            check.fail("covariance", "a covariance matrix (symmetric, positive definite)")
        low, high = check.ascending("rhi_range", size=2)
        fit = Fit(
            tiers=tiers,
            columns=design.columns,
            coefficients=np.array(
                check.numbers("coefficients", size=slopes, low=-_LARGEST, high=_LARGEST)
            ),
            thresholds=np.array(
                check.ascending("thresholds", size=len(tiers) - 1, low=-_LARGEST, high=_LARGEST)
            ),
            covariance=flat,
        )
        return {"design": design, "fit": fit, "rhi_range": (low, high)}

    def judge(self, rhi: float, patient: Patient, /) -> Prediction:
        """Say the probabilities, and the tier where one has enough."""
        try:
            row = np.array(self.design.row(patient))
        except ParameterError as error:
            return undecided(str(error))
        p = self.fit.probabilities(row[None, :])[0]
        slopes, thresholds = _draws(self)
        drawn = _probabilities(thresholds, slopes @ row)
        probabilities = {
            name: _estimate(p[i], drawn[:, i]) for i, name in enumerate(self.fit.tiers)
        }
        more = [i for i, name in enumerate(self.fit.tiers) if name in TIERS[2:]]
        joint = _estimate(float(p[more].sum()), drawn[:, more].sum(axis=1)) if more else None
        low, high = self.rhi_range
        best = int(p.argmax())
        reason = ""
        if not low <= rhi <= high:
            reason = f"RHI {rhi:g} is outside of the fitted patients' {low:g}-{high:g}"
        elif p[best] < CALL_AT:
            reason = f"no tier has a probability of {CALL_AT:g} or more"
        return Prediction(
            tier="" if reason else self.fit.tiers[best],
            probabilities=probabilities,
            moderate_or_severe=joint,
            indeterminate=bool(reason),
            reason=reason,
        )


def make_design(patients: Sequence[Patient], terms: Sequence[str], /) -> Design:
    """Choose the dummies for a set of patients; the most frequent group is the reference.

    Parameters
    ----------
    patients
        The patients of the fit.
    terms
        Of `TERMS`.

    Returns
    -------
    Design

    Raises
    ------
    ParameterError
        If a term is unknown, RHI is not among them, or all patients are of one group.
    """
    wanted = [t for t in TERMS if t in terms]
    if wanted[:1] != ["rhi"] or len(wanted) != len(set(terms)):
        msg = f"terms {','.join(terms)}: give rhi, optionally with location and number"
        raise ParameterError(msg)
    groups = {}
    for term in wanted[1:]:
        values = [p.location if term == "location" else p.number for p in patients]
        known = LOCATIONS if term == "location" else NUMBERS
        present = [g for g in known if g in values]
        if len(present) < 2:
            msg = f"{term} cannot be used: the patients are all of one group, or it is missing"
            raise ParameterError(msg)
        present.sort(key=lambda g: -values.count(g))
        groups[term] = tuple(present)
    return Design(tuple(wanted), groups)


def effective_size(counts: Sequence[int], /) -> float:
    """Effective number of patients for an ordinal outcome.

    Parameters
    ----------
    counts
        Patients of each tier.

    Returns
    -------
    float
        n - (sum of the counts' cubes) / n².

    Notes
    -----
    Harrell FE. Regression Modeling Strategies, 2nd ed., Springer 2015, Table 4.1.
    """
    n = sum(counts)
    return n - sum(c**3 for c in counts) / n**2


def fit_ordinal(
    design: Array, outcome: npt.NDArray[np.int64], /, *, tiers: int, penalty: float = 0.0
) -> tuple[Array, Array, Array]:
    """Fit a proportional-odds model by (penalised) maximum likelihood.

    Parameters
    ----------
    design
        One row for each patient, shape ``(n, slopes)``.
    outcome
        Tier of each patient, 0 to ``tiers - 1``; each one occurs.
    tiers
        Number of tiers.
    penalty
        Ridge penalty: the log likelihood is lowered by penalty / 2 times the sum of the squared
        slopes, each for one standard deviation of its column.

    Returns
    -------
    tuple of ndarray
        Coefficients, thresholds, and covariance as `Fit` has it.

    Raises
    ------
    ModelError
        If the columns separate the tiers (no finite fit exists), or the fit does not converge.

    Notes
    -----
    McCullagh P. J R Stat Soc B 1980; 42: 109-142, by ``statsmodels`` ``OrderedModel``. Separation
    is decided exactly, by a linear programme (in the manner of Albert A, Anderson JA. Biometrika
    1984; 71: 1-10), not by looking at large coefficients.
    """
    spread = design.std(axis=0)
    if np.any(spread == 0):
        msg = "RHI or another term is the same in every patient: nothing can be fitted"
        raise ModelError(msg)
    if penalty == 0 and separated(design / spread, outcome, tiers):
        msg = (
            "the terms separate the tiers, so no finite fit exists: give --penalty 1, "
            "fewer terms, or more patients"
        )
        raise ModelError(msg)
    model = _ridge_class()(outcome, design / spread, distr="logit")
    model.penalty = penalty
    result = model.fit(method="bfgs", disp=False, maxiter=500, gtol=1e-6)
    params = np.asarray(result.params, dtype=float)
    covariance = np.asarray(result.cov_params(), dtype=float)
    slopes = design.shape[1]
    if np.abs(model.score(params)).max() > 1e-3 or not np.isfinite(covariance).all():
        msg = "the fit did not converge: give --penalty 1, fewer terms, or more patients"
        raise ModelError(msg)
    scale = np.concatenate([1 / spread, np.ones(tiers - 1)])
    return (
        params[:slopes] / spread,
        _thresholds(params[slopes:]),
        covariance * np.outer(scale, scale),
    )


def separated(design: Array, outcome: npt.NDArray[np.int64], tiers: int, /) -> bool:
    """Tell whether the likelihood rises for ever in some direction of slopes and thresholds.

    Parameters
    ----------
    design
        One row for each patient, shape ``(n, slopes)``, each column of a like spread.
    outcome
        Tier of each patient, 0 to ``tiers - 1``.
    tiers
        Number of tiers.

    Returns
    -------
    bool
        True where no finite fit exists.
    """
    linprog = need("scipy.optimize", "study").linprog
    rows = []
    for i in range(len(design)):
        tier = outcome[i]
        if tier < tiers - 1:  # its upper threshold must not fall below the linear predictor
            up = np.zeros(tiers - 1)
            up[tier] = 1
            rows.append(np.concatenate([-design[i], up]))
        if tier > 0:  # nor its lower one rise above
            down = np.zeros(tiers - 1)
            down[tier - 1] = -1
            rows.append(np.concatenate([design[i], down]))
    slack = np.array(rows)
    result = linprog(
        -slack.sum(axis=0), A_ub=-slack, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs"
    )
    return bool(result.status == 0 and -result.fun > _SEPARATED)


def train(
    patients: Sequence[Patient],
    tiers: Sequence[str],
    /,
    *,
    terms: Sequence[str] = ("rhi",),
    penalty: float = 0.0,
) -> OrdinalModel:
    """Fit the ordinal model on patients.

    Parameters
    ----------
    patients
        The patients, each with RHI and every term.
    tiers
        Each patient's tier.
    terms
        Of `TERMS`.
    penalty
        As `fit_ordinal`; 0 for none.

    Returns
    -------
    OrdinalModel

    Raises
    ------
    ModelError
        If a tier has fewer than `MIN_PER_TIER` patients, there are fewer than `MIN_PER_SLOPE`
        effective patients for each slope of a fit without penalty, or no finite fit exists.
    ParameterError
        If a term cannot be used.
    """
    if penalty < 0 or not np.isfinite(penalty):
        msg = f"penalty {penalty:g}: give 0 or more"
        raise ParameterError(msg)
    names = tuple(t for t in TIERS if t in tiers)
    counts = {name: list(tiers).count(name) for name in names}
    few = [f"{name} has {n}" for name, n in counts.items() if n < MIN_PER_TIER]
    if len(names) < 2 or few:
        told = f"tier {', '.join(few)}" if few else f"{len(names)} tier"
        msg = (
            f"too few patients: {told}; two or more tiers of {MIN_PER_TIER} or more are needed "
            "(choose others with --tiers, or collect more)"
        )
        raise ModelError(msg)
    design = make_design(patients, terms)
    effective = effective_size(list(counts.values()))
    slopes = len(design.columns)
    if penalty == 0 and effective / slopes < MIN_PER_SLOPE:
        msg = (
            f"too few patients: {len(patients)} ({effective:.0f} effective) for {slopes} slopes; "
            f"{MIN_PER_SLOPE:g} for each are needed: give fewer terms or --penalty 1"
        )
        raise ModelError(msg)
    outcome = np.array([names.index(t) for t in tiers])
    matrix = design.matrix(patients)
    coefficients, thresholds, covariance = fit_ordinal(
        matrix, outcome, tiers=len(names), penalty=penalty
    )
    rhi = [p.rhi for p in patients if p.rhi is not None]
    document = new_document(
        "ordinal", f"ordinal {'+'.join(design.terms)} n={len(patients)}", names, CAVEATS
    )
    document |= {
        "source": "fitted by pyrhi train",
        "patients": len(patients),
        "patients_by_tier": counts,
        "effective_patients_per_slope": effective / slopes,
        "terms": list(design.terms),
        "groups": {k: list(v) for k, v in design.groups.items()},
        "columns": list(design.columns),
        "penalty": penalty,
        "coefficients": coefficients.tolist(),
        "thresholds": thresholds.tolist(),
        "covariance": covariance.ravel().tolist(),
        "rhi_range": [min(rhi), max(rhi)],
        "interval_level": CONFIDENCE,
    }
    return OrdinalModel.from_document(Checker(document, "the fit"))


def _probabilities(thresholds: Array, linear: Array) -> Array:
    """Probability of each tier; thresholds of shape (tiers - 1,) or (draws, tiers - 1)."""
    cumulative = 1 / (1 + np.exp(-np.clip(thresholds - linear[:, None], -700, 700)))
    zeros = np.zeros((cumulative.shape[0], 1))
    result: Array = np.diff(np.hstack([zeros, cumulative, zeros + 1]), axis=1)
    return result


def _thresholds(parameters: Array) -> Array:
    """Thresholds from the first one and the logs of the differences."""
    first, rest = parameters[..., :1], np.exp(np.minimum(parameters[..., 1:], 700.0))
    result: Array = np.cumsum(np.concatenate([first, rest], axis=-1), axis=-1)
    return result


def _draws(model: OrdinalModel) -> tuple[Array, Array]:
    """Draws of slopes and thresholds, the same for every call."""
    fit = model.fit
    slopes = fit.coefficients.size
    centre = np.concatenate([fit.coefficients, fit.thresholds[:1], np.log(np.diff(fit.thresholds))])
    normals = np.random.default_rng(SEED).standard_normal((DRAWS, centre.size))
    drawn = centre + normals @ np.linalg.cholesky(fit.covariance).T
    return drawn[:, :slopes], _thresholds(drawn[:, slopes:])


def _estimate(value: float, draws: Array) -> Estimate:
    low, high = np.quantile(draws, [_TAIL, 1 - _TAIL])
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


@lru_cache(maxsize=1)
def _ridge_class() -> Any:
    """``OrderedModel`` with a ridge penalty and the exact gradient."""
    ordered: Any = need("statsmodels.miscmodels.ordinal_model", "study").OrderedModel

    class Ridge(ordered):  # type: ignore[misc]
        penalty = 0.0

        def loglike(self, params: Array) -> float:
            slopes = params[: self.k_vars]
            return float(super().loglike(params) - 0.5 * self.penalty * (slopes**2).sum())

        def score(self, params: Array) -> Array:
            lower, upper = self._bounds(params)
            mass = self.prob(lower, upper) + 1e-20
            at_upper, at_lower = self.pdf(upper) / mass, self.pdf(lower) / mass
            slopes = params[: self.k_vars]
            by_slope = -(at_upper - at_lower) @ self.exog - self.penalty * slopes
            cuts = self.k_levels - 1
            by_cut = np.array(
                [
                    at_upper[self.endog == k].sum() - at_lower[self.endog == k + 1].sum()
                    for k in range(cuts)
                ]
            )
            # the first parameter moves every threshold, the later ones those from theirs on
            from_here = np.cumsum(by_cut[::-1])[::-1]
            steps = np.concatenate([[1.0], np.exp(params[self.k_vars + 1 :])])
            return np.concatenate([by_slope, from_here * steps])

    return Ridge
