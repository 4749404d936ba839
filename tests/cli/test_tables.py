"""Tables as people have them, by every command that reads or writes one."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from rigs.tables import workbook

from pyrhi.cli.main import run
from pyrhi.cli.tables import TABLE, sheet_of
from pyrhi.sample import sample_folder

PATIENTS = [["Patient", "RHI", "Location"], ["Müller", 20.5, "lumbar"], ["Groß", 70, "thoracic"]]
COHORT = [["patient", "location"], ["Müller", "cervical"], ["Groß", "thoracic"]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return workbook(tmp_path, notes=[["made by hand"]], patients=PATIENTS, cohort=COHORT)


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
    errors = capsys.readouterr().err
    assert "patient Müller: location" in errors
    assert "cervical" in errors


def test_a_workbook_with_several_sheets_says_what_to_do(
    book: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(["classify", str(book)]) == 1
    errors = capsys.readouterr().err
    assert "has the sheets notes, patients, cohort; name one with --sheet" in errors
    assert len(errors.splitlines()) == 1


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


@pytest.mark.slow
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


def test_measure_reads_manifests_of_both_kinds_and_writes_a_workbook(study: Path):
    texts = []
    for name, more in (("study.csv", []), ("study.xlsx", ["--sheet", "Images"])):
        out = study / f"out-{name}"
        line = ["measure", "--manifest", str(study / name), "-o", str(out), "--jobs", "1"]
        assert run([*line, *more, "--excel"]) == 0
        texts.append((out / "rhi.csv").read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert "Müller,t2_axial_021.tif,1,,26.6666666666666" in texts[0]
    book = openpyxl.load_workbook(study / "out-study.csv/results.xlsx")
    patients = [[cell.value for cell in row] for row in book["patients"].iter_rows()]
    assert patients[2][:4] == ["=1+1", 1, 1, 28.409090909090907]
    assert book["patients"]["A3"].data_type == "s"


def test_measure_writes_tables_for_german_excel_and_reads_them_again(study: Path):
    line = ["measure", str(study), "--jobs", "1", "-o"]
    assert run([*line, str(study / "plain")]) == 0
    assert run([*line, str(study / "de"), "--locale", "de", "--excel", "--report"]) == 0
    for name in ("rhi", "rois", "patients", "failures"):
        plain = pd.read_csv(study / f"plain/{name}.csv")
        german = pd.read_csv(study / f"de/{name}.csv", sep=";", decimal=",")
        pd.testing.assert_frame_equal(plain, german, check_exact=True, check_dtype=False)
        book = pd.read_excel(study / "de/results.xlsx", sheet_name=name)
        pd.testing.assert_frame_equal(plain, book, check_exact=True, check_dtype=False)
    assert run(["report", str(study / "de")]) == 0
    assert run(["classify", str(study / "de/patients.csv"), "-o", str(study / "tiers.csv")]) == 0
    assert pd.read_csv(study / "tiers.csv").RHI.tolist() == [28.409090909090907]


def test_scores_go_into_the_table(study: Path, capsys: pytest.CaptureFixture[str]):
    ratings = study / "ratings.csv"
    text = (
        "Patient;Image;Slice;Level;Rating;Score;Comment;Reader;Date\n"
        ";t2_axial_021.tif;1;;;4;;anna;\n;t2_axial_021.tif;1;;accept;3;;bela;\n"
        ";t2_axial_022.tif;1;;exclude;;gone;anna;\n"
    )
    ratings.write_text(text, encoding="utf-16")
    line = ["measure", str(study), "--ratings", str(ratings), "--jobs", "1", "-o", str(study / "o")]
    assert run(line) == 0
    frame = pd.read_csv(study / "o/rhi.csv")
    assert frame.Rating.tolist() == ["accept", "exclude"]
    assert frame.Score.tolist()[0] == 3.5
    assert frame.Score.isna().tolist() == [False, True]
    assert frame.Reader.tolist() == ["anna; bela", "anna"]
    ratings.write_text(text.replace(";4;", ";6;"), encoding="utf-8")
    assert run(line) == 1
    assert "line 2: score '6' is not one of 1, 2, 3, 4, 5" in capsys.readouterr().err
