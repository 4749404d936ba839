"""From pixels to a threshold in raw values: histogram, method, and ImageJ's scaling back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pyrhi.errors import ThresholdError
from pyrhi.imagej import java
from pyrhi.imagej.thresholds.methods import BYTE_BINS, check_method, histogram_threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Pixels: TypeAlias = NDArray[Any]
Mask: TypeAlias = NDArray[np.bool_]
Bounds: TypeAlias = tuple[int, int, int, int]

if TYPE_CHECKING:
    Plane: TypeAlias = tuple[Pixels, Mask | None]
    Planes: TypeAlias = Sequence[Plane] | Callable[[], Iterable[Plane]]
else:
    Plane = Planes = Any

OPTIONS: tuple[str, ...] = (
    "dark",
    "no-reset",
    "16-bit",
    "stack",
    "dark16",
    "red",
    "b&w",
    "over/under",
    "no-lut",
)
"""Words that ImageJ knows after the method's name; the last four only colour the display."""

NO_THRESHOLD = -808080.0
"""ImageJ's value for "not thresholded"; a lower threshold that equals it is lost."""

BYTE_MAX = 255
SHORT_MAX = 65535
SHORT_BINS = 65536
SMALL_ROI_PIXELS = 250_000
"""Below this area ImageJ's 16-bit histogram ends at the largest value in the ROI's bounds."""

FLOAT_LIMIT = 1e30
"""Open end of a 32-bit threshold."""

MAX_FLOAT = float(np.finfo(np.float32).max)

_BITS: dict[np.dtype[Any], int] = {
    np.dtype(np.uint8): 8,
    np.dtype(np.uint16): 16,
    np.dtype(np.float32): 32,
}


@dataclass(frozen=True)
class Threshold:
    """A threshold as ImageJ's processor holds it: raw values, both ends belong to it.

    Parameters
    ----------
    lower, upper
        Raw pixel values (not calibrated); 32-bit images have open ends of -1e30 and 1e30.
    method
        One of `METHODS`.
    options
        The option words, one blank between them.
    """

    lower: float
    upper: float
    method: str
    options: str


@dataclass(frozen=True, eq=False)
class Levels:
    """The histogram that ImageJ thresholds, and how its bins become raw values.

    Parameters
    ----------
    histogram
        Pixel counts, int32, shape ``(n,)``: 256 bins, or native 16-bit levels.
    bits
        8, 16 or 32: bits of a pixel.
    low, high
        Raw values of the first and the last of 256 bins.
    options
        The option words, one blank between them.
    inverted_lut
        True where the image is shown with low values bright.
    """

    histogram: NDArray[np.int32]
    bits: int
    low: float
    high: float
    options: str
    inverted_lut: bool = False

    def threshold(self, method: str, /) -> Threshold:
        """Apply one method.

        Parameters
        ----------
        method
            One of `METHODS`.

        Returns
        -------
        Threshold
            The range in raw values.

        Raises
        ------
        ThresholdError
            If the method is unknown or gives no threshold.

        Notes
        -----
        Source: ``ImageProcessor.setAutoThreshold`` and ``IJ.setStackThreshold``.
        """
        stack, native, sixteen = self._modes()
        level = histogram_threshold(self.histogram, method, subtract_one=stack or not sixteen)
        over = java.int32(level + (0 if sixteen else 1))
        largest = SHORT_MAX if len(self.histogram) > BYTE_BINS else BYTE_MAX
        lower, upper = (0, level)
        if ("dark" in self.options) != self.inverted_lut:
            lower, upper = (over, largest)
        ends = (float(lower), float(upper))
        if not native:
            ends = (min(ends[0], float(BYTE_MAX)), ends[1])
            ends = self._scaled_to_range(*ends) if stack else self._scaled(*ends)
        ends = self._clipped(*ends)
        if not all(map(math.isfinite, ends)) or ends[0] == NO_THRESHOLD:
            msg = (
                f"{method}: no threshold, the image's range is {self.low:g} to {self.high:g}; "
                "remove NaN and infinite pixels"
            )
            raise ThresholdError(msg)
        return Threshold(*ends, method, self.options)

    def _modes(self) -> tuple[bool, bool, bool]:
        """Whether the options ask for the stack, native 16-bit bins, and ``16``."""
        sixteen = "16" in self.options
        return "stack" in self.options, sixteen and self.bits == 16, sixteen

    def _scaled(self, lower: float, upper: float) -> tuple[float, float]:
        """``ImageProcessor.scaleAndSetThreshold``: bins 0 and 255 become open ends."""
        if self.bits == 8:
            return lower, upper
        if not self.high > self.low:
            return self.low, self.low
        span = self.high - self.low
        is_float = self.bits == 32
        if lower != 0.0:
            lower = self.low + (lower / 255.0) * span
        elif is_float:
            lower = min(self.low, -FLOAT_LIMIT)
        if upper != 255.0:
            upper = self.low + (upper / 255.0) * span
        else:
            upper = max(self.high, FLOAT_LIMIT) if is_float else float(SHORT_MAX)
        return lower, upper

    def _scaled_to_range(self, lower: float, upper: float) -> tuple[float, float]:
        """``IJ.setStackThreshold``: bins 0 and 255 become the ends of the stack's range."""
        if not self.high > self.low:
            return self.low, self.low
        span = self.high - self.low
        return self.low + (lower / 255.0) * span, self.low + (upper / 255.0) * span

    def _clipped(self, lower: float, upper: float) -> tuple[float, float]:
        """``setThreshold`` of the processor: limits of 8 and 16 bits, whole 16-bit values."""
        if self.bits == 32:
            return lower, upper
        largest = float(BYTE_MAX if self.bits == 8 else SHORT_MAX)
        lower, upper = max(lower, 0.0), min(upper, largest)
        if self.bits == 8:
            return lower, upper
        return java.round_half_up(lower), java.round_half_up(upper)


def levels(
    pixels: Pixels,
    /,
    *,
    options: str = "dark",
    mask: Mask | None = None,
    bounds: Bounds | None = None,
    display_range: tuple[float, float] | None = None,
    stack: Planes | None = None,
    inverted_lut: bool = False,
) -> Levels:
    """Take the histogram that ImageJ would threshold.

    Parameters are those of `auto_threshold`; one `Levels` serves all methods.

    Returns
    -------
    Levels
        Histogram and scale.

    Raises
    ------
    ThresholdError
        As `auto_threshold`, except for the method.
    """
    words = options.split()
    unknown = [word for word in words if word not in OPTIONS]
    if unknown:
        msg = f"unknown threshold option {unknown[0]!r}; the options are {', '.join(OPTIONS)}"
        raise ThresholdError(msg)
    options = " ".join(words)
    bits = _check(pixels, mask)
    native = bits == 16 and "16" in options
    if "stack" in words:
        if stack is None:
            msg = "the option 'stack' needs all planes of the stack, not one"
            raise ThresholdError(msg)
        histogram, low, high = _of_stack(stack, bits, native=native)
    elif native:
        histogram, low, high = _native(pixels, mask, bounds), 0.0, float(SHORT_MAX)
    elif bits == 8:
        histogram, low, high = _counts(_selected(pixels, mask), BYTE_BINS), 0.0, float(BYTE_MAX)
    else:
        # Over/under colouring makes ImageJ reset the range in spite of no-reset.
        kept = "no-reset" in words and "over/under" not in words
        low, high = _range(pixels, display_range if kept else None)
        to_bytes = _short_to_byte if bits == 16 else _float_to_byte
        histogram = to_bytes(_selected(pixels, mask), low, high)
    if not histogram.any():
        msg = "no threshold: the selection covers no pixel with a value"
        raise ThresholdError(msg)
    clamped = np.minimum(histogram, java.INT_MAX).astype(np.int32)
    return Levels(clamped, bits, low, high, options, inverted_lut)


def auto_threshold(
    pixels: Pixels,
    method: str = "Default",
    /,
    *,
    options: str = "dark",
    mask: Mask | None = None,
    bounds: Bounds | None = None,
    display_range: tuple[float, float] | None = None,
    stack: Planes | None = None,
    inverted_lut: bool = False,
) -> Threshold:
    """Threshold that ImageJ's ``setAutoThreshold("METHOD OPTIONS")`` gives.

    Parameters
    ----------
    pixels
        Raw values of the slice, shape ``(height, width)``, uint8, uint16 or float32.
    method
        One of `METHODS`, spelled as in ImageJ.
    options
        Words of `OPTIONS`, blanks between them. Without ``dark`` the low values are taken.
    mask
        Pixels of the selection, bool, the shape of `pixels`; None without a selection.
    bounds
        x, y, width, height of the selection in pixels, where they are larger than its pixels need.
        ImageJ's ``16-bit`` histogram depends on them when all selected values are below 256.
    display_range
        Display minimum and maximum in raw values, for ``no-reset``; None for the slice's own.
    stack
        For the option ``stack``: all planes with their masks, or a function that yields them anew
        each time (32-bit stacks are read twice).
    inverted_lut
        True where the image is shown with low values bright: ImageJ then exchanges what ``dark``
        means.

    Returns
    -------
    Threshold
        Lower and upper end in raw values, as ImageJ's processor holds them.

    Raises
    ------
    ThresholdError
        If the method or an option is unknown, the pixels are of another type, the selection
        covers no pixel, or ImageJ finds no threshold.

    Notes
    -----
    Source: ``ij.process.ImageProcessor.setAutoThreshold``, ``TypeConverter``,
    ``ij.IJ.setStackThreshold`` and ``StackStatistics`` of ImageJ 1.54p. NaN counts as the lowest
    bin of a 32-bit slice, and is left out of a 32-bit ``stack``, as there. A 16-bit stack is taken
    as uncalibrated: with a calibration function ImageJ mixes raw and calibrated values.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.array([[10, 12, 11], [10, 90, 80]], dtype=np.uint8)
    >>> auto_threshold(pixels, "Otsu")
    Threshold(lower=13.0, upper=255.0, method='Otsu', options='dark')
    """
    check_method(method)
    return levels(
        pixels,
        options=options,
        mask=mask,
        bounds=bounds,
        display_range=display_range,
        stack=stack,
        inverted_lut=inverted_lut,
    ).threshold(method)


def _check(pixels: Pixels, mask: Mask | None) -> int:
    """Bits of a pixel; refuses what ImageJ's thresholds do not take."""
    bits = _BITS.get(pixels.dtype)
    if bits is None or pixels.ndim != 2 or pixels.size == 0:
        msg = (
            f"no threshold of a {pixels.dtype} array of shape {pixels.shape}; "
            "give one slice of 8-bit, 16-bit or 32-bit float pixels"
        )
        raise ThresholdError(msg)
    if mask is not None and (mask.shape != pixels.shape or mask.dtype != np.bool_):
        msg = (
            f"the selection is a {mask.dtype} array of shape {mask.shape}; "
            f"it must be bool of the slice's shape {pixels.shape}"
        )
        raise ThresholdError(msg)
    return bits


def _selected(pixels: Pixels, mask: Mask | None) -> Pixels:
    """Take the selected pixels as a flat array."""
    return pixels.reshape(-1) if mask is None else pixels[mask]


def _counts(values: NDArray[np.integer[Any]], bins: int) -> NDArray[np.int64]:
    """Histogram of whole values from 0."""
    return np.bincount(values, minlength=bins).astype(np.int64, copy=False)


def _native(pixels: Pixels, mask: Mask | None, bounds: Bounds | None) -> NDArray[np.int64]:
    """``ShortStatistics``: the histogram of a small selection has no bins above its bounds."""
    height, width = pixels.shape
    if bounds is None:
        bounds = (0, 0, width, height) if mask is None else _bounds_of(mask)
    x, y, w, h = bounds
    inside = pixels[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)]
    bins = SHORT_BINS
    if inside.size < SMALL_ROI_PIXELS:
        bins = max(int(inside.max(initial=0)) + 1, BYTE_BINS)
    return _counts(_selected(pixels, mask), bins)


def _bounds_of(mask: Mask) -> Bounds:
    """Smallest rectangle around the selected pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


def _range(pixels: Pixels, display_range: tuple[float, float] | None) -> tuple[float, float]:
    """``setMinAndMax``, or the range of the whole slice (NaN left out)."""
    is_float = pixels.dtype == np.float32
    if display_range is not None and display_range != (0.0, 0.0):
        low, high = display_range
        if is_float:
            with np.errstate(over="ignore"):
                return float(np.float32(low)), float(np.float32(high))
        return java.round_half_up(low), java.round_half_up(high)
    if is_float:
        return float(np.fmin.reduce(pixels, axis=None)), float(np.fmax.reduce(pixels, axis=None))
    return float(pixels.min()), float(pixels.max())


def _to_byte_bins(scaled: NDArray[np.float64]) -> NDArray[np.int64]:
    """``(int)`` cast, cut at 255, then the low byte."""
    return np.minimum(java.to_ints(scaled + 0.5), BYTE_MAX) & 0xFF


def _short_to_byte(values: Pixels, low: float, high: float) -> NDArray[np.int64]:
    """``TypeConverter.convertShortToByte``, as a table over all 16-bit values."""
    counts = _counts(values, SHORT_BINS)
    above = np.maximum(np.arange(SHORT_BINS) - int(low), 0)
    with np.errstate(all="ignore"):
        bins = _to_byte_bins(above * (np.float64(256.0) / (int(high) - int(low) + 1)))
    return np.bincount(bins, weights=counts, minlength=BYTE_BINS).astype(np.int64)


def _float_to_byte(values: Pixels, low: float, high: float) -> NDArray[np.int64]:
    """``FloatProcessor.create8BitImage``."""
    with np.errstate(all="ignore"):
        above = values.astype(np.float64) - low
        above[above < 0.0] = 0.0
        bins = _to_byte_bins(above * (np.float64(255.0) / (high - low)))
    return _counts(bins, BYTE_BINS)


def _of_stack(stack: Planes, bits: int, *, native: bool) -> tuple[NDArray[np.int64], float, float]:
    """``StackStatistics``: histogram of all planes over their common range."""
    planes = stack if callable(stack) else lambda: stack
    if bits == 32:
        return _of_float_stack(planes)
    counts = np.zeros(BYTE_BINS if bits == 8 else SHORT_BINS, dtype=np.int64)
    for pixels, mask in planes():
        _check_plane(pixels, mask, bits)
        counts += _counts(_selected(pixels, mask), len(counts))
    occupied = np.flatnonzero(counts)
    if bits == 8 or native or not len(occupied):
        return counts, 0.0, float(BYTE_MAX if bits == 8 else SHORT_MAX)
    low, high = float(occupied[0]), float(occupied[-1])
    scale = 1.0 / ((high - low + 1) / BYTE_BINS)
    bins = np.minimum((scale * (occupied - low)).astype(np.int64), BYTE_BINS - 1)
    coarse = np.bincount(bins, weights=counts[occupied], minlength=BYTE_BINS)
    return coarse.astype(np.int64), low, high


def _of_float_stack(
    planes: Callable[[], Iterable[Plane]],
) -> tuple[NDArray[np.int64], float, float]:
    """``StackStatistics.doCalculations``: NaN and infinite pixels are left out."""

    def values() -> Iterable[NDArray[np.float64]]:
        for pixels, mask in planes():
            _check_plane(pixels, mask, 32)
            selected = _selected(pixels, mask)
            yield selected[np.abs(selected) <= MAX_FLOAT].astype(np.float64)

    low, high = math.inf, -math.inf
    for part in values():
        low = min(low, float(part.min(initial=math.inf)))
        high = max(high, float(part.max(initial=-math.inf)))
    counts = np.zeros(BYTE_BINS, dtype=np.int64)
    with np.errstate(all="ignore"):
        scale = np.float64(BYTE_BINS) / (high - low)
        for part in values():
            bins = np.minimum(java.to_ints(scale * (part - low)), BYTE_BINS - 1)
            counts += _counts(bins, BYTE_BINS)
    return counts, low, high


def _check_plane(pixels: Pixels, mask: Mask | None, bits: int) -> None:
    """Refuse a plane of another type than the slice's."""
    if _check(pixels, mask) != bits:
        msg = f"the stack has a plane of {pixels.dtype} pixels; all must have {bits} bits"
        raise ThresholdError(msg)
