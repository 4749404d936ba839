"""Convex hull of an outline, its area, and Feret's diameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej import curves
from pyrhi.imagej.shape import Kind, Outline

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import atan2, floor, sqrt

    from pyrhi.imagej.java import divide, single

    _whole = int

if TYPE_CHECKING:
    from numpy.typing import NDArray

# OvalRoi.getFloatPolygon makes the ellipse a little larger for better accuracy.
_OVAL_MARGIN = 0.0004

_F32 = np.float32

_INFINITY = np.inf
_EXACT = 2.0**24
_DEGREES = 180.0 / np.pi
_MAX_DOUBLE = 1.7976931348623157e308
_INT_MAX = 2**31 - 1
_UNSIGNED = 2**32 - 1


@dataclass(frozen=True)
class Feret:
    """Feret's diameters of a ROI.

    Parameters
    ----------
    diameter, minimum
        Greatest and least caliper width, in calibrated units.
    angle
        Angle of the greatest diameter in degrees.
    x, y
        Its start: in pixels, except for ovals, where ImageJ gives calibrated units.
    """

    diameter: float
    angle: float
    minimum: float
    x: float
    y: float


def _wrap(x: NDArray[np.float64], y: NDArray[np.float64], hull: NDArray[np.int64]) -> int:
    """``FloatPolygon.getConvexHull``: gift wrapping, collinear points left out.

    Writes the numbers of the hull's vertices and returns how many they are.
    """
    n = len(x)
    n2 = 0
    start = 0
    smallest_y = _INFINITY
    for i in range(n):
        smallest_y = min(smallest_y, y[i])
    smallest_x = _INFINITY
    for i in range(n):
        if y[i] == smallest_y and x[i] < smallest_x:
            smallest_x = x[i]
            start = i
    p1 = start
    while n2 < n:
        x1 = x[p1]
        y1 = y[p1]
        p2 = p1 + 1 if p1 + 1 < n else 0
        while p2 != p1 and x[p2] == x1 and y[p2] == y1:
            p2 = p2 + 1 if p2 + 1 < n else 0
        if p2 != p1:
            p2 = _outermost(x, y, p1, p2)
        hull[n2] = p1
        n2 += 1
        if p2 == p1:
            break
        p1 = p2
        if n2 > 1 and x[p1] == x[hull[0]] and y[p1] == y[hull[0]]:
            break
        if p1 == start:
            break
    return n2


def _outermost(x: NDArray[np.float64], y: NDArray[np.float64], p1: int, p2: int) -> int:
    """Next vertex of the hull after `p1`, looked for from `p2` on around to `p1`."""
    n = len(x)
    x1 = x[p1]
    y1 = y[p1]
    x2 = x[p2]
    y2 = y[p2]
    p3 = p2
    for _ in range((p1 - p2 + n) % n - 1):
        p3 = p3 + 1 if p3 + 1 < n else 0
        x3 = x[p3]
        y3 = y[p3]
        determinate = x1 * (y2 - y3) - y1 * (x2 - x3) + (y3 * x2 - y2 * x3)
        if determinate < 0.0:
            continue
        if determinate > 0.0 or (x3 - x1) * (x3 - x1) + (y3 - y1) * (y3 - y1) > (x2 - x1) * (
            x2 - x1
        ) + (y2 - y1) * (y2 - y1):
            x2 = x3
            y2 = y3
            p2 = p3
    return p2


def _wrap_rows(
    x: NDArray[np.float64], y: NDArray[np.float64], ends: NDArray[np.int64], hull: NDArray[np.int64]
) -> int:
    """Find the hull of whole numbers by their rows: the vertices that `_wrap` finds, and sooner.

    Only the first and the last vertex of a row can be the hull's. Down the first ones and up the
    last ones it turns one way, which `_wrap` looks for among all vertices at each turn; products of
    such numbers are exact, so that both see the same turns. Returns -1 where `_wrap` is sooner or
    might round. `ends` holds four numbers for each vertex, and `hull` two.
    """
    n = len(x)
    top = bottom = y[0]
    for i in range(n):
        top = min(top, y[i])
        bottom = max(bottom, y[i])
        if not -_EXACT < x[i] < _EXACT:
            return -1
    if not (top > -_EXACT and bottom < _EXACT and bottom - top < 2 * n):
        return -1
    rows = _whole(bottom - top) + 1
    for i in range(2 * rows):
        ends[i] = -1
    for i in range(n):
        at = 2 * _whole(y[i] - top)
        if ends[at] < 0:
            ends[at] = i
            ends[at + 1] = i
        elif x[i] < x[ends[at]]:
            ends[at] = i
        elif x[i] > x[ends[at + 1]]:
            ends[at + 1] = i
    count = 0
    for row in range(rows):
        vertex = ends[2 * row]
        if vertex >= 0:
            count = _before(x, y, vertex, 0, count, hull)
            hull[count] = vertex
            count += 1
    base = count - 1
    for row in range(rows - 1, -1, -1):
        vertex = ends[2 * row + 1]
        if vertex < 0:
            continue
        is_alone = x[vertex] == x[ends[2 * row]]
        # The last row's only vertex is there already, and the first row's closes the hull.
        if is_alone and row == rows - 1:
            continue
        count = _before(x, y, vertex, base, count, hull)
        if not (is_alone and row == 0):
            hull[count] = vertex
            count += 1
    return count


def _before(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    vertex: int,
    base: int,
    count: int,
    hull: NDArray[np.int64],
) -> int:
    """Return how many of a hull's `count` vertices stay before the next one.

    The others, none of them before `base`, lie inside or on the edge to it.
    """
    while count - base > 1:
        a = hull[count - 2]
        b = hull[count - 1]
        turn = (x[b] - x[a]) * (y[vertex] - y[a]) - (y[b] - y[a]) * (x[vertex] - x[a])
        if turn < 0.0:
            break
        count -= 1
    return count


def _feret(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    pw: float,
    ph: float,
    out: NDArray[np.float64],
) -> None:
    """``Roi.getFeretValues`` on a convex hull; differences of its floats are floats."""
    n = len(x)
    p1 = 0
    p2 = 0
    square = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            dx = single(x[i] - x[j]) * pw
            dy = single(y[i] - y[j]) * ph
            d = dx * dx + dy * dy
            if d > square:
                square = d
                p1 = i
                p2 = j
    if x[p1] > x[p2]:
        p1, p2 = p2, p1
    x1 = x[p1]
    y1 = y[p1]
    angle = _DEGREES * atan2((y1 - y[p2]) * ph, (x[p2] - x1) * pw)
    if angle < 0.0:
        angle += 180.0
    x0 = x[n - 1]
    y0 = y[n - 1]
    minimum = _MAX_DOUBLE
    for i in range(n):
        x_norm = (y[i] - y0) * ph
        y_norm = (x0 - x[i]) * pw
        x0 = x[i]
        y0 = y[i]
        factor = divide(1.0, sqrt(x_norm * x_norm + y_norm * y_norm))
        x_norm *= factor * pw
        y_norm *= factor * ph
        greatest = 0.0
        for j in range(n):
            d = (x[j] - x0) * x_norm + (y[j] - y0) * y_norm
            if d > greatest:
                greatest = d
        if greatest < minimum:
            minimum = greatest
    out[0] = sqrt(square)
    out[1] = angle
    out[2] = minimum
    out[3] = x1
    out[4] = y1


def _rounded(value: float) -> int:
    """``Math.round`` as ``Roi.getConvexHull`` uses it."""
    return _whole(floor(value + 0.5))


def _area(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """``Analyzer.getArea`` of the rounded vertices, in 32-bit integers."""
    n = len(x)
    total = 0
    for i in range(n):
        j = i - 1 if i > 0 else n - 1
        total += (_rounded(x[i]) + _rounded(x[j])) * (_rounded(y[i]) - _rounded(y[j]))
    # Java's int wraps.
    total = total & _UNSIGNED
    if total > _INT_MAX:
        total -= _UNSIGNED + 1
    return abs(total / 2.0)


def _wrapped(x: NDArray[np.float64], y: NDArray[np.float64], hull: NDArray[np.int64]) -> int:
    with cython.nogil:
        return _wrap(x, y, hull)


def _measured(
    x: NDArray[np.float64], y: NDArray[np.float64], pw: float, ph: float, out: NDArray[np.float64]
) -> None:
    with cython.nogil:
        _feret(x, y, pw, ph, out)


def convex_hull(outline: Outline, /) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the convex hull of an outline in image pixels, counter-clockwise.

    Notes
    -----
    Source: ``Roi.getFloatConvexHull``, ``FloatPolygon.getConvexHull``.
    """
    x, y = _vertices(outline)
    # getFloatPolygon("") drops a last vertex that repeats the first (not of composites).
    last = x.size - 1
    if outline.kind is not Kind.COMPOSITE and last > 0 and x[0] == x[last] and y[0] == y[last]:
        x, y = x[:last], y[:last]
    found = np.empty(x.size, np.int64)
    count = _wrapped(x.astype(np.float64), y.astype(np.float64), found)
    return x[found[:count]], y[found[:count]]


def _vertices(outline: Outline) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Absolute vertices (``getFloatPolygon`` of each ROI class)."""
    if outline.kind is Kind.RECTANGLE:
        return _rectangle_vertices(outline)
    if outline.kind is Kind.OVAL:
        x, y = outline.x - _OVAL_MARGIN, outline.y - _OVAL_MARGIN
        path = curves.ellipse_path(
            x, y, outline.width + 2 * _OVAL_MARGIN, outline.height + 2 * _OVAL_MARGIN
        )
        # The margin moves the integer corner of Shape.getBounds one pixel up and left.
        left, top = int(np.floor(x)), int(np.floor(y))
        return _flat(curves.moved(path, -left, -top), left, top)
    if outline.kind is Kind.COMPOSITE:
        assert outline.path is not None
        return _flat(outline.path, outline.x, outline.y)
    x_base, y_base = _F32(outline.x_base), _F32(outline.y_base)
    if outline.xs is not None and outline.ys is not None:
        return outline.xs + x_base, outline.ys + y_base
    if outline.xf is not None and outline.yf is not None:
        return outline.xf + x_base, outline.yf + y_base
    xi, yi = np.asarray(outline.xi) + outline.x, np.asarray(outline.yi) + outline.y
    return xi.astype(np.float32), yi.astype(np.float32)


def _rectangle_vertices(outline: Outline) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if outline.arc_size > 0:
        path = curves.round_rectangle_path(
            0.0, 0.0, outline.width, outline.height, outline.arc_size
        )
        return _flat(path, outline.x, outline.y)
    x, y, width, height = outline.float_bounds or (
        outline.x,
        outline.y,
        outline.width,
        outline.height,
    )
    xs = np.array([x, x + width, x + width, x], np.float32)
    ys = np.array([y, y, y + height, y + height], np.float32)
    return xs, ys


def _flat(path: curves.Path, x: int, y: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    xs, ys = curves.flatten(path, curves.FLATNESS, separate=False)
    return xs + _F32(x), ys + _F32(y)


def hull_area(x: NDArray[np.float32], y: NDArray[np.float32], /) -> float:
    """Return the area of a hull with its vertices rounded to integers, in pixels.

    Notes
    -----
    Source: ``Roi.getConvexHull`` (rounding half up) and ``Analyzer.getArea`` (32-bit integers).
    """
    return float(_area(x.astype(np.float64), y.astype(np.float64)))


def feret_of(
    outline: Outline,
    hull: tuple[NDArray[np.float32], NDArray[np.float32]],
    pw: float,
    ph: float,
    /,
) -> Feret:
    """Return Feret's diameters of an outline.

    Parameters
    ----------
    outline
        The outline; ovals and ellipses have rules of their own.
    hull
        Its convex hull.
    pw, ph
        Size of a pixel.

    Notes
    -----
    Source: ``getFeretValues`` of ``Roi``, ``OvalRoi`` and ``EllipseRoi``.
    """
    if outline.kind is Kind.OVAL:
        high = ph * outline.height > pw * outline.width
        return Feret(
            diameter=outline.height * ph if high else outline.width * pw,
            angle=90.0 if high else 0.0,
            minimum=outline.width * pw if high else outline.height * ph,
            x=(outline.x + (0.5 * outline.width if high else 0)) * pw,
            y=(outline.y + (outline.height if high else 0.5 * outline.height)) * ph,
        )
    out = np.empty(5)
    _measured(hull[0].astype(np.float64), hull[1].astype(np.float64), pw, ph, out)
    feret = Feret(*out.tolist())
    if outline.kind is not Kind.ELLIPSE or pw != ph:
        return feret
    assert outline.xf is not None
    assert outline.yf is not None
    # EllipseRoi.getParams: float vertices plus the integer corner, in float.
    half = outline.xf.size // 2
    x, y = outline.xf + _F32(outline.x), outline.yf + _F32(outline.y)
    dx, dy = float(x[0]) - float(x[half]), float(y[0]) - float(y[half])
    major = float(np.sqrt(dx * dx + dy * dy))
    minor = major * outline.parameter
    return Feret(major * pw, feret.angle, minor * pw, feret.x, feret.y)
