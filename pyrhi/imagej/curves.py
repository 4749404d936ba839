"""Curved outlines as ``java.awt.geom`` walks them: ellipse, rounded rectangle, flattening.

ImageJ leaves curves to Java's path iterators, so their control points, the order of their
operations and the flattening rule decide which pixels a mask has and how long an outline is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVE_TO, LINE_TO, QUAD_TO, CUBIC_TO, CLOSE = range(5)
"""Segment types of ``java.awt.geom.PathIterator``."""

COORDINATES = (2, 2, 4, 6, 0)
"""Number of coordinates that each segment type carries."""

FLATNESS = 0.1
"""``ShapeRoi.FLATNESS``: for hulls and Feret's diameter."""

FILL_FLATNESS = 0.01
"""``ShapeRoi.FILL_FLATNESS``: for masks."""

FLATTENING_LIMIT = 10
"""Recursion limit of ``java.awt.geom.FlatteningPathIterator``."""

# Ellipse2D's iterator: control points of the four quarter arcs (EllipseIterator.ctrlpts).
_ELLIPSE_K = 0.5522847498307933
_P = 0.5 + _ELLIPSE_K * 0.5
_N = 0.5 - _ELLIPSE_K * 0.5
_ELLIPSE_POINTS = (
    (1.0, _P, _P, 1.0, 0.5, 1.0),
    (_N, 1.0, 0.0, _P, 0.0, 0.5),
    (0.0, _N, _N, 0.0, 0.5, 0.0),
    (_P, 0.0, 1.0, _N, 1.0, 0.5),
)

# RoundRectangle2D's iterator (RoundRectIterator.ctrlpts): fractions of width, arc, height, arc.
_A = 1.0 - math.cos(math.pi / 4.0)
_B = math.tan(math.pi / 4.0)
_C = math.sqrt(1.0 + _B * _B) - 1.0 + _A
_ACV = (1.0 - 4.0 / 3.0 * _A * _B / _C) / 2.0
_ROUND_RECT_SEGMENTS = (
    (MOVE_TO, ((0.0, 0.0, 0.0, 0.5),)),
    (LINE_TO, ((0.0, 0.0, 1.0, -0.5),)),
    (CUBIC_TO, ((0.0, 0.0, 1.0, -_ACV), (0.0, _ACV, 1.0, 0.0), (0.0, 0.5, 1.0, 0.0))),
    (LINE_TO, ((1.0, -0.5, 1.0, 0.0),)),
    (CUBIC_TO, ((1.0, -_ACV, 1.0, 0.0), (1.0, 0.0, 1.0, -_ACV), (1.0, 0.0, 1.0, -0.5))),
    (LINE_TO, ((1.0, 0.0, 0.0, 0.5),)),
    (CUBIC_TO, ((1.0, 0.0, 0.0, _ACV), (1.0, -_ACV, 0.0, 0.0), (1.0, -0.5, 0.0, 0.0))),
    (LINE_TO, ((0.0, 0.5, 0.0, 0.0),)),
    (CUBIC_TO, ((0.0, _ACV, 0.0, 0.0), (0.0, 0.0, 0.0, _ACV), (0.0, 0.0, 0.0, 0.5))),
    (CLOSE, ()),
)


@dataclass(frozen=True, eq=False)
class Path:
    """Segments of a path, as a ``java.awt.geom.PathIterator`` yields them.

    Parameters
    ----------
    types
        Segment types, shape ``(n,)``.
    points
        Coordinates of each segment, float64, shape ``(n, 6)``; unused ones are 0.
    """

    types: NDArray[np.int64]
    points: NDArray[np.float64]


def _path(segments: list[tuple[int, tuple[float, ...]]]) -> Path:
    points = np.zeros((len(segments), 6))
    for i, (_, coordinates) in enumerate(segments):
        points[i, : len(coordinates)] = coordinates
    return Path(np.array([kind for kind, _ in segments], np.int64), points)


def ellipse_path(x: float, y: float, width: float, height: float, /) -> Path:
    """Return the path of ``Ellipse2D.Double(x, y, width, height)``."""
    segments: list[tuple[int, tuple[float, ...]]] = [
        (MOVE_TO, (x + _ELLIPSE_POINTS[3][4] * width, y + _ELLIPSE_POINTS[3][5] * height))
    ]
    segments += [
        (CUBIC_TO, tuple(x + p * width if i % 2 == 0 else y + p * height for i, p in enumerate(c)))
        for c in _ELLIPSE_POINTS
    ]
    segments.append((CLOSE, ()))
    return _path(segments)


def round_rectangle_path(x: float, y: float, width: float, height: float, arc: float, /) -> Path:
    """Return the path of ``RoundRectangle2D(x, y, width, height, arc, arc)``."""
    arc_width = min(width, abs(arc))
    arc_height = min(height, abs(arc))
    return _path(
        [
            (
                kind,
                tuple(
                    value
                    for px, ax, py, ay in points
                    for value in (
                        x + px * width + ax * arc_width,
                        y + py * height + ay * arc_height,
                    )
                ),
            )
            for kind, points in _ROUND_RECT_SEGMENTS
        ]
    )


def moved(path: Path, dx: float, dy: float, /) -> Path:
    """Translate `path` and store it as ``GeneralPath`` does, in single precision.

    Follows ``new GeneralPath(AffineTransform.createTransformedShape(shape))``: the sum is
    double, the stored coordinate float.
    """
    points = path.points + np.array([dx, dy] * 3)
    return Path(path.types, points.astype(np.float32).astype(np.float64))


def path_bounds(path: Path, /) -> tuple[int, int, int, int]:
    """Return x, y, width, height of ``GeneralPath.getBounds``, control points included.

    Notes
    -----
    Source: ``java.awt.geom.Path2D.Float.getBounds2D`` and ``RectangularShape.getBounds`` of
    Java 8 to 17 (the Java that ImageJ and Fiji bring). Differences are taken in float.
    """
    count = np.array(COORDINATES)[path.types] // 2
    used = np.arange(3)[None, :] < count[:, None]
    xs = path.points[:, 0::2][used].astype(np.float32)
    ys = path.points[:, 1::2][used].astype(np.float32)
    if xs.size == 0:
        return 0, 0, 0, 0
    x1, y1 = xs.min(), ys.min()
    width, height = float(xs.max() - x1), float(ys.max() - y1)
    left, top = math.floor(x1), math.floor(y1)
    right, bottom = math.ceil(float(x1) + width), math.ceil(float(y1) + height)
    return left, top, right - left, bottom - top


def flatten(
    path: Path, flatness: float, /, *, separate: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the vertices of `path` with its curves replaced by straight lines.

    Parameters
    ----------
    path
        The path to walk.
    flatness
        Greatest distance between a curve and its lines.
    separate
        True puts one NaN between sub-paths.

    Returns
    -------
    x, y : float32, shape (n,)

    Notes
    -----
    Source: ``ShapeRoi.getFloatPolygon(Shape, flatness, separateSubpaths, false, false)`` over
    ``java.awt.geom.FlatteningPathIterator``: a closing point equal to the first is dropped.
    """
    xs: list[float] = []
    ys: list[float] = []
    start = 0
    square = flatness * flatness
    last_x = last_y = 0.0
    move_x = move_y = 0.0
    f32 = np.float32
    for kind, p in zip(path.types.tolist(), path.points.tolist(), strict=True):
        if kind == MOVE_TO:
            if separate and xs and xs[-1] == xs[-1]:
                xs.append(math.nan)
                ys.append(math.nan)
            start = len(xs)
        if kind in (MOVE_TO, LINE_TO):
            xs.append(p[0])
            ys.append(p[1])
            last_x, last_y = p[0], p[1]
            if kind == MOVE_TO:
                move_x, move_y = last_x, last_y
        elif kind == CUBIC_TO:
            _cubic((last_x, last_y, *p), square, 0, xs, ys)
            last_x, last_y = p[4], p[5]
        elif kind == QUAD_TO:
            _quad((last_x, last_y, *p[:4]), square, 0, xs, ys)
            last_x, last_y = p[2], p[3]
        else:
            # Equality is asked of the stored floats, as ImageJ's FloatArray holds them.
            if len(xs) > start and f32(xs[-1]) == f32(xs[start]) and f32(ys[-1]) == f32(ys[start]):
                xs.pop()
                ys.pop()
            if separate and xs and xs[-1] == xs[-1]:
                xs.append(math.nan)
                ys.append(math.nan)
            last_x, last_y = move_x, move_y
    if xs and xs[-1] != xs[-1]:
        xs.pop()
        ys.pop()
    return np.array(xs, np.float32), np.array(ys, np.float32)


def _distance_squared(x1: float, y1: float, x2: float, y2: float, px: float, py: float) -> float:
    """Squared distance of a point from a segment (``Line2D.ptSegDistSq``)."""
    x2 -= x1
    y2 -= y1
    px -= x1
    py -= y1
    dot = px * x2 + py * y2
    if dot <= 0.0:
        projected = 0.0
    else:
        px = x2 - px
        py = y2 - py
        dot = px * x2 + py * y2
        projected = 0.0 if dot <= 0.0 else dot * dot / (x2 * x2 + y2 * y2)
    return max(px * px + py * py - projected, 0.0)


def split_cubic(c: tuple[float, ...], /) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Halve a cubic curve (``CubicCurve2D.subdivide``); `c` is x1 y1 cx1 cy1 cx2 cy2 x2 y2."""
    x1, y1, cx1, cy1, cx2, cy2, x2, y2 = c
    mx, my = (cx1 + cx2) / 2.0, (cy1 + cy2) / 2.0
    cx1, cy1 = (x1 + cx1) / 2.0, (y1 + cy1) / 2.0
    cx2, cy2 = (x2 + cx2) / 2.0, (y2 + cy2) / 2.0
    cx12, cy12 = (cx1 + mx) / 2.0, (cy1 + my) / 2.0
    cx21, cy21 = (cx2 + mx) / 2.0, (cy2 + my) / 2.0
    mx, my = (cx12 + cx21) / 2.0, (cy12 + cy21) / 2.0
    return (x1, y1, cx1, cy1, cx12, cy12, mx, my), (mx, my, cx21, cy21, cx2, cy2, x2, y2)


def split_quad(c: tuple[float, ...], /) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Halve a quadratic curve (``QuadCurve2D.subdivide``); `c` is x1 y1 cx cy x2 y2."""
    x1, y1, cx, cy, x2, y2 = c
    ax, ay = (x1 + cx) / 2.0, (y1 + cy) / 2.0
    bx, by = (x2 + cx) / 2.0, (y2 + cy) / 2.0
    mx, my = (ax + bx) / 2.0, (ay + by) / 2.0
    return (x1, y1, ax, ay, mx, my), (mx, my, bx, by, x2, y2)


def _cubic(
    c: tuple[float, ...], square: float, level: int, xs: list[float], ys: list[float]
) -> None:
    x1, y1, cx1, cy1, cx2, cy2, x2, y2 = c
    if level < FLATTENING_LIMIT:
        flat = max(
            _distance_squared(x1, y1, x2, y2, cx1, cy1),
            _distance_squared(x1, y1, x2, y2, cx2, cy2),
        )
        if not flat < square:
            first, second = split_cubic(c)
            _cubic(first, square, level + 1, xs, ys)
            _cubic(second, square, level + 1, xs, ys)
            return
    xs.append(x2)
    ys.append(y2)


def _quad(
    c: tuple[float, ...], square: float, level: int, xs: list[float], ys: list[float]
) -> None:
    x1, y1, cx, cy, x2, y2 = c
    if level < FLATTENING_LIMIT and not _distance_squared(x1, y1, x2, y2, cx, cy) < square:
        first, second = split_quad(c)
        _quad(first, square, level + 1, xs, ys)
        _quad(second, square, level + 1, xs, ys)
        return
    xs.append(x2)
    ys.append(y2)
