"""Tables 1 to 3 as a journal prints them: Word and LaTeX."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pyrhi.extras import need
from pyrhi.io.atomic import writing
from pyrhi.pain.model import NOTICE
from pyrhi.study.tables import CharacteristicRow, GroupRow, Summary, Tables

SEVERAL = "n counts lesions, and P takes those of one patient as independent. "
SYNTHETIC = "Synthetic data: no patient was measured. "
PAGE_CM, FIRST_CM = 16.0, 5.0
"""Widths of a table and of its first column in Word."""

ABBREVIATIONS = (
    "CI: 95 % confidence interval of the median (order statistics). SD: standard deviation. "
    "P: Kruskal-Wallis; one-way ANOVA. "
)
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": "$<$", ">": "$>$", "–": "--",
}  # fmt: skip


@dataclass(frozen=True)
class PrintedRow:
    """A row: its cells, and whether it heads the rows after it or belongs below one."""

    cells: tuple[str, ...]
    heading: bool = False
    indented: bool = False


@dataclass(frozen=True)
class PrintedTable:
    """A table with its caption above and its footnote below."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[PrintedRow, ...]
    footnote: str


def printed_tables(
    tables: Tables, people: int, /, *, synthetic: bool, clustered: bool = False
) -> tuple[PrintedTable, ...]:
    """Word Tables 1 to 3.

    Parameters
    ----------
    tables
        The tables.
    people
        Number of patients.
    synthetic
        True says so below each table.
    clustered
        True says below Tables 2 and 3 that P takes lesions of one patient as independent.

    Returns
    -------
    tuple of PrintedTable
        Medians with their interval, p with two significant digits (three below 0.001 are
        ``< 0.001``), percentages of those known.
    """
    last = (SYNTHETIC if synthetic else "") + NOTICE
    rows = (SEVERAL if clustered else "") + last
    first = "Percentages are of the patients for whom it is known. " + ABBREVIATIONS.split("P:")[0]
    return (
        PrintedTable(
            f"Table 1. Clinical characteristics of the patients (n = {people})",
            ("Characteristic", "n", "% or median [CI]; mean (SD); range"),
            tuple(_characteristics(tables.characteristics)),
            first + last,
        ),
        _groups("Table 2. Pain score (VAS, 0-10) by location and number", tables.vas, rows),
        _groups("Table 3. Ratio of high-intensity area (RHI, %) by pain tier", tables.rhi, rows),
    )


def write_docx(tables: Sequence[PrintedTable], path: Path, /) -> Path:
    """Write tables as a Word document, each on a page of its own.

    Parameters
    ----------
    tables
        The tables.
    path
        Where to.

    Returns
    -------
    Path

    Raises
    ------
    PyrhiError
        If python-docx is not installed; the message names the extra.
    OutputError
        If the file cannot be written.
    """
    document = need("docx", "word").Document()
    for place, table in enumerate(tables):
        if place:
            document.add_page_break()
        document.add_paragraph().add_run(table.caption).bold = True
        _add_grid(document, table)
        footnote = document.add_paragraph().add_run(table.footnote)
        footnote.font.size = need("docx.shared", "word").Pt(8)
    buffer = io.BytesIO()
    document.save(buffer)
    with writing(path) as stream:
        stream.write(buffer.getvalue())
    return path


def write_latex(tables: Sequence[PrintedTable], path: Path, /) -> Path:
    r"""Write tables as a LaTeX document that compiles by itself, as `write_docx` does for Word."""
    lines = [
        r"\documentclass{article}", r"\usepackage[T1]{fontenc}", r"\usepackage[utf8]{inputenc}",
        r"\usepackage{textcomp}", r"\begin{document}",
    ]  # fmt: skip
    for table in tables:
        lines += [
            r"\begin{table}[p]", r"\footnotesize\centering\setlength{\tabcolsep}{3pt}",
            rf"\textbf{{{_tex(table.caption)}}}\par\smallskip",
            rf"\begin{{tabular}}{{l{'r' * (len(table.headings) - 1)}}}", r"\hline",
            " & ".join(map(_tex, table.headings)) + r" \\ \hline",
        ]  # fmt: skip
        for row in table.rows:
            first, *rest = map(_tex, row.cells)
            name = rf"\quad {first}" if row.indented else first
            name = rf"\textbf{{{name}}}" if row.heading else name
            lines.append(" & ".join([name, *rest]) + r" \\")
        lines += [
            r"\hline", r"\end{tabular}\par\smallskip",
            rf"\begin{{minipage}}{{\textwidth}}\scriptsize {_tex(table.footnote)}\end{{minipage}}",
            r"\end{table}", r"\clearpage",
        ]  # fmt: skip
    lines.append(r"\end{document}")
    with writing(path) as stream:
        stream.write(("\n".join(lines) + "\n").encode("utf-8"))
    return path


def _add_grid(document: Any, table: PrintedTable) -> None:
    shared = need("docx.shared", "word")
    grid = document.add_table(rows=0, cols=len(table.headings), style="Light Shading")
    grid.autofit = False
    rest = (PAGE_CM - FIRST_CM) / (len(table.headings) - 1)
    for i, column in enumerate(grid.columns):
        column.width = shared.Cm(rest if i else FIRST_CM)
    for row in (PrintedRow(table.headings, heading=True), *table.rows):
        for i, (cell, text) in enumerate(zip(grid.add_row().cells, row.cells, strict=True)):
            cell.width = shared.Cm(rest if i else FIRST_CM)
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            # The style prints the first column bold, where only headings should be.
            run.bold = row.heading
            run.font.size = shared.Pt(9)
            if i == 0 and row.indented:
                paragraph.paragraph_format.left_indent = shared.Cm(0.4)


def _characteristics(rows: Iterable[CharacteristicRow]) -> Iterable[PrintedRow]:
    for name, group in groupby(rows, key=lambda r: r.characteristic):
        several = list(group)
        summary = several[0].summary
        if summary is not None:
            text = "; ".join((_median(summary), _mean(summary), _range(summary)))
            yield PrintedRow((name, str(summary.n), text), heading=True)
            continue
        yield PrintedRow((name, "", ""), heading=True)
        for row in several:
            percent = "–" if math.isnan(row.percent) else f"{row.percent:.0f}"
            yield PrintedRow((row.item, f"{row.n} of {row.of_n}", percent), indented=True)


def _groups(caption: str, rows: Iterable[GroupRow], last: str) -> PrintedTable:
    headings = ("", "n", "Median [CI]", "Mean (SD)", "Range", "P")
    found: list[PrintedRow] = []
    for factor, group in groupby(rows, key=lambda r: r.factor):
        several = list(group)
        if several[0].group:
            tests = "; ".join(_p(p) for p in (several[0].p_kruskal_wallis, several[0].p_anova))
            found.append(PrintedRow((factor, "", "", "", "", tests), heading=True))
        for row in several:
            s = row.summary
            cells = (row.group or factor, str(s.n), _median(s), _mean(s), _range(s), "")
            found.append(PrintedRow(cells, heading=not row.group, indented=bool(row.group)))
    return PrintedTable(caption, headings, tuple(found), ABBREVIATIONS + last)


def _median(s: Summary) -> str:
    if math.isnan(s.median):
        return "–"
    if math.isnan(s.median_low):
        return f"{s.median:.1f}"
    return f"{s.median:.1f} [{s.median_low:.1f}, {s.median_high:.1f}]"


def _mean(s: Summary) -> str:
    if math.isnan(s.mean):
        return "–"
    return f"{s.mean:.1f}" + ("" if math.isnan(s.sd) else f" ({s.sd:.1f})")


def _range(s: Summary) -> str:
    return "–" if math.isnan(s.low) else f"{s.low:.4g}–{s.high:.4g}"


def _p(p: float) -> str:
    if math.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def _tex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)
