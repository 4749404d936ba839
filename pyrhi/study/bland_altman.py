"""Differences of two readers: bias, limits of agreement, proportional bias, and the plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE, Estimate
from pyrhi.study.plotting import POINT, new_figure, save_figure

MIN_PAIRS = 3
"""The line of proportional bias leaves n - 2 degrees of freedom."""

LIMIT = 1.96
"""Limits of agreement are the bias plus and minus this many SD."""


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
        Limits of agreement.
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
    slope: Estimate
    slope_p: float


def bland_altman(
    first: npt.ArrayLike, second: npt.ArrayLike, /, *, level: float = CONFIDENCE
) -> BlandAltman:
    """Compare two readers' values of the same subjects.

    Parameters
    ----------
    first, second
        Values, shape ``(n,)``.
    level
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
    Bland JM, Altman DG. Lancet 1986; 1: 307-310, and Stat Methods Med Res 1999; 8: 135-160: the
    bias has the standard error sd / sqrt(n), a limit sd * sqrt(1/n + 1.96² / (2 (n - 1))); both
    intervals take Student's t with n - 1 degrees of freedom. Proportional bias is the regression
    of the differences on the means.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or a.size < MIN_PAIRS:
        msg = f"Bland-Altman needs {MIN_PAIRS} or more pairs, and there are {min(a.size, b.size)}"
        raise ParameterError(msg)
    stats = need("scipy.stats", "study")
    n = a.size
    difference, mean = a - b, (a + b) / 2
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    quantile = float(stats.t.ppf(0.5 + level / 2, n - 1))
    bias_half = quantile * sd / math.sqrt(n)
    limit_half = quantile * sd * math.sqrt(1 / n + LIMIT**2 / (2 * (n - 1)))

    def limit(sign: int) -> Estimate:
        value = bias + sign * LIMIT * sd
        return Estimate(value, value - limit_half, value + limit_half, level)

    slope, slope_p = Estimate(math.nan, math.nan, math.nan, level), math.nan
    if np.ptp(mean) > 0:
        line = stats.linregress(mean, difference)
        half = float(stats.t.ppf(0.5 + level / 2, n - 2) * line.stderr)
        value = float(line.slope)
        slope, slope_p = Estimate(value, value - half, value + half, level), float(line.pvalue)
    return BlandAltman(
        n,
        Estimate(bias, bias - bias_half, bias + bias_half, level),
        sd,
        limit(-1),
        limit(1),
        slope,
        slope_p,
    )


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
