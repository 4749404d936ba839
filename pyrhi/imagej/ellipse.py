"""The ellipse that ImageJ fits to a ROI: Major, Minor, Angle and its centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import atan, cos, sin

    from pyrhi.imagej.java import divide, sqrt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.mask import Region

SQRT_PI = 1.772453851
"""Square root of pi as ``EllipseFitter`` writes it."""

HALF_PI = 1.5707963267949
"""Half of pi as ``EllipseFitter`` writes it."""

PIXEL_MOMENT = 0.08333333
"""Second moment of one pixel as ``EllipseFitter`` writes it."""

_HALF_PI = HALF_PI
_PIXEL_MOMENT = PIXEL_MOMENT
_PI = np.pi


def _fit(
    mask: NDArray[np.uint8],
    start: int,
    stride: int,
    left: int,
    top: int,
    width: int,
    height: int,
    out: NDArray[np.float64],
) -> None:
    """Write major and minor axis, angle and centre; the box starts at `start` of the mask."""
    xsum = 0.0
    ysum = 0.0
    x2sum = 0.0
    y2sum = 0.0
    xysum = 0.0
    count = 0
    for y in range(height):
        line_count = 0
        line_sum = 0
        at = start + y * stride
        for x in range(width):
            if mask[at + x] != 0:
                line_count += 1
                line_sum += x
                x2sum += x * x
        xsum += line_sum
        ysum += line_count * y
        ye = float(y)
        xysum += float(line_sum) * ye
        y2sum += ye * ye * line_count
        count += line_count
    xm = 0.0
    ym = 0.0
    u20 = 0.0
    u02 = 0.0
    u11 = 0.0
    if count > 0:
        x2sum += _PIXEL_MOMENT * count
        y2sum += _PIXEL_MOMENT * count
        n = float(count)
        xm = xsum / n
        ym = ysum / n
        u20 = x2sum / n - (xm * xm)
        u02 = y2sum / n - (ym * ym)
        u11 = xysum / n - xm * ym
    m4 = 4.0 * abs(u02 * u20 - u11 * u11)
    if m4 < 0.000001:
        m4 = 0.000001
    a11 = u02 / m4
    a12 = u11 / m4
    a22 = u20 / m4
    tmp = a11 - a22
    if tmp == 0.0:
        tmp = 0.000001
    theta = 0.5 * atan(2.0 * a12 / tmp)
    if theta < 0.0:
        theta += _HALF_PI
    if a12 > 0.0:
        theta += _HALF_PI
    elif a12 == 0.0:
        if a22 > a11:
            theta = 0.0
            tmp = a22
            a22 = a11
            a11 = tmp
        elif a11 != a22:
            theta = _HALF_PI
    tmp = sin(theta)
    if tmp == 0.0:
        tmp = 0.000001
    z = a12 * cos(theta) / tmp
    major = sqrt(divide(1.0, abs(a22 + z)))
    minor = sqrt(divide(1.0, abs(a11 - z)))
    scale = sqrt(divide(float(count), _PI * major * minor))
    major = major * scale * 2.0
    minor = minor * scale * 2.0
    angle = 180.0 * theta / _PI
    if angle == 180.0:
        angle = 0.0
    if major < minor:
        tmp = major
        major = minor
        minor = tmp
    out[0] = major
    out[1] = minor
    out[2] = angle
    out[3] = left + xm + 0.5
    out[4] = top + ym + 0.5


def _fitted(
    mask: NDArray[np.uint8],
    start: int,
    stride: int,
    left: int,
    top: int,
    width: int,
    height: int,
    out: NDArray[np.float64],
) -> None:
    with cython.nogil:
        _fit(mask, start, stride, left, top, width, height, out)


def fit_ellipse(region: Region, /) -> tuple[float, float, float, float, float]:
    """Return major and minor axis, angle and centre of the ellipse fitted to a region.

    Parameters
    ----------
    region
        Pixels of the ROI, clipped to the image.

    Returns
    -------
    major, minor, angle, x, y : float
        Axes in pixels, angle in degrees, centre in pixels.

    Notes
    -----
    Source: ``ij.process.EllipseFitter``: second moments with 0.08333333 for the pixel itself,
    scaled to the region's area. A region without mask (a rectangle) uses 2w/1.772453851.
    """
    if region.mask is None:
        major = (region.width * 2) / SQRT_PI
        minor = (region.height * 2) / SQRT_PI
        angle = 0.0
        if major < minor:
            major, minor, angle = minor, major, 90.0
        return (
            major,
            minor,
            angle,
            region.x + region.width / 2.0,
            region.y + region.height / 2.0,
        )
    stride = region.mask.shape[1]
    out = np.empty(5)
    _fitted(
        np.ascontiguousarray(region.mask).reshape(-1),
        region.mask_y * stride + region.mask_x,
        stride,
        region.x,
        region.y,
        region.width,
        region.height,
        out,
    )
    major, minor, angle, x, y = out.tolist()
    return major, minor, angle, x, y
