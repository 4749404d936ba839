"""Regions of a mask: unions, counts and labels as Analyze Particles sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.mask import Region

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def _label(
    mask: NDArray[np.uint8],
    start: int,
    stride: int,
    width: int,
    height: int,
    labels: NDArray[np.int32],
    stack: NDArray[np.int64],
) -> int:
    """Number the regions of a box of a mask; `labels` holds zeros, `stack` a place a pixel."""
    count = 0
    for y0 in range(height):
        for x0 in range(width):
            if mask[start + y0 * stride + x0] == 0 or labels[y0 * width + x0] != 0:
                continue
            count += 1
            labels[y0 * width + x0] = count
            stack[0] = y0 * width + x0
            top = 1
            while top > 0:
                top -= 1
                y = stack[top] // width
                x = stack[top] - y * width
                for yy in range(max(y - 1, 0), min(y + 2, height)):
                    for xx in range(max(x - 1, 0), min(x + 2, width)):
                        at = yy * width + xx
                        if mask[start + yy * stride + xx] != 0 and labels[at] == 0:
                            labels[at] = count
                            stack[top] = at
                            top += 1
    return count


def _labelled(
    mask: NDArray[np.uint8],
    width: int,
    height: int,
    labels: NDArray[np.int32],
    stack: NDArray[np.int64],
) -> int:
    with cython.nogil:
        return _label(mask, 0, width, width, height, labels, stack)


def label_regions(mask: NDArray[np.uint8], /) -> tuple[NDArray[np.int32], int]:
    """Number the 8-connected regions of a mask.

    Parameters
    ----------
    mask
        Image whose pixels that are not 0 count, uint8, shape ``(height, width)``.

    Returns
    -------
    labels : int32, shape (height, width)
        0 outside, 1 to `count` inside, in the order in which a scan by rows meets them.
    count : int
        Number of regions.

    Notes
    -----
    Source: ``ij.plugin.filter.ParticleAnalyzer`` with its default 8-connected wand
    (``Wand.LEGACY_MODE`` off, "4-connected" not chosen).
    """
    height, width = mask.shape
    labels = np.zeros((height, width), np.int32)
    stack = np.empty(height * width, np.int64)
    flat = np.ascontiguousarray(mask).reshape(-1)
    count = _labelled(flat, width, height, labels.reshape(-1), stack)
    return labels, int(count)


def union_of(regions: Sequence[Region], /) -> Region:
    """Return the union of regions on one image as a region with a mask of its own box.

    Parameters
    ----------
    regions
        Regions that each hold at least one pixel; none gives an empty region.
    """
    if not regions:
        return Region(0, 0, 0, 0, np.zeros((0, 0), np.uint8))
    x1, y1 = min(r.x for r in regions), min(r.y for r in regions)
    x2, y2 = max(r.x + r.width for r in regions), max(r.y + r.height for r in regions)
    mask = np.zeros((y2 - y1, x2 - x1), np.uint8)
    for r in regions:
        mask[r.y - y1 : r.y - y1 + r.height, r.x - x1 : r.x - x1 + r.width] |= r.cropped()
    return Region(x1, y1, x2 - x1, y2 - y1, mask)


def intersection_of(region: Region, other: Region, /) -> Region:
    """Return `region` without the pixels that `other` lacks, in the box of `region`."""
    mask = np.zeros((region.height, region.width), np.uint8)
    x1, y1 = max(region.x, other.x), max(region.y, other.y)
    x2 = min(region.x + region.width, other.x + other.width)
    y2 = min(region.y + region.height, other.y + other.height)
    if x2 > x1 and y2 > y1:
        a = region.cropped()[y1 - region.y : y2 - region.y, x1 - region.x : x2 - region.x]
        b = other.cropped()[y1 - other.y : y2 - other.y, x1 - other.x : x2 - other.x]
        mask[y1 - region.y : y2 - region.y, x1 - region.x : x2 - region.x] = a & b
    return Region(region.x, region.y, region.width, region.height, mask)
