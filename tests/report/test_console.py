"""Tables on a terminal, read back by pandas."""

from __future__ import annotations

import io

import pandas as pd

from pyrhi.report.console import text_table

HEADINGS = ("Image", "Slice", "RHI", "Warnings")
ROWS = [
    ("a.tif", 1, 12.3456789, "RHI is over 100"),
    ("ümlaut.tif", 14, 0.0, ""),
    ("c.tif", 2, float("nan"), "x"),
    ("d.tif", 3, 1e-9, "y"),
]


def test_numbers_are_rounded_to_two_decimals_and_none_becomes_a_zero():
    lines = text_table(HEADINGS, ROWS, ("Image", "RHI")).splitlines()
    assert [line.split()[1] for line in lines] == ["RHI", "12.35", "0", "NaN", "1e-09"]


def test_columns_stand_below_their_headings():
    text = text_table(HEADINGS, ROWS, ("Slice", "RHI", "Image"))
    frame = pd.read_fwf(io.StringIO(text), infer_nrows=10)
    assert list(frame.columns) == ["Slice", "RHI", "Image"]
    assert frame.Slice.tolist() == [1, 14, 2, 3]
    assert frame.Image.tolist() == [row[0] for row in ROWS]
    # Numbers end in one column, texts begin in one.
    assert len({len(line.split()[0]) + line.index(line.split()[0]) for line in
                text.splitlines()}) == 1  # fmt: skip


def test_a_line_has_no_blanks_at_its_end():
    assert all(line == line.rstrip() for line in text_table(HEADINGS, ROWS, HEADINGS).splitlines())
