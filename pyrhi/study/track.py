"""The files of ``pyrhi track``: ``progression.csv`` and a plot for each patient."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from pyrhi.io.atomic import make_folder
from pyrhi.io.tables import csv_line, write_csv
from pyrhi.pain.model import NOTICE
from pyrhi.pain.scores import VAS_MAX
from pyrhi.study.plotting import new_figure, save_figure
from pyrhi.study.progression import ProgressionRow

HEADINGS = (
    "Patient", "Level", "Visit",
    "RHI", "RHI_Change", "RHI_ChangePercent", "RHI_FromNadir", "RHI_FromNadirPercent",
    "BaselineCall", "NadirCall", "Lesion",
    "VAS", "VAS_Change", "VAS_ChangePercent", "VAS_FromNadir", "VAS_FromNadirPercent",
    "Repeatability", "Reason", "Notice",
)  # fmt: skip
"""Columns of ``progression.csv``."""

_MARKERS = "osD^vP*X<>"
_GREYS = ("0.25", "0.5", "0.65")


def write_progression(
    rows: Sequence[ProgressionRow],
    visits: Sequence[str],
    repeatability: float | None,
    folder: Path,
    /,
) -> tuple[Path, ...]:
    """Write ``progression.csv`` and a plot for each patient.

    Parameters
    ----------
    rows
        Result of `pyrhi.study.progression.progression_of`.
    visits
        All visits in their order.
    repeatability
        The coefficient that was used, or None.
    folder
        Where to.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    make_folder(folder)
    table = folder / "progression.csv"
    coefficient = math.nan if repeatability is None else repeatability
    write_csv(table, HEADINGS, (_line(row, coefficient) for row in rows))
    written = [table]
    names: set[str] = set()
    for patient, group in groupby(rows, key=lambda r: r.patient):
        written += _draw(
            patient, list(group), visits, repeatability, folder / _name(patient, names)
        )
    return tuple(written)


def _line(row: ProgressionRow, coefficient: float) -> str:
    rhi, vas = row.rhi, row.vas
    return csv_line([
        row.patient, row.level, row.visit,
        rhi.value, rhi.from_baseline, rhi.from_baseline_percent, rhi.from_nadir,
        rhi.from_nadir_percent,
        row.baseline_call, row.nadir_call, row.lesion,
        vas.value, vas.from_baseline, vas.from_baseline_percent, vas.from_nadir,
        vas.from_nadir_percent,
        coefficient, "; ".join(row.reasons), NOTICE,
    ])  # fmt: skip


def _name(patient: str, used: set[str]) -> str:
    """Name a plot so that two patients never share a file, whatever they are called."""
    stem = "track_" + (re.sub(r"[^\w.-]+", "-", patient).strip("-.") or "patient")
    name, number = stem, 2
    while name.casefold() in used:
        name, number = f"{stem}_{number}", number + 1
    used.add(name.casefold())
    return name


def _draw(
    patient: str,
    rows: Sequence[ProgressionRow],
    visits: Sequence[str],
    repeatability: float | None,
    stem: Path,
) -> tuple[Path, Path]:
    figure, axes = new_figure(7.0, 4.8)
    place = {visit: i for i, visit in enumerate(visits)}
    for number, (level, group) in enumerate(groupby(rows, key=lambda r: r.level)):
        points = [(place[r.visit], r.rhi.value) for r in group if not math.isnan(r.rhi.value)]
        if not points:
            continue
        x, y = zip(*points, strict=True)
        grey = _GREYS[number % len(_GREYS)] if level else "black"
        axes.plot(
            x,
            y,
            color=grey,
            marker=_MARKERS[number % len(_MARKERS)],
            linewidth=1.2 if level else 2.4,
            label=f"RHI {level}".rstrip(),
            clip_on=False,
        )
        if not level and repeatability is not None:
            axes.axhspan(
                y[0] - repeatability, y[0] + repeatability, color="0.9", zorder=0,
                label="baseline ±\nrepeatability",
            )  # fmt: skip
    axes.set_ylabel("RHI (%)")
    axes.set_xlabel("Visit")
    axes.set_xticks(range(len(visits)), list(visits))
    axes.set_xlim(-0.3, len(visits) - 0.7)
    axes.set_ylim(bottom=0)
    axes.set_title(f"Patient {patient}", fontsize=10, loc="left")
    handles, labels = axes.get_legend_handles_labels()
    scores = [(place[r.visit], r.vas.value) for r in rows if not math.isnan(r.vas.value)]
    if scores:
        pain = axes.twinx()
        x, y = zip(*scores, strict=True)
        handles += pain.plot(
            x, y, color="black", linestyle="--", marker="x", label="VAS", clip_on=False
        )
        labels.append("VAS")
        pain.set_ylim(0, VAS_MAX)
        pain.set_ylabel("VAS (0-10)")
        pain.spines["right"].set_visible(True)
    if handles:
        axes.legend(handles, labels, fontsize=8, frameon=False, loc="upper left",
                    bbox_to_anchor=(1.1, 1))  # fmt: skip
    return save_figure(figure, stem, right=0.7)
