"""Cells and tables: CSV that ImageJ, R, pandas and spreadsheets read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.io.atomic import writing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that starts with one of these would run as a formula in a spreadsheet."""

NOT_UNICODE = "backslashreplace"
r"""How bytes of a file name that are no UTF-8 are written: ``\xff`` as ``\udcff``, as in JSON."""

_QUOTED = frozenset('",\n\r')

Cell = str | int | float


def number_cell(value: float, /) -> str:
    """Write a number as ImageJ's tables do: integers bare, else all digits; NaN as ``NaN``.

    Examples
    --------
    >>> number_cell(12.0), number_cell(0.1 + 0.2), number_cell(float("nan"))
    ('12', '0.30000000000000004', 'NaN')
    """
    return number_cells((value,))


def number_cells(values: Iterable[float], /) -> str:
    """Write several numbers as cells of one line.

    Examples
    --------
    >>> number_cells((1.0, float("-inf"), 10.05, 1e300))
    '1,-Infinity,10.05,1e+300'
    """
    # One pass over the joined text is many times faster than a look at every number.
    text = (",".join(map(repr, values)) + ",").replace(".0,", ",")
    if "n" in text:
        text = text.replace("nan", "NaN").replace("inf", "Infinity")
    return text[:-1]


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


def csv_line(cells: Iterable[Cell], /) -> str:
    """Return one line of CSV with its line end."""
    return ",".join(map(_cell, cells)) + "\n"


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return number_cell(value)
    return text_cell(value) if isinstance(value, str) else str(value)


def write_csv(
    path: str | os.PathLike[str], headings: Sequence[str], lines: Iterable[str], /
) -> None:
    """Write a table whole or not at all.

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
    with writing(path) as stream:
        stream.write(csv_line(headings).encode("utf-8"))
        for line in lines:
            stream.write(line.encode("utf-8", NOT_UNICODE))
