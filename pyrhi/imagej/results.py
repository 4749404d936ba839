"""One row of ImageJ's Results table: everything that Analyze > Measure says about a ROI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.composite import composite_length
from pyrhi.imagej.ellipse import fit_ellipse
from pyrhi.imagej.hull import convex_hull, feret_of, hull_area
from pyrhi.imagej.perimeter import (
    ellipse_circumference,
    ellipse_length,
    polygon_length,
    rectangle_length,
)
from pyrhi.imagej.shape import Kind, Outline
from pyrhi.imagej.statistics import statistics_of

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from pyrhi.imagej.java import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.calibration import Calibration
    from pyrhi.imagej.mask import Region

HEADINGS = (
    "Area", "Mean", "StdDev", "Mode", "Min", "Max", "X", "Y", "XM", "YM", "Perim.",
    "BX", "BY", "Width", "Height", "Major", "Minor", "Angle", "Circ.", "Feret", "IntDen",
    "Median", "Skew", "Kurt", "%Area", "RawIntDen", "Slice", "FeretX", "FeretY", "FeretAngle",
    "MinFeret", "AR", "Round", "Solidity", "RRLength", "RRWidth",
)  # fmt: skip
"""ImageJ's headings in ImageJ's order; the last two exist for rotated rectangles only."""

SQUARE_PIXEL_TOLERANCE = 0.01
"""``ImageStatistics.fitEllipse``: above this difference of the sides there are no axes."""

_TOLERANCE = SQUARE_PIXEL_TOLERANCE
_PI = math.pi
_NAN = math.nan


def perimeter_of(outline: Outline, pw: float, ph: float, /) -> float:
    """Return the perimeter of the unclipped outline in calibrated units.

    Parameters
    ----------
    outline
        Any area outline.
    pw, ph
        Size of a pixel.

    Notes
    -----
    Source: ``getLength`` of ``Roi``, ``OvalRoi``, ``PolygonRoi``, ``EllipseRoi`` and
    ``ShapeRoi``.
    """
    if outline.kind is Kind.RECTANGLE:
        return rectangle_length(outline.width, outline.height, outline.arc_size, pw, ph)
    if outline.kind is Kind.OVAL:
        return ellipse_circumference(0.5 * outline.width * pw, 0.5 * outline.height * ph)
    if outline.kind is Kind.COMPOSITE:
        return composite_length(outline, pw, ph)
    if outline.kind is Kind.ELLIPSE:
        assert outline.xf is not None
        assert outline.yf is not None
        return ellipse_length(outline.xf, outline.yf, pw, ph)
    return polygon_length(outline, pw, ph)


def measure_region(
    pixels: NDArray[np.generic],
    outline: Outline,
    region: Region,
    calibration: Calibration,
    table: NDArray[np.float32] | None,
    slice_number: int,
    moments: NDArray[np.float32] | None = None,
    /,
) -> tuple[float, ...]:
    """Return what ImageJ's Results table shows for a ROI, in the order of `HEADINGS`.

    Parameters
    ----------
    pixels
        One slice as ImageJ's processor holds it: uint8, uint16 or float32 of shape
        ``(height, width)``; for RGB its rounded brightness, uint8.
    outline
        Outline of the ROI.
    region
        Its pixels on this slice.
    calibration
        Size of a pixel, origin and calibration function.
    table
        Calibration table of the image, or None.
    slice_number
        Written to the column ``Slice``.
    moments
        For RGB, the brightness that was not rounded; None for other images.

    Returns
    -------
    row : tuple of float
        NaN where ImageJ shows NaN or has no such cell. Lengths in the calibration's unit, areas
        in its square, except that FeretX and FeretY are pixels (for ovals calibrated).

    Notes
    -----
    Source: ``ij.plugin.filter.Analyzer.saveResults`` with all measurements on.
    """
    pw, ph = calibration.pixel_width, calibration.pixel_height
    stats = statistics_of(pixels, region, calibration, table, moments)
    hull = convex_hull(outline)
    feret = feret_of(outline, hull, pw, ph)
    out = np.empty(len(HEADINGS))
    _assemble(
        np.array(stats.values()),
        np.array(fit_ellipse(region)),
        np.array((feret.diameter, feret.angle, feret.minimum, feret.x, feret.y)),
        perimeter_of(outline, pw, ph),
        hull_area(*hull),
        np.array((region.x, region.y, region.width, region.height), np.int64),
        geometry_of(calibration, pixels.shape[0]),
        slice_number,
        out,
    )
    values = out.tolist()
    values[34], values[35] = _rotated_size(outline, pw, ph)
    return tuple(values)


def geometry_of(calibration: Calibration, height: int, /) -> NDArray[np.float64]:
    """Return what places a row in space: pixel size, origin, direction of y, image height."""
    return np.array(
        (
            calibration.pixel_width,
            calibration.pixel_height,
            calibration.x_origin,
            calibration.y_origin,
            calibration.invert_y,
            height,
        ),
        np.float64,
    )


def _place_y(geometry: NDArray[np.float64], y: float) -> float:
    """``Calibration.getY(double, int)``."""
    if geometry[4] == 0.0:
        return float((y - geometry[3]) * geometry[1])
    if geometry[3] != 0.0:
        return float((geometry[3] - y) * geometry[1])
    return float((geometry[5] - y - 1) * geometry[1])


def _assemble(
    stats: NDArray[np.float64],
    ellipse: NDArray[np.float64],
    feret: NDArray[np.float64],
    perimeter: float,
    convex_area: float,
    box: NDArray[np.int64],
    geometry: NDArray[np.float64],
    slice_number: int,
    out: NDArray[np.float64],
) -> None:
    """Write a row of `HEADINGS` from statistics, ellipse, Feret's diameters and outline."""
    pw = geometry[0]
    ph = geometry[1]
    x0 = geometry[2]
    n = stats[0]
    size = pw if divide(abs(pw - ph), pw) < _TOLERANCE else 0.0
    major = ellipse[0] * size
    minor = ellipse[1] * size
    area = n * pw * ph
    circularity = 0.0
    if perimeter != 0.0:
        circularity = 4.0 * _PI * divide(area, perimeter * perimeter)
        if circularity > 1.0:
            circularity = 1.0
    out[0] = area
    out[1] = stats[1]
    out[2] = stats[3]
    out[3] = stats[4]
    out[4] = stats[5]
    out[5] = stats[6]
    out[6] = (ellipse[3] - x0) * pw
    out[7] = _place_y(geometry, ellipse[4])
    out[8] = (stats[10] - x0) * pw
    out[9] = _place_y(geometry, stats[11])
    out[10] = perimeter
    out[11] = (box[0] - x0) * pw
    out[12] = _place_y(geometry, box[1])
    out[13] = box[2] * pw
    out[14] = box[3] * ph
    out[15] = major
    out[16] = minor
    out[17] = ellipse[2]
    out[18] = circularity
    out[19] = feret[0]
    out[20] = area * stats[1]
    out[21] = stats[7]
    out[22] = stats[8]
    out[23] = stats[9]
    out[24] = stats[12]
    out[25] = n * stats[2]
    out[26] = slice_number
    out[27] = feret[3]
    out[28] = feret[4]
    out[29] = feret[1]
    out[30] = feret[2]
    out[31] = divide(major, minor)
    out[32] = divide(4.0 * area, _PI * major * major)
    out[33] = divide(n, convex_area)
    out[34] = _NAN
    out[35] = _NAN


def _rotated_size(outline: Outline, pw: float, ph: float) -> tuple[float, float]:
    """RRLength and RRWidth of a rotated rectangle, NaN for other ROIs."""
    if outline.kind is not Kind.ROTATED_RECTANGLE:
        return math.nan, math.nan
    assert outline.xf is not None
    assert outline.yf is not None
    x1, x2 = (_side_center(outline.xf, i, outline.x) for i in (3, 1))
    y1, y2 = (_side_center(outline.yf, i, outline.y) for i in (3, 1))
    dx, dy = x2 - x1, y2 - y1
    size = pw if pw == ph else 1.0
    return math.sqrt(dx * dx + dy * dy) * size, outline.parameter * size


def _side_center(values: NDArray[np.float32], index: int, offset: int) -> float:
    """``RotatedRectRoi.hx`` and ``hy``, in float."""
    following = values[(index + 1) % 4]
    return float(values[index] + (following - values[index]) / values.dtype.type(2) + offset)
