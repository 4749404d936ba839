"""The fast engine: ImageJ's arithmetic on arrays, without Java."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.calibration import table as calibration_table
from pyrhi.imagej.mask import Region, region_of
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.polygons import Plane, is_simple, mean_of, measure_polygon, rows_of
from pyrhi.imagej.results import geometry_of, measure_region
from pyrhi.imagej.thresholds import auto_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image


class NumpyEngine:
    """Measures one image by numpy and compiled loops.

    Parameters
    ----------
    image
        The image; its slices are read one at a time.
    """

    def __init__(self, image: Image, /) -> None:
        self._image = image
        self._table = calibration_table(image.calibration, image.kind)
        self._geometry = geometry_of(image.calibration, image.height)
        self._number = 0
        self._pixels: NDArray[np.generic] = np.zeros((0, 0), np.uint8)
        self._moments: NDArray[np.float32] | None = None
        self._rows: Plane | None = None

    def _plane(self, slice_number: int) -> NDArray[np.generic]:
        if slice_number != self._number:
            self._pixels = self._image.plane(slice_number)
            if self._image.kind == "RGB":
                self._moments = self._image.moments_plane(slice_number).astype(np.float32)
            self._rows = self._as_plane(np.ascontiguousarray(self._pixels), 0, slice_number)
            self._number = slice_number
        return self._pixels

    def _as_plane(self, pixels: NDArray[np.generic], first: int, slice_number: int) -> Plane:
        image = self._image
        return Plane(
            pixels,
            first,
            image.height,
            slice_number,
            image.calibration,
            self._table,
            self._geometry,
            self._moments,
        )

    def _with_rows(self, slice_number: int, first: int, last: int) -> Plane:
        """Return a plane that holds these rows; others are not read where that can be avoided."""
        rows = self._rows
        if rows is not None and rows.number == slice_number:
            if first >= rows.first_row and last <= rows.first_row + rows.rows:
                return rows
            first, last = min(first, rows.first_row), max(last, rows.first_row + rows.rows)
        pixels = self._image.rows(slice_number, first, last)
        if pixels is None:
            self._plane(slice_number)
        else:
            self._rows = self._as_plane(pixels, first, slice_number)
        assert self._rows is not None
        return self._rows

    def measure(self, roi: Roi, slice_number: int, /) -> tuple[tuple[float, ...], Region]:
        """Return the row of Results and the pixels of a ROI."""
        if is_simple(roi):
            rows = self._with_rows(slice_number, *rows_of(roi, self._image.height))
            return measure_polygon(roi, rows)
        pixels = self._plane(slice_number)
        outline = outline_of(roi)
        region = region_of(outline, *pixels.shape)
        calibration = self._image.calibration
        row = measure_region(
            pixels, outline, region, calibration, self._table, slice_number, self._moments
        )
        return row, region

    def mean(self, region: Region, slice_number: int, /) -> float:
        """Return the calibrated mean of a region."""
        rows = self._with_rows(slice_number, region.y, region.y + region.height)
        return mean_of(region, rows)

    def values(self, region: Region, slice_number: int, /) -> NDArray[np.float64]:
        """Return the calibrated values of the region's box."""
        box = self._box(region, slice_number)
        values = box if self._table is None else self._table[box.astype(np.intp)]
        return np.asarray(values, np.float64)

    def above_threshold(
        self, region: Region, slice_number: int, method: str, /
    ) -> NDArray[np.bool_]:
        """Return which pixels of the region's box the method's threshold takes."""
        pixels = self._plane(slice_number)
        mask = region.pixels(*pixels.shape)
        threshold = auto_threshold(
            pixels,
            method,
            options="dark",
            mask=mask,
            inverted_lut=self._image.calibration.inverted_lut,
        )
        box = self._box(region, slice_number)
        raw = np.asarray(box, np.float64)
        taken: NDArray[np.bool_] = (raw >= threshold.lower) & (raw <= threshold.upper)
        return taken

    def _box(self, region: Region, slice_number: int) -> NDArray[np.generic]:
        pixels = self._plane(slice_number)
        return pixels[region.y : region.y + region.height, region.x : region.x + region.width]
