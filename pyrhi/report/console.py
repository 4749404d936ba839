"""Tables for a terminal: rounded for the eye, aligned; the files keep every digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.io.tables import number_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyrhi.io.tables import Cell

SHOWN_DECIMALS = 2


def text_table(
    headings: Sequence[str], rows: Iterable[Sequence[Cell]], shown: Sequence[str], /
) -> str:
    """Return some columns of a table as aligned text.

    Parameters
    ----------
    headings
        Columns of the table.
    rows
        Its cells.
    shown
        Columns to show.

    Examples
    --------
    >>> rows = [("a.tif", 12.3456), ("b.tif", 0.0)]
    >>> print(text_table(["Image", "RHI"], rows, ["Image", "RHI"]))
    Image    RHI
    a.tif  12.35
    b.tif      0
    """
    at = [list(headings).index(heading) for heading in shown]
    cells = [list(shown)] + [[_rounded(row[i]) for i in at] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(shown))]
    numeric = [all(_is_number(row[i]) for row in cells[1:]) for i in range(len(shown))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in cells
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rounded(cell: Cell) -> str:
    if not isinstance(cell, float):
        return str(cell)
    text = number_cell(cell)
    return f"{cell:.{SHOWN_DECIMALS}f}" if "." in text else text
