"""ImageJ's 17 automatic thresholds of a histogram, to the bin.

Notes
-----
Source: ``ij.process.AutoThresholder`` of ImageJ 1.54p, whose sums are kept as they are there:
32-bit integers that overflow, integer divisions, and double sums from the first bin to the last.
`numpy.cumsum` is used for those sums because it adds in order, which `numpy.sum` does not.
Bins without pixels add nothing to an entropy and repeat the value of the bin before them, so the
quadratic methods look at occupied bins only. They are computed with NumPy's fast logarithm first;
what comes within `NEAR_TIE` of the best is computed again with the accurate one that Java's is
nearest to, so that ties fall as they do there.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from pyrhi.errors import ThresholdError
from pyrhi.imagej import java
from pyrhi.imagej.java import Counts, Doubles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    Logarithm = Callable[[Doubles], Doubles]

BYTE_BINS = 256
"""Histograms with more bins are cut to their occupied range first."""

MAX_SMOOTHINGS = 10_000
"""Smoothings after which Intermodes and Minimum give up."""

NOT_FOUND = -1
LEAVES = "ImageJ's search leaves the grey levels"
REPEATS = "ImageJ's search repeats itself and never ends"
EPSILON = 2.220446049250313e-16
MAX_DOUBLE = sys.float_info.max
FUZZY_MIN, FUZZY_MAX = 1e-06, 0.999999
NEAR_TIE = 1e-10
"""Relative difference of two entropies that rounding might turn; far over NumPy's error."""

MATRIX_SIZE = 2**18
"""Elements of one block of the quadratic methods, so that full 16-bit ranges fit the cache."""


def _ordered_sum(values: Doubles) -> float:
    """Sum from the first element to the last; 0 for none."""
    return float(np.cumsum(values)[-1]) if values.size else 0.0


def _total(histogram: Counts) -> int:
    """Sum of the counts in 32 bits."""
    return java.int32(int(histogram.sum(dtype=np.int64)))


def _first_maximum(values: Doubles, above: float) -> int | None:
    """Index of the first largest value that is over `above`; NaN never is."""
    safe = np.where(np.isnan(values), -np.inf, values)
    index = int(np.argmax(safe))
    return index if safe[index] > above else None


def _first_minimum(values: Doubles, below: float) -> int | None:
    """Index of the first smallest value that is under `below`; NaN never is."""
    safe = np.where(np.isnan(values), np.inf, values)
    index = int(np.argmin(safe))
    return index if safe[index] < below else None


def _blocks(rows: NDArray[np.intp], columns: int) -> Iterator[NDArray[np.intp]]:
    """Cut `rows` so that a block times `columns` stays near `MATRIX_SIZE` elements."""
    step = max(1, MATRIX_SIZE // columns)
    for start in range(0, len(rows), step):
        yield rows[start : start + step, np.newaxis]


def _ordered_row_sums(matrix: Doubles) -> Doubles:
    """Sum of each row from its first element to its last."""
    sums: Doubles = np.cumsum(matrix, axis=1)[:, -1]
    return sums


def _settled(
    evaluate: Callable[[NDArray[np.intp], Logarithm], Doubles],
    tried: NDArray[np.intp],
    best_of: Callable[[Doubles], np.float64],
) -> Doubles:
    """Evaluate all `tried` thresholds fast, and again with accuracy those that may be the best."""
    values = evaluate(tried, np.log)
    finite = values[np.isfinite(values)]
    if finite.size:
        best = best_of(finite)
        near = np.flatnonzero(np.abs(values - best) <= NEAR_TIE * (1.0 + abs(best)))
        values[near] = evaluate(tried[near], java.logs)
    return values


def _refuse(method: str, why: str) -> NoReturn:
    """Say that a method finds nothing where ImageJ stops with an exception or never ends."""
    msg = f"{method}: no threshold in this histogram ({why}); choose another method"
    raise ThresholdError(msg)


def _default(histogram: Counts) -> int:
    """IsoData of the Threshold window: the highest peak is cut to 1.5 times the next."""
    data = histogram.copy()
    mode = int(np.argmax(data))
    highest = int(data[mode])
    second = int(np.delete(data, mode).max(initial=0))
    if highest > java.int32(second * 2) and second != 0:
        data[mode] = java.to_int(second * 1.5)
    return _ij_isodata(data)


def _ij_isodata(histogram: Counts) -> int:
    """ImageJ's first IsoData: the end bins count as erased."""
    data = histogram.astype(np.float64)
    data[0] = data[-1] = 0.0
    occupied = np.flatnonzero(data)
    if len(occupied) < 2:
        return len(data) // 2
    low, high = int(occupied[0]), int(occupied[-1])
    counts = np.cumsum(data)
    # Products and sums are integers below 2**53: exact in any order.
    sums = np.cumsum(np.arange(len(data)) * data)
    moving = low
    while True:
        below = sums[moving] / counts[moving]
        above = (sums[high] - sums[moving]) / (counts[high] - counts[moving])
        result = float(below + above) / 2.0
        moving += 1
        if not (moving + 1 <= result and moving < high - 1):
            return int(java.round_half_up(result))


def _huang(histogram: Counts) -> int:
    """Huang and Wang (1995), Shannon's entropy of the fuzzy set."""
    size = len(histogram)
    occupied = np.flatnonzero(histogram)
    first, last = int(occupied[0]), int(occupied[-1])
    term = java.divide(1.0, last - first)
    weighted = np.arange(size, dtype=np.int32) * histogram
    mean_0 = np.zeros(size)
    mean_0[first:] = np.cumsum(weighted, dtype=np.int32)[first:] / np.cumsum(
        histogram, dtype=np.int32
    )[first:].astype(np.float64)
    mean_1 = np.zeros(size)
    from_above = np.cumsum(weighted[last:0:-1], dtype=np.int32) / np.cumsum(
        histogram[last:0:-1], dtype=np.int32
    ).astype(np.float64)
    mean_1[:last] = from_above[::-1]

    # Bin 0 stands for all bins below the first occupied one: their means are all alike.
    candidates = np.union1d([0], occupied)
    counts = histogram[occupied].astype(np.float64)

    def entropies(rows: NDArray[np.intp], logarithm: Logarithm) -> Doubles:
        sums = []
        for t in _blocks(rows, len(occupied)):
            mean = np.where(occupied <= t, mean_0[t], mean_1[t])
            member = 1.0 / (1.0 + term * np.abs(occupied - mean))
            other = 1.0 - member
            entropy = counts * (-member * logarithm(member) - other * logarithm(other))
            entropy[(member < FUZZY_MIN) | (member > FUZZY_MAX)] = 0.0
            sums.append(_ordered_row_sums(entropy))
        return np.concatenate(sums)

    best = _first_minimum(_settled(entropies, candidates, np.min), MAX_DOUBLE)
    return NOT_FOUND if best is None else int(candidates[best])


def _peaks(smooth: Doubles) -> NDArray[np.intp]:
    """Bins that are higher than both neighbours."""
    middle = smooth[1:-1]
    return np.flatnonzero((smooth[:-2] < middle) & (smooth[2:] < middle)) + 1


def _smooth_to_two_peaks(histogram: Counts) -> Doubles | None:
    """Smooth by a 3-bin mean until two peaks are left; None where that never happens."""
    padded = np.zeros(len(histogram) + 2)
    smooth = padded[1:-1]
    smooth[:] = histogram
    # Up to 10,000 rounds: the arrays are made once.
    total = np.empty_like(smooth)
    rises, falls = np.empty((2, max(len(histogram) - 1, 0)), dtype=bool)
    peaks = np.empty_like(rises[:-1])
    for _ in range(MAX_SMOOTHINGS + 1):
        np.less(smooth[:-1], smooth[1:], out=rises)
        np.greater(smooth[:-1], smooth[1:], out=falls)
        np.logical_and(rises[:-1], falls[1:], out=peaks)
        if np.count_nonzero(peaks) == 2:
            return smooth
        np.add(padded[:-2], smooth, out=total)
        np.add(total, padded[2:], out=total)
        np.divide(total, 3, out=smooth)
    return None


def _intermodes(histogram: Counts) -> int:
    """Prewitt and Mendelsohn (1966): half-way between the two peaks."""
    smooth = _smooth_to_two_peaks(histogram)
    return NOT_FOUND if smooth is None else int(_peaks(smooth).sum()) // 2


def _minimum(histogram: Counts) -> int:
    """Prewitt and Mendelsohn (1966): the valley between the two peaks."""
    if len(histogram) < 2:
        return 0
    smooth = _smooth_to_two_peaks(histogram)
    if smooth is None:
        return NOT_FOUND
    last = int(np.flatnonzero(histogram)[-1])
    valleys = np.flatnonzero((smooth[:-2] > smooth[1:-1]) & (smooth[2:] >= smooth[1:-1])) + 1
    return int(valleys[0]) if len(valleys) and valleys[0] < last else NOT_FOUND


def _isodata(histogram: Counts) -> int:
    """Ridler and Calvard (1978), with integer means."""
    size = len(histogram)
    # int32 sums wrap modulo 2**32, so differences of wrapped sums equal wrapped differences.
    counts = [0, *np.cumsum(histogram, dtype=np.int32).tolist()]
    sums = [
        0,
        *np.cumsum(np.arange(size, dtype=np.int32) * histogram, dtype=np.int32).tolist(),
    ]
    above_zero = np.flatnonzero(histogram[1:] > 0)
    g = int(above_zero[0]) + 2 if len(above_zero) else 0
    while True:
        low, low_count = sums[g], counts[g]
        after = min(g + 1, size)
        high = java.int32(sums[-1] - sums[after])
        high_count = java.int32(counts[-1] - counts[after])
        if low_count > 0 and high_count > 0:
            both = java.divide_int(low, low_count) + java.divide_int(high, high_count)
            if g == int(java.round_half_up(both / 2.0)):
                return g
        g += 1
        if g > size - 2:
            return NOT_FOUND


def _li(histogram: Counts) -> int:
    """Li and Tam (1998), minimum cross entropy by iteration."""
    size = len(histogram)
    weighted = np.arange(size, dtype=np.int32) * histogram
    # Index t + 1 holds the sum up to bin t, so that a threshold of -1 means none.
    counts = [0, *np.cumsum(histogram, dtype=np.int32).tolist()]
    sums = [0, *np.cumsum(weighted, dtype=np.int32).tolist()]
    new = java.divide(float(weighted.sum(dtype=np.int64)), _total(histogram))
    seen: set[float] = set()
    while True:
        old = new
        if old in seen:
            _refuse("Li", REPEATS)
        seen.add(old)
        threshold = java.to_int(old + 0.5)
        if not -1 <= threshold < size:
            _refuse("Li", LEAVES)
        back_count = counts[threshold + 1]
        back = 0.0 if back_count == 0 else sums[threshold + 1] / back_count
        object_count = java.int32(counts[-1] - back_count)
        rest = java.int32(sums[-1] - sums[threshold + 1])
        above = 0.0 if object_count == 0 else rest / object_count
        cross = java.divide(back - above, java.log(back) - java.log(above))
        new = float(java.to_int(cross - 0.5 if cross < -EPSILON else cross + 0.5))
        if not abs(new - old) > 0.5:
            return threshold


def _cumulative(histogram: Counts) -> tuple[Doubles, Doubles, Doubles]:
    """Fractions of the pixels in each bin, up to each bin, and above it."""
    fraction = histogram / np.float64(_total(histogram))
    below = np.cumsum(fraction)
    return fraction, below, 1.0 - below


def _entropy_bins(
    histogram: Counts, below: Doubles, above: Doubles
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Occupied bins, and those of them at which an entropy method tries a threshold."""
    occupied = np.flatnonzero(histogram)
    first = int(np.argmax(~(np.abs(below) < EPSILON)))
    some_above = np.flatnonzero(~(np.abs(above[first:]) < EPSILON))
    last = first + int(some_above[-1]) if len(some_above) else len(histogram) - 1
    return occupied, occupied[(occupied >= first) & (occupied <= last)]


def _split_sums(
    bins: NDArray[np.intp],
    tried: NDArray[np.intp],
    below: Doubles,
    above: Doubles,
    term: Callable[[NDArray[np.intp], Doubles], Doubles],
) -> tuple[Doubles, Doubles]:
    """Sum `term` over the occupied `bins` up to each tried threshold, and over those above it."""
    backs, objects = [], []
    for t in _blocks(tried, len(bins)):
        back = bins <= t
        parts = term(bins, np.where(back, below[t], above[t]))
        backs.append(_ordered_row_sums(np.where(back, parts, 0.0)))
        objects.append(_ordered_row_sums(np.where(back, 0.0, parts)))
    return np.concatenate(backs), np.concatenate(objects)


def _shannon_entropies(
    histogram: Counts, fraction: Doubles, below: Doubles, above: Doubles
) -> tuple[NDArray[np.intp], Doubles]:
    """Kapur, Sahoo and Wong (1985): tried thresholds and the entropy of both sides of each."""
    bins, tried = _entropy_bins(histogram, below, above)

    def entropies(rows: NDArray[np.intp], logarithm: Logarithm) -> Doubles:
        def term(index: NDArray[np.intp], part: Doubles) -> Doubles:
            share = fraction[index] / part
            return -(share * logarithm(share))

        back, above_it = _split_sums(bins, rows, below, above, term)
        return back + above_it

    return tried, _settled(entropies, tried, np.max)


def _max_entropy(histogram: Counts) -> int:
    """Kapur, Sahoo and Wong (1985)."""
    tried, entropies = _shannon_entropies(histogram, *_cumulative(histogram))
    best = _first_maximum(entropies, java.DOUBLE_MIN)
    return NOT_FOUND if best is None else int(tried[best])


def _mean(histogram: Counts) -> int:
    """Glasbey (1993): the mean grey level, rounded down."""
    counts = histogram.astype(np.int64)
    return int(np.arange(len(counts)) @ counts) // int(counts.sum())


def _min_error(histogram: Counts) -> int:
    """Kittler and Illingworth (1986), iterated from the mean."""
    size = len(histogram)
    index = np.arange(size, dtype=np.int32)
    # Sums of 32-bit integers stay below 2**53: exact. Element t + 1 is the sum up to bin t.
    a, b, c = (
        np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        for values in (histogram, index * histogram, index * index * histogram)
    )
    threshold = _mean(histogram)
    previous: int | None = None
    seen: set[int] = set()
    while threshold != previous:
        if threshold in seen:
            _refuse("MinError", REPEATS)
        seen.add(threshold)
        if threshold >= size:
            _refuse("MinError", LEAVES)
        at = max(threshold, -1) + 1
        mu = b[at] / a[at]
        nu = (b[-1] - b[at]) / (a[-1] - a[at])
        p = a[at] / a[-1]
        q = (a[-1] - a[at]) / a[-1]
        sigma2 = c[at] / a[at] - mu * mu
        tau2 = (c[-1] - c[at]) / (a[-1] - a[at]) - nu * nu
        w0 = 1.0 / sigma2 - 1.0 / tau2
        w1 = mu / sigma2 - nu / tau2
        w2 = (
            (mu * mu) / sigma2
            - (nu * nu) / tau2
            + java.log10(float((sigma2 * (q * q)) / (tau2 * (p * p))))
        )
        square = w1 * w1 - w0 * w2
        if square < 0:
            return threshold
        previous = threshold
        root = float((w1 + np.sqrt(square)) / w0)
        if not math.isnan(root):
            threshold = java.floor_int(root)
    return threshold


def _moments(histogram: Counts) -> int:
    """Tsai (1985), moment preserving; the powers of the bin overflow in 32 bits."""
    index = np.arange(len(histogram), dtype=np.int32)
    fraction = histogram / histogram.sum(dtype=np.float64)
    m1 = _ordered_sum(index * fraction)
    m2 = _ordered_sum((index * index) * fraction)
    m3 = _ordered_sum((index * index * index) * fraction)
    cd = m2 - m1 * m1
    c0 = java.divide(-m2 * m2 + m1 * m3, cd)
    c1 = java.divide(-m3 + m2 * m1, cd)
    root = java.sqrt(c1 * c1 - 4.0 * c0)
    z0 = 0.5 * (-c1 - root)
    z1 = 0.5 * (-c1 + root)
    p0 = java.divide(z1 - m1, z1 - z0)
    over = np.flatnonzero(np.cumsum(fraction) > p0)
    return int(over[0]) if len(over) else NOT_FOUND


def _otsu(histogram: Counts) -> int:
    """Otsu (1979), between-class variance."""
    fraction = (np.float64(1.0) / _total(histogram)) * histogram
    below = np.cumsum(fraction)
    mean = np.cumsum(np.arange(len(histogram)) * fraction)
    variance = mean[-1] * below - mean
    variance *= variance / (below * (1.0 - below))
    best = _first_maximum(variance, 0.0)
    return java.INT_MIN if best is None else best


def _percentile(histogram: Counts) -> int:
    """Doyle (1962): half of the pixels."""
    below = np.cumsum(histogram, dtype=np.float64)
    best = _first_minimum(np.abs(below / below[-1] - 0.5), 1.0)
    return NOT_FOUND if best is None else best


def _renyi_entropy(histogram: Counts) -> int:
    """Kapur, Sahoo and Wong (1985), Renyi's entropies of orders 0.5, 1 and 2 combined."""
    fraction, below, above = _cumulative(histogram)
    tried, shannon = _shannon_entropies(histogram, fraction, below, above)
    bins = np.flatnonzero(histogram)

    def roots(index: NDArray[np.intp], part: Doubles) -> Doubles:
        return np.sqrt(fraction[index] / part)

    def squares(index: NDArray[np.intp], part: Doubles) -> Doubles:
        return (fraction[index] * fraction[index]) / (part * part)

    stars = []
    for entropies in (
        _renyi(_split_sums(bins, tried, below, above, roots), 0.5),
        shannon,
        _renyi(_split_sums(bins, tried, below, above, squares), 2.0),
    ):
        best = _first_maximum(entropies, 0.0)
        stars.append(0 if best is None else int(tried[best]))
    low, middle, high = sorted(stars)
    low_near = abs(low - middle) <= 5
    high_near = abs(middle - high) <= 5
    if low_near == high_near:
        beta = (1, 2, 1)
    elif low_near:
        beta = (0, 1, 3)
    else:
        beta = (3, 1, 0)
    omega = float(below[high] - below[low])
    return java.to_int(
        low * (float(below[low]) + 0.25 * omega * beta[0])
        + 0.25 * middle * omega * beta[1]
        + high * (float(above[high]) + 0.25 * omega * beta[2])
    )


def _renyi(sums: tuple[Doubles, Doubles], alpha: float) -> Doubles:
    """Renyi's entropy of order `alpha` from the sums of both sides."""
    product = sums[0] * sums[1]
    entropy: Doubles = (1.0 / (1.0 - alpha)) * np.where(product > 0.0, java.logs(product), 0.0)
    return entropy


def _shanbhag(histogram: Counts) -> int:
    """Shanbhag (1994), information measure."""
    fraction, below, above = _cumulative(histogram)
    bins, tried = _entropy_bins(histogram, below, above)

    def differences(rows: NDArray[np.intp], logarithm: Logarithm) -> Doubles:
        found = []
        for t in _blocks(rows, len(bins)):
            back = bins <= t
            scale = np.where(back, 0.5 / below[t], 0.5 / above[t])
            share = scale * np.where(back, below[bins - 1], above[bins])
            parts = -(fraction[bins] * logarithm(1.0 - share))
            # ImageJ's sum over the background begins at bin 1.
            backs = _ordered_row_sums(np.where(back & (bins > 0), parts, 0.0))
            objects = _ordered_row_sums(np.where(back, 0.0, parts))
            row = t[:, 0]
            found.append(np.abs(backs * (0.5 / below[row]) - objects * (0.5 / above[row])))
        return np.concatenate(found)

    best = _first_minimum(_settled(differences, tried, np.min), MAX_DOUBLE)
    return NOT_FOUND if best is None else int(tried[best])


def _triangle(histogram: Counts) -> int:
    """Zack, Rogers and Latt (1977), on the longer side of the peak."""
    data = histogram
    size = len(data)
    occupied = np.flatnonzero(data)
    low = max(int(occupied[0]) - 1, 0)
    high = int(occupied[-1])
    # ImageJ's search for the upper end leaves bin 0 out, then steps to the first empty bin.
    if high < size - 1:
        high += 1
    peak = int(np.argmax(data))
    inverted = peak - low < high - peak
    if inverted:
        data = data[::-1]
        low, peak = size - 1 - high, size - 1 - peak
    if low == peak:
        return low
    nx, ny = float(data[peak]), float(low - peak)
    length = math.sqrt(nx * nx + ny * ny)
    nx /= length
    ny /= length
    offset = nx * low + ny * float(data[low])
    distance = nx * np.arange(low + 1, peak + 1) + ny * data[low + 1 : peak + 1] - offset
    best = _first_maximum(distance, 0.0)
    split = (low if best is None else low + 1 + best) - 1
    return size - 1 - split if inverted else split


def _yen(histogram: Counts) -> int:
    """Yen, Chang and Chang (1995)."""
    fraction, below, above = _cumulative(histogram)
    squares = fraction * fraction
    below_squares = np.cumsum(squares)
    above_squares = np.zeros(len(squares))
    above_squares[:-1] = np.cumsum(squares[:0:-1])[::-1]
    both = below_squares * above_squares
    split = below * above
    criterion = -1.0 * np.where(both > 0.0, java.logs(both), 0.0) + 2 * np.where(
        split > 0.0, java.logs(split), 0.0
    )
    best = _first_maximum(criterion, java.DOUBLE_MIN)
    return NOT_FOUND if best is None else best


_FUNCTIONS: dict[str, Callable[[Counts], int]] = {
    "Default": _default,
    "Huang": _huang,
    "Intermodes": _intermodes,
    "IsoData": _isodata,
    "IJ_IsoData": _ij_isodata,
    "Li": _li,
    "MaxEntropy": _max_entropy,
    "Mean": _mean,
    "MinError": _min_error,
    "Minimum": _minimum,
    "Moments": _moments,
    "Otsu": _otsu,
    "Percentile": _percentile,
    "RenyiEntropy": _renyi_entropy,
    "Shanbhag": _shanbhag,
    "Triangle": _triangle,
    "Yen": _yen,
}

METHODS: tuple[str, ...] = tuple(_FUNCTIONS)
"""ImageJ's methods, in its order and spelling."""


def check_method(method: str, /) -> None:
    """Refuse a name that is not one of ImageJ's methods.

    Raises
    ------
    ThresholdError
        If `method` is not in `METHODS`; the message lists them.
    """
    if method not in METHODS:
        msg = f"unknown threshold method {method!r}; the methods are {', '.join(METHODS)}"
        raise ThresholdError(msg)


def histogram_threshold(
    histogram: ArrayLike, method: str = "Default", /, *, subtract_one: bool = True
) -> int:
    """Threshold bin of a histogram, as ``AutoThresholder.getThreshold`` gives it.

    Parameters
    ----------
    histogram
        Pixel counts, shape ``(n,)``, each below 2**31; n is 256 or, for native 16-bit levels, up
        to 65,536.
    method
        One of `METHODS`.
    subtract_one
        What ImageJ does with two levels or fewer: True gives the bin below the upper level (so
        that the upper level itself is over the threshold), False that bin itself. ImageJ uses
        False for ``16-bit`` without ``stack``.

    Returns
    -------
    int
        The bin; ``-2147483648`` where Otsu finds none, as in ImageJ.

    Raises
    ------
    ThresholdError
        If the method is unknown, no bin is occupied, or the method finds no threshold (where
        ImageJ stops with an exception or never ends).

    Notes
    -----
    Source: ``ij.process.AutoThresholder``. A method that finds nothing gives bin 0, as there.
    """
    check_method(method)
    counts = np.asarray(histogram).astype(np.int32)
    occupied = np.flatnonzero(counts > 0)
    if not len(occupied):
        msg = f"{method}: no threshold, the histogram is empty (the selection covers no pixel)"
        raise ThresholdError(msg)
    if len(occupied) <= 2:
        level = int(occupied[-1]) - (1 if subtract_one else 0)
        if level >= 0:
            return level
    first = 0
    if len(counts) > BYTE_BINS:
        first = int(occupied[0])
        counts = counts[first : int(occupied[-1]) + 1]
    # Zero divisions and logarithms of zero are part of the methods, as in Java.
    with np.errstate(all="ignore"):
        threshold = _FUNCTIONS[method](counts)
    return first + (0 if threshold == NOT_FOUND else threshold)
