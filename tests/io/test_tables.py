"""Cells of tables: whatever type a number has, pandas and R's own reader see a number."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from pyrhi.errors import ParameterError
from pyrhi.io.reading import read_table
from pyrhi.io.tables import (
    LOCALES,
    csv_line,
    locale,
    number_cell,
    table_text,
    write_csv,
)
from pyrhi.io.workbook import write_table

TYPES = [float, np.float64, np.float32, np.float16, np.longdouble]
WHOLE_TYPES = [int, np.int64, np.int32, np.uint8, np.uint64]


@pytest.mark.parametrize("kind", TYPES)
def test_a_number_of_any_type_is_a_number(kind: type):
    value = kind(505.25)
    assert number_cell(value) == "505.25"
    assert csv_line([value]) == "505.25\n"


@pytest.mark.parametrize("kind", WHOLE_TYPES)
def test_a_whole_number_of_any_type_is_bare(kind: type):
    assert csv_line([kind(200), np.float64(200)]) == "200,200\n"


HEADINGS = ("Patient", "RHI", "Slices", "Warnings")
ROWS = [("=P,1", 20.123456789012344, 3, "1.5"), ('B "b"\nb', float("nan"), 0, "-x")]


@pytest.mark.parametrize(
    ("name", "sep", "decimal"), [("de", ";", ","), ("fr", ";", ","), ("zh", ",", ".")]
)
def test_pandas_reads_the_table_of_a_country(tmp_path: Path, name: str, sep: str, decimal: str):
    path = tmp_path / "a.csv"
    with locale(name):
        write_csv(path, HEADINGS, map(csv_line, ROWS))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(path, sep=sep, decimal=decimal, encoding="utf-8-sig",
                        dtype={"Warnings": str})  # fmt: skip
    assert frame.RHI.tolist()[0] == 20.123456789012344
    assert frame.Slices.tolist() == [3, 0]
    assert frame.Warnings.tolist() == ["1.5", "'-x"]


@pytest.mark.parametrize("name", LOCALES)
def test_every_locale_reads_back(tmp_path: Path, name: str):
    path = tmp_path / "a.csv"
    with locale(name):
        write_csv(path, HEADINGS, map(csv_line, ROWS))
    assert [tuple(row.values()) for row in read_table(path).rows] == [
        ("=P,1", "20.123456789012344", "3", "1.5"),
        ('B "b"\nb', "NaN", "0", "-x"),
    ]


def test_the_locale_ends_and_an_unknown_one_is_named():
    with locale("de"):
        pass
    assert table_text(("RHI",), ["1.5\n"]) == "RHI\n1.5\n"
    with (
        pytest.raises(ParameterError, match="locale 'xx' is not one of en, de, fr, zh"),
        locale("xx"),
    ):
        pass


def test_a_table_becomes_a_workbook_by_its_name(tmp_path: Path):
    write_table(tmp_path / "tiers.xlsx", HEADINGS, map(csv_line, ROWS))
    sheet = openpyxl.load_workbook(tmp_path / "tiers.xlsx")["tiers"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        list(HEADINGS),
        ["=P,1", 20.123456789012344, 3, "1.5"],
        ['B "b"\nb', None, 0, "-x"],
    ]


def test_libreoffice_reads_the_german_table(tmp_path: Path):
    with locale("de"):
        write_csv(tmp_path / "a.csv", HEADINGS, map(csv_line, ROWS[:1]))
    # Separator 59 (;), quote 34, UTF-8 (76), from line 1, language German (1031).
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1031,false,true", "--convert-to",
         "xlsx", "--outdir", str(tmp_path), str(tmp_path / "a.csv")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["B2"].value == pytest.approx(20.123456789012344, rel=1e-15)
    assert sheet["C2"].value == 3


def test_text_is_written_as_pandas_reads_it():
    text = table_text(HEADINGS, map(csv_line, ROWS))
    assert pd.read_csv(io.StringIO(text)).Patient.tolist() == ["'=P,1", 'B "b"\nb']
