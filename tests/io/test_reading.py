"""Tables that people make: what is read, and what is refused by name."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from rigs.tables import workbook

from pyrhi.errors import TableError
from pyrhi.io.reading import SheetPath, read_table, table_path
from pyrhi.io.tables import csv_line
from pyrhi.pain.scores import number_in


def write(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_common_delimiter_and_a_byte_order_mark(tmp_path: Path, mark: str) -> None:
    text = f"Patient{mark}RHI\n\nP é 1{mark}42.5\n"
    table = read_table(write(tmp_path, text, encoding="utf-8-sig"))
    assert table.columns == ("patient", "rhi")
    assert dict(table.rows[0]) == {"patient": "P é 1", "rhi": "42.5"}
    assert table.rows[0].where("rhi") == "table.csv, line 3, column rhi"


def test_a_neutralised_cell_comes_back_as_it_was(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "patient,note\n" + csv_line(["=1+1", "'quoted'"])))
    assert dict(table.rows[0]) == {"patient": "=1+1", "note": "'quoted'"}


def test_the_line_is_where_a_row_starts(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a,b\n"two\nlines",1\nx,2\n'))
    assert [row.line for row in table.rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no row"),
        ("a,b\n", "holds no row"),
        ("a,A\n1,2\n", "names the column 'a' twice"),
        ("a,b\n1,2,3\n", "line 2: has 3 cells, the heading has 2"),
        ('a,b\n"1,2\n', "not a CSV table"),
    ],
)
def test_what_is_not_a_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_table(write(tmp_path, text))


def test_other_encodings_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not UTF-8"):
        read_table(write(tmp_path, "a\nè\n", encoding="latin-1"))
    with pytest.raises(TableError, match=r"none\.csv: cannot be read"):
        read_table(tmp_path / "none.csv")


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(TableError, match="column 'vas' is missing; the file has a, b"):
        table.require("a", "vas")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_decimal_commas_where_no_comma_stands_between_cells(tmp_path: Path, mark: str) -> None:
    text = "Patient;RHI;VAS;Comment\n1,5;20,5;-1,5E+01;4,5\nB;NaN;3;x, y\n".replace(";", mark)
    table = read_table(write(tmp_path, text))
    assert [tuple(row.values()) for row in table.rows] == [
        ("1,5", "20.5", "-1.5E+01", "4,5"),
        ("B", "NaN", "3", "x, y"),
    ]


def test_a_comma_between_cells_is_no_decimal_comma(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'patient,rhi\nA,"20,5"\n'))
    assert table.rows[0]["rhi"] == "20,5"


def test_numbers_in_two_ways_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "patient;rhi\nA;20,5\nB;21.5\n")
    with pytest.raises(TableError, match=r"line 2, column rhi: '20,5'.*line 3 '21\.5'.*one way"):
        read_table(path)


def test_the_line_that_tells_excel_the_separator(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "sep=;\r\nPatient;RHI\r\nA, B;20,5\r\n"))
    assert dict(table.rows[0]) == {"patient": "A, B", "rhi": "20.5"}
    assert table.rows[0].line == 3


def test_a_sheet_reads_as_text(tmp_path: Path) -> None:
    rows = [
        ["Patient ", "RHI", "Visit", "Seen", "Yes"],
        ["Müller", 20.12345678901234, date(2025, 3, 12), datetime(2025, 3, 12, 8, 30), True],
        [None, None, None, None, None],
        [12, 40.0, "first", None, False],
    ]
    table = read_table(workbook(tmp_path, Cohort=rows, Sheet2=[]))
    assert table.headings == ("Patient", "RHI", "Visit", "Seen", "Yes")
    assert [(row.line, *row.values()) for row in table.rows] == [
        (2, "Müller", "20.12345678901234", "2025-03-12", "2025-03-12T08:30:00", "true"),
        (4, "12", "40", "first", "", "false"),
    ]
    assert table.rows[1].where("rhi") == "study.xlsx, sheet Cohort, line 4, column rhi"


def test_a_number_that_is_shown_with_zeros_keeps_them(tmp_path: Path) -> None:
    path = workbook(tmp_path, Cohort=[["patient", "rhi"], [12, 5]])
    book = openpyxl.load_workbook(path)
    book["Cohort"]["A2"].number_format = "0000"
    book.save(path)
    assert read_table(path).rows[0]["patient"] == "0012"


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("0.0%", "20.5%"),
        ("[Red]0%", "20.5%"),
        ('0.00" %"', "0.205"),
        (r"0.00\%", "0.205"),
        ("0.00E+00", "0.205"),
    ],
)
def test_a_number_that_is_shown_as_a_percentage_is_none(
    tmp_path: Path, number_format: str, text: str
) -> None:
    path = workbook(tmp_path, Cohort=[["patient", "rhi"], ["A", 0.205]])
    book = openpyxl.load_workbook(path)
    book["Cohort"]["B2"].number_format = number_format
    book.save(path)
    row = read_table(path).rows[0]
    assert row["rhi"] == text
    if text.endswith("%"):
        with pytest.raises(TableError, match=r"'20\.5%' is not a number; write it as a number"):
            number_in(row["rhi"], where="rhi")


def test_columns_and_rows_that_are_blank_now_are_left_out(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b,,\n1,2,,\n3,,,\n,,,\n5,6\n"))
    assert table.columns == ("a", "b")
    assert [tuple(row.values()) for row in table.rows] == [("1", "2"), ("3", ""), ("5", "6")]
    with pytest.raises(TableError, match="line 2: has 4 cells, the heading has 2"):
        read_table(write(tmp_path, "a,b,,\n1,2,,x\n"))


def test_one_of_several_sheets_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, a=[["x"], [1]], b=[["x"], [2]])
    with pytest.raises(TableError, match=r"has the sheets a, b; name one with --sheet"):
        read_table(path)
    with pytest.raises(TableError, match=r"no sheet 'c' with a table; it has a, b"):
        read_table(SheetPath.of(path, "c"))
    book = openpyxl.load_workbook(path)
    book["b"].sheet_state = "hidden"
    book.save(path)
    with pytest.raises(TableError, match=r"has the sheets a, b \(hidden\); name one"):
        read_table(path)
    for given in (SheetPath.of(path, "b"), table_path(f"{path}#b"), table_path(f"{path}#b", "a")):
        assert read_table(given).rows[0]["x"] == "2"


def test_a_sheet_counts_for_nothing_in_a_csv(tmp_path: Path) -> None:
    assert read_table(SheetPath.of(write(tmp_path, "x\n1\n"), "Cohort")).rows[0]["x"] == "1"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("=1+1", "cell B2: holds a formula without a value; open the file in Excel and save it"),
        ("#N/A", "cell B2: holds the error #N/A"),
    ],
)
def test_cells_that_hold_no_value_are_refused(tmp_path: Path, cell: str, message: str) -> None:
    path = workbook(tmp_path, a=[["patient", "rhi"], ["A", cell]])
    with pytest.raises(TableError, match=message):
        read_table(path)


def test_a_workbook_is_known_by_what_it_is_not_by_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, a=[["x"], [1]]).rename(tmp_path / "study.csv")
    assert read_table(path).rows[0]["x"] == "1"


def test_other_workbooks_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "table.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(TableError, match=r"OpenDocument file, not an Excel workbook; save it as"):
        read_table(tmp_path / "table.ods")
    path = tmp_path / "old.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(TableError, match=r"old Excel workbook \(.xls\) or has a password"):
        read_table(path)
    path.write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(TableError, match="is a damaged Excel workbook"):
        read_table(path)
