"""Tables as people have them, by every command that reads or writes one."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pyrhi.cli.main import run
from pyrhi.cli.tables import TABLE, sheet_of
from pyrhi.sample import sample_folder

PATIENTS = [["Patient", "RHI", "Location"], ["Müller", 20.5, "lumbar"], ["Groß", 70, "thoracic"]]
COHORT = [["patient", "location"], ["Müller", "cervical"], ["Groß", "thoracic"]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    made.active.title = "notes"
    made.active["A1"] = "made by hand"
    for name, rows in (("patients", PATIENTS), ("cohort", COHORT)):
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "study.xlsx"
    made.save(path)
    return path


def test_classify_reads_a_sheet_and_writes_a_workbook(book: Path, tmp_path: Path):
    out = tmp_path / "tiers.xlsx"
    assert run(["classify", str(book), "--sheet", "patients", "-o", str(out)]) == 0
    frame = pd.read_excel(out)
    assert frame.Patient.tolist() == ["Müller", "Groß"]
    assert frame.RHI.tolist() == [20.5, 70]
    assert frame.P_mild.dtype == float


def test_two_sheets_of_one_workbook(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "tiers.csv"
    line = ["classify", f"{book}#patients", "--cohort", f"{book}#cohort", "-o", str(out)]
    assert run(line) == 0
    assert pd.read_csv(out).Patient.tolist() == ["Müller", "Groß"]
    said = capsys.readouterr().err
    assert "patient Müller: location" in said
    assert "cervical" in said


def test_a_workbook_with_several_sheets_says_what_to_do(
    book: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(["classify", str(book)]) == 1
    said = capsys.readouterr().err
    assert "has the sheets notes, patients, cohort; name one with --sheet" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_classify_reads_what_excel_saves_in_germany(tmp_path: Path, encoding: str):
    path = tmp_path / "patienten.csv"
    path.write_text("Patient;RHI\r\nMüller;20,5\r\nGroß;70\r\n", encoding=encoding)
    out = tmp_path / "tiers.csv"
    assert run(["classify", str(path), "-o", str(out)]) == 0
    frame = pd.read_csv(out)
    assert frame.RHI.tolist() == [20.5, 70]
    assert frame.Patient.tolist() == ["Müller", "Groß"]


def test_the_locale_of_what_is_written_and_of_what_is_printed(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "tiers.csv"
    line = ["classify", f"{book}#patients", "--locale", "de"]
    assert run([*line, "-o", str(out)]) == 0
    text = out.read_bytes().decode("utf-8-sig")
    assert pd.read_csv(out, sep=";", decimal=",").RHI.tolist() == [20.5, 70]
    capsys.readouterr()
    assert run(line) == 0
    assert capsys.readouterr().out == text
    # The next command is not written so.
    assert run(line[:2]) == 0
    assert capsys.readouterr().out.startswith("Patient,")


def test_track_follows_a_workbook(tmp_path: Path):
    rows = [["patient", "visit", "rhi"], ["A", 0, 20.5], ["A", 6, 40.25]]
    pd.DataFrame(rows[1:], columns=rows[0]).to_excel(tmp_path / "visits.xlsx", index=False)
    out = tmp_path / "out"
    assert run(["track", str(tmp_path / "visits.xlsx"), "-o", str(out)]) == 0
    assert pd.read_csv(out / "progression.csv").RHI_Change.tolist()[1] == 19.75


def test_agree_compares_two_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "readings.xlsx"
    with pd.ExcelWriter(path) as writer:
        for name, add in (("anna", 0.0), ("bela", 2.0)):
            rhi = [v + add for v in (10.0, 20.0, 35.0, 50.0)]
            pd.DataFrame({"Patient": list("ABCD"), "RHI": rhi}).to_excel(writer, sheet_name=name)
    line = ["agree", f"a={path}#anna", f"b={path}#bela", "-o", str(tmp_path / "out")]
    assert run(line) == 0
    frame = pd.read_csv(tmp_path / "out/agreement.csv")
    bias = frame[(frame.Quantity == "RHI") & (frame.Statistic == "Bland-Altman bias")]
    assert bias.Value.tolist() == [-2.0]


def test_study_reads_a_sheet(tmp_path: Path):
    assert run(["study", "--simulate", "-o", str(tmp_path)]) == 0
    frame = pd.read_csv(tmp_path / "synthetic_cohort.csv")
    frame.to_excel(tmp_path / "cohort.xlsx", index=False)
    for name in ("synthetic_cohort.csv", "cohort.xlsx"):
        run(["study", str(tmp_path / name), "-o", str(tmp_path / name[-4:]), "--resamples", "100"])
    table = (tmp_path / ".csv/table_3.csv").read_text(encoding="utf-8")
    assert (tmp_path / "xlsx/table_3.csv").read_text(encoding="utf-8") == table
    assert table.count("\n") > 3


def test_thresholds_and_results_write_workbooks(tmp_path: Path):
    image = sample_folder() / "axial_slices/t2_axial_022.tif"
    assert run(["results", str(image), str(image.with_suffix(".zip")), "-o",
                str(tmp_path / "r.xlsx")]) == 0  # fmt: skip
    assert run(["results", str(image), str(image.with_suffix(".zip")), "-o",
                str(tmp_path / "r.csv")]) == 0  # fmt: skip
    book, text = pd.read_excel(tmp_path / "r.xlsx"), pd.read_csv(tmp_path / "r.csv")
    pd.testing.assert_frame_equal(book, text, check_exact=True)
    assert run(["thresholds", str(image), "-o", str(tmp_path / "t.xlsx")]) == 0
    assert len(pd.read_excel(tmp_path / "t.xlsx")) == 17


def test_without_a_context_a_path_is_a_path():
    import click

    assert TABLE.convert("a.csv", None, None) == Path("a.csv")
    assert sheet_of(click.Context(click.Command("x"))) is None
