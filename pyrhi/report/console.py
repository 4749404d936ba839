"""Tables for a terminal: rounded for the eye, aligned; the files keep every digit."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_DECIMALS = 2


def text_table(headings: Sequence[str], lines: Sequence[str], shown: Sequence[str], /) -> str:
    r"""Return some columns of a table as aligned text.

    Parameters
    ----------
    headings
        Columns of the table.
    lines
        Its lines as CSV.
    shown
        Columns to show.

    Examples
    --------
    >>> print(text_table(["Image", "RHI"], ["a.tif,12.3456\n", "b.tif,0\n"], ["Image", "RHI"]))
    Image    RHI
    a.tif  12.35
    b.tif      0
    """
    at = [list(headings).index(heading) for heading in shown]
    rows = [list(shown)] + [[_rounded(cells[i]) for i in at] for cells in csv.reader(lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(shown))]
    numeric = [all(_is_number(row[i]) for row in rows[1:]) for i in range(len(shown))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rounded(cell: str) -> str:
    if "." in cell and _is_number(cell):
        return f"{float(cell):.{SHOWN_DECIMALS}f}"
    return cell
