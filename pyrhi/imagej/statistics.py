"""Pixel statistics of a region: one form for each kind of image, as in ImageJ.

Every form goes through the pixels and bins in ImageJ's order, in double precision, so that sums
round as they do there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej._jit import kernel
from pyrhi.imagej.calibration import calibrated_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.calibration import Calibration
    from pyrhi.imagej.mask import Region

SMALL_ROI_PIXELS = 250_000
"""``ShortStatistics``: boxes below this size get a histogram that ends at their maximum."""

MAX_DOUBLE = 1.7976931348623157e308
"""``Double.MAX_VALUE``: ImageJ's minimum of no values."""

MAX_FLOAT = 3.4028234663852886e38
"""``Float.MAX_VALUE``: 32-bit pixels beyond it (infinite or NaN) are not measured."""

_MIN_DOUBLE = 5e-324
_EMPTY_MASK = np.zeros((1, 1), np.uint8)
_NO_TABLE = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Statistics:
    """Pixel statistics of a region in calibrated grey values; positions in pixels.

    Parameters
    ----------
    pixel_count
        Number of pixels.
    mean, std_dev, mode, minimum, maximum, median, skewness, kurtosis
        As ImageJ's Results table names them; the standard deviation divides by n - 1, skewness
        and excess kurtosis use the population variance.
    raw_mean
        Mean that the raw integrated density uses: calibrated for 16-bit, raw for 8-bit images.
    x_mass, y_mass
        Centre of mass in pixels.
    area_fraction
        Share of pixels that are not 0, in percent.
    """

    pixel_count: int
    mean: float
    raw_mean: float
    std_dev: float
    mode: float
    minimum: float
    maximum: float
    median: float
    skewness: float
    kurtosis: float
    x_mass: float
    y_mass: float
    area_fraction: float


@kernel
def _std_dev(n, total, total2):  # type: ignore[no-untyped-def]
    """``ImageStatistics.calculateStdDev``."""
    if n > 0.0:
        std_dev = (n * total2 - total * total) / n
        if std_dev > 0.0:
            return np.sqrt(std_dev / (n - 1.0))
    return 0.0


@kernel
def _shape_of(n, mean, sum2, sum3, sum4):  # type: ignore[no-untyped-def]
    mean2 = mean * mean
    variance = sum2 / n - mean2
    deviation = np.sqrt(variance)
    skewness = ((sum3 - 3.0 * mean * sum2) / n + 2.0 * mean * mean2) / (variance * deviation)
    kurtosis = ((sum4 - 4.0 * mean * sum3 + 6.0 * mean2 * sum2) / n - 3.0 * mean2 * mean2) / (
        variance * variance
    ) - 3.0
    return skewness, kurtosis


@kernel
def _moments(pixels, rx, ry, rw, rh, mask, has_mask, mx, my, table, offset, limit):  # type: ignore[no-untyped-def]
    """``calculateMoments``: sums of powers and of positions weighted by the value."""
    sum1 = 0.0
    sum2 = 0.0
    sum3 = 0.0
    sum4 = 0.0
    xsum = 0.0
    ysum = 0.0
    for y in range(rh):
        for x in range(rw):
            if has_mask and mask[my + y, mx + x] == 0:
                continue
            p = pixels[ry + y, rx + x]
            v = (np.float64(table[int(p)]) if table.size > 0 else np.float64(p)) + offset
            if limit and not (v >= -MAX_FLOAT and v <= MAX_FLOAT):
                continue
            v2 = v * v
            sum1 += v
            sum2 += v2
            sum3 += v * v2
            sum4 += v2 * v2
            xsum += (rx + x) * v
            ysum += (ry + y) * v
    return sum1, sum2, sum3, sum4, xsum, ysum


@kernel
def _median_bin(hist, n, last):  # type: ignore[no-untyped-def]
    """``ImageStatistics.calculateMedian``: first bin whose cumulated count exceeds n/2."""
    half = n / 2.0
    total = 0.0
    i = -1
    while True:
        i += 1
        total += hist[i]
        if not (total <= half and i < last):
            break
    return i


@kernel
def _short(pixels, rx, ry, rw, rh, mask, has_mask, mx, my, table, hist):  # type: ignore[no-untyped-def]
    """``ShortStatistics``; `hist` has 65536 zeros and is left so."""
    box_max = 0
    n = 0
    low = 65535
    high = 0
    for y in range(rh):
        for x in range(rw):
            v = int(pixels[ry + y, rx + x])
            box_max = max(box_max, v)
            if has_mask and mask[my + y, mx + x] == 0:
                continue
            hist[v] += 1
            n += 1
            low = min(low, v)
            high = max(high, v)
    size = max(box_max + 1, 256) if rw * rh < SMALL_ROI_PIXELS else 65536
    calibrated = table.size > 0
    total = 0.0
    total2 = 0.0
    mode = 0.0
    greatest = 0
    c_min = MAX_DOUBLE
    c_max = -MAX_DOUBLE
    median = -1
    zeros = hist[0]
    if n > 0:
        for i in range(low, high + 1):
            count = hist[i]
            if count > greatest:
                greatest = count
                mode = float(i)
            value = np.float64(table[i]) if calibrated else float(i)
            total += value * count
            total2 += (value * value) * count
            if count > 0:
                c_min = min(c_min, value)
                c_max = max(c_max, value)
        median = _median_bin(hist, n, size - 1)
        for i in range(low, high + 1):
            hist[i] = 0
    else:
        low = size - 1
        high = 0
    if calibrated:
        mode = np.float64(table[int(mode)])
    else:
        c_min = float(low)
        c_max = float(high)
    mean = total / n
    s1, s2, s3, s4, xs, ys = _moments(
        pixels, rx, ry, rw, rh, mask, has_mask, mx, my, table, 0.0, False
    )
    skewness, kurtosis = _shape_of(n, mean, s2, s3, s4)
    fraction = (n - zeros) * 100.0 / n
    return (
        n,
        mean,
        mean,
        _std_dev(float(n), total, total2),
        mode,
        c_min,
        c_max,
        median,
        skewness,
        kurtosis,
        xs / s1 + 0.5,
        ys / s1 + 0.5,
        fraction,
    )


@kernel
def _byte(pixels, rx, ry, rw, rh, mask, has_mask, mx, my, table):  # type: ignore[no-untyped-def]
    """``ByteStatistics``."""
    hist = np.zeros(256, np.int64)
    for y in range(rh):
        for x in range(rw):
            if not (has_mask and mask[my + y, mx + x] == 0):
                hist[pixels[ry + y, rx + x]] += 1
    calibrated = table.size > 0
    n = 0
    counted = 0
    total = 0.0
    total2 = 0.0
    raw_total = 0.0
    mode = 0
    greatest = 0
    low = MAX_DOUBLE
    high = -MAX_DOUBLE
    for i in range(256):
        count = hist[i]
        counted += count
        value = np.float64(table[i]) if calibrated else float(i)
        if count == 0:
            continue
        low = min(low, value)
        high = max(high, value)
        if calibrated and np.isnan(value):
            continue
        n += count
        total += value * count
        raw_total += i * count
        total2 += (value * value) * count
        if count > greatest:
            greatest = count
            mode = i
    if n == 0:
        low = np.nan
        high = np.nan
    mean = total / n
    s1, s2, s3, s4, xs, ys = _moments(
        pixels, rx, ry, rw, rh, mask, has_mask, mx, my, table, _MIN_DOUBLE, False
    )
    skewness, kurtosis = _shape_of(n, mean, s2, s3, s4)
    return (
        n,
        mean,
        raw_total / n,
        _std_dev(float(n), total, total2),
        np.float64(table[mode]) if calibrated else float(mode),
        low,
        high,
        _median_bin(hist, n, 255) if n > 0 else -1,
        skewness,
        kurtosis,
        xs / s1 + 0.5,
        ys / s1 + 0.5,
        (counted - hist[0]) * 100.0 / counted,
    )


@kernel
def _float(pixels, rx, ry, rw, rh, mask, has_mask, mx, my):  # type: ignore[no-untyped-def]
    """``FloatStatistics``."""
    low = MAX_DOUBLE
    high = -MAX_DOUBLE
    n = 0
    boxed = 0
    not_zero = 0
    for y in range(rh):
        for x in range(rw):
            if has_mask and mask[my + y, mx + x] == 0:
                continue
            v = np.float64(pixels[ry + y, rx + x])
            boxed += 1
            if v != 0.0:
                not_zero += 1
            if v >= -MAX_FLOAT and v <= MAX_FLOAT:
                n += 1
                low = min(low, v)
                high = max(high, v)
    bin_size = (high - low) / 256
    scale = 256 / (high - low)
    hist = np.zeros(256, np.int64)
    values = np.empty(n, np.float32)
    total = 0.0
    total2 = 0.0
    k = 0
    for y in range(rh):
        for x in range(rw):
            if has_mask and mask[my + y, mx + x] == 0:
                continue
            v = np.float64(pixels[ry + y, rx + x])
            if v >= -MAX_FLOAT and v <= MAX_FLOAT:
                values[k] = pixels[ry + y, rx + x]
                k += 1
                total += v
                total2 += v * v
                at = scale * (v - low)
                # (int)NaN is 0 in Java: a region of one value.
                index = 0 if np.isnan(at) else int(at)
                hist[min(index, 255)] += 1
    mode = 0
    greatest = 0
    for i in range(256):
        if hist[i] > greatest:
            greatest = hist[i]
            mode = i
    d_mode = low + mode * bin_size
    if bin_size != 1.0:
        d_mode += bin_size / 2.0
    median = np.nan
    if n > 0:
        values.sort()
        middle = n // 2
        if n % 2 == 0:
            pair = np.float32(values[middle - 1] + values[middle])
            median = np.float64(np.float32(pair / np.float32(2)))
        else:
            median = np.float64(values[middle])
    mean = total / n
    s1, s2, s3, s4, xs, ys = _moments(
        pixels, rx, ry, rw, rh, mask, has_mask, mx, my, _NO_TABLE, _MIN_DOUBLE, True
    )
    skewness, kurtosis = _shape_of(n, mean, s2, s3, s4)
    return (
        n,
        mean,
        mean,
        _std_dev(float(n), total, total2),
        d_mode,
        low,
        high,
        median,
        skewness,
        kurtosis,
        xs / s1 + 0.5,
        ys / s1 + 0.5,
        not_zero * 100.0 / boxed,
    )


def _color(
    rounded: NDArray[np.uint8], exact: NDArray[np.float32], args: tuple[object, ...]
) -> Statistics:
    """``ColorStatistics``: histogram of the rounded brightness, moments of the exact one."""
    s = _byte(rounded, *args, _NO_TABLE)
    n, mean = s[0], s[1]
    s1, s2, s3, s4, xs, ys = _moments(exact, *args, _NO_TABLE, 0.0, False)
    skewness, kurtosis = _shape_of(n, mean, s2, s3, s4)
    # ImageJ does not work out %Area of an RGB image: the column stays 0.
    values = (
        *s[:5],
        s[5] if n else 255.0,
        s[6] if n else 0.0,
        float(s[7]) if n else np.nan,
        skewness,
        kurtosis,
        xs / s1 + 0.5 if s1 else np.nan,
        ys / s1 + 0.5 if s1 else np.nan,
        0.0,
    )
    return Statistics(*values)


_HISTOGRAM = np.zeros(65536, np.int64)


def statistics_of(
    pixels: NDArray[np.generic],
    region: Region,
    calibration: Calibration,
    table: NDArray[np.float32] | None,
    moments: NDArray[np.float32] | None = None,
    /,
) -> Statistics:
    """Return the pixel statistics of a region.

    Parameters
    ----------
    pixels
        One slice as ImageJ's processor holds it: uint8, uint16 or float32 of shape
        ``(height, width)``; for RGB its rounded brightness, uint8.
    region
        Pixels of the ROI on this slice.
    calibration
        For the median, which ImageJ takes through the function itself, not the table.
    table
        Calibration table of the image, or None.
    moments
        For RGB, the brightness that was not rounded; None for other images.

    Raises
    ------
    TypeError
        If the pixels are of another type.

    Notes
    -----
    Source: ``ij.process.ByteStatistics``, ``ShortStatistics``, ``FloatStatistics`` and
    ``ColorStatistics``.
    """
    has_mask = region.mask is not None
    args = (
        region.x,
        region.y,
        region.width,
        region.height,
        region.mask if has_mask else _EMPTY_MASK,
        has_mask,
        region.mask_x,
        region.mask_y,
    )
    c_table = _NO_TABLE if table is None else table
    if moments is not None:
        return _color(pixels, moments, args)  # type: ignore[arg-type]
    if pixels.dtype == np.uint16:
        values = _short(pixels, *args, c_table, _HISTOGRAM)
    elif pixels.dtype == np.uint8:
        values = _byte(pixels, *args, c_table)
    elif pixels.dtype == np.float32:
        return Statistics(*_float(pixels, *args))
    else:
        msg = f"pixels of type {pixels.dtype} are not measured; use uint8, uint16 or float32"
        raise TypeError(msg)
    median = values[7]
    exact = np.nan if median < 0 else calibrated_value(calibration, int(median))
    values = (*values[:7], exact, *values[8:])
    return Statistics(*values)
