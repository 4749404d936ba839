"""From a stored ROI to the outline that ImageJ works with: integer bounds, base, vertices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.imagej import curves
from pyrhi.imagej.perimeter import polygon_length
from pyrhi.imagej.roi import RoiSubtype, RoiType
from pyrhi.imagej.shape import Kind, Outline
from pyrhi.imagej.spline import MIN_SPLINE_POINTS, closed_spline
from pyrhi.limits import MAX_ROI_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi

ELLIPSE_VERTICES = 72
"""``EllipseRoi.vertices``."""

# FloatPolygon.calculateBounds starts its maxima at Float.MIN_VALUE, the least positive float.
_FLOAT_MIN_VALUE = np.float32(1.4e-45)

_F32 = np.float32


def outline_of(roi: Roi, /) -> Outline:
    """Return the outline that ImageJ makes of a decoded ROI.

    Parameters
    ----------
    roi
        An area ROI.

    Raises
    ------
    RoiError
        If the ROI is a line, a point or a text, or has no vertices.

    Notes
    -----
    Source: ``ij.io.RoiDecoder.getRoi`` and the constructors that it calls.
    """
    if not roi.is_area:
        msg = f"ROI {roi.name!r} is a {describe(roi)} and encloses no area; draw an area ROI"
        raise RoiError(msg)
    if roi.shape is not None:
        return _composite(roi)
    if roi.type in (RoiType.RECT, RoiType.OVAL):
        return _box(roi)
    if roi.ends is not None:
        return _from_ends(roi, roi.ends)
    return _polygon(roi)


def describe(roi: Roi, /) -> str:
    """Name the kind of a ROI as a person would."""
    if roi.subtype in (RoiSubtype.TEXT, RoiSubtype.ARROW, RoiSubtype.IMAGE):
        return f"{roi.subtype.name.lower()} selection"
    return f"{roi.type.name.lower().replace('_', ' ')} selection"


def _box(roi: Roi) -> Outline:
    kind = Kind.RECTANGLE if roi.type == RoiType.RECT else Kind.OVAL
    arc = max(roi.arc_size, 0) if kind is Kind.RECTANGLE else 0
    if roi.float_bounds is None:
        width, height = max(roi.width, 1), max(roi.height, 1)
        return Outline(
            kind, roi.type, roi.left, roi.top, width, height, roi.left, roi.top, arc_size=arc
        )
    x, y, w, h = roi.float_bounds
    # (int) truncates toward zero, and the size is rounded up whatever the position.
    return Outline(
        kind,
        roi.type,
        int(x),
        int(y),
        max(math.ceil(w), 1),
        max(math.ceil(h), 1),
        x,
        y,
        float_bounds=roi.float_bounds,
        arc_size=arc,
    )


def float_polygon_bounds(
    x: NDArray[np.float32], y: NDArray[np.float32], /
) -> tuple[float, float, float, float]:
    """Return x, y, width, height of ``FloatPolygon.getFloatBounds`` (differences in float)."""
    x1, y1 = x.min(), y.min()
    x2, y2 = max(x.max(), _FLOAT_MIN_VALUE), max(y.max(), _FLOAT_MIN_VALUE)
    return float(x1), float(y1), float(x2 - x1), float(y2 - y1)


def _int_bounds(bounds: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """Integer box around sub-pixel bounds (``Roi.setIntBounds`` for area ROIs)."""
    bx, by, bw, bh = bounds
    x, y = math.floor(bx), math.floor(by)
    return x, y, math.ceil(bx + bw) - x, math.ceil(by + bh) - y


def float_outline(x: NDArray[np.float32], y: NDArray[np.float32], type_: RoiType, /) -> Outline:
    """Return the outline of ``new PolygonRoi(float[], float[], type)``; absolute vertices."""
    bounds = float_polygon_bounds(x, y)
    left, top, width, height = _int_bounds(bounds)
    return Outline(
        Kind.POLYGON,
        type_,
        left,
        top,
        width,
        height,
        bounds[0],
        bounds[1],
        xf=x - _F32(bounds[0]),
        yf=y - _F32(bounds[1]),
    )


def int_outline(x: NDArray[np.int32], y: NDArray[np.int32], type_: RoiType, /) -> Outline:
    """Return the outline of ``new PolygonRoi(int[], int[], type)``; absolute vertices."""
    left, top = int(x.min()), int(y.min())
    width, height = int(x.max()) - left, int(y.max()) - top
    return Outline(
        Kind.POLYGON,
        type_,
        left,
        top,
        width,
        height,
        left,
        top,
        xi=x - np.int32(left),
        yi=y - np.int32(top),
    )


def _polygon(roi: Roi) -> Outline:
    if roi.x is None or roi.y is None or roi.x.size == 0:
        msg = f"ROI {roi.name!r} has no vertices; draw it again"
        raise RoiError(msg)
    if roi.xf is not None and roi.yf is not None:
        outline = float_outline(roi.xf, roi.yf, roi.type)
    else:
        outline = int_outline(roi.x, roi.y, roi.type)
    return _with_spline(outline) if roi.spline else outline


def _with_spline(outline: Outline) -> Outline:
    """Fit the spline that becomes the outline's shape (``PolygonRoi.fitSpline``)."""
    x = outline.xf if outline.xf is not None else _floats(outline.xi)
    y = outline.yf if outline.yf is not None else _floats(outline.yi)
    points = max(int(polygon_length(outline, 1.0, 1.0) / 2.0), MIN_SPLINE_POINTS)
    if points > MAX_ROI_POINTS:
        msg = f"a spline of {points} points is more than pyrhi measures; the ROI is damaged"
        raise RoiError(msg)
    xs, ys = closed_spline(x, y, points)
    first_x, first_y = xs[0], ys[0]
    xs = xs + _F32(outline.x_base)
    ys = ys + _F32(outline.y_base)
    bounds = float_polygon_bounds(xs, ys)
    left, top, width, height = _int_bounds(bounds)
    xs = xs - _F32(bounds[0])
    ys = ys - _F32(bounds[1])
    x = x - (first_x - xs[0])
    y = y - (first_y - ys[0])
    return replace(
        outline,
        x=left,
        y=top,
        width=width,
        height=height,
        x_base=bounds[0],
        y_base=bounds[1],
        xi=x.astype(np.int32),
        yi=y.astype(np.int32),
        xf=x,
        yf=y,
        xs=xs,
        ys=ys,
    )


def _floats(values: NDArray[np.int32] | None) -> NDArray[np.float32]:
    return np.asarray(values).astype(np.float32)


def _from_ends(roi: Roi, ends: tuple[float, float, float, float, float]) -> Outline:
    """Ellipse or rotated rectangle: vertices are computed again from the stored ends.

    ImageJ stores rotated rectangles of today as polygons; those come here as vertices.
    """
    x1, y1, x2, y2, parameter = ends
    if roi.subtype == RoiSubtype.ELLIPSE:
        kind, type_ = Kind.ELLIPSE, RoiType.FREEHAND
        parameter = min(max(parameter, 0.0), 1.0)
        x, y = _ellipse_vertices(x1, y1, x2, y2, parameter)
    else:
        kind, type_ = Kind.ROTATED_RECTANGLE, RoiType.POLYGON
        x, y = _rectangle_vertices(x1, y1, x2, y2, parameter)
    # FloatPolygon.getBounds: this box can cut the last row or column, as it does in ImageJ.
    left, top = math.floor(x.min()), math.floor(y.min())
    width = int(float(max(x.max(), _FLOAT_MIN_VALUE) - _F32(left)) + 0.5)
    height = int(float(max(y.max(), _FLOAT_MIN_VALUE) - _F32(top)) + 0.5)
    return Outline(
        kind,
        type_,
        left,
        top,
        width,
        height,
        left,
        top,
        xf=x - _F32(left),
        yf=y - _F32(top),
        parameter=parameter,
    )


def _ellipse_vertices(
    x1: float, y1: float, x2: float, y2: float, aspect_ratio: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vertices of ``EllipseRoi.makeEllipse``."""
    center_x, center_y = (x1 + x2) / 2.0, (y1 + y2) / 2.0
    dx, dy = x2 - x1, y2 - y1
    major = math.sqrt(dx * dx + dy * dy)
    minor = major * aspect_ratio
    alpha = math.atan2(dy, dx) * 180.0 / math.pi
    x = np.empty(ELLIPSE_VERTICES, np.float32)
    y = np.empty(ELLIPSE_VERTICES, np.float32)
    for i in range(ELLIPSE_VERTICES):
        beta1 = i * 360.0 / ELLIPSE_VERTICES / 180.0 * math.pi
        dx = math.cos(beta1) * major / 2.0
        dy = math.sin(beta1) * minor / 2.0
        beta3 = math.atan2(dy, dx) + alpha / 180.0 * math.pi
        radius = math.sqrt(dx * dx + dy * dy)
        x[i] = center_x + math.cos(beta3) * radius
        y[i] = center_y + math.sin(beta3) * radius
    return x, y


def _rectangle_vertices(
    x1: float, y1: float, x2: float, y2: float, rect_width: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vertices of ``RotatedRectRoi.makeRectangle``."""
    length = math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1))
    if length == 0.0:
        nan = np.full(4, np.nan, np.float32)
        return nan, nan
    wsa = 0.5 * rect_width * (y2 - y1) / length
    wca = -0.5 * rect_width * (x2 - x1) / length
    x = np.array([x1 + wsa, x2 + wsa, x2 - wsa, x1 - wsa], np.float32)
    y = np.array([y1 + wca, y2 + wca, y2 - wca, y1 - wca], np.float32)
    return x, y


def _composite(roi: Roi) -> Outline:
    path = _path_from_array(roi)
    x, y, width, height = curves.path_bounds(path)
    return Outline(
        Kind.COMPOSITE,
        roi.type,
        x,
        y,
        width,
        height,
        x,
        y,
        path=curves.moved(path, -x, -y),
    )


def _path_from_array(roi: Roi) -> curves.Path:
    """Read the segments of a composite (``ShapeRoi.makeShapeFromArray``)."""
    # A signalling NaN, as a damaged file may hold, is refused below like any other.
    with np.errstate(invalid="ignore"):
        values = np.asarray(roi.shape, np.float64).tolist()
    segments: list[tuple[int, list[float]]] = []
    index = 0
    while index < len(values):
        kind = int(values[index]) if math.isfinite(values[index]) else -1
        if not 0 <= kind < len(curves.COORDINATES) or (not segments and kind != curves.MOVE_TO):
            msg = f"composite ROI {roi.name!r} is damaged (segment type {values[index]:g})"
            raise RoiError(msg)
        count = curves.COORDINATES[kind]
        if index + 1 + count > len(values):
            break
        segments.append((kind, values[index + 1 : index + 1 + count]))
        index += 1 + count
    if not segments:
        msg = f"composite ROI {roi.name!r} is empty; draw it again"
        raise RoiError(msg)
    points = np.zeros((len(segments), 6))
    for i, (_, coordinates) in enumerate(segments):
        points[i, : len(coordinates)] = coordinates
    if not np.isfinite(points).all():
        msg = f"composite ROI {roi.name!r} has coordinates that are not numbers"
        raise RoiError(msg)
    return curves.Path(np.array([kind for kind, _ in segments], np.int64), points)
