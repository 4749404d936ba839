"""Tables of two ways, compared cell by cell: text exactly, numbers to 1e-9.

The macros measure by what ImageJ tells of an open image. What only the file says (`UNSEEN`), and
hyperstacks, which they refuse (`UNREAD`), is left out of the comparison with them.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOLERANCE = 1e-9
UNSEEN = (
    "slice distance ",
    "only the first of ",
    "pixel size from a print resolution",
    "check it against the scanner",
)
"""How warnings begin that take a reader of the file."""

UNREAD = ("hyper.tif", "hyperstack.tif", "plain_u8_be.tif", "plain_u8_le.tif")
"""How the names of hyperstacks end, and of two images whose files say a pixel size of 0."""


def rows_of(path: Path) -> list[list[str]]:
    """Read a CSV."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def as_a_macro_sees(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of ``rhi.csv`` without what the macros cannot see."""
    image, warnings = rows[0].index("Image"), rows[0].index("Warnings")
    kept = [row[:] for row in rows if not row[image].endswith(UNREAD)]
    for row in kept[1:]:
        message = row[warnings].split("; ")
        row[warnings] = "; ".join(text for text in message if not text.startswith(UNSEEN))
    # The macro measures images in the order in which ImageJ lists files: 10 before 9.
    return [kept[0], *sorted(kept[1:], key=lambda row: row[image])]


def assert_same_rows(found: list[list[str]], expected: list[list[str]]) -> int:
    """Compare all cells, in order; return how many."""
    for seen, wanted in zip(found, expected, strict=False):
        assert seen[:4] == wanted[:4], (seen, wanted)
    assert len(found) == len(expected)
    for seen, wanted in zip(found, expected, strict=True):
        for heading, a, b in zip(expected[0], seen, wanted, strict=True):
            try:
                same = float(a) == pytest.approx(float(b), rel=TOLERANCE, abs=0, nan_ok=True)
            except ValueError:
                same = a == b
            assert same, (wanted[:4], heading, a, b)
    return sum(map(len, found))


def assert_same_as_macro(found: list[list[str]], expected: list[list[str]]) -> int:
    """Compare a macro's table, without what it cannot see; return how many cells."""
    return assert_same_rows(as_a_macro_sees(found), as_a_macro_sees(expected))
