"""The files of a study: all there, each with its notice, nothing in them that a browser runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run

pytestmark = pytest.mark.slow
NOTICE = "Research use only; not a medical device."


def test_every_file_is_there_and_says_what_it_is(study: Path) -> None:
    pictures = {
        f"{n}.{e}"
        for n in ("figure_1", "figure_2", "figure_4", "figure_roc", "figure_decision", "flow")
        for e in ("png", "svg")
    }
    tables = {
        f"{n}.csv"
        for n in (
            "flow",
            "excluded",
            "missing",
            "table_1",
            "table_2",
            "table_3",
            "statistics",
            "notes",
            "roc",
            "decision",
            "checklist",
        )
    }
    texts = {"study.html", "methods.md", "tables.tex", "tables.docx"}
    assert {p.name for p in study.iterdir()} == pictures | tables | texts
    for name in tables:
        for row in rows(study / name):
            assert row["notice"] == f"Synthetic data: no patient was measured. {NOTICE}"
    for name in pictures:
        data = (study / name).read_bytes()
        if name.endswith("png"):
            assert data.startswith(b"\x89PNG")
        else:
            text = "".join(ET.fromstring(data).itertext())
            assert f"SYNTHETIC DATA. {NOTICE}" in text
    page = (study / "study.html").read_text(encoding="utf-8")
    assert page.count(NOTICE) == 2
    assert "Synthetic data: no patient was measured." in page
    assert "http" not in page


def test_html_is_escaped(tmp_path: Path) -> None:
    cohort = tmp_path / "a<b>&.csv"
    cohort.write_text(
        "patient,vas,rhi\n<script>alert(1)</script>,0,0\nB,9,50\n=1+1,8,60\n", encoding="utf-8"
    )
    assert run(["study", str(cohort), "-o", str(tmp_path / "out")]) == 1
    page = (tmp_path / "out" / "study.html").read_text(encoding="utf-8")

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            assert tag != "script"

    Tags().feed(page)
    assert "&lt;script&gt;" in page
    notes = (tmp_path / "out" / "notes.csv").read_text(encoding="utf-8")
    assert "needs 5 or more pairs" in notes


def test_tables_of_an_earlier_cohort_are_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort, out = tmp_path / "cohort.csv", tmp_path / "out"
    head = "patient,vas_1,vas_2,rhi\n"
    rows = [f"P{i},{i % 10},{i % 10},{10 + 4 * i}" for i in range(1, 20)]
    cohort.write_text(head + "\n".join(rows) + "\n")
    line = ["study", str(cohort), "-o", str(out), "--resamples", "100"]
    run([*line, "--word"])
    assert (out / "tables.docx").is_file()
    assert (out / "roc.csv").is_file()
    # Without moderate or severe pain there is no ROC curve.
    low = [f"P{i},2,2,{10 + 4 * i}" for i in range(1, 20)]
    cohort.write_text(head + "\n".join(low) + "\n")
    capsys.readouterr()
    run(line)
    (note,) = [x for x in capsys.readouterr().err.splitlines() if "earlier run" in x]
    for name in ("tables.docx", "roc.csv", "figure_roc.png", "figure_roc.svg"):
        assert name in note
        assert not (out / name).exists()


def test_statistics_are_tidy(study: Path) -> None:
    found = rows(study / "statistics.csv")
    wanted = {
        "Pearson r", "Spearman rho", "Kendall tau-b", "one-way ANOVA", "Welch ANOVA", "Levene",
        "Kruskal-Wallis", "Tukey", "Games-Howell", "Dunn", "Jonckheere-Terpstra",
    }  # fmt: skip
    assert wanted <= {r["test"] for r in found}
    assert {"eta squared", "omega squared", "epsilon squared"} <= {r["effect"] for r in found}
    assert all(r["method"] and r["source"] and r["n"] for r in found)
    assert found[0]["test"] == "Spearman rho"
