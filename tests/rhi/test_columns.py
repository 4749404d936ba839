"""The headings that people's own tables, macros and scripts look for."""

from __future__ import annotations

from dataclasses import fields

from pyrhi.rhi.columns import RHI_COLUMNS, heading_of, rhi_cells
from pyrhi.rhi.measure import RhiNumbers

PUBLIC = (
    "Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
    "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings"
)
"""As all doors have them; a name that changes is a column that a user's script no longer finds."""


def test_headings_keep_their_names_and_order():
    assert ",".join(RHI_COLUMNS) == PUBLIC


def test_each_cell_stands_below_the_heading_of_its_field():
    names = [f.name for f in fields(RhiNumbers)]
    row = RhiNumbers(**{**{name: name for name in names}, "warnings": ("one", "two")})  # type: ignore[arg-type]
    cells = dict(zip(RHI_COLUMNS, rhi_cells(row), strict=True))
    assert cells.pop("Warnings") == "one; two"
    assert cells == {heading_of(name): name for name in names if name != "warnings"}
