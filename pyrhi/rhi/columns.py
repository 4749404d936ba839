"""The columns of ``rhi.csv`` that one image fills, and a row's cells in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrhi.rhi.measure import RhiNumbers

RHI_COLUMNS = (
    "Image",
    "Slice",
    "Level",
    "RHI",
    "CordArea",
    "HighArea",
    "Unit",
    "CordPercent",
    "HighPercent",
    "HighCount",
    "HighOutsidePercent",
    "CordMean",
    "HighMean",
    "ExcludedPixels",
    "Plane",
    "Method",
    "Warnings",
)
"""Columns of ``rhi.csv`` after Patient."""


def rhi_cells(row: RhiNumbers, /) -> list[str | float]:
    """Return the cells of a row in the order of `RHI_COLUMNS`.

    Parameters
    ----------
    row
        The measured row.
    """
    return [
        row.image,
        row.slice,
        row.level,
        row.rhi,
        row.cord_area,
        row.high_area,
        row.unit,
        row.cord_percent,
        row.high_percent,
        row.high_count,
        row.high_outside_percent,
        row.cord_mean,
        row.high_mean,
        row.excluded_pixels,
        row.plane,
        row.method,
        "; ".join(row.warnings),
    ]
