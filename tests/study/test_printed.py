"""Tables 1 to 3 in Word and LaTeX, read back by others."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker

from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.kept import Kept
from pyrhi.study.printed import PrintedTable, printed_tables, write_docx, write_latex
from pyrhi.study.statistics import Resampling, statistics_of
from pyrhi.study.tables import tables_of

pytestmark = pytest.mark.slow

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def printed(simulated: tuple[Path, tuple[Kept, ...]]) -> tuple[PrintedTable, ...]:
    cohort = read_study_cohort(simulated[0])
    tables = tables_of(cohort, statistics_of(cohort, Resampling(resamples=1)))
    return printed_tables(tables, len(cohort.patients), synthetic=True)


def test_the_tables_say_what_the_paper_says(printed: tuple[PrintedTable, ...]) -> None:
    first, second, third = printed
    rows = {r.cells[0]: r.cells for r in first.rows}
    assert rows["Luminal B"][1:] == ("31 of 45", "69")
    assert rows["Age (years)"][2].startswith("51.0 [")
    lumbar = next(r.cells for r in second.rows if r.cells[0] == "Lumbar")
    assert (lumbar[1], lumbar[4]) == ("7", "5–10")
    mild = next(r for r in third.rows if r.cells[0] == "Mild pain (1-3)")
    assert mild.indented
    # Three values give a median without an interval.
    assert mild.cells[2] == "27.0"
    assert all("Synthetic data" in t.footnote and "not a medical device" in t.footnote
               for t in printed)  # fmt: skip


def test_word_reads_the_same_cells(printed: tuple[PrintedTable, ...], tmp_path: Path) -> None:
    path = write_docx(printed, tmp_path / "tables.docx")
    with zipfile.ZipFile(path) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    grids = list(body.iter(f"{W}tbl"))
    assert len(grids) == 3
    for grid, table in zip(grids, printed, strict=True):
        cells = [
            tuple("".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc"))
            for row in grid.iter(f"{W}tr")
        ]
        assert cells == [table.headings, *(r.cells for r in table.rows)]
    text = "".join(t.text or "" for t in body.iter(f"{W}t"))
    assert all(t.caption in text and t.footnote in text for t in printed)


def test_latex_reads_the_same_cells(printed: tuple[PrintedTable, ...], tmp_path: Path) -> None:
    source = write_latex(printed, tmp_path / "tables.tex").read_text(encoding="utf-8")
    nodes, _, _ = LatexWalker(source, tolerant_parsing=False).get_latex_nodes()
    document = next(n for n in nodes if isinstance(n, LatexEnvironmentNode))
    tables = [n for n in document.nodelist if isinstance(n, LatexEnvironmentNode)]
    assert [t.environmentname for t in tables] == ["table"] * 3
    for node, table in zip(tables, printed, strict=True):
        inner = [n for n in node.nodelist if isinstance(n, LatexEnvironmentNode)]
        grid = next(n for n in inner if n.environmentname == "tabular")
        lines = re.split(r"\\\\", grid.latex_verbatim())[:-1]
        text = LatexNodes2Text(math_mode="text")
        for line, row in zip(lines[1:], table.rows, strict=True):
            cells = [text.latex_to_text(c).strip() for c in re.split(r"(?<!\\)&", line)]
            assert cells == [c.strip() for c in row.cells]


def test_what_latex_would_take_for_a_command_is_escaped(tmp_path: Path) -> None:
    table = PrintedTable(r"50 % of \input{x} & #1_a^b ~ $x$", ("a", "b"), (), "<0.05>")
    source = write_latex([table], tmp_path / "t.tex").read_text(encoding="utf-8")
    text = LatexNodes2Text(math_mode="text").latex_to_text(source)
    # The reader's own circumflex is another letter.
    assert r"50 % of \input{x} & #1_a^b ~ $x$" in text.replace("\u02c6", "^")
    assert "<0.05>" in text
