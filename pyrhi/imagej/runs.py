"""Numbered regions of a slice in few bytes, and which of two slices' regions touch.

Regions are runs of equal labels along the rows: label and length of each run in turn, seven bits a
byte, the lowest first, with the eighth bit set where more follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BYTES_OF_A_RUN = 10
"""Bytes that label and length of a run take at most."""


def _put(value: int, out: NDArray[np.uint8], at: int) -> int:
    """Write a number and return the place after it."""
    while value >= 128:
        out[at] = 128 + value % 128
        value = value // 128
        at += 1
    out[at] = value
    return at + 1


def _pack(labels: NDArray[np.int32], out: NDArray[np.uint8]) -> int:
    """Write the runs of labels and return how many bytes they take."""
    n = len(labels)
    at = 0
    start = 0
    for i in range(1, n + 1):
        if i == n or labels[i] != labels[start]:
            at = _put(labels[start], out, at)
            at = _put(i - start, out, at)
            start = i
    return at


def _unpack(packed: bytes, out: NDArray[np.int32]) -> int:
    """Write the labels of some runs; returns the greatest, -1 where they do not fill `out`."""
    n = len(packed)
    filled = 0
    greatest = 0
    at = 0
    while at < n:
        label = 0
        length = 0
        for part in range(2):
            value = 0
            weight = 1
            while at < n and packed[at] >= 128 and weight < 268435456:
                value += (packed[at] - 128) * weight
                weight *= 128
                at += 1
            if at == n or packed[at] >= 128:
                return -1
            value += packed[at] * weight
            at += 1
            if part == 0:
                label = value
            else:
                length = value
        if label > 2147483647 or length > len(out) - filled:
            return -1
        greatest = max(greatest, label)
        for i in range(filled, filled + length):
            out[i] = label
        filled += length
    return greatest if filled == len(out) else -1


def _next_pair(
    a: NDArray[np.int32],
    a_width: int,
    b: NDArray[np.int32],
    b_width: int,
    box: NDArray[np.int64],
    pair: NDArray[np.int64],
) -> bool:
    """Find the next place of the box where two regions meet that are not those of the last one."""
    width = box[4]
    while pair[0] < width * box[5]:
        y = pair[0] // width
        x = pair[0] - y * width
        first = a[(box[1] + y) * a_width + box[0] + x]
        second = b[(box[3] + y) * b_width + box[2] + x]
        pair[0] += 1
        if first != 0 and second != 0 and (first != pair[1] or second != pair[2]):
            pair[1] = first
            pair[2] = second
            return True
    return False


def pack_runs(labels: NDArray[np.int32], /) -> bytes:
    """Return labels in few bytes.

    Parameters
    ----------
    labels
        0 or a positive number for each pixel, int32, of any shape.

    Examples
    --------
    >>> pack_runs(np.array([[0, 0, 0], [1, 1, 300]], np.int32)).hex(" ")
    '00 03 01 02 ac 02 01'
    """
    flat = np.ascontiguousarray(labels, np.int32).reshape(-1)
    out = np.empty(BYTES_OF_A_RUN * len(flat), np.uint8)
    return out[: _pack(flat, out)].tobytes()


def unpack_runs(packed: bytes, height: int, width: int, /) -> tuple[NDArray[np.int32], int]:
    """Return the labels that `pack_runs` wrote, shape ``(height, width)``, and the greatest.

    Raises
    ------
    ValueError
        If the bytes are those of other labels.
    """
    labels = np.empty(height * width, np.int32)
    greatest = _unpack(packed, labels)
    if greatest < 0:
        msg = f"{len(packed)} bytes are not the runs of {height} x {width} labels"
        raise ValueError(msg)
    return labels.reshape(height, width), greatest


def touching(
    a: NDArray[np.int32],
    a_corner: tuple[int, int],
    b: NDArray[np.int32],
    b_corner: tuple[int, int],
    /,
) -> set[tuple[int, int]]:
    """Return the pairs of labels that share a pixel position.

    Parameters
    ----------
    a, b
        Labels of two slices, int32, shape ``(height, width)``.
    a_corner, b_corner
        Where they lie on the image: x and y.

    Examples
    --------
    >>> touching(np.array([[1, 0, 2]], np.int32), (5, 5), np.array([[3, 3]], np.int32), (6, 5))
    {(2, 3)}
    """
    x = max(a_corner[0], b_corner[0])
    y = max(a_corner[1], b_corner[1])
    width = min(a_corner[0] + a.shape[1], b_corner[0] + b.shape[1]) - x
    height = min(a_corner[1] + a.shape[0], b_corner[1] + b.shape[0]) - y
    found: set[tuple[int, int]] = set()
    if width <= 0 or height <= 0:
        return found
    places = x - a_corner[0], y - a_corner[1], x - b_corner[0], y - b_corner[1]
    box = np.array((*places, width, height), np.int64)
    pair = np.zeros(3, np.int64)
    first, second = a.reshape(-1), b.reshape(-1)
    while _next_pair(first, a.shape[1], second, b.shape[1], box, pair):
        found.add((int(pair[1]), int(pair[2])))
    return found
