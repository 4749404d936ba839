"""How many patients a planned study needs for an interval of a wanted width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import CONFIDENCE

AUC_SOURCE = "Hanley & McNeil, Radiology 1982; 143: 29-36"
ICC_SOURCE = "Bonett, Stat Med 2002; 21: 1331-1335"

MOST = 1_000_000
"""More patients are no plan."""


@dataclass(frozen=True)
class AucPlan:
    """Patients for an area under a ROC curve.

    Parameters
    ----------
    positives, negatives
        Patients with and without the outcome.
    low, high
        The interval that is to be expected.
    """

    positives: int
    negatives: int
    low: float
    high: float


def auc_error(area: float, positives: int, negatives: int, /) -> float:
    """Standard error of an area under a ROC curve.

    Parameters
    ----------
    area
        Expected area, over 0 and below 1.
    positives, negatives
        Patients with and without the outcome.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the area or a number is impossible.

    Notes
    -----
    `AUC_SOURCE`: (A (1 - A) + (p - 1) (A / (2 - A) - A²) + (n - 1) (2 A² / (1 + A) - A²)) / (p n).

    Examples
    --------
    51 abnormal and 58 normal cases, as in the paper, where the data themselves give 0.032:

    >>> round(auc_error(0.893, 51, 58), 4)
    0.0325
    """
    if not 0 < area < 1 or min(positives, negatives) < 1:
        msg = f"area {area:g}, {positives} and {negatives} patients: give an area between 0 and 1"
        raise ParameterError(msg)
    square = area**2
    spread = area * (1 - area)
    spread += (positives - 1) * (area / (2 - area) - square)
    spread += (negatives - 1) * (2 * square / (1 + area) - square)
    return math.sqrt(spread / (positives * negatives))


def patients_for_auc(
    area: float, width: float, /, *, share: float = 0.5, confidence: float = CONFIDENCE
) -> AucPlan:
    """Find the fewest patients for an interval of the area that is no wider than wanted.

    Parameters
    ----------
    area
        Expected area.
    width
        Whole width of the interval.
    share
        Share of the patients with the outcome (moderate or severe pain).
    confidence
        Confidence level.

    Returns
    -------
    AucPlan

    Raises
    ------
    ParameterError
        If a number is impossible, or more than `MOST` patients would be needed.
    """
    if not 0 < width < 1 or not 0 < share < 1:
        msg = f"width {width:g}, share {share:g}: give both over 0 and below 1"
        raise ParameterError(msg)
    quantile = NormalDist().inv_cdf(0.5 + confidence / 2)

    def groups(n: int) -> tuple[int, int]:
        positives = min(max(round(n * share), 1), n - 1)
        return positives, n - positives

    for n in range(2, MOST):
        half = quantile * auc_error(area, *groups(n))
        if 2 * half <= width:
            return AucPlan(*groups(n), area - half, area + half)
    msg = f"more than {MOST} patients: give a wider interval"
    raise ParameterError(msg)


def subjects_for_icc(
    icc: float, width: float, /, *, readers: int = 2, confidence: float = CONFIDENCE
) -> int:
    """Find the number of subjects for an interval of an intraclass correlation.

    Parameters
    ----------
    icc
        Expected correlation, from 0 and below 1.
    width
        Whole width of the interval.
    readers
        Readers (or readings) of each subject.
    confidence
        Confidence level.

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If a number is impossible.

    Notes
    -----
    `ICC_SOURCE`: 8 z² (1 - r)² (1 + (k - 1) r)² / (k (k - 1) w²) + 1, and 5 r more for two
    readers and r of 0.7 or more.

    Examples
    --------
    An expected correlation of 0.8 from 0.7 to 0.9: 51, and 5 times 0.8 for two readers:

    >>> subjects_for_icc(0.8, 0.2)
    55
    """
    if not 0 <= icc < 1 or not 0 < width < 1 or readers < 2:
        msg = (
            f"ICC {icc:g}, width {width:g}, {readers} readers: give an ICC from 0 and below 1, a "
            "width over 0 and below 1, two or more readers"
        )
        raise ParameterError(msg)
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    pairs = readers * (readers - 1)
    n = 8 * z2 * (1 - icc) ** 2 * (1 + (readers - 1) * icc) ** 2 / (pairs * width**2) + 1
    if readers == 2 and icc >= 0.7:
        n += 5 * icc
    return math.ceil(n)
