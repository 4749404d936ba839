"""How precise a reading is: within-reader SD, standard error of measurement, coefficients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate, mean_squares

COEFFICIENT = 1.96 * math.sqrt(2)
"""Two readings differ by less than this many within-SD in 95 % of cases."""


@dataclass(frozen=True)
class Precision:
    """Precision of readings.

    Parameters
    ----------
    within_reader_sd
        SD of one reader's readings of one subject.
    repeated
        True where readers read twice; False where the SD is the residual of one reading each,
        which also holds the disagreement of readers on single subjects.
    sem_consistency, sem_agreement
        Standard error of measurement without and with the readers' own levels.
    repeatability
        Repeatability coefficient, 1.96 sqrt(2) times `within_reader_sd`.
    reproducibility
        The same of `sem_agreement`: two different readers.
    """

    within_reader_sd: Estimate
    repeated: bool
    sem_consistency: float
    sem_agreement: float
    repeatability: Estimate
    reproducibility: float


def precision(
    values: npt.ArrayLike, readers: Sequence[str], /, *, confidence: float = CONFIDENCE
) -> Precision:
    """Compute the precision of readings.

    Parameters
    ----------
    values
        One row for each subject and one column for each reading, shape ``(n, m)``.
    readers
        Reader of each column; a name that stands there twice is a reader who read twice.
    confidence
        Confidence level.

    Returns
    -------
    Precision
        With one reader alone (read twice) what needs two readers is NaN.

    Raises
    ------
    ParameterError
        If there are fewer than two subjects or columns, or a value is missing.

    Notes
    -----
    Within-reader SD from repeats: the root of the mean variance of a subject's readings by one
    reader (Bland JM, Altman DG. BMJ 1996; 312: 1654); interval from chi². Without repeats it is
    the root of the residual mean square of the two-way table. SEM: the root of that residual
    (consistency), and of residual plus the variance between readers, (JMS - EMS) / n, not below
    0 (agreement); de Vet HCW et al. J Clin Epidemiol 2006; 59: 1033-1039. Repeatability
    coefficient: Bland & Altman, Stat Methods Med Res 1999; 8: 135-160.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 2 or x.shape[1] != len(readers):
        msg = f"precision needs one column for each of the {len(readers)} readings"
        raise ParameterError(msg)
    everything = mean_squares(x)
    names = list(dict.fromkeys(readers))
    columns = {name: [i for i, r in enumerate(readers) if r == name] for name in names}
    repeated = {name: c for name, c in columns.items() if len(c) > 1}
    n = x.shape[0]
    error = between = math.nan
    if len(names) > 1:
        # One reading of each reader: a reader who read more often does not count for more.
        ms = mean_squares(x[:, [c[0] for c in columns.values()]])
        error, between = ms.error, max((ms.readers - ms.error) / n, 0.0)
    if repeated:
        df = n * sum(len(c) - 1 for c in repeated.values())
        squares = sum(
            float(((x[:, c] - x[:, c].mean(axis=1, keepdims=True)) ** 2).sum())
            for c in repeated.values()
        )
        variance = squares / df
    else:
        df = (n - 1) * (x.shape[1] - 1)
        variance = everything.error
    chi2 = need("scipy.stats", "study").chi2
    low, high = (
        math.sqrt(df * variance / float(chi2.ppf(q, df)))
        for q in (0.5 + confidence / 2, 0.5 - confidence / 2)
    )
    sd = Estimate(math.sqrt(variance), low, high, confidence)
    agreement = math.sqrt(error + between)
    return Precision(
        within_reader_sd=sd,
        repeated=bool(repeated),
        sem_consistency=math.sqrt(error),
        sem_agreement=agreement,
        repeatability=Estimate(
            COEFFICIENT * sd.value, COEFFICIENT * sd.low, COEFFICIENT * sd.high, confidence
        ),
        reproducibility=COEFFICIENT * agreement,
    )
