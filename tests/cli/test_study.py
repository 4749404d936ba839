"""``pyrhi study`` as it is run, from a synthetic cohort to the last file."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run

pytestmark = pytest.mark.slow

NOTICE = "Research use only; not a medical device."


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    assert run(["study", "--simulate", "-o", str(folder / "example"), "--seed", "4"]) == 0
    cohort = folder / "example" / "synthetic_cohort.csv"
    output = folder / "out"
    assert run(["study", str(cohort), "-o", str(output), "--resamples", "100"]) == 0
    return output


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
    texts = {"study.html", "methods.md", "tables.tex"}
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


def test_tables_have_the_papers_rows(study: Path) -> None:
    table_1 = {(r["characteristic"], r["item"]): r for r in rows(study / "table_1.csv")}
    assert table_1["Histologic type", "Luminal B"]["n"] == "31"
    assert table_1["Systemic therapy", "Chemotherapy"]["n"] == "44"
    assert table_1["Age (years)", ""]["median"] == "51"
    table_2 = {(r["factor"], r["group"]): r for r in rows(study / "table_2.csv")}
    assert (table_2["Location", "Lumbar"]["min"], table_2["Location", "Lumbar"]["max"]) == (
        "5",
        "10",
    )
    table_3 = {(r["factor"], r["group"]): r for r in rows(study / "table_3.csv")}
    assert table_3["RHI (%)", ""]["median"] == "47"
    assert table_3["Pain tier", "Mild pain (1-3)"]["median"] == "27"


def test_pictures_hold_r_and_p(study: Path) -> None:
    statistics = rows(study / "statistics.csv")
    text = (study / "figure_4.svg").read_text(encoding="utf-8")
    for name, symbol in (("Spearman rho", "Spearman ρ"), ("Pearson r", "Pearson r")):
        row = next(r for r in statistics if (r["analysis"], r["test"]) == ("RHI and VAS", name))
        low, high = float(row["ci_low"]), float(row["ci_high"])
        assert f"{symbol} = {float(row['effect_size']):.2f} [{low:.2f}, {high:.2f}]" in text
    assert "p &lt; 0.0001" in text or "p = 0." in text


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


def test_published_prints_the_contradictions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["study", "--published", "-o", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "29 of 45 is 64 %, printed 46 %" in printed
    assert NOTICE in printed
    found = rows(tmp_path / "consistency.csv")
    assert {r["verdict"] for r in found} == {"contradiction", "possible", "cannot be checked"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["study"], 2, "give a folder"),
        (["study", "-o", "out"], 2, "give a cohort"),
        (["study", "--published", "--simulate"], 2, "two jobs"),
        (["study", "none.csv", "-o", "out"], 1, "pyrhi: none.csv: cannot be read"),
        (["study", "--published", "none.json"], 1, "pyrhi: none.json: is not JSON"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str],
    code: int,
    message: str,
    refused: Callable[[list[str], int], str],
    tmp_path: Path,
) -> None:
    error = refused(arguments, code)
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


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
