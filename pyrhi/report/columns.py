"""What each column of each table means, and its unit: one data file for workbooks and docs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TABLES = {
    "rhi": "a row for each slice and level that has a cord",
    "patients": "a row for each patient, and each visit",
    "rois": "a row for each ROI and slice",
    "failures": "a row for each image that could not be measured",
    "ratings": "a row for each slice that a reader rated in the report",
    "tiers": "a row for each patient, by pyrhi classify",
    "progression": "a row for each patient, level and visit, by pyrhi track",
    "measures": "a row for each patient and visit, by pyrhi measure --measures",
    "lesions": "a row for each lesion, by pyrhi measure --measures",
    "signal": "a row for each row of rhi, by pyrhi measure --measures",
    "lesion_changes": "a row for each lesion or group of lesions, by pyrhi track --lesions",
    "results": "a row for each ROI, by pyrhi results",
    "thresholds": "a row for each method and slice, by pyrhi thresholds",
}
"""Tables that are described, and what a row of each is."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    table, name
        Table and heading.
    unit
        Unit, or an empty text.
    meaning
        One sentence for a reader.
    """

    table: str
    name: str
    unit: str
    meaning: str


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns of all tables.

    Examples
    --------
    >>> next(c.unit for c in columns() if (c.table, c.name) == ("patients", "RHI_max"))
    '%'
    """
    text = files("pyrhi.report").joinpath("data/columns.csv").read_text(encoding="utf-8")
    return tuple(
        Column(table, row["Column"], row["Unit"], row["Meaning"])
        for row in csv.DictReader(text.splitlines())
        for table in row["Tables"].split()
    )


def column_of(table: str, name: str, /) -> Column:
    """Return a column; an unknown one has neither unit nor meaning.

    Parameters
    ----------
    table
        One of `TABLES`.
    name
        Its heading.
    """
    found = (c for c in columns() if (c.table, c.name) == (table, name))
    return next(found, Column(table, name, "", ""))
