"""Tables that people make: what is read, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.errors import TableError
from pyrhi.io.reading import read_table
from pyrhi.io.tables import csv_line


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
        read_table(write(tmp_path, "a\né\n", encoding="latin-1"))
    with pytest.raises(TableError, match=r"none\.csv: cannot be read"):
        read_table(tmp_path / "none.csv")


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(TableError, match="column 'vas' is missing; the file has a, b"):
        table.require("a", "vas")
