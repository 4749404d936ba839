"""The outlines of one slice: from the bytes of ``.roi`` files to rows of Results and high regions.

Polygons, freehand and traced outlines without spline, wholly on the image: what is drawn by hand.
Whatever else there is, is refused here, and goes through `pyrhi.imagej.outline`. Both ways go
through the same kernels, and a test compares them to the bit.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.polygons import Workspace
from pyrhi.imagej.runs import BYTES_OF_A_RUN

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from pyrhi.imagej.java import int_bits_to_float as _float
    from pyrhi.imagej.particles import _label
    from pyrhi.imagej.polygons import _measure_polygon, _place
    from pyrhi.imagej.runs import _pack
    from pyrhi.imagej.statistics import _measure

    def _measure_each(
        drawings: list[Drawing], planes: list[Plane], s: Scratch, w: Workspace
    ) -> None:
        for d, plane in zip(drawings, planes, strict=True):
            _measure_all(d, plane, s, w)

    def _bytes(data: NDArray[np.uint8], start: int, stop: int) -> bytes:
        return bytes(data[start:stop])


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.polygons import Plane

MAX_OUTLINES = 32
"""Outlines of a slice; one with more goes the general way."""

MAX_VERTICES = 100_000
"""Vertices of all outlines of a slice, likewise."""

MAX_MASK_PIXELS = 2**24
"""Pixels of all masks of a slice, likewise."""

PAIR_COLUMNS = 9
"""Numbers of each pair: pixels of the cord, the high area, and both; regions; mean; box."""

_VERTICES = MAX_VERTICES
_OUTLINES = MAX_OUTLINES
_PIXELS = MAX_MASK_PIXELS
_HEADER2 = 36
_FLOAT_END = 2147483648.0
_NAN = np.nan


class Scratch:
    """Memory for masks and regions of the slice that a thread measures."""

    def __init__(self) -> None:
        self.w = Workspace()
        self.make_masks(2**14, 2**13)

    def make_masks(self, pixels: int, box: int) -> None:
        """Hold masks of so many pixels in all, and regions in a box of so many."""
        self.masks = np.zeros(pixels, np.uint8)
        self.union = np.zeros(box, np.uint8)
        self.labels = np.zeros(box, np.int32)
        self.stack = np.zeros(box, np.int64)


class Drawing:
    """The outlines of one slice, decoded, and the numbers that are measured of them.

    Made once and used for many slices: `clear` it, `add` outlines, `place` them on an image,
    `pair` them, and `measure_all`.
    """

    def __init__(self) -> None:
        self.bounds = np.zeros(6)
        self.total = 0
        self.box = 0
        self.height = 0
        self.done = False
        self.pairs = 0
        self.cords = np.zeros(MAX_OUTLINES, np.int64)
        self.runs = np.zeros(0, np.uint8)
        self.count = 0
        self.first = np.zeros(MAX_OUTLINES + 1, np.int64)
        self.kinds = np.zeros(MAX_OUTLINES, np.int64)
        self.floats = np.zeros(MAX_OUTLINES, np.int64)
        self.boxes = np.zeros(4 * MAX_OUTLINES, np.int64)
        self.mask_at = np.zeros(MAX_OUTLINES + 1, np.int64)
        self.pixels = np.zeros(MAX_OUTLINES, np.int64)
        self.pair_of = np.zeros(MAX_OUTLINES, np.int64)
        self.run_at = np.zeros(MAX_OUTLINES + 1, np.int64)
        self.numbers = np.zeros(PAIR_COLUMNS * MAX_OUTLINES)
        self.row_array = np.zeros((MAX_OUTLINES, 36))
        self.rows = self.row_array.reshape(-1)
        self._make_points(1024)

    def _make_points(self, points: int) -> None:
        self.x = np.empty(points)
        self.y = np.empty(points)

    def clear(self) -> None:
        """Take out all outlines."""
        self.count = 0
        self.done = False

    def add(self, data: bytes, of_stack: bool) -> int:
        """Add the outline of a ``.roi`` file and return its group.

        Parameters
        ----------
        data
            The file.
        of_stack
            True takes one of any slice, which `slice_of` says.

        Returns
        -------
        group : int
            From 0 to 255; -1 where the ROI is another or damaged, or names a slice after the first
            and is none of a stack.

        Notes
        -----
        Source: ``ij.io.RoiDecoder.getRoi``, as `pyrhi.io.rois.decode.decode_roi` follows it.
        """
        last = self.first[self.count] if self.count else 0
        needed = last + len(data) // 4
        if needed > len(self.x):
            x, y = np.asarray(self.x), np.asarray(self.y)
            self._make_points(2 * needed)
            self.x[: len(x)] = x
            self.y[: len(y)] = y
        return _decode(data, self, of_stack)

    def place(self, width: int, height: int) -> tuple[int, int] | None:
        """Place all outlines on an image.

        Parameters
        ----------
        width, height
            Size of the image in pixels.

        Returns
        -------
        rows : tuple of int or None
            First row that they touch, and the one after the last; None where one has no pixel
            box, or reaches outside the image.
        """
        needed = _place_all(self, width, height)
        if needed < 0:
            return None
        first, last, left, right = _extent(self)
        self.total = needed
        self.box = (last - first) * (right - left)
        self.height = last - first
        return first, last

    def pair(self, pairs: list[tuple[int, tuple[int, ...]]]) -> None:
        """Say which outlines belong together.

        Parameters
        ----------
        pairs
            Number of each cord and of its high outlines.
        """
        for i in range(self.count):
            self.pair_of[i] = -1
        self.pairs = len(pairs)
        for number, (cord, highs) in enumerate(pairs):
            self.cords[number] = cord
            for high in highs:
                self.pair_of[high] = number
        room = BYTES_OF_A_RUN * _high_pixels(self)
        if room > len(self.runs):
            self.runs = np.empty(room, np.uint8)

    def pixel_counts(self, pair: int) -> tuple[int, int, int, int]:
        """Return the pixels of a pair's cord, of its high area, and of both; and its regions."""
        at = 9 * pair
        cord = int(self.numbers[at])
        high = int(self.numbers[at + 1])
        inside = int(self.numbers[at + 2])
        regions = int(self.numbers[at + 3])
        return cord, high, inside, regions

    def high_mean(self, pair: int) -> float:
        """Return the calibrated mean of a pair's high area; NaN without pixels."""
        return float(self.numbers[9 * pair + 4])

    def high_box(self, pair: int) -> tuple[int, int, int, int]:
        """Return x, y, width and height of a pair's high area."""
        at = 9 * pair + 5
        left = int(self.numbers[at])
        top = int(self.numbers[at + 1])
        width = int(self.numbers[at + 2])
        height = int(self.numbers[at + 3])
        return left, top, width, height

    def high_runs(self, pair: int) -> bytes:
        """Return the numbered regions of a pair's high area, as `pack_runs` does."""
        return _bytes(self.runs, self.run_at[pair], self.run_at[pair + 1])


def measure_all(drawings: list[Drawing], planes: list[Plane]) -> None:
    """Measure the outlines of some slices, and the high areas of their pairs.

    Afterwards `done` of each drawing says whether all outlines cover a pixel; else there are no
    numbers.

    Parameters
    ----------
    drawings
        Their outlines, placed and paired.
    planes
        The slices, each with all rows that `place` named.
    """
    s = _OF_THREAD.scratch
    for d in drawings:
        if d.total > len(s.masks) or d.box > len(s.labels):
            s.make_masks(max(d.total, len(s.masks)), max(d.box, len(s.labels)))
        s.w.make_room(d.first[d.count], d.height, d.box)
    _measure_each(drawings, planes, s, s.w)


def _short(data: bytes, at: int) -> int:
    value = data[at] * 256 + data[at + 1]
    return value - 65536 if value >= 32768 else value


def _int(data: bytes, at: int) -> int:
    return _short(data, at) * 65536 + (_short(data, at + 2) & 65535)


def _bounded(value: int) -> int:
    """``RoiDecoder.getShort``: smaller values were meant to be unsigned."""
    return value + 65536 if value < -5000 else value


def _group(data: bytes, version: int, of_stack: bool) -> int:
    """Return the group, or -1 for a ROI that lies on a slice that the image may not have."""
    if _int(data, 56) > 1 and not of_stack:
        return -1
    at = _int(data, 60)
    if not 0 < at <= len(data) - _HEADER2:
        return 0
    for k in range(4, 16, 4):
        if _int(data, at + k) > 1 and not of_stack:
            return -1
    return int(data[at + 30]) if version >= 228 else 0


def slice_of(data: bytes) -> int:
    """Return the slice that a ``.roi`` file of a stack names, from 1; 0 where it names none.

    Parameters
    ----------
    data
        The file.

    Notes
    -----
    Source: ``ij.io.RoiDecoder.getRoi``: the position, or in a stack without channels and frames the
    slice of the second header.
    """
    if len(data) < 64:
        return 0
    position = _int(data, 56)
    at = _int(data, 60)
    if position <= 0 and 0 < at <= len(data) - _HEADER2:
        position = _int(data, at + 8)
    return max(position, 0)


def _decode(data: bytes, d: Drawing, of_stack: bool) -> int:
    """Add an outline; returns its group, or -1 for what is not plain."""
    size = len(data)
    if size < 64 or data[0] != 73 or data[1] != 111 or d.count >= _OUTLINES:
        return -1
    version = _short(data, 4)
    kind = data[6]
    options = _short(data, 50)
    if not (kind == 0 or kind == 7 or kind == 8) or _short(data, 48) != 0 or _int(data, 36) > 0:
        return -1
    if options & 1 and version >= 218:
        return -1
    group = _group(data, version, of_stack)
    n = _short(data, 16) & 65535
    if n == 0:
        n = _int(data, 18)
    start = d.first[d.count] if d.count > 0 else 0
    if group < 0 or n <= 0 or start + n > _VERTICES or 64 + 4 * n > size:
        return -1
    is_float = options & 128 != 0 and version >= 222
    if is_float and 64 + 12 * n > size:
        return -1
    top = _short(data, 8)
    left = _short(data, 10)
    if min(min(top, left), min(_short(data, 12), _short(data, 14))) < -5000:
        top = _bounded(top)
        left = _bounded(left)
    for i in range(n):
        if is_float:
            x = float(_float(_int(data, 64 + 4 * n + 4 * i)))
            y = float(_float(_int(data, 64 + 8 * n + 4 * i)))
            if not (-_FLOAT_END < x < _FLOAT_END and -_FLOAT_END < y < _FLOAT_END):
                return -1
        else:
            x = left + max(_bounded(_short(data, 64 + 2 * i)), 0)
            y = top + max(_bounded(_short(data, 64 + 2 * n + 2 * i)), 0)
        d.x[start + i] = x
        d.y[start + i] = y
    d.kinds[d.count] = kind
    d.floats[d.count] = is_float
    d.count += 1
    d.first[d.count] = start + n
    return group


def _place_all(d: Drawing, width: int, height: int) -> int:
    """Write the box of each outline; returns the pixels of all masks, -1 where one does not fit."""
    total = 0
    for i in range(d.count):
        _bounds(d, i, d.bounds)
        left = int(d.bounds[0])
        top = int(d.bounds[1])
        across = int(d.bounds[2])
        down = int(d.bounds[3])
        if left < 0 or top < 0 or across <= 0 or down <= 0:
            return -1
        if left + across > width or top + down > height:
            return -1
        d.boxes[4 * i] = left
        d.boxes[4 * i + 1] = top
        d.boxes[4 * i + 2] = across
        d.boxes[4 * i + 3] = down
        d.mask_at[i] = total
        total += across * down
        if total > _PIXELS:
            return -1
    d.mask_at[d.count] = total
    return total


def _bounds(d: Drawing, i: int, bounds: NDArray[np.float64]) -> None:
    first = d.first[i]
    last = d.first[i + 1]
    _place(d.x[first:last], d.y[first:last], d.floats[i] != 0, bounds)


def _extent(d: Drawing) -> tuple[int, int, int, int]:
    """Return the rows and columns that all boxes lie on: each the first, and the one after."""
    top = left = 2147483647
    bottom = right = 0
    for i in range(d.count):
        left = min(left, d.boxes[4 * i])
        top = min(top, d.boxes[4 * i + 1])
        right = max(right, d.boxes[4 * i] + d.boxes[4 * i + 2])
        bottom = max(bottom, d.boxes[4 * i + 1] + d.boxes[4 * i + 3])
    return top, bottom, left, right


def _measure_all(d: Drawing, plane: Plane, s: Scratch, w: Workspace) -> None:
    d.done = False
    for i in range(d.count):
        first = d.first[i]
        last = d.first[i + 1]
        mask = s.masks[d.mask_at[i] : d.mask_at[i + 1]]
        for k in range(len(mask)):
            mask[k] = 0
        _bounds(d, i, w.bounds)
        _set_box(w, d.boxes[4 * i], d.boxes[4 * i + 1], d.boxes[4 * i + 2], d.boxes[4 * i + 3])
        _measure_polygon(
            d.x[first:last],
            d.y[first:last],
            d.floats[i] != 0,
            d.kinds[i],
            plane,
            mask,
            d.boxes[4 * i + 3],
            w,
        )
        pixels = 0
        for k in range(len(mask)):
            pixels += mask[k] != 0
        if pixels == 0:
            return
        d.pixels[i] = pixels
        for k in range(36):
            d.rows[36 * i + k] = w.out[k]
        # No median: of 8 and 16 bits it is a raw value, or -1.
        if plane.depth != 32 and w.out[21] < 0.0:
            d.rows[36 * i + 21] = _NAN
    for i in range(d.pairs):
        _measure_pair(d, plane, i, d.cords[i], s, w)
    d.done = True


def _high_pixels(d: Drawing) -> int:
    """Return the pixels of the boxes around the high outlines of all pairs."""
    total = 0
    for pair in range(d.pairs):
        left = top = 2147483647
        right = bottom = 0
        for i in range(d.count):
            if d.pair_of[i] == pair:
                left = min(left, d.boxes[4 * i])
                top = min(top, d.boxes[4 * i + 1])
                right = max(right, d.boxes[4 * i] + d.boxes[4 * i + 2])
                bottom = max(bottom, d.boxes[4 * i + 1] + d.boxes[4 * i + 3])
        if right > 0:
            total += (right - left) * (bottom - top)
    return total


def _set_box(w: Workspace, x: int, y: int, width: int, height: int) -> None:
    """Note a box whose mask has its size."""
    w.box[0] = x
    w.box[1] = y
    w.box[2] = width
    w.box[3] = height
    w.box[4] = 1
    w.box[5] = 0
    w.box[6] = width


def _united(d: Drawing, pair: int, s: Scratch) -> int:
    """Write the union of a pair's high outlines and its box; returns how many they are."""
    left = top = 2147483647
    right = bottom = highs = 0
    for i in range(d.count):
        if d.pair_of[i] == pair:
            highs += 1
            left = min(left, d.boxes[4 * i])
            top = min(top, d.boxes[4 * i + 1])
            right = max(right, d.boxes[4 * i] + d.boxes[4 * i + 2])
            bottom = max(bottom, d.boxes[4 * i + 1] + d.boxes[4 * i + 3])
    at = 9 * pair + 5
    if highs == 0:
        for k in range(4):
            d.numbers[at + k] = 0.0
        return 0
    width = right - left
    d.numbers[at] = left
    d.numbers[at + 1] = top
    d.numbers[at + 2] = width
    d.numbers[at + 3] = bottom - top
    for k in range(width * (bottom - top)):
        s.union[k] = 0
    for i in range(d.count):
        if d.pair_of[i] != pair:
            continue
        across = d.boxes[4 * i + 2]
        for y in range(d.boxes[4 * i + 3]):
            to = (d.boxes[4 * i + 1] - top + y) * width + d.boxes[4 * i] - left
            source = d.mask_at[i] + y * across
            for x in range(across):
                s.union[to + x] |= s.masks[source + x]
    return highs


def _count_inside(d: Drawing, pair: int, cord: int, s: Scratch) -> int:
    """Count the pixels of the union that are the cord's, too."""
    at = 9 * pair + 5
    left = int(d.numbers[at])
    top = int(d.numbers[at + 1])
    width = int(d.numbers[at + 2])
    height = int(d.numbers[at + 3])
    x1 = max(left, d.boxes[4 * cord])
    y1 = max(top, d.boxes[4 * cord + 1])
    x2 = min(left + width, d.boxes[4 * cord] + d.boxes[4 * cord + 2])
    y2 = min(top + height, d.boxes[4 * cord + 1] + d.boxes[4 * cord + 3])
    inside = 0
    for y in range(y1, y2):
        ours = (y - top) * width - left
        its = d.mask_at[cord] + (y - d.boxes[4 * cord + 1]) * d.boxes[4 * cord + 2]
        its -= d.boxes[4 * cord]
        for x in range(x1, x2):
            if s.union[ours + x] != 0 and s.masks[its + x] != 0:
                inside += 1
    return inside


def _measure_pair(d: Drawing, plane: Plane, pair: int, cord: int, s: Scratch, w: Workspace) -> None:
    """Write the numbers of a pair, and the runs of its regions."""
    only = 0
    for i in range(d.count):
        if d.pair_of[i] == pair:
            only = i
    highs = _united(d, pair, s)
    at = 9 * pair
    d.numbers[at] = d.pixels[cord]
    for k in range(1, 4):
        d.numbers[at + k] = 0.0
    d.numbers[at + 4] = _NAN
    d.run_at[pair + 1] = d.run_at[pair]
    if highs == 0:
        return
    width = int(d.numbers[at + 7])
    height = int(d.numbers[at + 8])
    pixels = 0
    for k in range(width * height):
        pixels += s.union[k] != 0
        s.labels[k] = 0
    d.numbers[at + 1] = pixels
    d.numbers[at + 2] = _count_inside(d, pair, cord, s)
    d.numbers[at + 3] = _label(s.union, 0, width, width, height, s.labels, s.stack)
    d.run_at[pair + 1] += _pack(s.labels[: width * height], d.runs[d.run_at[pair] :])
    if highs == 1:
        d.numbers[at + 4] = d.rows[36 * only + 1]
        return
    _set_box(w, int(d.numbers[at + 5]), int(d.numbers[at + 6]), width, height)
    start = (w.box[1] - plane.first_row) * plane.width + w.box[0]
    _measure(
        plane.depth,
        plane.bytes,
        plane.shorts,
        plane.floats,
        start,
        plane.width,
        w.box,
        s.union,
        plane.table,
        w.hist,
        w.values,
        w.sums,
        w.stats,
    )
    d.numbers[at + 4] = w.stats[1]


class _OfThread(threading.local):
    """Memory that each thread has for itself."""

    def __init__(self) -> None:
        self.scratch = Scratch()


_OF_THREAD = _OfThread()
