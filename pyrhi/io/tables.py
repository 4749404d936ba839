"""Cells and tables: CSV that ImageJ, R, pandas and spreadsheets read alike."""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import TYPE_CHECKING

from pyrhi.errors import ParameterError
from pyrhi.imagej.digits import cell_of
from pyrhi.io.atomic import writing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that starts with one of these would run as a formula in a spreadsheet."""

NOT_UNICODE = "backslashreplace"
r"""How bytes of a file name that are no UTF-8 are written: ``\xff`` as ``\udcff``, as in JSON."""

TEXT_COLUMNS = frozenset({
    "patient", "lesion", "image", "rois", "roi", "level", "visit", "comment", "reader", "warnings",
    "otherimage", "from", "to", "readers", "reader_a", "reader_b", "marked_by", "not_marked_by",
})  # fmt: skip
"""Columns, in lower case, whose cells are text even where one looks like a number."""

EXCEL_SUFFIX = ".xlsx"

BYTE_ORDER_MARK = "\ufeff"

_QUOTED = frozenset('",\n\r')
_POINT = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")

Cell = str | int | float


@dataclass(frozen=True)
class Locale:
    """How a table is written for the spreadsheets of a country.

    Parameters
    ----------
    separator
        Between cells.
    decimal
        Decimal mark of numbers.
    mark
        True puts a byte order mark first, by which Excel knows that the text is UTF-8.
    """

    separator: str = ","
    decimal: str = "."
    mark: bool = False


LOCALES = {
    "en": Locale(),
    "de": Locale(";", ",", mark=True),
    "fr": Locale(";", ",", mark=True),
    "zh": Locale(",", ".", mark=True),
}
"""By language; tables of every one are read again by `pyrhi.io.reading.read_table`."""

_locale: ContextVar[Locale] = ContextVar("locale", default=LOCALES["en"])


@contextmanager
def locale(name: str, /) -> Iterator[None]:
    r"""Write the tables inside for another country.

    Parameters
    ----------
    name
        One of `LOCALES`.

    Raises
    ------
    ParameterError
        If there is no such locale.

    Examples
    --------
    >>> with locale("de"):
    ...     table_text(("Patient", "RHI"), [csv_line(("P1", 20.5))])
    'Patient;RHI\nP1;20,5\n'
    """
    if name not in LOCALES:
        msg = f"locale {name!r} is not one of {', '.join(LOCALES)}"
        raise ParameterError(msg)
    token = _locale.set(LOCALES[name])
    try:
        yield
    finally:
        _locale.reset(token)


def number_cell(value: float, /) -> str:
    """Write a number as ImageJ's tables do: integers bare, else all digits; NaN as ``NaN``.

    Examples
    --------
    >>> number_cell(12.0), number_cell(0.1 + 0.2), number_cell(float("nan"))
    ('12', '0.30000000000000004', 'NaN')
    """
    return cell_of(float(value))


@lru_cache(maxsize=4096)
def text_cell(value: str, /) -> str:
    """Write a text so that no spreadsheet runs it, quoted where CSV needs it.

    Examples
    --------
    >>> text_cell("cord L2"), text_cell("=1+1"), text_cell("a,b")
    ('cord L2', "'=1+1", '"a,b"')
    """
    if value.startswith(FORMULA_STARTS):
        value = "'" + value
    if _QUOTED.isdisjoint(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def plain_cell(cell: str, /) -> str:
    """Take back the apostrophe that `text_cell` puts before a formula.

    Examples
    --------
    >>> plain_cell("'=1+1"), plain_cell("'quoted'")
    ('=1+1', "'quoted'")
    """
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def csv_line(cells: Iterable[Cell], /) -> str:
    """Return one line of CSV with its line end."""
    return ",".join(map(_cell, cells)) + "\n"


def _cell(value: Cell) -> str:
    # The types of nearly all cells come first: a table has many of them.
    kind = type(value)
    if kind is float:
        return number_cell(value)  # type: ignore[arg-type]
    if kind is int:
        return str(value)
    if isinstance(value, str):
        return text_cell(value)
    return str(int(value)) if isinstance(value, Integral) else number_cell(value)


class TableText:
    r"""A table as text in the locale that is set, line by line.

    Parameters
    ----------
    headings
        Column names.

    Examples
    --------
    >>> with locale("fr"):
    ...     table = TableText(("Patient", "RHI"))
    >>> table.lines(csv_line(("P1", 20.5)) + csv_line(("1.5", 3)))
    'P1;20,5\n1.5;3\n'
    """

    def __init__(self, headings: Sequence[str], /) -> None:
        self._locale = _locale.get()
        self._headings = headings
        self._is_text = [heading.lower() in TEXT_COLUMNS for heading in headings]

    def head(self) -> str:
        """Return the headings as the first line."""
        return self.lines(csv_line(self._headings))

    def start(self) -> str:
        """Return what a file starts with: a byte order mark where there is one, and the head."""
        return (BYTE_ORDER_MARK if self._locale.mark else "") + self.head()

    def lines(self, lines: str, /) -> str:
        """Return lines that `csv_line` made as the locale writes them."""
        chosen = self._locale
        if (chosen.separator, chosen.decimal) == (",", "."):
            return lines
        out = io.StringIO()
        writer = csv.writer(out, delimiter=chosen.separator, lineterminator="\n")
        for cells in csv.reader(io.StringIO(lines, newline="")):
            writer.writerow(
                cell.replace(".", chosen.decimal)
                if not is_text and _POINT.fullmatch(cell)
                else cell
                for cell, is_text in zip(cells, self._is_text, strict=True)
            )
        return out.getvalue()


def table_text(headings: Sequence[str], lines: Iterable[str], /) -> str:
    """Return a table as text, in the locale that is set.

    Parameters
    ----------
    headings
        Column names.
    lines
        Lines as `csv_line` makes them.
    """
    table = TableText(headings)
    return table.head() + "".join(map(table.lines, lines))


def write_csv(
    path: str | os.PathLike[str], headings: Sequence[str], lines: Iterable[str], /
) -> None:
    """Write a table whole or not at all, in the locale that is set.

    Parameters
    ----------
    path
        The file.
    headings
        Column names.
    lines
        Lines as `csv_line` makes them.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    table = TableText(headings)
    with writing(path) as stream:
        stream.write(table.start().encode("utf-8"))
        for line in lines:
            stream.write(table.lines(line).encode("utf-8", NOT_UNICODE))
