"""Perimeter of a ROI: ImageJ has another rule for each kind of outline."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej._jit import kernel
from pyrhi.imagej.roi import RoiType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.outline import Outline


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


@kernel
def _traced(x, y, pw, ph):  # type: ignore[no-untyped-def]
    """``PolygonRoi.getTracedPerimeter``: boundary length, corners cut."""
    n = x.size
    if n < 4:
        return 0.0
    sum_dx = 0
    sum_dy = 0
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
        if side1 > 1 or not corner:
            corner = True
            corners += 1
        else:
            corner = False
        dx1 = dx2
        dy1 = dy2
        side1 = side2
    return sum_dx * pw + sum_dy * ph - (corners * ((pw + ph) - np.sqrt(pw * pw + ph * ph)))


@kernel
def _smoothed_line(x, y, pw, ph):  # type: ignore[no-untyped-def]
    """``PolygonRoi.getSmoothedLineLength``: three-point running average.

    Sums and differences keep the type of the vertices (int32 or float32), as in Java.
    """
    n = x.size
    w2 = pw * pw
    h2 = ph * ph
    length = 0.0
    dx = (x[0] + x[1] + x[2]) / 3.0 - x[0]
    dy = (y[0] + y[1] + y[2]) / 3.0 - y[0]
    length += np.sqrt(dx * dx * w2 + dy * dy * h2)
    for i in range(1, n - 2):
        dx = (x[i + 2] - x[i - 1]) / 3.0
        dy = (y[i + 2] - y[i - 1]) / 3.0
        length += np.sqrt(dx * dx * w2 + dy * dy * h2)
    dx = x[n - 1] - (x[n - 3] + x[n - 2] + x[n - 1]) / 3.0
    dy = y[n - 1] - (y[n - 3] + y[n - 2] + y[n - 1]) / 3.0
    length += np.sqrt(dx * dx * w2 + dy * dy * h2)
    return length


@kernel
def _smoothed(x, y, pw, ph):  # type: ignore[no-untyped-def]
    """``PolygonRoi.getSmoothedPerimeter``: the smoothed line, closed by a chord."""
    dx = np.float64(x[x.size - 1] - x[0])
    dy = np.float64(y[y.size - 1] - y[0])
    return _smoothed_line(x, y, pw, ph) + np.sqrt(dx * dx * (pw * pw) + dy * dy * (ph * ph))


@kernel
def _sides(x, y, closed, pw, ph):  # type: ignore[no-untyped-def]
    """``PolygonRoi.getLength``: sum of the sides."""
    n = x.size
    if n < 2:
        return 0.0
    length = 0.0
    for i in range(n - 1):
        dx = (x[i + 1] - x[i]) * pw
        dy = (y[i + 1] - y[i]) * ph
        length += np.sqrt(dx * dx + dy * dy)
    if closed:
        dx = (x[0] - x[n - 1]) * pw
        dy = (y[0] - y[n - 1]) * ph
        length += np.sqrt(dx * dx + dy * dy)
    return length


@kernel
def _axis_parallel(x, y):  # type: ignore[no-untyped-def]
    n = x.size
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        if x[j] != x[i] and y[j] != y[i]:
            return False
    return True


@kernel
def _ellipse_sides(x, y, pw, ph):  # type: ignore[no-untyped-def]
    """``EllipseRoi.getLength``: squares are scaled after squaring."""
    n = x.size
    w2 = pw * pw
    h2 = ph * ph
    length = 0.0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        dx = np.float64(x[j] - x[i])
        dy = np.float64(y[j] - y[i])
        length += np.sqrt(dx * dx * w2 + dy * dy * h2)
    return length


def ellipse_length(
    x: NDArray[np.float32], y: NDArray[np.float32], pw: float, ph: float, /
) -> float:
    """Return the perimeter of an ellipse ROI from its 72 vertices (``EllipseRoi.getLength``)."""
    return float(_ellipse_sides(x, y, pw, ph))


def sides_length(
    x: NDArray[np.float32], y: NDArray[np.float32], closed: bool, pw: float, ph: float, /
) -> float:
    """Return the sum of the sides of a line or polygon, in calibrated units."""
    return float(_sides(x, y, closed, pw, ph))


def smoothed_line_length(
    x: NDArray[np.float32], y: NDArray[np.float32], pw: float, ph: float, /
) -> float:
    """Return the smoothed length of an open line with at least three vertices."""
    return float(_smoothed_line(x, y, pw, ph))


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
        return float(_traced(xi, yi, pw, ph))
    if outline.type == RoiType.TRACED:
        return math.nan
    x = outline.xf if outline.xf is not None else outline.xi
    y = outline.yf if outline.yf is not None else outline.yi
    if outline.type == RoiType.FREEHAND and np.asarray(x).size > 2:
        return float(_smoothed(x, y, pw, ph))
    if outline.xs is not None:
        return float(_sides(outline.xs, outline.ys, True, pw, ph))
    return float(_sides(x, y, True, pw, ph))


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
        if not (whole and _axis_parallel(outline.xf, outline.yf)):
            return None, None
        xi, yi = outline.xf.astype(np.int32), outline.yf.astype(np.int32)
    return (xi, yi) if _axis_parallel(xi, yi) else (None, None)
