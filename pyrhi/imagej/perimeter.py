"""Perimeter of a ROI: ImageJ has another rule for each kind of outline."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.roi import RoiType

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import sqrt

    from pyrhi.imagej.java import single

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.shape import Outline


def rectangle_length(width: int, height: int, arc: float, pw: float, ph: float, /) -> float:
    """Return the perimeter of a (rounded) rectangle (``Roi.getLength``)."""
    perimeter = 2.0 * width * pw + 2.0 * height * ph
    if arc > 0:
        a = 0.5 * min(arc, width) * pw
        b = 0.5 * min(arc, height) * ph
        perimeter += ellipse_circumference(a, b) - 4 * (a + b)
    return perimeter


def ellipse_circumference(a: float, b: float, /) -> float:
    """Return Ramanujan's approximation for an ellipse with half axes `a`, `b`.

    Used by ``OvalRoi.getLength``.
    """
    return math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))


def _difference(a: float, b: float, is_float: bool) -> float:
    """``a - b`` of two ints or two floats, as Java rounds it."""
    return single(a - b) if is_float else a - b


def _traced(x: NDArray[np.float64], y: NDArray[np.float64], pw: float, ph: float) -> float:
    """``PolygonRoi.getTracedPerimeter``: boundary length, corners cut."""
    n = len(x)
    if n < 4:
        return 0.0
    sum_dx = sum_dy = 0.0
    corners = 0
    dx1 = x[0] - x[n - 1]
    dy1 = y[0] - y[n - 1]
    side1 = abs(dx1) + abs(dy1)
    corner = False
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        dx2 = x[j] - x[i]
        dy2 = y[j] - y[i]
        sum_dx += abs(dx1)
        sum_dy += abs(dy1)
        side2 = abs(dx2) + abs(dy2)
        if side1 > 1.0 or not corner:
            corner = True
            corners += 1
        else:
            corner = False
        dx1 = dx2
        dy1 = dy2
        side1 = side2
    return sum_dx * pw + sum_dy * ph - (corners * ((pw + ph) - sqrt(pw * pw + ph * ph)))


def _third(a: float, b: float, c: float, is_float: bool) -> float:
    """``(a + b + c) / 3.0``: the sum is one of ints or of floats."""
    return single(single(a + b) + c) / 3.0 if is_float else (a + b + c) / 3.0


def _smoothed_line(
    x: NDArray[np.float64], y: NDArray[np.float64], is_float: bool, pw: float, ph: float
) -> float:
    """``PolygonRoi.getSmoothedLineLength``: three-point running average."""
    n = len(x)
    w2 = pw * pw
    h2 = ph * ph
    length = 0.0
    dx = _third(x[0], x[1], x[2], is_float) - x[0]
    dy = _third(y[0], y[1], y[2], is_float) - y[0]
    length += sqrt(dx * dx * w2 + dy * dy * h2)
    for i in range(1, n - 2):
        dx = _difference(x[i + 2], x[i - 1], is_float) / 3.0
        dy = _difference(y[i + 2], y[i - 1], is_float) / 3.0
        length += sqrt(dx * dx * w2 + dy * dy * h2)
    dx = x[n - 1] - _third(x[n - 3], x[n - 2], x[n - 1], is_float)
    dy = y[n - 1] - _third(y[n - 3], y[n - 2], y[n - 1], is_float)
    length += sqrt(dx * dx * w2 + dy * dy * h2)
    return length


def _smoothed(
    x: NDArray[np.float64], y: NDArray[np.float64], is_float: bool, pw: float, ph: float
) -> float:
    """``PolygonRoi.getSmoothedPerimeter``: the smoothed line, closed by a chord."""
    n = len(x)
    dx = _difference(x[n - 1], x[0], is_float)
    dy = _difference(y[n - 1], y[0], is_float)
    chord = sqrt(dx * dx * (pw * pw) + dy * dy * (ph * ph))
    return _smoothed_line(x, y, is_float, pw, ph) + chord


def _sides(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    is_float: bool,
    closed: bool,
    pw: float,
    ph: float,
) -> float:
    """``PolygonRoi.getLength``: sum of the sides."""
    n = len(x)
    if n < 2:
        return 0.0
    length = 0.0
    for i in range(n - 1):
        dx = _difference(x[i + 1], x[i], is_float) * pw
        dy = _difference(y[i + 1], y[i], is_float) * ph
        length += sqrt(dx * dx + dy * dy)
    if closed:
        dx = _difference(x[0], x[n - 1], is_float) * pw
        dy = _difference(y[0], y[n - 1], is_float) * ph
        length += sqrt(dx * dx + dy * dy)
    return length


def _axis_parallel(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    n = len(x)
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        if x[j] != x[i] and y[j] != y[i]:
            return False
    return True


def _ellipse_sides(x: NDArray[np.float64], y: NDArray[np.float64], pw: float, ph: float) -> float:
    """``EllipseRoi.getLength``: squares are scaled after squaring."""
    n = len(x)
    w2 = pw * pw
    h2 = ph * ph
    length = 0.0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        dx = single(x[j] - x[i])
        dy = single(y[j] - y[i])
        length += sqrt(dx * dx * w2 + dy * dy * h2)
    return length


TRACED, SMOOTHED, SMOOTHED_LINE, SIDES, OPEN_SIDES, ELLIPSE = range(6)


def _length(
    rule: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    is_float: bool,
    pw: float,
    ph: float,
) -> float:
    """Length by one of the rules above, in their order."""
    with cython.nogil:
        if rule == 0:
            length = _traced(x, y, pw, ph)
        elif rule == 1:
            length = _smoothed(x, y, is_float, pw, ph)
        elif rule == 2:
            length = _smoothed_line(x, y, is_float, pw, ph)
        elif rule == 5:
            length = _ellipse_sides(x, y, pw, ph)
        else:
            length = _sides(x, y, is_float, rule == 3, pw, ph)
    return length


def _by(
    rule: int, x: NDArray[np.generic] | None, y: NDArray[np.generic] | None, pw: float, ph: float
) -> float:
    x, y = np.asarray(x), np.asarray(y)
    is_float = x.dtype == np.float32
    return float(_length(rule, x.astype(np.float64), y.astype(np.float64), is_float, pw, ph))


def ellipse_length(
    x: NDArray[np.float32], y: NDArray[np.float32], pw: float, ph: float, /
) -> float:
    """Return the perimeter of an ellipse ROI from its 72 vertices (``EllipseRoi.getLength``)."""
    return _by(ELLIPSE, x, y, pw, ph)


def sides_length(
    x: NDArray[np.float32], y: NDArray[np.float32], closed: bool, pw: float, ph: float, /
) -> float:
    """Return the sum of the sides of a line or polygon, in calibrated units."""
    return _by(SIDES if closed else OPEN_SIDES, x, y, pw, ph)


def smoothed_line_length(
    x: NDArray[np.float32], y: NDArray[np.float32], pw: float, ph: float, /
) -> float:
    """Return the smoothed length of an open line with at least three vertices."""
    return _by(SMOOTHED_LINE, x, y, pw, ph)


def polygon_length(outline: Outline, pw: float, ph: float, /) -> float:
    """Return the perimeter of a polygon, freehand or traced outline.

    Parameters
    ----------
    outline
        Its vertices; the spline, where there is one, gives the sides of a polygon.
    pw, ph
        Size of a pixel.

    Notes
    -----
    Source: ``PolygonRoi.getLength``. Any axis-parallel polygon with integer vertices counts as
    traced; a traced outline with sub-pixel vertices alone has no perimeter (NaN).
    """
    xi, yi = _traced_vertices(outline)
    if xi is not None:
        return _by(TRACED, xi, yi, pw, ph)
    if outline.type == RoiType.TRACED:
        return math.nan
    x = outline.xf if outline.xf is not None else outline.xi
    y = outline.yf if outline.yf is not None else outline.yi
    if outline.type == RoiType.FREEHAND and np.asarray(x).size > 2:
        return _by(SMOOTHED, x, y, pw, ph)
    if outline.xs is not None:
        return _by(SIDES, outline.xs, outline.ys, pw, ph)
    return _by(SIDES, x, y, pw, ph)


def _traced_vertices(
    outline: Outline,
) -> tuple[NDArray[np.int32] | None, NDArray[np.int32] | None]:
    """Integer vertices where ``PolygonRoi.isTraced`` holds and they exist; otherwise None."""
    if outline.type == RoiType.TRACED:
        return outline.xi, outline.yi
    if outline.type != RoiType.POLYGON:
        return None, None
    xi, yi = outline.xi, outline.yi
    if xi is None and outline.xf is not None and outline.yf is not None:
        whole = all((v == np.trunc(v)).all() for v in (outline.xf, outline.yf))
        if not (whole and _is_axis_parallel(outline.xf, outline.yf)):
            return None, None
        xi, yi = outline.xf.astype(np.int32), outline.yf.astype(np.int32)
    return (xi, yi) if _is_axis_parallel(xi, yi) else (None, None)


def _is_axis_parallel(x: NDArray[np.generic] | None, y: NDArray[np.generic] | None) -> bool:
    return bool(
        _axis_parallel(np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64))
    )
