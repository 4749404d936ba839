"""Models for several slices, levels or lesions in one patient."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.pain.ordinal import separated
from pyrhi.study.pairs import refuse_constant
from pyrhi.wording import counted

MIN_PATIENTS = 5
"""Fewer patients say nothing about how patients differ."""

NEXT_TO_NONE = 1e-6
"""Ratio of variances that is likelier than 0 where patients differ at all."""

MIXED_SOURCE = "statsmodels MixedLM (REML); Laird & Ware, Biometrics 1982; 38: 963-974"
ORDINAL_SOURCE = (
    "statsmodels OrderedModel; McCullagh, J R Stat Soc B 1980; 42: 109-142; errors robust to "
    "clusters: Liang & Zeger, Biometrika 1986; 73: 13-22"
)


@dataclass(frozen=True)
class ClusteredFit:
    """A slope where rows belong to patients.

    Parameters
    ----------
    slope
        Of the predictor, with its interval.
    statistic, df, p
        Slope over its error, Student's degrees of freedom and the two-sided p.
    patients, n
        Numbers of patients and rows.
    icc
        Share of the variance that is between patients; NaN for an ordinal outcome.
    """

    slope: Estimate
    statistic: float
    df: float
    p: float
    patients: int
    n: int
    icc: float


def mixed_slope(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    patients: Sequence[str],
    /,
    *,
    confidence: float = CONFIDENCE,
) -> ClusteredFit:
    """Fit a line with an intercept of each patient's own.

    Parameters
    ----------
    x, y
        Predictor and outcome of each row, shape ``(n,)``.
    patients
        Patient of each row.
    confidence
        Confidence level.

    Returns
    -------
    ClusteredFit

    Raises
    ------
    ParameterError
        If there are fewer than `MIN_PATIENTS` patients, the predictor is constant, or the fit
        does not converge.

    Notes
    -----
    y = a + b x + patient + error, both normal (`MIXED_SOURCE`). MixedLM finds how much patients
    differ; slope and error are generalised least squares for it, as lme4's. MixedLM's own error is
    wrong where patients do not differ, as its Hessian is that of a border. The interval takes
    Student's t with patients - 2 degrees of freedom, on the side of caution where patients are few.
    """
    a, b, owner = _checked(x, y, patients)
    linear = need("statsmodels.regression.mixed_linear_model", "study")
    design = np.column_stack([np.ones_like(a), a])
    none = _least_squares(design, b, owner, 0.0)
    if none.likelihood >= _least_squares(design, b, owner, NEXT_TO_NONE).likelihood:
        return _fit(none.slope, none.error, owner, confidence, 0.0)
    with warnings.catch_warnings():
        # Whether it converged is asked below.
        warnings.simplefilter("ignore")
        try:
            fit = linear.MixedLM(b, design, groups=owner).fit(
                reml=True, method=["bfgs", "lbfgs", "powell"]
            )
        except np.linalg.LinAlgError as singular:
            msg = "the mixed model cannot be fitted on these rows"
            raise ParameterError(msg) from singular
    ratio = float(np.asarray(fit.cov_re)[0, 0]) / float(fit.scale)
    if not fit.converged or not np.isfinite(ratio):
        msg = "the mixed model did not converge"
        raise ParameterError(msg)
    found = _least_squares(design, b, owner, ratio)
    return _fit(found.slope, found.error, owner, confidence, ratio / (1 + ratio))


class _Line(NamedTuple):
    """A line for a given ratio of the variances between and within patients."""

    slope: float
    error: float
    likelihood: float


def _least_squares(
    design: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    owner: npt.NDArray[np.intp],
    ratio: float,
) -> _Line:
    """Fit by generalised least squares, with the restricted log likelihood but for a constant."""
    rows = np.bincount(owner)
    weight = ratio / (1 + ratio * rows)
    sums = np.column_stack([np.bincount(owner, column) for column in (*design.T, y)])
    both = np.column_stack([design, y])
    squares = both.T @ both - (sums.T * weight) @ sums
    inverse = np.linalg.inv(squares[:-1, :-1])
    line = inverse @ squares[:-1, -1]
    df = y.size - line.size
    variance = (squares[-1, -1] - line @ squares[:-1, -1]) / df
    if not variance > 0:
        msg = "the mixed model cannot be fitted on these rows: nothing is left of the errors"
        raise ParameterError(msg)
    likelihood = -(df * np.log(variance) + np.log1p(ratio * rows).sum()
                   - np.linalg.slogdet(inverse)[1]) / 2  # fmt: skip
    return _Line(float(line[1]), float(np.sqrt(variance * inverse[1, 1])), float(likelihood))


def ordinal_slope(
    x: npt.ArrayLike,
    tiers: npt.ArrayLike,
    patients: Sequence[str],
    /,
    *,
    confidence: float = CONFIDENCE,
) -> ClusteredFit:
    """Fit proportional odds with errors that know of the patients.

    Parameters
    ----------
    x
        Predictor of each row, shape ``(n,)``.
    tiers
        Tier of each row, whole numbers in their order.
    patients, confidence
        As `mixed_slope`.

    Returns
    -------
    ClusteredFit
        The slope is the log odds of a higher tier.

    Raises
    ------
    ParameterError
        As `mixed_slope`, or if all rows are of one tier.

    Notes
    -----
    `ORDINAL_SOURCE`. A marginal model: the rows of a patient need no model of their own. The
    variance is times patients / (patients - 1), as R's ``sandwich::vcovCL`` has it.
    """
    a, b, owner = _checked(x, tiers, patients)
    classes = np.unique(b, return_inverse=True)[1]
    if classes.max() == 0:
        msg = "all rows are of one tier"
        raise ParameterError(msg)
    if separated(a[:, None] / a.std(), classes, int(classes.max()) + 1):
        msg = "the predictor separates the tiers, so that no finite fit exists"
        raise ParameterError(msg)
    ordered = need("statsmodels.miscmodels.ordinal_model", "study").OrderedModel
    model = ordered(classes, a[:, None], distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = model.fit(
            method="bfgs", disp=False, maxiter=500, gtol=1e-8, cov_type="cluster",
            cov_kwds={"groups": owner, "use_correction": False},
        )  # fmt: skip
    count = float(owner.max() + 1)
    slope, error = float(fit.params[0]), float(fit.bse[0]) * np.sqrt(count / (count - 1))
    if np.abs(model.score(fit.params)).max() > 1e-3 or not 0 < error < np.inf:
        msg = "the ordinal model did not converge"
        raise ParameterError(msg)
    return _fit(slope, error, owner, confidence, float("nan"))


def _checked(
    x: npt.ArrayLike, y: npt.ArrayLike, patients: Sequence[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    owner = np.unique(np.asarray(patients), return_inverse=True)[1]
    if owner.max(initial=-1) + 1 < MIN_PATIENTS:
        found = counted(owner.max(initial=-1) + 1, "patient")
        msg = f"{found}: {MIN_PATIENTS} or more are needed"
        raise ParameterError(msg)
    refuse_constant(a, "predictor")
    refuse_constant(b, "outcome")
    return a, b, owner


def _fit(
    slope: float, error: float, owner: npt.NDArray[np.intp], confidence: float, icc: float
) -> ClusteredFit:
    t = need("scipy.stats", "study").t
    patients = int(owner.max()) + 1
    df = float(patients - 2)
    half = float(t.ppf(0.5 + confidence / 2, df)) * error
    statistic = slope / error
    return ClusteredFit(
        slope=Estimate(slope, slope - half, slope + half, confidence),
        statistic=statistic,
        df=df,
        p=float(2 * t.sf(abs(statistic), df)),
        patients=patients,
        n=owner.size,
        icc=icc,
    )
