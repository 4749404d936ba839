"""One row of ImageJ's Results table: everything that Analyze > Measure says about a ROI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pyrhi.imagej.calibration import calibrated_y
from pyrhi.imagej.composite import composite_length
from pyrhi.imagej.ellipse import fit_ellipse
from pyrhi.imagej.hull import convex_hull, feret_of, hull_area
from pyrhi.imagej.outline import Kind, Outline
from pyrhi.imagej.perimeter import (
    ellipse_circumference,
    ellipse_length,
    polygon_length,
    rectangle_length,
)
from pyrhi.imagej.statistics import statistics_of

if TYPE_CHECKING:
    import numpy as np
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
    major, minor, angle, x_center, y_center = fit_ellipse(region)
    size = pw if abs(pw - ph) / pw < SQUARE_PIXEL_TOLERANCE else 0.0
    major *= size
    minor *= size
    area = stats.pixel_count * pw * ph
    perimeter = perimeter_of(outline, pw, ph)
    circularity = 0.0
    if perimeter != 0.0:
        circularity = 4.0 * math.pi * (area / (perimeter * perimeter))
        if circularity > 1.0:
            circularity = 1.0
    hull = convex_hull(outline)
    convex_area = hull_area(*hull)
    feret = feret_of(outline, hull, pw, ph)
    rr_length, rr_width = _rotated_size(outline, pw, ph)
    x0, height = calibration.x_origin, pixels.shape[0]
    return (
        area,
        stats.mean,
        stats.std_dev,
        stats.mode,
        stats.minimum,
        stats.maximum,
        (x_center - x0) * pw,
        calibrated_y(calibration, y_center, height),
        (stats.x_mass - x0) * pw,
        calibrated_y(calibration, stats.y_mass, height),
        perimeter,
        (region.x - x0) * pw,
        calibrated_y(calibration, region.y, height),
        region.width * pw,
        region.height * ph,
        major,
        minor,
        angle,
        circularity,
        feret.diameter,
        area * stats.mean,
        stats.median,
        stats.skewness,
        stats.kurtosis,
        stats.area_fraction,
        stats.pixel_count * stats.raw_mean,
        float(slice_number),
        feret.x,
        feret.y,
        feret.angle,
        feret.minimum,
        _divided(major, minor),
        _divided(4.0 * area, math.pi * major * major),
        _divided(stats.pixel_count, convex_area),
        rr_length,
        rr_width,
    )


def _divided(a: float, b: float) -> float:
    """Java's division: x/0 is infinite and 0/0 is NaN."""
    if b != 0.0:
        return a / b
    return math.nan if a == 0.0 or a != a else math.copysign(math.inf, a)


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
