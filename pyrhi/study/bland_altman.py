"""Differences of two readers: bias, limits of agreement, proportional bias, and the plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.pairs import pairs_of
from pyrhi.study.plotting import POINT, new_figure, save_figure

MIN_PAIRS = 3
"""The line of proportional bias leaves n - 2 degrees of freedom."""

LIMIT = 1.96
"""Limits of agreement are the bias plus and minus this many SD."""

# A normal variable is beyond 9 in one of 1e18 cases; 120 nodes leave an error below 1e-12 there.
_PAIR_REACH, _PAIR_NODES = 9.0, 120


@dataclass(frozen=True)
class BlandAltman:
    """Agreement of two readers on one quantity.

    Parameters
    ----------
    n
        Number of pairs.
    bias
        Mean of first minus second.
    sd
        Standard deviation of the differences (n - 1).
    lower, upper
        Limits of agreement, each with its own interval.
    pair
        Half width of the limits, 1.96 SD, with the half widths between which both limits
        together lie.
    slope
        Change of the difference for each unit of the mean (proportional bias); NaN where all
        means are equal.
    slope_p
        Two-sided p of no proportional bias.
    """

    n: int
    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate
    pair: Estimate
    slope: Estimate
    slope_p: float


def bland_altman(
    first: npt.ArrayLike, second: npt.ArrayLike, /, *, confidence: float = CONFIDENCE
) -> BlandAltman:
    """Compare two readers' values of the same subjects.

    Parameters
    ----------
    first, second
        Values, shape ``(n,)``.
    confidence
        Confidence level.

    Returns
    -------
    BlandAltman

    Raises
    ------
    ParameterError
        If there are fewer than `MIN_PAIRS` pairs or the lengths differ.

    Notes
    -----
    Bland JM, Altman DG. Lancet 1986; 1: 307-310, and Stat Methods Med Res 1999; 8: 135-160. The
    bias has the standard error sd / sqrt(n) and Student's t with n - 1 degrees of freedom. The
    limits' intervals are exact for normal differences (`exact_limit`, `exact_pair`), instead of
    the papers' approximation. Proportional bias is the regression of the differences on the means.
    """
    a, b = pairs_of(first, second, least=MIN_PAIRS, what="Bland-Altman")
    stats = need("scipy.stats", "study")
    n = a.size
    difference, mean = a - b, (a + b) / 2
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * sd / math.sqrt(n)
    near, far = exact_limit(n, confidence=confidence)
    both_near, both_far = exact_pair(n, confidence=confidence)
    slope, slope_p = _proportional(mean, difference, confidence)
    return BlandAltman(
        n=n,
        bias=Estimate(bias, bias - half, bias + half, confidence),
        sd=sd,
        lower=Estimate(bias - LIMIT * sd, bias - far * sd, bias - near * sd, confidence),
        upper=Estimate(bias + LIMIT * sd, bias + near * sd, bias + far * sd, confidence),
        pair=Estimate(LIMIT * sd, both_near * sd, both_far * sd, confidence),
        slope=slope,
        slope_p=slope_p,
    )


def exact_limit(
    n: int, /, *, confidence: float = CONFIDENCE, limit: float = LIMIT
) -> tuple[float, float]:
    """How many SD from the bias the interval of one limit of agreement begins and ends.

    Parameters
    ----------
    n
        Number of pairs.
    confidence
        Confidence level.
    limit
        The limits are this many SD from the mean of all differences.

    Returns
    -------
    tuple of float
        Nearer and farther end, in SD of the differences.

    Notes
    -----
    Carkeet A. Optom Vis Sci 2015; 92: e71-e80 (limits considered individually: one-sided
    tolerance factors): quantiles of the noncentral t with n - 1 degrees of freedom and
    noncentrality limit sqrt(n), over sqrt(n). Exact for normal differences.
    """
    stats, root = need("scipy.stats", "study"), math.sqrt(n)
    ends = stats.nct.ppf([0.5 - confidence / 2, 0.5 + confidence / 2], n - 1, limit * root) / root
    return float(ends[0]), float(ends[1])


def exact_pair(
    n: int, /, *, confidence: float = CONFIDENCE, limit: float = LIMIT
) -> tuple[float, float]:
    """How many SD from the bias both limits of agreement together begin and end.

    Returns
    -------
    tuple of float
        As `exact_limit`, but the bias plus and minus the first holds less than 95 % of all
        differences, plus and minus the second holds more, each but for half of 1 - confidence.

    Notes
    -----
    Carkeet A. Optom Vis Sci 2015; 92: e71-e80 (limits considered as a pair: two-sided tolerance
    factors k). P(k) is the mean over the error z / sqrt(n) of the bias, z normal, of the
    probability that k SD reach r(z), where r holds that share of the normal distribution about
    the shifted middle: Odeh RE. Commun Stat Simul 1978; 7: 183-201.
    """
    stats = need("scipy.stats", "study")
    brentq = need("scipy.optimize", "study").brentq
    nodes, weights = np.polynomial.legendre.leggauss(_PAIR_NODES)
    z = _PAIR_REACH * nodes
    density = stats.norm.pdf(z) * _PAIR_REACH * weights
    share = float(stats.norm.cdf(limit) - stats.norm.cdf(-limit))
    # The shifted interval's half width: the distance is a folded normal one.
    reach = np.sqrt(stats.ncx2.ppf(share, 1, z**2 / n))

    def sureness(k: float) -> float:
        return float(density @ stats.chi2.sf((n - 1) * (reach / k) ** 2, n - 1))

    near, far = (
        float(brentq(lambda k, q=q: sureness(k) - q, 0.1, 500.0, xtol=1e-12))
        for q in (0.5 - confidence / 2, 0.5 + confidence / 2)
    )
    return near, far


def _proportional(
    mean: npt.NDArray[np.float64], difference: npt.NDArray[np.float64], confidence: float
) -> tuple[Estimate, float]:
    """Regress the differences on the means; NaN where all means are equal."""
    if np.ptp(mean) == 0:
        return Estimate(math.nan, math.nan, math.nan, confidence), math.nan
    stats = need("scipy.stats", "study")
    line = stats.linregress(mean, difference)
    half = float(stats.t.ppf(0.5 + confidence / 2, mean.size - 2) * line.stderr)
    slope = float(line.slope)
    return Estimate(slope, slope - half, slope + half, confidence), float(line.pvalue)


def draw_bland_altman(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    names: tuple[str, str],
    quantity: str,
    stem: Path,
    /,
) -> tuple[Path, Path]:
    """Draw differences against means, with bias, limits and their intervals.

    Parameters
    ----------
    first, second
        Values, shape ``(n,)``.
    names
        The readers' names.
    quantity
        Name of the quantity, with its unit.
    stem
        Path without an extension.

    Returns
    -------
    tuple of Path
        PNG and SVG.

    Raises
    ------
    ParameterError
        As `bland_altman` does.
    OutputError
        If a file cannot be written.
    """
    found = bland_altman(first, second)
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    figure, axes = new_figure()
    axes.scatter((a + b) / 2, a - b, **POINT, zorder=3)
    for estimate, style, text in (
        (found.bias, "-", "bias"),
        (found.lower, "--", "lower limit"),
        (found.upper, "--", "upper limit"),
    ):
        axes.axhspan(estimate.low, estimate.high, color="0.85", linewidth=0, zorder=0)
        axes.axhline(estimate.value, color="black", linestyle=style, zorder=1)
        axes.annotate(
            f"{text} {estimate.value:.2f}",
            (1, estimate.value),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8,
        )
    axes.axhline(0, color="0.5", linewidth=0.8, linestyle=":", zorder=1)
    axes.set_xlabel(f"Mean of {names[0]} and {names[1]}: {quantity}")
    axes.set_ylabel(f"{names[0]} - {names[1]}")
    axes.set_title(
        f"Bland-Altman, n = {found.n}: bias {found.bias.value:.2f} "
        f"[{found.bias.low:.2f}, {found.bias.high:.2f}], SD {found.sd:.2f}\n"
        f"proportional bias: slope {found.slope.value:.3f}, p = {found.slope_p:.3f}",
        fontsize=9,
        loc="left",
    )
    return save_figure(figure, stem)
