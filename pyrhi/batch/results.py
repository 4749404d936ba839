"""ImageJ's Results table of the ROIs of one image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import RoiError
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.images import read_image
from pyrhi.io.rois.files import read_rois
from pyrhi.io.tables import csv_line
from pyrhi.rhi.position import MOVED, moved_from, slices_of

if TYPE_CHECKING:
    import os

OUTSIDE = "ROI {name!r} covers no pixel of slice {number}: its Area is 0; draw it on the image"

ROTATED_HEADINGS = ("RRLength", "RRWidth")
"""Columns that exist only where a ROI is a rotated rectangle."""


@dataclass(frozen=True)
class ResultsTable:
    """Rows of a Results table.

    Parameters
    ----------
    headings
        ``Roi`` and ImageJ's headings.
    rows
        Name of the ROI and its values.
    errors
        ROIs that could not be measured, one line each.
    warnings
        ROIs that lie elsewhere than on the image, one line each.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Lines of CSV, without the headings."""
        return [csv_line(row) for row in self.rows]


def results_table(
    image_path: str | os.PathLike[str],
    rois_path: str | os.PathLike[str],
    /,
    *,
    series: str | None = None,
) -> ResultsTable:
    """Measure ROIs as Analyze > Measure does, with all measurements on.

    Parameters
    ----------
    image_path, rois_path, series
        As `image`, `rois` and `series` of `pyrhi.results`.

    Returns
    -------
    table : ResultsTable
        One row for each ROI and slice, in the order of the ROI set.

    Raises
    ------
    ImageError, RoiError
        If either file cannot be read.
    """
    rows: list[tuple[str | float, ...]] = []
    errors: list[str] = []
    warnings: list[str] = []
    rois = read_rois(rois_path)
    with read_image(image_path, series=series) as image:
        engine = NumpyEngine(image)
        for roi in rois:
            try:
                if position := moved_from(roi, image.n_slices):
                    warning = MOVED.format(name=repr(roi.name), position=position)
                    warnings.append(f"{rois_path}: {warning}")
                for number in slices_of(roi, image.n_slices, image.dimensions):
                    values, region = engine.measure(roi, number)
                    rows.append((roi.name, *values))
                    if region.pixel_count == 0:
                        warning = OUTSIDE.format(name=roi.name, number=number)
                        warnings.append(f"{rois_path}: {warning}")
            except RoiError as error:
                errors.append(f"{rois_path}: {error}")
    last = -len(ROTATED_HEADINGS)
    headings: tuple[str, ...] = HEADINGS
    if all(isinstance(v, float) and math.isnan(v) for row in rows for v in row[last:]):
        headings, rows = HEADINGS[:last], [row[:last] for row in rows]
    return ResultsTable(("Roi", *headings), tuple(rows), tuple(errors), tuple(warnings))
