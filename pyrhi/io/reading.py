"""Reading tables that people make: text cells, with the place of each for a message."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import TableError
from pyrhi.io.encoding import decode_table
from pyrhi.io.regular import open_regular
from pyrhi.io.tables import TEXT_COLUMNS, plain_cell
from pyrhi.limits import MAX_TABLE_BYTES
from pyrhi.wording import counted

if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")

_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


class SheetPath(_Path):
    """A sheet of a workbook, to give where a table's path is asked for.

    Examples
    --------
    >>> path = SheetPath.of("study.xlsx", "Cohort")
    >>> path.name, path.sheet
    ('study.xlsx', 'Cohort')
    """

    sheet: str | None = None

    @classmethod
    def of(cls, path: str | os.PathLike[str], sheet: str, /) -> SheetPath:
        """Name a sheet of the workbook `path`; a CSV file has none, and it counts for nothing."""
        made = cls(path)
        made.sheet = sheet
        return made


def table_path(text: str, sheet: str | None = None, /) -> Path:
    """Return the path of a table that a person named, with its sheet.

    Parameters
    ----------
    text
        A path, or ``FILE.xlsx#SHEET`` where no file is called so.
    sheet
        Sheet of a workbook that is named without one.
    """
    path, mark, named = text.rpartition("#")
    if mark and named and Path(path).is_file() and not Path(text).exists():
        return SheetPath.of(path, named)
    return SheetPath.of(text, sheet) if sheet else Path(text)


@dataclass(frozen=True)
class TextRow(Mapping[str, str]):
    """One row: cells by column name in lower case; a column that is not there is no key.

    Parameters
    ----------
    table
        Name of the file, for messages.
    line
        Line of the file, or row of the sheet, on which the row starts; the heading is on line 1.
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
    headings
        The same as the file spells them.
    rows
        Its rows.
    """

    path: Path
    columns: tuple[str, ...]
    headings: tuple[str, ...]
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


def read_table(path: str | os.PathLike[str], /, *, may_be_empty: bool = False) -> TextTable:
    """Read a CSV file or a sheet of an Excel workbook.

    Parameters
    ----------
    path
        A CSV (comma, semicolon or tab; encodings as in `pyrhi.io.encoding.decode_table`) or a
        ``.xlsx``; a `SheetPath` names one of several sheets. Column names are taken without
        case; wholly blank lines are left out.
    may_be_empty
        True takes a table that has a heading and no row.

    Returns
    -------
    TextTable
        Numbers with a decimal point, whatever the file writes.

    Raises
    ------
    TableError
        If the file cannot be read, has no heading or row, names a column twice, or a row has
        more or fewer cells than the heading; if numbers are written in two ways; if a workbook
        has several sheets and none is named.
    PyrhiError
        If it is a workbook and openpyxl is not installed.
    """
    sheet = path.sheet if isinstance(path, SheetPath) else None
    path = Path(path)
    check_table_size(path)
    try:
        with open_regular(path) as stream:
            start = stream.read(len(_WORKBOOK))
            data = b"" if start in (_WORKBOOK, _OLD_WORKBOOK) else start + stream.read()
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error})"
        raise TableError(msg) from error
    if start == _OLD_WORKBOOK:
        msg = f"{path}: is an old Excel workbook (.xls) or has a password; save it as .xlsx or CSV"
        raise TableError(msg)
    if start == _WORKBOOK:
        from pyrhi.io.workbook import read_sheet

        name, numbered = read_sheet(path, sheet)
        table = _table(path, f"{path.name}, sheet {name}", numbered)
    else:
        text = decode_table(data, path)
        table = _decimals(_table(path, path.name, _lines(path, text)), _delimiter(text)[0])
    if not table.columns or not (table.rows or may_be_empty):
        msg = f"{path}: holds no row; the first line names the columns, each other is one row"
        raise TableError(msg)
    return table


def _delimiter(text: str) -> tuple[str, int]:
    """Return what stands between cells, and where the table starts."""
    # Excel takes a first line such as sep=; as an order and shows it to nobody.
    if matched := _SEPARATOR_LINE.match(text):
        return matched[1], matched.end()
    return max(_DELIMITERS, key=text.partition("\n")[0].count), 0


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter, start = _delimiter(text)
    skipped = text.count("\n", 0, start)
    lines = io.StringIO(text[start:], newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line + skipped, cells
            line = reader.line_num + 1
    except csv.Error as error:
        msg = f"{path}, line {reader.line_num + skipped}: is not a CSV table ({error})"
        raise TableError(msg) from error


def _table(path: Path, name: str, lines: Iterable[tuple[int, list[str]]]) -> TextTable:
    rows: list[TextRow] = []
    columns: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        # Spreadsheets write columns that were once used and are blank now.
        while len(cells) > len(columns) and not cells[-1].strip():
            cells = cells[:-1]
        if not columns:
            headings = tuple(cell.strip() for cell in cells)
            columns = _columns(path, headings)
            continue
        if len(cells) != len(columns):
            has = counted(len(cells), "cell")
            msg = f"{path}, line {line}: has {has}, the heading has {len(columns)}"
            raise TableError(msg)
        texts = {c: plain_cell(cell) for c, cell in zip(columns, cells, strict=True)}
        rows.append(TextRow(name, line, texts))
    return TextTable(path, columns, headings, tuple(rows))


def _decimals(table: TextTable, delimiter: str) -> TextTable:
    """Write decimal commas as points; only where no comma stands between cells."""
    if delimiter == ",":
        return table
    first: dict[re.Pattern[str], tuple[TextRow, str]] = {}
    numbers = [column for column in table.columns if column not in TEXT_COLUMNS]
    for row in table.rows:
        for column in numbers:
            for pattern in (_COMMA, _POINT):
                if pattern not in first and pattern.fullmatch(row[column]):
                    first[pattern] = row, column
    if _COMMA not in first:
        return table
    if _POINT in first:
        (row, column), (other, there) = first[_COMMA], first[_POINT]
        msg = (
            f"{row.where(column)}: {row[column]!r} has a decimal comma, but on line {other.line} "
            f"{other[there]!r} has a point; write all numbers of the table one way"
        )
        raise TableError(msg)
    rows = tuple(
        TextRow(row.table, row.line, {
            c: cell.replace(",", ".") if c in numbers and _COMMA.fullmatch(cell) else cell
            for c, cell in row.cells.items()
        })
        for row in table.rows
    )  # fmt: skip
    return replace(table, rows=rows)


def check_table_size(path: Path, /) -> None:
    """Raise TableError for a file that is too large to be a table that pyrhi reads."""
    if path.is_file() and path.stat().st_size > MAX_TABLE_BYTES:
        msg = f"{path}: is larger than pyrhi reads of a table ({MAX_TABLE_BYTES} bytes); split it"
        raise TableError(msg)


def _columns(path: Path, headings: tuple[str, ...]) -> tuple[str, ...]:
    columns = tuple(heading.lower() for heading in headings)
    for i, column in enumerate(columns):
        if column in columns[:i]:
            msg = f"{path}: names the column {column!r} twice"
            raise TableError(msg)
    return columns
