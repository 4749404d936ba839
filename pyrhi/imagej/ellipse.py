"""The ellipse that ImageJ fits to a ROI: Major, Minor, Angle and its centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej._jit import kernel

if TYPE_CHECKING:
    from pyrhi.imagej.mask import Region

SQRT_PI = 1.772453851
"""Square root of pi as ``EllipseFitter`` writes it."""

HALF_PI = 1.5707963267949
"""Half of pi as ``EllipseFitter`` writes it."""

PIXEL_MOMENT = 0.08333333
"""Second moment of one pixel as ``EllipseFitter`` writes it."""


@kernel
def _fit(mask, mx, my, left, top, width, height):  # type: ignore[no-untyped-def]
    xsum = 0.0
    ysum = 0.0
    x2sum = 0.0
    y2sum = 0.0
    xysum = 0.0
    count = 0
    for y in range(height):
        line_count = 0
        line_sum = 0
        for x in range(width):
            if mask[my + y, mx + x] != 0:
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
        x2sum += PIXEL_MOMENT * count
        y2sum += PIXEL_MOMENT * count
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
    theta = 0.5 * np.arctan(2.0 * a12 / tmp)
    if theta < 0.0:
        theta += HALF_PI
    if a12 > 0.0:
        theta += HALF_PI
    elif a12 == 0.0:
        if a22 > a11:
            theta = 0.0
            tmp = a22
            a22 = a11
            a11 = tmp
        elif a11 != a22:
            theta = HALF_PI
    tmp = np.sin(theta)
    if tmp == 0.0:
        tmp = 0.000001
    z = a12 * np.cos(theta) / tmp
    major = np.sqrt(1.0 / abs(a22 + z))
    minor = np.sqrt(1.0 / abs(a11 - z))
    scale = np.sqrt(count / (np.pi * major * minor))
    major = major * scale * 2.0
    minor = minor * scale * 2.0
    angle = 180.0 * theta / np.pi
    if angle == 180.0:
        angle = 0.0
    if major < minor:
        tmp = major
        major = minor
        minor = tmp
    return major, minor, angle, left + xm + 0.5, top + ym + 0.5


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
    result: tuple[float, float, float, float, float] = _fit(
        region.mask,
        region.mask_x,
        region.mask_y,
        region.x,
        region.y,
        region.width,
        region.height,
    )
    return result
