"""Files of ``pyrhi evaluate``: tables, calibration plot and the record of what was done."""

from __future__ import annotations

import json
import math
from pathlib import Path

from pyrhi import __version__
from pyrhi.extras import need
from pyrhi.io.atomic import writing
from pyrhi.io.tables import csv_line, write_csv
from pyrhi.pain.evaluation import AS_SHIPPED, CROSS_VALIDATION, MAJORITY, Evaluation
from pyrhi.pain.metrics import METRICS
from pyrhi.pain.model import NOTICE

SCORES = ("Model", "Method", "Metric", "Value", "Low", "High", "Patients", "Notice")
DECISION = ("Model", "Threshold", "NetBenefit", "Notice")
CALIBRATION = ("Model", "Predicted", "Observed", "Low", "High", "Patients", "Notice")

_STYLE = {"ordinal": ("o", "-", "black"), "published": ("s", "--", "0.45")}
_INCHES = (5.0, 5.0)
_DPI = 200


def write_evaluation(result: Evaluation, folder: Path, /) -> tuple[Path, ...]:
    """Write all files of an evaluation.

    Parameters
    ----------
    result
        The evaluation.
    folder
        Where to; made where it does not exist.

    Returns
    -------
    tuple of Path
        The files: ``evaluation.csv``, ``confusion.csv``, ``calibration.csv``,
        ``decision.csv``, ``calibration.png``, ``calibration.svg`` and ``evaluation.json``.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    patients = sum(int(v) for v in _counts(result).values())
    scores = folder / "evaluation.csv"
    write_csv(
        scores,
        SCORES,
        [
            csv_line([s.model, s.method, s.metric, s.value, s.low, s.high, patients, NOTICE])
            for s in result.scores
        ],
    )
    confusion = folder / "confusion.csv"
    write_csv(
        confusion,
        ("Model", "Tier", *(f"Called_{t}" for t in result.tiers), "Notice"),
        [
            csv_line([model, tier, *(float(v) for v in row), NOTICE])
            for model, table in result.confusion.items()
            for tier, row in zip(result.tiers, table, strict=True)
        ],
    )
    calibration = folder / "calibration.csv"
    write_csv(
        calibration,
        CALIBRATION,
        [
            csv_line([p.model, p.predicted, p.observed, p.low, p.high, p.n, NOTICE])
            for p in result.calibration
        ],
    )
    decision = folder / "decision.csv"
    write_csv(
        decision,
        DECISION,
        [csv_line([d.model, d.threshold, d.net_benefit, NOTICE]) for d in result.decisions],
    )
    pictures = (folder / "calibration.png", folder / "calibration.svg")
    for path in pictures:
        _draw(result, path)
    record = folder / "evaluation.json"
    with writing(record) as stream:
        settings = {"pyrhi": __version__, "notice": NOTICE, "tiers": result.tiers} | result.settings
        stream.write((json.dumps(settings, indent=1) + "\n").encode("utf-8"))
    return scores, confusion, calibration, decision, *pictures, record


def summary_lines(result: Evaluation, /) -> list[str]:
    """Say the held-out measures of every model in words.

    Parameters
    ----------
    result
        The evaluation.

    Returns
    -------
    list of str
        A table with one line for each measure.
    """
    models = list(result.confusion)
    wanted = {
        (s.model, s.metric): s for s in result.scores if s.method in (CROSS_VALIDATION, AS_SHIPPED)
    }
    lines = [f"{'':28}" + "".join(f"{m:>24}" for m in models)]
    for metric in METRICS:
        cells = (wanted[m, metric] for m in models)
        lines.append(
            f"{metric:28}" + "".join(f"{_interval(s.value, s.low, s.high):>24}" for s in cells)
        )
    return lines


def _counts(result: Evaluation) -> dict[str, int]:
    counts = result.settings["patients_by_tier"]
    return dict(counts) if isinstance(counts, dict) else {}


def _interval(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "not defined"
    # Adding 0 takes the sign from a zero that was rounded.
    value, low, high = (round(number, 2) + 0.0 for number in (value, low, high))
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _draw(result: Evaluation, path: Path) -> None:
    matplotlib = need("matplotlib", "study")
    figures = need("matplotlib.figure", "study")
    # fixed names and no date in the file: same seed, same bytes
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    with matplotlib.rc_context({"svg.hashsalt": "pyrhi", "font.size": 9}), writing(path) as stream:
        figure = figures.Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color="0.75", linewidth=1)
        for model in result.confusion:
            if model == MAJORITY:
                continue
            marker, line, colour = _STYLE[model]
            points = [p for p in result.calibration if p.model == model]
            x = [p.predicted for p in points]
            y = [p.observed for p in points]
            ends = [[p.observed - p.low for p in points], [p.high - p.observed for p in points]]
            axes.errorbar(
                x, y, yerr=ends, marker=marker, linestyle=line, color=colour, capsize=2, label=model
            )
        axes.set(
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
            xlabel="Predicted probability of moderate or severe pain",
            ylabel="Observed share (95 % interval)",
            title="Calibration on held-out patients",
        )
        axes.legend(loc="upper left", frameon=False)
        axes.annotate(NOTICE, (0.98, 0.02), xycoords="axes fraction", ha="right", fontsize=7)
        figure.savefig(stream, format=path.suffix[1:], dpi=_DPI, metadata=metadata)
