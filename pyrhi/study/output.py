"""The files of ``pyrhi study``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from itertools import groupby
from pathlib import Path
from typing import Any

from pyrhi.io.atomic import make_folder, set_aside, writing
from pyrhi.io.tables import Cell, csv_line, number_cell, write_csv
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.model import NOTICE
from pyrhi.study import consistency, kept
from pyrhi.study.cohort import Cohort
from pyrhi.study.consistency import Finding
from pyrhi.study.decision import draw_decisions
from pyrhi.study.eligibility import FlowStep, flow_of
from pyrhi.study.figures import draw_figures, draw_flow, draw_roc
from pyrhi.study.kept import Kept
from pyrhi.study.methods import CHECKLIST_HEADINGS, GUIDELINES, checklist, methods_text
from pyrhi.study.missing import HANDLING, missing_of
from pyrhi.study.plotting import templates
from pyrhi.study.printed import printed_tables, write_docx, write_latex
from pyrhi.study.simulate import COLUMNS, SyntheticRow
from pyrhi.study.statistics import HEADINGS, Resampling, Statistic, Statistics
from pyrhi.study.tables import CharacteristicRow, GroupRow, Tables

SYNTHETIC = "Synthetic data: no patient was measured."
SYNTHETIC_COHORT = "synthetic_cohort.csv"
SYNTHETIC_COMPARISON = "synthetic_against_published.csv"

ON_REQUEST = (
    "figure_[124].*", "roc.csv", "figure_roc.*", "decision.csv", "figure_decision.*", "tables.docx",
)  # fmt: skip
"""Files that a study has only where its numbers allow them, or where they are asked for."""

SUMMARY = ("n", "median", "mean", "sd", "min", "max", "median_ci_low", "median_ci_high")


def notice(synthetic: bool, /) -> str:
    """Return what the last column of every table says."""
    return f"{SYNTHETIC} {NOTICE}" if synthetic else NOTICE


def write_study(
    cohort: Cohort,
    statistics: Statistics,
    tables: Tables,
    folder: Path,
    /,
    *,
    resampling: Resampling | None = None,
    word: bool = False,
) -> str:
    """Write every file of a study.

    Parameters
    ----------
    cohort
        The cohort.
    statistics, tables
        What was computed from it.
    folder
        Where to: ``flow.csv``, ``excluded.csv``, ``missing.csv``, ``table_1.csv`` to
        ``table_3.csv``, ``statistics.csv``, ``roc.csv``, ``decision.csv``, ``notes.csv``,
        ``study.html``, ``tables.tex``, ``methods.md``, ``checklist.csv``, and the figures as PNG
        and SVG.
    resampling
        How the decision curve was resampled, for the record.
    word
        True writes ``tables.docx``, too.

    Returns
    -------
    str
        What of an earlier study was moved away; empty where nothing was.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    make_folder(folder)
    again = (folder / "statistics.csv").is_file()
    flow = flow_of(len(cohort.rows), cohort.excluded, cohort.columns)
    notes = (*cohort.notes, *statistics.notes, HANDLING)
    _write_tables(cohort, statistics, tables, flow, notes, folder)
    figures = [
        *draw_figures(cohort, statistics, folder),
        *_write_curves(statistics, folder, synthetic=cohort.synthetic),
    ]
    draw_flow(flow, folder / "flow", synthetic=cohort.synthetic)
    flow_text = "Flow of the rows of the cohort file"
    page = _page(cohort, statistics, tables, flow, (("flow.png", flow_text), *figures), notes)
    with writing(folder / "study.html") as stream:
        stream.write(page.encode("utf-8"))
    _write_manuscript(cohort, statistics, tables, folder, resampling or Resampling(), word)
    new = {Path(name).with_suffix(end).name for name, _ in figures for end in (".png", ".svg")}
    new |= {"roc.csv"} if statistics.roc is not None else set()
    new |= {"decision.csv"} if statistics.decisions else set()
    new |= {"tables.docx"} if word else set()
    return set_aside(folder, ON_REQUEST, new) if again else ""


def _write_tables(
    cohort: Cohort,
    statistics: Statistics,
    tables: Tables,
    flow: Sequence[FlowStep],
    notes: Sequence[str],
    folder: Path,
) -> None:
    summary = ("factor", "group", *SUMMARY, "p_kruskal_wallis", "p_anova")
    rows: tuple[tuple[str, Sequence[str], Iterable[Sequence[Cell]]], ...] = (
        ("flow", ("step", "column", "reason", "rows", "applied"),
         ((s.step, s.column, s.reason, s.rows, "yes" if s.applied else "no") for s in flow)),
        ("excluded", ("line", "patient", "lesion", "column", "reason"),
         map(astuple, cohort.excluded)),
        ("missing", ("column", "rows", "missing", "percent", "patients"),
         ((m.column, m.rows, m.missing, m.percent, "; ".join(m.patients))
          for m in missing_of(cohort))),
        ("table_1", ("characteristic", "item", "n", "of_n", "percent", *SUMMARY[1:]),
         map(_characteristic, tables.characteristics)),
        ("table_2", summary, map(_group, tables.vas)),
        ("table_3", summary, map(_group, tables.rhi)),
        ("statistics", HEADINGS, map(_statistic, statistics.rows)),
        ("notes", ("note",), ((n,) for n in notes)),
    )  # fmt: skip
    for name, headings, cells in rows:
        _write(folder / f"{name}.csv", headings, cells, notice(cohort.synthetic))


def _write_curves(
    statistics: Statistics, folder: Path, *, synthetic: bool
) -> Iterable[tuple[str, str]]:
    """Write the ROC and the decision curve, where there are any, and name their pictures."""
    last = notice(synthetic)
    if statistics.roc is not None:
        ends = [f"{name}{end}" for name in ("sensitivity", "specificity") for end in _ENDS]
        _write(
            folder / "roc.csv",
            ("rhi_from", *ends),
            ((p.cut, *_ends(p.sensitivity), *_ends(p.specificity)) for p in statistics.roc.points),
            last,
        )
        draw_roc(statistics.roc, folder / "figure_roc", synthetic=synthetic)
        yield "figure_roc.png", "ROC curve of RHI: moderate or severe against mild pain"
    if statistics.decisions:
        _write(
            folder / "decision.csv",
            ("threshold", *(f"net_benefit{end}" for end in _ENDS), "net_benefit_everybody"),
            ((p.threshold, *_ends(p.model), p.everybody) for p in statistics.decisions),
            last,
        )
        draw_decisions(statistics.decisions, folder / "figure_decision", synthetic=synthetic)
        yield "figure_decision.png", "Decision curve of the published model on these patients"


_ENDS = ("", "_low", "_high")


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _write_manuscript(
    cohort: Cohort,
    statistics: Statistics,
    tables: Tables,
    folder: Path,
    resampling: Resampling,
    word: bool,
) -> None:
    """Write what goes into a paper: Tables 1 to 3, Methods, the checklist."""
    printed = printed_tables(
        tables, len(cohort.patients), synthetic=cohort.synthetic, clustered=cohort.clustered
    )
    write_latex(printed, folder / "tables.tex")
    if word:
        write_docx(printed, folder / "tables.docx")
    text = methods_text(
        cohort,
        statistics,
        resamples=resampling.resamples,
        seed=resampling.seed,
        decisions=bool(statistics.decisions),
    )
    with writing(folder / "methods.md") as stream:
        stream.write(text.encode("utf-8"))
    _write(
        folder / "checklist.csv",
        CHECKLIST_HEADINGS,
        ((c.guideline, c.item, c.topic, c.where, "", GUIDELINES[c.guideline]) for c in checklist()),
        notice(cohort.synthetic),
    )


def write_synthetic(rows: Sequence[SyntheticRow], folder: Path, /) -> Path:
    """Write the synthetic cohort; every row says that it is synthetic.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    cells = ([row[c] for c in COLUMNS] for row in rows)
    return _write(folder / SYNTHETIC_COHORT, COLUMNS, cells, notice(True))


def write_comparison(rows: Iterable[Kept], folder: Path, /) -> Path:
    """Write which printed numbers the synthetic cohort keeps."""
    cells = (
        (r.quantity, r.published, r.synthetic, "yes" if r.kept else "no", r.reason) for r in rows
    )
    return _write(folder / SYNTHETIC_COMPARISON, kept.HEADINGS, cells, notice(True))


def write_findings(findings: Iterable[Finding], folder: Path, /) -> Path:
    """Write the consistency check."""
    cells = (
        (f.check, "; ".join(f.where), f.printed, f.possible, f.verdict, f.explanation)
        for f in findings
    )
    return _write(folder / "consistency.csv", consistency.HEADINGS, cells, notice(False))


def _write(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]], last: str) -> Path:
    write_csv(path, (*headings, "notice"), (csv_line((*row, last)) for row in rows))
    return path


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
    environment = templates(html=True)
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
