"""Workbooks: openpyxl and LibreOffice say what is in their cells."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

import openpyxl
import pytest

from pyrhi.errors import OutputError, PyrhiError
from pyrhi.io import workbook
from pyrhi.io.tables import csv_line
from pyrhi.io.workbook import Sheet, write_workbook

HEADINGS = ("Patient", "RHI", "HighPercent", "Slices", "Warnings", "Comment")
ROWS = [
    ("0012", 28.409090909090907, 0.1, 3, "-1", ""),
    ("=1+1", float("nan"), float("inf"), 0, "@SUM(A1)", "a\x01b"),
    ("+x", 1e-300, 2.0, 10**15, "12.5", "é, 患"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "results.xlsx"
    write_workbook(path, [Sheet("rhi", HEADINGS, map(csv_line, ROWS)), Sheet("none", ("A",), [])])
    return path


def test_openpyxl_reads_numbers_with_all_digits_and_texts_as_texts(book: Path):
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == ["rhi", "none"]
    rows = [[cell.value for cell in row] for row in opened["rhi"].iter_rows()]
    assert rows == [
        list(HEADINGS),
        ["0012", 28.409090909090907, 0.1, 3, "-1", None],
        ["=1+1", None, "Infinity", 0, "@SUM(A1)", "a\\x01b"],
        ["+x", 1e-300, 2, 10**15, "12.5", "é, 患"],
    ]
    types = {cell.data_type for row in opened["rhi"].iter_rows() for cell in row}
    assert types == {"s", "n"}


def test_the_heading_is_frozen_and_rhi_shows_two_decimals(book: Path):
    sheet = openpyxl.load_workbook(book)["rhi"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F4"
    assert sheet["A1"].font.b
    assert [sheet[c].number_format for c in ("B2", "C2", "D2")] == ["0.00", "0.00", "General"]


def libreoffice(book: Path, kind: str) -> None:
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{book.parent}/profile",
         "--convert-to", kind, "--outdir", str(book.parent), str(book)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


def test_libreoffice_opens_it_and_runs_nothing(book: Path):
    # -1 writes every sheet to a file of its own.
    libreoffice(
        book, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    )
    with (book.parent / "results-rhi.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == list(HEADINGS)
    assert [row[0] for row in rows[1:]] == ["0012", "=1+1", "+x"]
    assert float(rows[1][1]) == pytest.approx(28.409090909090907, rel=1e-14)
    assert rows[2][1:5] == ["", "Infinity", "0", "@SUM(A1)"]
    assert rows[3][5] == "é, 患"


def test_libreoffice_shows_two_decimals_of_rhi(book: Path):
    libreoffice(book, "html")
    page = (book.parent / "results.html").read_text(encoding="utf-8")
    cells = re.findall(r'sdval="([^"]*)"[^>]*><font[^>]*>([^<]*)', page)
    assert ("28.4090909090909", "28.41") in cells
    assert ("0.1", "0.10") in cells


def test_more_rows_than_a_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    with pytest.raises(
        OutputError, match="sheet rhi: 3 rows are more than Excel has; take the CSV"
    ):
        write_workbook(tmp_path / "a.xlsx", [Sheet("rhi", HEADINGS, map(csv_line, ROWS))])
    assert not (tmp_path / "a.xlsx").exists()


def test_a_long_text_says_that_it_was_cut(tmp_path: Path):
    write_workbook(tmp_path / "a.xlsx", [Sheet("a", ("Warnings",), [csv_line(["w" * 40000])])])
    value = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]["A2"].value
    assert len(value) == 32767
    assert value.endswith("w ... (cut: the CSV has all of it)")


def test_without_openpyxl_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(PyrhiError, match=r'pip install "pyrhi\[excel\]"'):
        write_workbook(tmp_path / "a.xlsx", [])
