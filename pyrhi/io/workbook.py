"""Excel workbooks: sheets of text cells in, tables with a fixed heading out."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi.errors import OutputError, TableError
from pyrhi.extras import need
from pyrhi.io.atomic import writing
from pyrhi.io.tables import EXCEL_SUFFIX, TEXT_COLUMNS, plain_cell, write_csv
from pyrhi.limits import MAX_TABLE_BYTES

if TYPE_CHECKING:
    import os

EXTRA = "excel"

MAX_ROWS = 2**20
"""Rows of a sheet, with the heading."""

MAX_CELL_CHARACTERS = 32767
"""Characters that a cell holds."""

PERCENT_FORMAT, GENERAL = "0.00", "General"

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PADDED = re.compile(r"0{2,}")
# Of a number format: what is shown as it stands, colours and languages.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]')
# What XML 1.0 has no place for.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CUT = " ... (cut: the CSV has all of it)"
_WIDEST, _NARROWEST, _LOOKED_AT = 100, 8, 200


@dataclass(frozen=True)
class Sheet:
    """A sheet to write.

    Parameters
    ----------
    name
        Its name.
    headings
        Column names.
    lines
        Lines as `pyrhi.io.tables.csv_line` makes them.
    """

    name: str
    headings: tuple[str, ...]
    lines: Iterable[str]


def read_sheet(path: Path, sheet: str | None, /) -> tuple[str, list[tuple[int, list[str]]]]:
    """Read a sheet of a workbook as text.

    Parameters
    ----------
    path
        The ``.xlsx``.
    sheet
        Name of the sheet; None takes the only one that holds anything.

    Returns
    -------
    tuple
        Name of the sheet, and number and cells of each of its rows; all rows are as long as the
        heading. Whole numbers stand bare, others with all digits, days as 2025-03-12, a number
        that is shown as a percentage with its percent sign, which no column of numbers takes.

    Raises
    ------
    TableError
        If it cannot be read, the sheet is missing or not named, or a cell holds an error, or a
        formula without a value.
    PyrhiError
        If openpyxl is not installed.
    """
    openpyxl = need("openpyxl", EXTRA)
    _check_size(path)
    try:
        # Of a stream, as openpyxl judges a path by its name; without a stored value a formula's
        # cell would look blank.
        data = path.read_bytes()
        books = [openpyxl.load_workbook(io.BytesIO(data), data_only=v) for v in (True, False)]
    except Exception as error:  # openpyxl lets many kinds of errors of damaged files through
        msg = f"{path}: cannot be read as an Excel workbook ({type(error).__name__}: {error})"
        raise TableError(msg) from error
    filled = {s.title: s for s in books[0].worksheets if s.max_row > 1 or s["A1"].value is not None}
    if sheet is None:
        if len(filled) != 1:
            # Excel shows only the others.
            names = [
                n + ("" if s.sheet_state == "visible" else " (hidden)") for n, s in filled.items()
            ]
            has = f"has the sheets {', '.join(names)}" if filled else "holds no table"
            msg = f"{path}: {has}; name one with --sheet" if filled else f"{path}: {has}"
            raise TableError(msg)
        sheet = next(iter(filled))
    if sheet not in filled:
        msg = f"{path}: has no sheet {sheet!r} with a table; it has {', '.join(filled) or 'none'}"
        raise TableError(msg)
    return sheet, list(_rows(f"{path}, sheet {sheet}", filled[sheet], books[1][sheet]))


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            other = "mimetype" in archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        msg = f"{path}: is a damaged Excel workbook ({error}); save it again"
        raise TableError(msg) from error
    if other:
        msg = f"{path}: is an OpenDocument file, not an Excel workbook; save it as .xlsx or CSV"
        raise TableError(msg)
    if size > MAX_TABLE_BYTES:
        msg = f"{path}: unpacks to more than pyrhi reads of a table ({MAX_TABLE_BYTES} bytes)"
        raise TableError(msg)


def _rows(where: str, values: Any, formulas: Any) -> Iterator[tuple[int, list[str]]]:
    width = 0
    for shown, written in zip(values.iter_rows(), formulas.iter_rows(), strict=True):
        cells = [_text(where, a, b) for a, b in zip(shown, written, strict=True)]
        while cells and not cells[-1] and (not width or len(cells) > width):
            del cells[-1]
        if cells and not width:
            width = len(cells)
        yield shown[0].row, cells


def _text(where: str, cell: Any, written: Any) -> str:
    value = cell.value
    if value is None:
        if written.data_type == "f":
            msg = (
                f"{where}, cell {cell.coordinate}: holds a formula without a value; open the "
                "file in Excel and save it, or write the value"
            )
            raise TableError(msg)
        return ""
    if cell.data_type == "e":
        msg = f"{where}, cell {cell.coordinate}: holds the error {value}; correct it"
        raise TableError(msg)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and "%" in _LITERAL.sub("", cell.number_format):
        # Shown as 20.5 %, stored as 0.205: which of them a column means is not known here.
        return f"{100 * value:.15g}%"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        # A patient's number such as 0012 is a number that is shown so.
        zeros = len(cell.number_format) if _PADDED.fullmatch(cell.number_format) else 0
        return str(int(value)).zfill(zeros)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if isinstance(value, (date, time)) else str(value).strip()


def write_workbook(path: str | os.PathLike[str], sheets: Sequence[Sheet], /) -> None:
    """Write tables as sheets of a workbook: heading fixed, numbers as numbers, texts as texts.

    Parameters
    ----------
    path
        The ``.xlsx``.
    sheets
        Its sheets, in order.

    Raises
    ------
    OutputError
        If it cannot be written or a table has more rows than a sheet.
    PyrhiError
        If openpyxl is not installed.

    Notes
    -----
    RHI and other percentages are shown with two decimals; all digits are kept. NaN is a blank
    cell: a spreadsheet has no such number. No text runs as a formula.
    """
    openpyxl = need("openpyxl", EXTRA)
    book = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    out = io.BytesIO()
    book.save(out)
    with writing(path) as stream:
        stream.write(out.getbuffer())


def write_table(
    path: str | os.PathLike[str], headings: Sequence[str], lines: Iterable[str], /
) -> None:
    """Write a table as CSV, or as a workbook where the file's name ends with ``.xlsx``.

    Parameters
    ----------
    path, headings, lines
        As for `pyrhi.io.tables.write_csv`.

    Raises
    ------
    OutputError
        If the file cannot be written.
    PyrhiError
        If a workbook is asked for and openpyxl is not installed.
    """
    if Path(path).suffix.lower() != EXCEL_SUFFIX:
        write_csv(path, headings, lines)
        return
    write_workbook(path, [Sheet(Path(path).stem, tuple(headings), lines)])


def _fill(target: Any, sheet: Sheet) -> None:
    cells = need("openpyxl.cell", EXTRA).WriteOnlyCell
    styles = need("openpyxl.styles", EXTRA)
    rows = [row for line in sheet.lines for row in csv.reader(io.StringIO(line, newline=""))]
    if len(rows) >= MAX_ROWS:
        msg = f"sheet {sheet.name}: {len(rows)} rows are more than Excel has; take the CSV"
        raise OutputError(msg)
    bold = styles.Font(name="Calibri", size=11, bold=True)
    target.freeze_panes, target.print_title_rows = "A2", "1:1"
    target.page_setup.orientation, target.page_setup.fitToHeight = "landscape", 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    letters = need("openpyxl.utils", EXTRA).get_column_letter
    for i, heading in enumerate(sheet.headings):
        seen = max([len(heading), *(_seen_width(heading, row[i]) for row in rows[:_LOOKED_AT])])
        width = max(_NARROWEST, min(seen + 2, _WIDEST))
        target.column_dimensions[letters(i + 1)].width = width
    target.auto_filter.ref = f"A1:{letters(len(sheet.headings))}{len(rows) + 1}"
    first = []
    for heading in sheet.headings:
        cell = cells(target, heading)
        cell.font = bold
        first.append(cell)
    target.append(first)
    for row in rows:
        out = []
        for heading, text in zip(sheet.headings, row, strict=True):
            # openpyxl takes "=1+1" for a formula, and writes 16 digits of a number, unless it is
            # given the text and told the type.
            number = _is_number(heading, text)
            cell = cells(target, text if number else _shown_text(heading, text))
            if number:
                cell.data_type = "n"
                cell.number_format = PERCENT_FORMAT if _is_percent(heading) else GENERAL
            elif cell.value is not None:
                cell.data_type, cell.quotePrefix = "s", True
            out.append(cell)
        target.append(out)


def _is_percent(heading: str) -> bool:
    return heading.startswith("RHI") or heading.endswith("Percent")


def _seen_width(heading: str, text: str) -> int:
    return len(f"{float(text):.8g}" if _is_number(heading, text) else text)


def _is_number(heading: str, text: str) -> bool:
    return (
        heading.lower() not in TEXT_COLUMNS
        and _NUMBER.fullmatch(text) is not None
        and math.isfinite(float(text))
    )


def _shown_text(heading: str, text: str) -> str | None:
    if not text or (text == "NaN" and heading.lower() not in TEXT_COLUMNS):
        return None
    cleaned = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", plain_cell(text))
    if len(cleaned) > MAX_CELL_CHARACTERS:
        cleaned = cleaned[: MAX_CELL_CHARACTERS - len(_CUT)] + _CUT
    return cleaned
