"""What the page of the QC report is filled with: formats, the histogram and the tiers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrhi.pain.classify import choose_model, table_of
from pyrhi.pain.cohort import read_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.report.qc.results import Results

PACKAGE = "pyrhi.report.qc"
BAR_PERCENT = 5
"""Width of a bar of the histogram, in percent of RHI."""

LAST_BAR = 100

SHOWN_FIRST = 8
"""Slices that are shown at the top."""


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram.

    Parameters
    ----------
    low, high
        RHI in percent, `low` included; the last bar holds all above too.
    count
        Slices.
    share
        Share of the tallest bar.
    """

    low: int
    high: int
    count: int
    share: float


def environment() -> Any:
    """Return the Jinja2 environment of the report: every value is escaped."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader(PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["short"] = short
    made.filters["number"] = number
    return made


def number(value: float, /) -> str:
    """Write a number with two decimals, and a missing one as a dash.

    Examples
    --------
    >>> number(28.409), number(0.0), number(math.nan)
    ('28.41', '0.00', '–')
    """
    return "–" if math.isnan(value) else f"{value:.2f}"


def short(text: str, /) -> str:
    """Write a cell of a table that holds a number as `number` does; other text stays.

    Examples
    --------
    >>> short("28.409090909090907"), short("NaN"), short("drawn")
    ('28.41', '–', 'drawn')
    """
    try:
        return number(float(text))
    except ValueError:
        return text


def histogram(values: Sequence[float], /) -> list[Bar]:
    """Count RHI of slices in bars of 5 percentage points.

    Examples
    --------
    >>> [(bar.low, bar.count) for bar in histogram([0.0, 4.9, 5.0, 250.0]) if bar.count]
    [(0, 2), (5, 1), (95, 1)]
    """
    last = LAST_BAR // BAR_PERCENT - 1
    counts = [0] * (last + 1)
    for value in values:
        if not math.isnan(value):
            counts[min(int(value // BAR_PERCENT), last)] += 1
    tallest = max([*counts, 1])
    return [
        Bar(i * BAR_PERCENT, (i + 1) * BAR_PERCENT, n, n / tallest) for i, n in enumerate(counts)
    ]


def worst_rows(rows: Sequence[dict[str, str]], /) -> list[dict[str, Any]]:
    """Return the rows to look at first: those with the highest RHI above 0.

    Examples
    --------
    >>> [item["index"] for item in worst_rows([{"RHI": "0"}, {"RHI": "3.5"}, {"RHI": "20"}])]
    [2, 1]
    """
    high = [(float(row["RHI"]), i) for i, row in enumerate(rows) if float(row["RHI"]) > 0]
    high.sort(key=lambda pair: (-pair[0], pair[1]))
    return [{"index": i, "row": rows[i]} for _, i in high[:SHOWN_FIRST]]


def tier_rows(results: Results, /) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """Return the patients with tier and probabilities, and the model's caveats.

    Parameters
    ----------
    results
        The results; patients without RHI have no tier.

    Raises
    ------
    TableError
        If ``patients.csv`` cannot be read.
    """
    if not results.patients:
        return [], ()
    model = choose_model()
    measured, _ = read_measured(results.folder / "patients.csv")
    headings, rows = table_of(measured, model)
    shown = [dict(zip(headings, map(str, row), strict=True)) for row in rows]
    return (
        [{**row, **more} for row, more in zip(results.patients, shown, strict=True)],
        (f"Model: {model.name}", *model.caveats),
    )
