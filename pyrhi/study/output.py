"""The files of ``pyrhi study``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from itertools import groupby
from pathlib import Path
from typing import Any

from pyrhi.extras import need
from pyrhi.io.atomic import make_folder, writing
from pyrhi.io.tables import Cell, csv_line, number_cell, write_csv
from pyrhi.pain.model import NOTICE
from pyrhi.study import consistency, kept
from pyrhi.study.cohort import Cohort
from pyrhi.study.consistency import Finding
from pyrhi.study.eligibility import FlowStep, flow_of
from pyrhi.study.figures import draw_figures, draw_flow
from pyrhi.study.kept import Kept
from pyrhi.study.missing import HANDLING, missing_of
from pyrhi.study.simulate import COLUMNS, SyntheticRow
from pyrhi.study.statistics import HEADINGS, Statistic, Statistics
from pyrhi.study.tables import CharacteristicRow, GroupRow, Tables

SYNTHETIC = "Synthetic data: no patient was measured."
SYNTHETIC_COHORT = "synthetic_cohort.csv"
SYNTHETIC_COMPARISON = "synthetic_against_published.csv"

SUMMARY = ("n", "median", "mean", "sd", "min", "max", "median_ci_low", "median_ci_high")


def notice(synthetic: bool, /) -> str:
    """Return what the last column of every table says."""
    return f"{SYNTHETIC} {NOTICE}" if synthetic else NOTICE


def write_study(cohort: Cohort, statistics: Statistics, tables: Tables, folder: Path, /) -> None:
    """Write every file of a study.

    Parameters
    ----------
    cohort
        The cohort.
    statistics, tables
        What was computed from it.
    folder
        Where to: ``flow.csv``, ``excluded.csv``, ``missing.csv``, ``table_1.csv`` to
        ``table_3.csv``, ``statistics.csv``, ``notes.csv``, ``study.html``, and the figures as PNG
        and SVG.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    make_folder(folder)
    last = notice(cohort.synthetic)
    flow = flow_of(len(cohort.rows), cohort.excluded, cohort.columns)
    _write(
        folder / "flow.csv",
        ("step", "column", "reason", "rows", "applied"),
        ((s.step, s.column, s.reason, s.rows, "yes" if s.applied else "no") for s in flow),
        last,
    )
    _write(
        folder / "excluded.csv",
        ("line", "patient", "lesion", "column", "reason"),
        map(astuple, cohort.excluded),
        last,
    )
    _write(
        folder / "table_1.csv",
        ("characteristic", "item", "n", "of_n", "percent", *SUMMARY[1:]),
        map(_characteristic, tables.characteristics),
        last,
    )
    for name, rows in (("table_2.csv", tables.vas), ("table_3.csv", tables.rhi)):
        headings = ("factor", "group", *SUMMARY, "p_kruskal_wallis", "p_anova")
        _write(folder / name, headings, map(_group, rows), last)
    _write(folder / "statistics.csv", HEADINGS, map(_statistic, statistics.rows), last)
    missing = missing_of(cohort)
    _write(
        folder / "missing.csv",
        ("column", "rows", "missing", "percent", "patients"),
        ((m.column, m.rows, m.missing, m.percent, "; ".join(m.patients)) for m in missing),
        last,
    )
    notes = (*cohort.notes, *statistics.notes, HANDLING)
    _write(folder / "notes.csv", ("note",), ((n,) for n in notes), last)
    figures = draw_figures(cohort, statistics, folder)
    draw_flow(flow, folder / "flow", synthetic=cohort.synthetic)
    flow_text = "Flow of the rows of the cohort file"
    page = _page(cohort, statistics, tables, flow, (("flow.png", flow_text), *figures), notes)
    with writing(folder / "study.html") as stream:
        stream.write(page.encode("utf-8"))


def write_synthetic(rows: Sequence[SyntheticRow], folder: Path, /) -> Path:
    """Write the synthetic cohort; every row says that it is synthetic.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = folder / SYNTHETIC_COHORT
    _write(path, COLUMNS, ([row[c] for c in COLUMNS] for row in rows), notice(True))
    return path


def write_comparison(rows: Iterable[Kept], folder: Path, /) -> Path:
    """Write which printed numbers the synthetic cohort keeps.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = folder / SYNTHETIC_COMPARISON
    cells = (
        (r.quantity, r.published, r.synthetic, "yes" if r.kept else "no", r.reason) for r in rows
    )
    _write(path, kept.HEADINGS, cells, notice(True))
    return path


def write_findings(findings: Iterable[Finding], folder: Path, /) -> Path:
    """Write the consistency check.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = folder / "consistency.csv"
    cells = (
        (f.check, "; ".join(f.where), f.printed, f.possible, f.verdict, f.explanation)
        for f in findings
    )
    _write(path, consistency.HEADINGS, cells, notice(False))
    return path


def _write(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]], last: str) -> None:
    write_csv(path, (*headings, "notice"), (csv_line((*row, last)) for row in rows))


def _characteristic(row: CharacteristicRow) -> tuple[Cell, ...]:
    nan = float("nan")
    numbers = astuple(row.summary)[1:] if row.summary else (nan,) * len(SUMMARY[1:])
    return (row.characteristic, row.item, row.n, row.of_n, row.percent, *numbers)


def _group(row: GroupRow) -> tuple[Cell, ...]:
    return (row.factor, row.group, *astuple(row.summary), row.p_kruskal_wallis, row.p_anova)


def _statistic(row: Statistic) -> tuple[Cell, ...]:
    cells = list(row.__dict__.values())
    cells[HEADINGS.index("df")] = "; ".join(map(number_cell, row.df))
    return tuple(cells)


def _page(
    cohort: Cohort,
    statistics: Statistics,
    tables: Tables,
    flow: Sequence[FlowStep],
    figures: Sequence[tuple[str, str]],
    notes: Sequence[str],
) -> str:
    jinja2 = need("jinja2", "study")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pyrhi.study"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["p"] = _p
    environment.filters["short"] = "{:.4g}".format
    page: str = environment.get_template("tables.html.j2").render(
        title="RHI and pain: tables and figures",
        notice=NOTICE,
        synthetic=cohort.synthetic,
        cohort=cohort,
        people=len(cohort.patients),
        flow=flow,
        characteristics=_grouped(tables.characteristics, "characteristic"),
        vas=_grouped(tables.vas, "factor"),
        rhi=_grouped(tables.rhi, "factor"),
        statistics=statistics.rows,
        figures=figures,
        notes=notes,
    )
    return page


def _grouped(rows: Iterable[Any], name: str) -> list[tuple[str, list[Any]]]:
    return [(key, list(group)) for key, group in groupby(rows, key=lambda r: getattr(r, name))]


def _number(value: float, digits: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _p(value: float) -> str:
    if math.isnan(value):
        return ""
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
