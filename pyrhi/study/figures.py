"""Figures 1, 2 and 4 of the study, and the flow diagram."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pyrhi.extras import need
from pyrhi.pain.agreement import CONFIDENCE
from pyrhi.pain.scores import VAS_MAX
from pyrhi.study.cohort import Cohort
from pyrhi.study.eligibility import FlowStep
from pyrhi.study.groups import Samples
from pyrhi.study.plotting import BAND, LINE, POINT, new_figure, save_figure
from pyrhi.study.roc import Roc
from pyrhi.study.statistics import (
    FEW,
    GROUPINGS,
    LEFT_OUT,
    RHI_AND_VAS,
    TOO_NARROW,
    VAS_BY_LOCATION,
    VAS_BY_NUMBER,
    Statistic,
    Statistics,
)
from pyrhi.study.tables import label

SPREAD = 0.28
"""Half width over which tied points of a group are spread, in group distances."""

MEANS = "group means with 95 % CI (cut at the ends of the scale)"
BARE_MEANS = "group means (several rows of one patient: no CI)"
_CORRELATIONS = {
    "Spearman rho": "Spearman ρ", "Kendall tau-b": "Kendall τ-b", "Pearson r": "Pearson r",
}  # fmt: skip
_TESTS = {"Kruskal-Wallis": ("Kruskal–Wallis", "ε²"), "one-way ANOVA": ("ANOVA", "η²")}
VAS_LABEL = "Pain score (VAS, 0-10)"


def draw_figures(
    cohort: Cohort, statistics: Statistics, folder: Path, /
) -> tuple[tuple[str, str], ...]:
    """Draw pain against location (1), number (2) and RHI (4).

    Parameters
    ----------
    cohort
        The cohort.
    statistics
        Its statistics, printed in the pictures.
    folder
        Where ``figure_1``, ``figure_2`` and ``figure_4`` are written, as PNG and SVG.

    Returns
    -------
    tuple
        Name of each PNG and what it shows; a figure without data is left out.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    made: list[tuple[str, str]] = []
    rows = cohort.rows
    by_location = GROUPINGS[VAS_BY_LOCATION].samples(rows)
    by_number = GROUPINGS[VAS_BY_NUMBER].samples(rows)
    alone = not cohort.clustered
    means = MEANS if alone else BARE_MEANS

    def save(figure: Any, number: int, analysis: str, tests: Iterable[str], text: str) -> None:
        notes = _notes(statistics, analysis, tests)
        stem = folder / f"figure_{number}"
        save_figure(figure, stem, synthetic=cohort.synthetic, notes=notes)
        made.append((f"{stem.name}.png", f"Figure {number}. {text}"))

    if by_location:
        figure, axes = new_figure()
        _groups(axes, by_location, ends=alone)
        axes.set_xlabel("Location of spine metastases")
        axes.set_title(_test_line(statistics, VAS_BY_LOCATION), fontsize=10, loc="left")
        text = f"Pain score by location of metastases: points, {means}"
        save(figure, 1, VAS_BY_LOCATION, _TESTS, text)
    if by_number:
        figure, axes = new_figure()
        _groups(axes, by_number, ends=alone)
        places = np.repeat(np.arange(len(by_number)), [len(v) for v in by_number.values()])
        _fit(axes, places, np.concatenate(list(by_number.values())), band=alone)
        axes.set_xlabel("Number of spine metastases")
        axes.set_title(_correlation_line(statistics, VAS_BY_NUMBER), fontsize=9, loc="left")
        text = f"Pain score by number of metastases: points, linear fit, {means}"
        save(figure, 2, VAS_BY_NUMBER, _CORRELATIONS, text)
    pairs = [(r.rhi, r.vas) for r in rows if r.rhi is not None and r.vas is not None]
    if pairs:
        x, y = np.array(pairs, dtype=float).T
        figure, axes = new_figure()
        _fit(axes, x, y, band=alone)
        axes.scatter(x, y, **POINT, zorder=3)
        axes.set_xlabel("RHI (%)")
        axes.set_ylabel(VAS_LABEL)
        axes.set_ylim(-0.5, VAS_MAX + 0.5)
        axes.set_title(_correlation_line(statistics, RHI_AND_VAS), fontsize=9, loc="left")
        text = f"Pain score against RHI: points, linear fit{' with 95 % CI' if alone else ''}"
        save(figure, 4, RHI_AND_VAS, _CORRELATIONS, text)
    return tuple(made)


def draw_roc(roc: Roc, stem: Path, /, *, synthetic: bool = False) -> tuple[Path, Path]:
    """Draw a ROC curve with the area and its intervals; files as `save_figure` writes them."""
    figure, axes = new_figure(5.6, 5.2)
    false = [1 - p.specificity.value for p in roc.points]
    true = [p.sensitivity.value for p in roc.points]
    # From the highest cut-off on; above it nobody is positive.
    axes.step([0, *reversed(false)], [0, *reversed(true)], where="post", **LINE)
    axes.plot([0, 1], [0, 1], color="0.6", linestyle=":", linewidth=1)
    axes.set_xlabel("1 - specificity (mild pain)")
    axes.set_ylabel("Sensitivity (moderate or severe pain)")
    axes.set_aspect("equal")
    lines = [f"AUC of RHI, {roc.negatives} mild, {roc.positives} moderate or severe"]
    notes: tuple[str, ...] = ()
    if math.isnan(roc.newcombe.low):  # of independent rows there is always one
        lines.append(f"{roc.newcombe.value:.2f}")
        notes = ("several rows of one patient: the interval is the cluster jackknife's",)
    else:
        for name, area in (("DeLong", roc.delong), ("Newcombe", roc.newcombe)):
            ends = "" if math.isnan(area.low) else f" [{area.low:.2f}, {area.high:.2f}]"
            lines.append(f"{area.value:.2f}{ends} ({name})")
        notes = (TOO_NARROW,) if min(roc.negatives, roc.positives) < FEW else ()
    axes.set_title("\n".join(lines), fontsize=9, loc="left")
    return save_figure(figure, stem, synthetic=synthetic, notes=notes)


def draw_flow(
    steps: Sequence[FlowStep], stem: Path, /, *, synthetic: bool = False
) -> tuple[Path, Path]:
    """Draw the flow diagram, steps as `pyrhi.study.eligibility.flow_of` gives them.

    Files as `save_figure` writes them.
    """
    reasons = [s for s in steps if s.step == "excluded"]
    total = sum(s.rows for s in reasons)
    lines = [f"Excluded (n = {total})"]
    lines += [
        f"{s.reason} (n = {s.rows})" if s.applied else f"{s.reason}: not in the file, not applied"
        for s in reasons
    ]
    figure, axes = new_figure(7.2, 4.4)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    box = {"boxstyle": "square,pad=0.6", "facecolor": "white", "edgecolor": "black"}
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.2}
    top, middle, bottom, left = 0.93, 0.5, 0.07, 0.15
    for y, text in ((top, f"Assessed\n(n = {steps[0].rows})"),
                    (bottom, f"Included\n(n = {steps[-1].rows})")):  # fmt: skip
        axes.text(left, y, text, ha="center", va="center", bbox=box, zorder=3)
    axes.text(0.34, middle, "\n".join(lines), ha="left", va="center", bbox=box, fontsize=9)
    axes.annotate("", (left, bottom + 0.1), (left, top - 0.1), arrowprops=arrow)
    axes.annotate("", (0.32, middle), (left, middle), arrowprops=arrow)
    return save_figure(figure, stem, synthetic=synthetic)


def _groups(axes: Any, samples: Samples, *, ends: bool) -> None:
    """Draw each group's points, spread where tied, and its mean, with an interval if asked."""
    stats = need("scipy.stats", "study")
    names = []
    for place, (name, values) in enumerate(samples.items()):
        axes.scatter(place + _spread(values), values, **POINT, zorder=2)
        mean = float(values.mean())
        if ends and len(values) > 1:
            quantile = stats.t.ppf(0.5 + CONFIDENCE / 2, len(values) - 1)
            half = float(quantile * values.std(ddof=1) / np.sqrt(len(values)))
            # Few patients give intervals beyond the scale; they are cut at its ends.
            reach = [[min(half, mean)], [min(half, VAS_MAX - mean)]]
            axes.errorbar(place, mean, yerr=reach, color="black", capsize=6, zorder=4)
        axes.plot(place, mean, "D", color="white", markeredgecolor="black", zorder=5)
        names.append(f"{label(name)}\n(n = {len(values)})")
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(-0.5, VAS_MAX + 0.5)
    axes.set_ylabel(VAS_LABEL)


def _spread(values: np.ndarray) -> np.ndarray:
    """Return offsets that set tied points side by side, the same in every run."""
    offsets = np.zeros(len(values))
    most = max(int((values == v).sum()) for v in values)
    step = min(0.09, 2 * SPREAD / max(most - 1, 1))
    for value in np.unique(values):
        tied = np.flatnonzero(values == value)
        offsets[tied] = (np.arange(len(tied)) - (len(tied) - 1) / 2) * step
    return offsets


def _fit(axes: Any, x: np.ndarray, y: np.ndarray, *, band: bool) -> None:
    """Draw the least-squares line, with the interval of its mean if asked."""
    if len(x) < 3 or np.ptp(x) == 0:
        return
    stats = need("scipy.stats", "study")
    line = stats.linregress(x, y)
    grid = np.linspace(x.min(), x.max(), 100)
    fitted = line.intercept + line.slope * grid
    axes.plot(grid, fitted, **LINE, zorder=1)
    if not band:
        return
    residual = y - line.intercept - line.slope * x
    n = len(x)
    error = np.sqrt((residual**2).sum() / (n - 2))
    spread = ((x - x.mean()) ** 2).sum()
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, n - 2) * error
    half = half * np.sqrt(1 / n + (grid - x.mean()) ** 2 / spread)
    axes.fill_between(grid, fitted - half, fitted + half, **BAND, zorder=0)


def p_text(p: float, /) -> str:
    """Write p as a figure does."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def _correlation_line(statistics: Statistics, analysis: str) -> str:
    parts = [
        f"{symbol} = {_with_interval(statistics.find(analysis, LEFT_OUT, name) or row)}, "
        f"{p_text(row.p)}, n = {row.n}"
        for name, symbol in _CORRELATIONS.items()
        if (row := statistics.find(analysis, name)) is not None
    ]
    return "\n".join(parts) if parts else "no correlation: a column is constant or too short"


def _test_line(statistics: Statistics, analysis: str) -> str:
    parts = [
        f"{name} {row.statistic_name} = {row.statistic:.2f}, {p_text(row.p)}, "
        f"{effect} = {_with_interval(row)}"
        for test, (name, effect) in _TESTS.items()
        if (row := statistics.find(analysis, test)) is not None
    ]
    return "\n".join(parts) if parts else "no test: groups too small or constant"


def _with_interval(row: Statistic) -> str:
    ends = "" if math.isnan(row.ci_low) else f" [{row.ci_low:.2f}, {row.ci_high:.2f}]"
    return f"{row.effect_size:.2f}{ends}"


def _notes(statistics: Statistics, analysis: str, tests: Iterable[str]) -> tuple[str, ...]:
    """Collect what the printed tests' rows say beside their numbers, each once."""
    rows = [row for test in tests if (row := statistics.find(analysis, test)) is not None]
    return tuple(dict.fromkeys(note for row in rows for note in row.note.split("; ") if note))
