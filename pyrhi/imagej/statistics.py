"""Pixel statistics of a region: one form for each kind of image, as in ImageJ.

Every form goes through the pixels and bins in ImageJ's order, in double precision, so that sums
round as they do there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.calibration import calibrated_value

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import isnan

    from pyrhi.imagej.java import divide, single, sqrt, to_int

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

_SMALL_ROI = SMALL_ROI_PIXELS
_MAX_DOUBLE = MAX_DOUBLE
_MAX_FLOAT = MAX_FLOAT
_MIN_DOUBLE = 5e-324
_NAN = np.nan

COUNT = 13
"""Number of values that the kernels write, in the order of `Statistics.values`."""


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

    def values(self) -> tuple[float, ...]:
        """Return the values in the order in which the kernels write them."""
        return (
            *(self.pixel_count, self.mean, self.raw_mean, self.std_dev, self.mode),
            *(self.minimum, self.maximum, self.median, self.skewness, self.kurtosis),
            *(self.x_mass, self.y_mass, self.area_fraction),
        )


def _std_dev(n: float, total: float, total2: float) -> float:
    """``ImageStatistics.calculateStdDev``."""
    if n > 0.0:
        std_dev = (n * total2 - total * total) / n
        if std_dev > 0.0:
            return sqrt(divide(std_dev, n - 1.0))
    return 0.0


def _finish(
    out: NDArray[np.float64],
    n: float,
    mean: float,
    total: float,
    total2: float,
    sums: NDArray[np.float64],
) -> None:
    """Write count, mean, deviation, ``calculateMoments`` and the centre of mass."""
    out[0] = n
    out[1] = mean
    out[2] = mean
    out[3] = _std_dev(n, total, total2)
    _shape(out, n, mean, sums)


def _shape(out: NDArray[np.float64], n: float, mean: float, sums: NDArray[np.float64]) -> None:
    """Write skewness, excess kurtosis and centre of mass from the sums of powers."""
    sum1 = sums[0]
    sum2 = sums[1]
    sum3 = sums[2]
    sum4 = sums[3]
    mean2 = mean * mean
    variance = divide(sum2, n) - mean2
    deviation = sqrt(variance)
    out[8] = divide(divide(sum3 - 3.0 * mean * sum2, n) + 2.0 * mean * mean2, variance * deviation)
    out[9] = (
        divide(
            divide(sum4 - 4.0 * mean * sum3 + 6.0 * mean2 * sum2, n) - 3.0 * mean2 * mean2,
            variance * variance,
        )
        - 3.0
    )
    out[10] = divide(sums[4], sum1) + 0.5
    out[11] = divide(sums[5], sum1) + 0.5


def _moments(
    pixels: NDArray[np.generic],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    table: NDArray[np.float32],
    offset: float,
    limit: bool,
    sums: NDArray[np.float64],
) -> None:
    """``calculateMoments``: sums of powers and of positions weighted by the value."""
    sum1 = sum2 = sum3 = sum4 = xsum = ysum = 0.0
    left = box[0]
    top = box[1]
    width = box[2]
    height = box[3]
    has_mask = box[4] != 0
    first = box[5]
    mask_width = box[6]
    calibrated = len(table) > 0
    for y in range(height):
        at = start + y * stride
        masked = first + y * mask_width
        for x in range(width):
            if has_mask and mask[masked + x] == 0:
                continue
            v = float(table[to_int(pixels[at + x])]) if calibrated else float(pixels[at + x])
            v += offset
            if limit and not -_MAX_FLOAT <= v <= _MAX_FLOAT:
                continue
            v2 = v * v
            sum1 += v
            sum2 += v2
            sum3 += v * v2
            sum4 += v2 * v2
            xsum += (left + x) * v
            ysum += (top + y) * v
    sums[0] = sum1
    sums[1] = sum2
    sums[2] = sum3
    sums[3] = sum4
    sums[4] = xsum
    sums[5] = ysum


def _median_bin(hist: NDArray[np.int64], n: int, last: int) -> int:
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


def _short(
    pixels: NDArray[np.uint16],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    table: NDArray[np.float32],
    hist: NDArray[np.int64],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """``ShortStatistics``; `hist` has 65536 zeros and is left so."""
    box_max = 0
    n = 0
    low = 65535
    high = 0
    width = box[2]
    height = box[3]
    has_mask = box[4] != 0
    first = box[5]
    mask_width = box[6]
    for y in range(height):
        at = start + y * stride
        masked = first + y * mask_width
        for x in range(width):
            v = int(pixels[at + x])
            box_max = max(box_max, v)
            if has_mask and mask[masked + x] == 0:
                continue
            hist[v] += 1
            n += 1
            low = min(low, v)
            high = max(high, v)
    size = max(box_max + 1, 256) if width * height < _SMALL_ROI else 65536
    calibrated = len(table) > 0
    total = 0.0
    total2 = 0.0
    mode = 0
    greatest = 0
    c_min = _MAX_DOUBLE
    c_max = -_MAX_DOUBLE
    median = -1
    zeros = int(hist[0])
    if n > 0:
        for i in range(low, high + 1):
            count = int(hist[i])
            if count > greatest:
                greatest = count
                mode = i
            value = float(table[i]) if calibrated else float(i)
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
    _moments(pixels, start, stride, box, mask, table, 0.0, False, sums)
    _finish(out, float(n), divide(total, float(n)), total, total2, sums)
    out[4] = float(table[mode]) if calibrated else float(mode)
    out[5] = c_min if calibrated else float(low)
    out[6] = c_max if calibrated else float(high)
    out[7] = median
    out[12] = divide((n - zeros) * 100.0, float(n))


def _byte(
    pixels: NDArray[np.uint8],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    table: NDArray[np.float32],
    hist: NDArray[np.int64],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """``ByteStatistics``; `hist` has at least 256 zeros and is left so."""
    width = box[2]
    has_mask = box[4] != 0
    for y in range(box[3]):
        at = start + y * stride
        masked = box[5] + y * box[6]
        for x in range(width):
            if not (has_mask and mask[masked + x] == 0):
                hist[pixels[at + x]] += 1
    calibrated = len(table) > 0
    n = 0
    counted = 0
    total = 0.0
    total2 = 0.0
    raw_total = 0.0
    mode = 0
    greatest = 0
    low = _MAX_DOUBLE
    high = -_MAX_DOUBLE
    for i in range(256):
        count = int(hist[i])
        counted += count
        value = float(table[i]) if calibrated else float(i)
        if count == 0:
            continue
        low = min(low, value)
        high = max(high, value)
        if calibrated and isnan(value):
            continue
        n += count
        total += value * count
        raw_total += i * count
        total2 += (value * value) * count
        if count > greatest:
            greatest = count
            mode = i
    if n == 0:
        low = _NAN
        high = _NAN
    _moments(pixels, start, stride, box, mask, table, _MIN_DOUBLE, False, sums)
    _finish(out, float(n), divide(total, float(n)), total, total2, sums)
    out[2] = divide(raw_total, float(n))
    out[4] = float(table[mode]) if calibrated else float(mode)
    out[5] = low
    out[6] = high
    out[7] = _median_bin(hist, n, 255) if n > 0 else -1
    out[12] = divide((counted - hist[0]) * 100.0, float(counted))
    for i in range(256):
        hist[i] = 0


def _float(
    pixels: NDArray[np.float32],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    hist: NDArray[np.int64],
    values: NDArray[np.float32],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> int:
    """``FloatStatistics`` without the median.

    Writes the values that count to `values`, which has room for the box, and returns how many.
    """
    low = _MAX_DOUBLE
    high = -_MAX_DOUBLE
    n = 0
    boxed = 0
    not_zero = 0
    for y in range(box[3]):
        at = start + y * stride
        masked = box[5] + y * box[6]
        for x in range(box[2]):
            if box[4] != 0 and mask[masked + x] == 0:
                continue
            v = float(pixels[at + x])
            boxed += 1
            if v != 0.0:
                not_zero += 1
            if -_MAX_FLOAT <= v <= _MAX_FLOAT:
                values[n] = pixels[at + x]
                n += 1
                low = min(low, v)
                high = max(high, v)
    bin_size = (high - low) / 256.0
    scale = divide(256.0, high - low)
    total = 0.0
    total2 = 0.0
    for k in range(n):
        v = float(values[k])
        total += v
        total2 += v * v
        # (int)NaN is 0 in Java: a region of one value.
        hist[min(to_int(scale * (v - low)), 255)] += 1
    mode = 0
    greatest = 0
    for k in range(256):
        if hist[k] > greatest:
            greatest = int(hist[k])
            mode = k
        hist[k] = 0
    d_mode = low + mode * bin_size
    if bin_size != 1.0:
        d_mode += bin_size / 2.0
    _moments(pixels, start, stride, box, mask, values[:0], _MIN_DOUBLE, True, sums)
    _finish(out, float(n), divide(total, float(n)), total, total2, sums)
    out[4] = d_mode
    out[5] = low
    out[6] = high
    out[12] = divide(not_zero * 100.0, float(boxed))
    return n


def _selected(values: NDArray[np.float32], n: int, k: int) -> float:
    """Return the value that is `k`-th of the first `n` in order, by partition (Hoare)."""
    left = 0
    right = n - 1
    while left < right:
        pivot = values[(left + right) // 2]
        i = left
        j = right
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                swap = values[i]
                values[i] = values[j]
                values[j] = swap
                i += 1
                j -= 1
        if k <= j:
            right = j
        elif k >= i:
            left = i
        else:
            break
    return float(values[k])


def _median(values: NDArray[np.float32], n: int) -> float:
    """``FloatStatistics.getMedian``: the mean of the middle pair is rounded to float twice."""
    if n == 0:
        return _NAN
    middle = n // 2
    upper = _selected(values, n, middle)
    if n % 2 == 1:
        return upper
    return single(single(_selected(values, n, middle - 1) + upper) / 2.0)


def _color(
    rounded: NDArray[np.uint8],
    exact: NDArray[np.float32],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    hist: NDArray[np.int64],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """``ColorStatistics``: histogram of the rounded brightness, moments of the exact one."""
    _byte(rounded, start, stride, box, mask, exact[:0], hist, sums, out)
    _moments(exact, start, stride, box, mask, exact[:0], 0.0, False, sums)
    _shape(out, out[0], out[1], sums)
    if sums[0] == 0.0:
        out[10] = out[11] = _NAN
    if out[0] == 0.0:
        out[5] = 255.0
        out[6] = 0.0
    # ImageJ does not work out %Area of an RGB image: the column stays 0.
    out[12] = 0.0


def _measure(
    depth: int,
    bytes_: NDArray[np.uint8],
    shorts: NDArray[np.uint16],
    floats: NDArray[np.float32],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    table: NDArray[np.float32],
    hist: NDArray[np.int64],
    values: NDArray[np.float32],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the `COUNT` values of a region of 8, 16, 24 (RGB) or 32 bits.

    `start` is where the first pixel of the box lies, `box` holds its x, y, width and height on
    the image, 1 where there is a mask, where the box starts in the mask, and the mask's width.
    """
    if depth == 16:
        _short(shorts, start, stride, box, mask, table, hist, sums, out)
    elif depth == 8:
        _byte(bytes_, start, stride, box, mask, table, hist, sums, out)
    elif depth == 24:
        _color(bytes_, floats, start, stride, box, mask, hist, sums, out)
    else:
        n = _float(floats, start, stride, box, mask, hist, values, sums, out)
        out[7] = _median(values, n)


def _measured(
    depth: int,
    bytes_: NDArray[np.uint8],
    shorts: NDArray[np.uint16],
    floats: NDArray[np.float32],
    start: int,
    stride: int,
    box: NDArray[np.int64],
    mask: NDArray[np.uint8],
    table: NDArray[np.float32],
    hist: NDArray[np.int64],
    values: NDArray[np.float32],
    sums: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    with cython.nogil:
        _measure(
            depth, bytes_, shorts, floats, start, stride, box, mask, table, hist, values, sums, out
        )


_NO_BYTES = np.zeros(0, np.uint8)
_NO_SHORTS = np.zeros(0, np.uint16)
_NO_FLOATS = np.zeros(0, np.float32)
_DEPTHS = {np.dtype(np.uint8): 8, np.dtype(np.uint16): 16, np.dtype(np.float32): 32}


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
    depth = _DEPTHS.get(pixels.dtype, 0)
    if not depth:
        msg = f"pixels of type {pixels.dtype} are not measured; use uint8, uint16 or float32"
        raise TypeError(msg)
    flat = np.ascontiguousarray(pixels).reshape(-1)
    floats = flat if depth == 32 else _NO_FLOATS
    if moments is not None:
        depth, floats = 24, np.ascontiguousarray(moments).reshape(-1)
    mask = _NO_BYTES if region.mask is None else np.ascontiguousarray(region.mask).reshape(-1)
    mask_width = 0 if region.mask is None else region.mask.shape[1]
    width = pixels.shape[1]
    box = (
        *(region.x, region.y, region.width, region.height),
        *(mask_width > 0, region.mask_y * mask_width + region.mask_x, mask_width),
    )
    out = np.empty(COUNT)
    _measured(
        depth,
        flat if depth in (8, 24) else _NO_BYTES,
        flat if depth == 16 else _NO_SHORTS,
        floats,
        region.y * width + region.x,
        width,
        np.array(box, np.int64),
        mask,
        _NO_FLOATS if table is None else table,
        np.zeros(65536 if depth == 16 else 256, np.int64),
        np.empty(region.width * region.height if depth == 32 else 0, np.float32),
        np.empty(6),
        out,
    )
    n, *values = out.tolist()
    if depth != 32:
        median = int(values[6])
        values[6] = np.nan if median < 0 else calibrated_value(calibration, median)
    return Statistics(int(n), *values)
