"""Convex hull of an outline, its area, and Feret's diameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej import curves
from pyrhi.imagej._jit import kernel
from pyrhi.imagej.outline import Kind, Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

# OvalRoi.getFloatPolygon makes the ellipse a little larger for better accuracy.
_OVAL_MARGIN = 0.0004

_F32 = np.float32


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


@kernel
def _hull(xp, yp):  # type: ignore[no-untyped-def]
    """``FloatPolygon.getConvexHull``: gift wrapping, collinear points left out."""
    n = xp.size
    xd = xp.astype(np.float64)
    yd = yp.astype(np.float64)
    xx = np.zeros(n, np.float32)
    yy = np.zeros(n, np.float32)
    n2 = 0
    start = 0
    smallest_y = np.inf
    for i in range(n):
        smallest_y = min(smallest_y, yd[i])
    smallest_x = np.inf
    for i in range(n):
        if yd[i] == smallest_y and xd[i] < smallest_x:
            smallest_x = xd[i]
            start = i
    p1 = start
    while n2 < n:
        x1 = xd[p1]
        y1 = yd[p1]
        p2 = p1 + 1 if p1 + 1 < n else 0
        while p2 != p1 and xd[p2] == x1 and yd[p2] == y1:
            p2 = p2 + 1 if p2 + 1 < n else 0
        if p2 != p1:
            x2 = xd[p2]
            y2 = yd[p2]
            # From the point after p2 on to the end, then from the first one on to p1.
            for first, last in ((p2 + 1, n if p2 > p1 else p1), (0, p1 if p2 > p1 else 0)):
                for p3 in range(first, last):
                    x3 = xd[p3]
                    y3 = yd[p3]
                    determinate = x1 * (y2 - y3) - y1 * (x2 - x3) + (y3 * x2 - y2 * x3)
                    if determinate < 0:
                        continue
                    if determinate > 0 or (x3 - x1) * (x3 - x1) + (y3 - y1) * (y3 - y1) > (
                        x2 - x1
                    ) * (x2 - x1) + (y2 - y1) * (y2 - y1):
                        x2 = x3
                        y2 = y3
                        p2 = p3
        xx[n2] = xp[p1]
        yy[n2] = yp[p1]
        n2 += 1
        if p2 == p1:
            break
        p1 = p2
        if n2 > 1 and xp[p1] == xx[0] and yp[p1] == yy[0]:
            break
        if p1 == start:
            break
    return xx[:n2], yy[:n2]


@kernel
def _feret(x, y, pw, ph):  # type: ignore[no-untyped-def]
    """``Roi.getFeretValues`` on a convex hull."""
    n = x.size
    p1 = 0
    p2 = 0
    square = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            # Differences of floats are floats, as in Java.
            dx = (x[i] - x[j]) * pw
            dy = (y[i] - y[j]) * ph
            d = dx * dx + dy * dy
            if d > square:
                square = d
                p1 = i
                p2 = j
    if x[p1] > x[p2]:
        p1, p2 = p2, p1
    x1 = np.float64(x[p1])
    y1 = np.float64(y[p1])
    x2 = np.float64(x[p2])
    y2 = np.float64(y[p2])
    angle = (180.0 / np.pi) * np.arctan2((y1 - y2) * ph, (x2 - x1) * pw)
    if angle < 0.0:
        angle += 180.0
    x0 = np.float64(x[n - 1])
    y0 = np.float64(y[n - 1])
    minimum = 1.7976931348623157e308
    for i in range(n):
        x_previous = x0
        y_previous = y0
        x0 = np.float64(x[i])
        y0 = np.float64(y[i])
        x_norm = (y0 - y_previous) * ph
        y_norm = (x_previous - x0) * pw
        factor = 1 / np.sqrt(x_norm * x_norm + y_norm * y_norm)
        x_norm *= factor * pw
        y_norm *= factor * ph
        greatest = 0.0
        for j in range(n):
            distance = (x[j] - x0) * x_norm + (y[j] - y0) * y_norm
            if distance > greatest:
                greatest = distance
        if greatest < minimum:
            minimum = greatest
    return np.sqrt(square), angle, minimum, x1, y1


@kernel
def _doubled_area(x, y):  # type: ignore[no-untyped-def]
    total = 0
    n = x.size
    for i in range(n):
        j = i - 1 if i > 0 else n - 1
        xi = int(np.floor(np.float64(x[i]) + 0.5))
        xj = int(np.floor(np.float64(x[j]) + 0.5))
        yi = int(np.floor(np.float64(y[i]) + 0.5))
        yj = int(np.floor(np.float64(y[j]) + 0.5))
        total += (xi + xj) * (yi - yj)
    return total


def convex_hull(outline: Outline, /) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the convex hull of an outline in image pixels, counter-clockwise.

    Notes
    -----
    Source: ``Roi.getFloatConvexHull``, ``FloatPolygon.getConvexHull``.
    """
    x, y = _vertices(outline)
    # getFloatPolygon("") drops a last vertex that repeats the first (not of composites).
    if outline.kind is not Kind.COMPOSITE and x.size > 1 and x[0] == x[-1] and y[0] == y[-1]:
        x, y = x[:-1], y[:-1]
    hull: tuple[NDArray[np.float32], NDArray[np.float32]] = _hull(x, y)
    return hull


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
    wrapped = (int(_doubled_area(x, y)) + 2**31) % 2**32 - 2**31
    return abs(wrapped / 2.0)


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
    feret = Feret(*_feret(*hull, pw, ph))
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
