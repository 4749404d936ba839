"""The columns of ``rhi.csv`` that one image fills, and a row's cells in that order.

Both follow the fields of `RhiNumbers`, so that a column is added there and nowhere else; the
warnings come last.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

from pyrhi.rhi.measure import RhiNumbers

ABBREVIATIONS = {"rhi": "RHI"}
"""Words of a field's name that a heading writes in capitals."""

_FIELDS = tuple(f.name for f in fields(RhiNumbers))
_values = attrgetter(*_FIELDS)


def heading_of(field: str, /) -> str:
    """Return the heading of a field of `RhiNumbers`.

    Examples
    --------
    >>> heading_of("cord_area"), heading_of("rhi")
    ('CordArea', 'RHI')
    """
    return "".join(ABBREVIATIONS.get(word, word.capitalize()) for word in field.split("_"))


RHI_COLUMNS = tuple(map(heading_of, _FIELDS))
"""Columns of ``rhi.csv`` after Patient."""


def rhi_cells(row: RhiNumbers, /) -> list[Any]:
    """Return the cells of a row in the order of `RHI_COLUMNS`.

    Parameters
    ----------
    row
        The measured row.
    """
    *cells, warnings = _values(row)
    return [*cells, "; ".join(warnings)]
