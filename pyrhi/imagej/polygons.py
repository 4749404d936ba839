"""Polygons from vertices to the row of Results in one compiled call, without an object between.

Polygons, freehand and traced outlines of whole or sub-pixel vertices, without spline: what is
drawn by hand. `measure_region` measures every kind of outline; both go through the same kernels.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.imagej.calibration import Function, calibrated_value
from pyrhi.imagej.mask import Region, check_size
from pyrhi.imagej.roi import RoiSubtype, RoiType

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import ceil, floor, trunc

    from pyrhi.imagej.ellipse import _fit
    from pyrhi.imagej.filler import _fill
    from pyrhi.imagej.hull import _area, _feret, _wrap, _wrap_rows
    from pyrhi.imagej.java import single
    from pyrhi.imagej.perimeter import _axis_parallel, _sides, _smoothed, _traced
    from pyrhi.imagej.results import _assemble
    from pyrhi.imagej.statistics import _measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.calibration import Calibration
    from pyrhi.imagej.roi import Roi

_TYPES = frozenset({RoiType.POLYGON, RoiType.FREEHAND, RoiType.TRACED})
_NAN = np.nan
# FloatPolygon.calculateBounds starts its maxima at Float.MIN_VALUE, the least positive float.
_FLOAT_MIN = float(np.float32(1.4e-45))


class Workspace:
    """Memory for the kernels of one thread; grows with what it is asked to hold.

    Attributes are arrays: vertices relative to the base and in image pixels, numbers and indices
    for filling, hull, histogram of 16 bits, values of 32 bits, and the results of each kernel.
    """

    def __init__(self) -> None:
        self.vertices = 0
        self.rows = 0
        self.hist = np.zeros(65536, np.int64)
        self.values = np.empty(0, np.float32)
        self.sums = np.empty(6)
        self.stats = np.empty(13)
        self.ellipse = np.empty(5)
        self.feret = np.empty(5)
        self.bounds = np.empty(6)
        self.box = np.zeros(7, np.int64)
        self.out = np.empty(36)
        self.make_room(256, 512, 0)

    def make_room(self, vertices: int, rows: int, pixels: int) -> None:
        """Hold a polygon of that many vertices and rows, and 32-bit values of its box."""
        if vertices > self.vertices or rows > self.rows:
            self.vertices = max(vertices, self.vertices)
            self.rows = max(rows, self.rows)
            self.x = np.empty(self.vertices)
            self.y = np.empty(self.vertices)
            self.x_absolute = np.empty(self.vertices)
            self.y_absolute = np.empty(self.vertices)
            self.x_hull = np.empty(self.vertices)
            self.y_hull = np.empty(self.vertices)
            self.hull = np.empty(2 * self.vertices, np.int64)
            self.real = np.empty(3 * self.vertices)
            self.whole = np.empty(4 * self.vertices + self.rows, np.int64)
        if pixels > len(self.values):
            self.values = np.empty(pixels, np.float32)

    def set_box(self, box: tuple[int, ...]) -> None:
        """Note where the pixels of a region are, as `pyrhi.imagej.statistics` wants it."""
        for i in range(7):
            self.box[i] = box[i]

    def row(self) -> list[float]:
        """Return the row that was written last."""
        return [float(self.out[i]) for i in range(36)]


class Plane:
    """Rows of one slice, or of all of it, and what its values mean.

    Parameters
    ----------
    pixels
        uint8, uint16 or float32, shape ``(rows, width)``, contiguous; for RGB its rounded
        brightness, uint8.
    first_row
        Row of the image that `pixels` begins with.
    height
        Height of the image.
    number
        Number of the slice, from 1.
    calibration
        Calibration of the image.
    table
        Calibration table of the image, or None.
    geometry
        As `pyrhi.imagej.results.geometry_of` gives it.
    moments
        For RGB, the brightness that was not rounded, as `pixels`; None for other images.
    """

    def __init__(
        self,
        pixels: NDArray[np.generic],
        first_row: int,
        height: int,
        number: int,
        calibration: Calibration,
        table: NDArray[np.float32] | None,
        geometry: NDArray[np.float64],
        moments: NDArray[np.float32] | None = None,
    ) -> None:
        flat: Any = pixels.reshape(-1)
        self.first_row = first_row
        self.rows, self.width = pixels.shape
        self.height = height
        self.number = number
        self.calibration = calibration
        self.geometry = geometry
        self.table = _NO_FLOATS if table is None else table
        self.bytes = _NO_BYTES
        self.shorts = _NO_SHORTS
        self.floats = _NO_FLOATS
        if pixels.dtype == np.uint16:
            self.depth = 16
            self.shorts = flat
        elif pixels.dtype == np.uint8:
            self.depth = 8
            self.bytes = flat
            if moments is not None:
                self.depth = 24
                self.floats = moments.reshape(-1)
        else:
            self.depth = 32
            self.floats = flat


_NO_BYTES = np.zeros(0, np.uint8)
_NO_SHORTS = np.zeros(0, np.uint16)
_NO_FLOATS = np.zeros(0, np.float32)


def _place(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    is_float: bool,
    bounds: NDArray[np.float64],
) -> None:
    """Write integer x, y, width, height and base of the outline: the constructors of PolygonRoi."""
    n = len(x)
    x1 = x2 = x[0]
    y1 = y2 = y[0]
    for i in range(1, n):
        x1 = min(x1, x[i])
        x2 = max(x2, x[i])
        y1 = min(y1, y[i])
        y2 = max(y2, y[i])
    bounds[0] = x1
    bounds[1] = y1
    bounds[2] = x2 - x1
    bounds[3] = y2 - y1
    bounds[4] = x1
    bounds[5] = y1
    if is_float:
        bounds[0] = floor(x1)
        bounds[1] = floor(y1)
        bounds[2] = ceil(x1 + single(max(x2, _FLOAT_MIN) - x1)) - bounds[0]
        bounds[3] = ceil(y1 + single(max(y2, _FLOAT_MIN) - y1)) - bounds[1]


def _perimeter(w: Workspace, n: int, is_float: bool, kind: int, pw: float, ph: float) -> float:
    """``PolygonRoi.getLength`` of an outline without spline, as `polygon_length` has it."""
    x = w.x[:n]
    y = w.y[:n]
    traced = kind == 8
    if kind == 0:
        traced = _axis_parallel(x, y)
        if traced and is_float:
            for i in range(n):
                if x[i] != trunc(x[i]) or y[i] != trunc(y[i]):
                    traced = False
                    break
    if traced:
        # Integer vertices are missing from a traced outline with sub-pixel ones.
        return _NAN if kind == 8 and is_float else _traced(x, y, pw, ph)
    if kind == 7 and n > 2:
        return _smoothed(x, y, is_float, pw, ph)
    return _sides(x, y, is_float, True, pw, ph)


def _hull_of(w: Workspace, n: int, is_float: bool, pw: float, ph: float) -> float:
    """Write Feret's diameters and return the area of the convex hull."""
    x = w.x_absolute
    y = w.y_absolute
    if n > 1 and x[0] == x[n - 1] and y[0] == y[n - 1]:
        n -= 1
    count = -1 if is_float else _wrap_rows(x[:n], y[:n], w.whole, w.hull)
    if count < 0:
        count = _wrap(x[:n], y[:n], w.hull)
    for i in range(count):
        w.x_hull[i] = x[w.hull[i]]
        w.y_hull[i] = y[w.hull[i]]
    _feret(w.x_hull[:count], w.y_hull[:count], pw, ph, w.feret)
    return _area(w.x_hull[:count], w.y_hull[:count])


def _measure_polygon(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    is_float: bool,
    kind: int,
    plane: Plane,
    mask: NDArray[np.uint8],
    mask_height: int,
    w: Workspace,
) -> None:
    """Fill the mask, measure its pixels, and write the row; bounds and box are in `w`."""
    n = len(x)
    pw = plane.geometry[0]
    ph = plane.geometry[1]
    x_base = w.bounds[4]
    y_base = w.bounds[5]
    for i in range(n):
        w.x[i] = single(x[i] - x_base) if is_float else x[i] - x_base
        w.y[i] = single(y[i] - y_base) if is_float else y[i] - y_base
        w.x_absolute[i] = single(w.x[i] + x_base)
        w.y_absolute[i] = single(w.y[i] + y_base)
    start = (w.box[1] - plane.first_row) * plane.width + w.box[0]
    if w.box[4] != 0:
        dx = x_base - w.bounds[0]
        dy = y_base - w.bounds[1]
        _fill(w.x[:n], w.y[:n], dx, dy, mask, w.box[6], mask_height, w.real, w.whole)
        _fit(mask, w.box[5], w.box[6], w.box[0], w.box[1], w.box[2], w.box[3], w.ellipse)
    else:
        # Nothing of it lies on the image.
        w.ellipse[:] = 0.0
    _measure(
        plane.depth,
        plane.bytes,
        plane.shorts,
        plane.floats,
        start,
        plane.width,
        w.box,
        mask,
        plane.table,
        w.hist,
        w.values,
        w.sums,
        w.stats,
    )
    perimeter = _perimeter(w, n, is_float, kind, pw, ph)
    area = _hull_of(w, n, is_float, pw, ph)
    _assemble(
        w.stats, w.ellipse, w.feret, perimeter, area, w.box, plane.geometry, plane.number, w.out
    )


def _run(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    is_float: bool,
    kind: int,
    plane: Plane,
    mask: NDArray[np.uint8],
    mask_height: int,
    w: Workspace,
) -> None:
    with cython.nogil:
        _measure_polygon(x, y, is_float, kind, plane, mask, mask_height, w)


def _find_bounds(
    x: NDArray[np.float64], y: NDArray[np.float64], is_float: bool, w: Workspace
) -> tuple[int, ...]:
    _place(x, y, is_float, w.bounds)
    left = int(w.bounds[0])
    top = int(w.bounds[1])
    width = int(w.bounds[2])
    height = int(w.bounds[3])
    return left, top, width, height


def _mean(region: Region, plane: Plane, mask: NDArray[np.uint8], w: Workspace) -> float:
    start = (w.box[1] - plane.first_row) * plane.width + w.box[0]
    with cython.nogil:
        _measure(
            plane.depth,
            plane.bytes,
            plane.shorts,
            plane.floats,
            start,
            plane.width,
            w.box,
            mask,
            plane.table,
            w.hist,
            w.values,
            w.sums,
            w.stats,
        )
    return float(w.stats[1])


class _OfThread(threading.local):
    """Memory that each thread has for itself."""

    def __init__(self) -> None:
        self.workspace = Workspace()


_OF_THREAD = _OfThread()


def is_simple(roi: Roi, /) -> bool:
    """Return True for the outlines that `measure_polygon` measures.

    Parameters
    ----------
    roi
        Any ROI.
    """
    return (
        roi.type in _TYPES
        and roi.subtype == RoiSubtype.NONE
        and roi.x is not None
        and roi.x.size > 0
        and not roi.spline
    )


def mean_of(region: Region, plane: Plane, /) -> float:
    """Return the calibrated mean of a region, as `statistics_of` gives it.

    Parameters
    ----------
    region
        Pixels of an image.
    plane
        The slice; its rows have to hold those of the region.

    Raises
    ------
    ValueError
        If the plane lacks rows.
    """
    _check_rows(plane, region.y, region.y + region.height)
    mask, width = _NO_BYTES, 0
    if region.mask is not None:
        mask, width = np.ascontiguousarray(region.mask).reshape(-1), region.mask.shape[1]
    w = _OF_THREAD.workspace
    w.make_room(0, 0, region.width * region.height if plane.depth == 32 else 0)
    start = region.mask_y * width + region.mask_x
    has_mask = region.mask is not None
    w.set_box((region.x, region.y, region.width, region.height, has_mask, start, width))
    return _mean(region, plane, mask, w)


def _check_rows(plane: Plane, first: int, last: int) -> None:
    if first < plane.first_row or last > plane.first_row + plane.rows:
        msg = f"rows {first} to {last} of the slice are not there"
        raise ValueError(msg)


def rows_of(roi: Roi, height: int, /) -> tuple[int, int]:
    """Return the rows of an image that a simple outline lies on: the first, and the one after.

    Parameters
    ----------
    roi
        A ROI for which `is_simple` holds.
    height
        Height of the image.
    """
    x, y, is_float = _vertices(roi)
    _, top, _, rows = _find_bounds(x, y, is_float, _OF_THREAD.workspace)
    return min(max(top, 0), height), min(max(top + rows, 0), height)


def _vertices(roi: Roi) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    if roi.xf is not None and roi.yf is not None:
        return roi.xf.astype(np.float64), roi.yf.astype(np.float64), True
    return np.asarray(roi.x, np.float64), np.asarray(roi.y, np.float64), False


def measure_polygon(roi: Roi, plane: Plane, /) -> tuple[tuple[float, ...], Region]:
    """Return the row of Results and the pixels of an outline for which `is_simple` holds.

    Parameters
    ----------
    roi
        The ROI.
    plane
        The slice; its rows have to hold those of the ROI that lie on the image.

    Raises
    ------
    RoiError
        If the ROI is larger than pyrhi measures.
    ValueError
        If the plane lacks rows.

    Notes
    -----
    Source: as `pyrhi.imagej.results.measure_region`, `outline_of` and `region_of`.
    """
    x, y, is_float = _vertices(roi)
    w = _OF_THREAD.workspace
    left, top, width, height = _find_bounds(x, y, is_float, w)
    check_size(width, height)
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + width, plane.width), min(top + height, plane.height)
    if (x2 <= x1 or y2 <= y1) and (x2 - x1, y2 - y1) != (width, height):
        region = Region(0, 0, 0, 0, None)
        box = (0, 0, 0, 0, 0, 0, 0)
        mask = _NO_BYTES
    else:
        shape = np.zeros((height, width), np.uint8)
        region = Region(x1, y1, x2 - x1, y2 - y1, shape, x1 - left, y1 - top)
        box = (
            *(x1, y1, x2 - x1, y2 - y1),
            *(1, (y1 - top) * width + x1 - left, width),
        )
        mask = shape.reshape(-1)
        _check_rows(plane, y1, y2)
    w.make_room(x.size, height, region.width * region.height if plane.depth == 32 else 0)
    w.set_box(box)
    _run(x, y, is_float, int(roi.type), plane, mask, height, w)
    values = w.row()
    if plane.depth != 32:
        # Of 8 and 16 bits the median is a raw value, which ImageJ calibrates by the function.
        median = int(values[21])
        if median < 0:
            values[21] = _NAN
        elif plane.calibration.function != Function.NONE:
            values[21] = calibrated_value(plane.calibration, median)
    return tuple(values), region
