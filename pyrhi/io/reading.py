"""Reading tables that people make: text cells, with the place of each for a message."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import TableError
from pyrhi.io.tables import FORMULA_STARTS
from pyrhi.limits import MAX_TABLE_BYTES

if TYPE_CHECKING:
    import os

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class TextRow(Mapping[str, str]):
    """One row: cells by column name in lower case; a column that is not there is no key.

    Parameters
    ----------
    table
        Name of the file, for messages.
    line
        Line of the file on which the row starts; the heading is on line 1.
    cells
        Text of each cell, without blanks around it.
    """

    table: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def where(self, column: str, /) -> str:
        """Say where a cell is, for a message."""
        return f"{self.table}, line {self.line}, column {column}"


@dataclass(frozen=True)
class TextTable:
    """A table of text cells.

    Parameters
    ----------
    path
        Its file.
    columns
        Column names in lower case, in the order of the file.
    rows
        Its rows.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[TextRow, ...]

    def require(self, *columns: str) -> None:
        """Refuse a table that lacks a column.

        Raises
        ------
        TableError
            If one is missing; the message names it and the columns that are there.
        """
        for column in columns:
            if column not in self.columns:
                msg = (
                    f"{self.path}: column {column!r} is missing; "
                    f"the file has {', '.join(self.columns)}"
                )
                raise TableError(msg)


def read_table(path: str | os.PathLike[str], /) -> TextTable:
    """Read a CSV file (comma, semicolon or tab; UTF-8 with or without a byte order mark).

    Parameters
    ----------
    path
        The file. Column names are taken without case; wholly blank lines are left out.

    Returns
    -------
    TextTable

    Raises
    ------
    TableError
        If the file cannot be read, has no heading or row, names a column twice, or a row has
        more or fewer cells than the heading.
    """
    path = Path(path)
    check_table_size(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path}: is not UTF-8 text; save the table as CSV UTF-8"
        raise TableError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error})"
        raise TableError(msg) from error
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows: list[TextRow] = []
    columns: tuple[str, ...] = ()
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(path, cells)
                continue
            if len(cells) != len(columns):
                msg = (
                    f"{path}, line {start}: has {len(cells)} cells, the heading has {len(columns)}"
                )
                raise TableError(msg)
            texts = {c: plain_cell(cell) for c, cell in zip(columns, cells, strict=True)}
            rows.append(TextRow(path.name, start, texts))
    except csv.Error as error:
        msg = f"{path}, line {reader.line_num}: is not a CSV table ({error})"
        raise TableError(msg) from error
    if not rows:
        msg = f"{path}: holds no row; the first line names the columns, each other is one row"
        raise TableError(msg)
    return TextTable(path, columns, tuple(rows))


def check_table_size(path: Path, /) -> None:
    """Raise TableError for a file that is too large to be a table that pyrhi reads."""
    if path.is_file() and path.stat().st_size > MAX_TABLE_BYTES:
        msg = f"{path}: is larger than pyrhi reads of a table ({MAX_TABLE_BYTES} bytes); split it"
        raise TableError(msg)


def _columns(path: Path, cells: list[str]) -> tuple[str, ...]:
    columns = tuple(cell.strip().lower() for cell in cells)
    for i, column in enumerate(columns):
        if column in columns[:i]:
            msg = f"{path}: names the column {column!r} twice"
            raise TableError(msg)
    return columns


def plain_cell(cell: str, /) -> str:
    """Take back the apostrophe that `pyrhi.io.tables.text_cell` puts before a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell
