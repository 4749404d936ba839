"""Perimeter of a composite ROI: ImageJ sums what each sub-path would be as a ROI of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej import curves
from pyrhi.imagej.outline import float_outline, int_outline
from pyrhi.imagej.perimeter import (
    polygon_length,
    sides_length,
    smoothed_line_length,
)
from pyrhi.imagej.roi import RoiType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.shape import Outline

MAX_ERROR = 1.0e-3
"""``ShapeRoi.MAXERROR``: greatest error of a curve's length."""

MAX_POLYGON_SEGMENTS = 10
"""``ShapeRoi.MAXPOLY``: longer paths with short sides count as freehand."""

_F32 = np.float32


def composite_length(outline: Outline, pw: float, ph: float, /) -> float:
    """Return the perimeter of a composite outline in calibrated units.

    Parameters
    ----------
    outline
        A composite outline.
    pw, ph
        Size of a pixel.

    Notes
    -----
    Source: ``ShapeRoi.getLength`` and ``ShapeRoi.parsePath``. As in ImageJ, the uncalibrated
    length that decides what a sub-path counts as is carried over from the sub-paths before it,
    and a curve makes it NaN for all that follow.
    """
    assert outline.path is not None
    if outline.width == 0 and outline.height == 0:
        return 0.0
    base = _F32(outline.x), _F32(outline.y)
    uncalibrated = 0.0
    total = 0.0
    for segments in _subpaths(outline.path):
        length, uncalibrated, closed, xs, ys, hv_only = _walk(segments, uncalibrated, pw, ph)
        if not math.isnan(uncalibrated):
            length = _as_roi(xs, ys, uncalibrated, hv_only, closed, length, base, pw, ph)
        total += length
    return total


def _subpaths(path: curves.Path) -> list[list[tuple[int, list[float]]]]:
    out: list[list[tuple[int, list[float]]]] = []
    for kind, points in zip(path.types.tolist(), path.points.tolist(), strict=True):
        if kind == curves.MOVE_TO:
            out.append([])
        out[-1].append((kind, points))
    return out


def _walk(
    segments: list[tuple[int, list[float]]], uncalibrated: float, pw: float, ph: float
) -> tuple[float, float, bool, list[float], list[float], bool]:
    """Length of one sub-path as drawn, and what ``guessType`` asks about it."""
    length = 0.0
    xs: list[float] = []
    ys: list[float] = []
    last_x = last_y = start_x = start_y = 0.0
    closed = False
    hv_only = True
    for kind, p in segments:
        c = [v * (pw if i % 2 == 0 else ph) for i, v in enumerate(p)]
        closed = False
        x, y = p[0], p[1]
        if kind == curves.MOVE_TO:
            start_x, start_y = c[0], c[1]
        elif kind == curves.LINE_TO:
            length += _distance(last_x, last_y, c[0], c[1])
        elif kind == curves.QUAD_TO:
            # ImageJ passes coords[2] where the control point's y belongs.
            length += _quad_length((last_x, last_y, c[0], c[2], c[2], c[3]))
            uncalibrated = math.nan
        elif kind == curves.CUBIC_TO:
            length += _cubic_length((last_x, last_y, *c))
            uncalibrated = math.nan
        else:
            length += _distance(last_x, last_y, start_x, start_y)
            x, y = xs[0], ys[0]
            closed = True
        if xs and kind in (curves.LINE_TO, curves.CLOSE):
            dx, dy = float(_F32(x) - _F32(xs[-1])), float(_F32(y) - _F32(ys[-1]))
            uncalibrated += math.sqrt(dx * dx + dy * dy)
            if dx != 0.0 and dy != 0.0:
                hv_only = False
        count = curves.COORDINATES[kind]
        if count:
            xs.append(p[count - 2])
            ys.append(p[count - 1])
            last_x, last_y = c[count - 2], c[count - 1]
    closed = closed or (xs[0] == xs[-1] and ys[0] == ys[-1])
    whole = all(v == int(v) for v in xs) and all(v == int(v) for v in ys)
    return length, uncalibrated, closed, xs, ys, hv_only and whole


def _as_roi(
    xs: list[float],
    ys: list[float],
    uncalibrated: float,
    hv_only: bool,
    closed: bool,
    drawn: float,
    base: tuple[np.float32, np.float32],
    pw: float,
    ph: float,
) -> float:
    """Length of the ROI that ``guessType`` and ``createRoi`` make of a sub-path."""
    n = len(xs)
    long_edges = uncalibrated / (n * math.sqrt(n)) >= 2
    x = np.array(xs, np.float32) + base[0]
    y = np.array(ys, np.float32) + base[1]
    if n < 2 or (n == 2 and closed):
        return drawn
    # When it measures, ImageJ takes every closed axis-parallel sub-path as traced.
    if closed and hv_only:
        xi = np.floor(x.astype(np.float64) + 0.5).astype(np.int32)
        yi = np.floor(y.astype(np.float64) + 0.5).astype(np.int32)
        return polygon_length(int_outline(xi, yi, RoiType.TRACED), pw, ph)
    if not closed:
        return _open_length(x, y, n, long_edges, pw, ph)
    polygon = n <= MAX_POLYGON_SEGMENTS or long_edges
    type_ = RoiType.POLYGON if polygon else RoiType.FREEHAND
    return polygon_length(float_outline(x, y, type_), pw, ph)


def _open_length(
    x: NDArray[np.float32], y: NDArray[np.float32], n: int, long_edges: bool, pw: float, ph: float
) -> float:
    """Length of an open sub-path: a line, polyline or freehand line."""
    if n == 2:
        return _distance(float(x[0]) * pw, float(y[0]) * ph, float(x[1]) * pw, float(y[1]) * ph)
    outline = float_outline(x, y, RoiType.POLYLINE)
    assert outline.xf is not None
    assert outline.yf is not None
    if n <= MAX_POLYGON_SEGMENTS or long_edges:
        return sides_length(outline.xf, outline.yf, False, pw, ph)
    return smoothed_line_length(outline.xf, outline.yf, pw, ph)


def _distance(x1: float, y1: float, x2: float, y2: float) -> float:
    dx, dy = x2 - x1, y2 - y1
    return math.sqrt(dy * dy + dx * dx)


def _cubic_length(c: tuple[float, ...]) -> float:
    """``ShapeRoi.cBezLength``: halve until chord and control polygon agree."""
    chord = _distance(c[0], c[1], c[6], c[7])
    polygon = (
        _distance(c[0], c[1], c[2], c[3])
        + _distance(c[2], c[3], c[4], c[5])
        + _distance(c[4], c[5], c[6], c[7])
    )
    if (polygon - chord) / 2.0 > MAX_ERROR:
        first, second = curves.split_cubic(c)
        return _cubic_length(first) + _cubic_length(second)
    return 0.5 * polygon + 0.5 * chord


def _quad_length(c: tuple[float, ...]) -> float:
    """``ShapeRoi.qBezLength``."""
    chord = _distance(c[0], c[1], c[4], c[5])
    polygon = _distance(c[0], c[1], c[2], c[3]) + _distance(c[2], c[3], c[4], c[5])
    if (polygon - chord) / 2.0 > MAX_ERROR:
        first, second = curves.split_quad(c)
        return _quad_length(first) + _quad_length(second)
    return (2.0 * polygon + chord) / 3.0
