"""Pixels that exclude ROIs take out of the other regions of a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.mask import Region
from pyrhi.imagej.particles import intersection_of, union_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def without(region: Region, excluded: Region, /) -> Region:
    """Return a region without the pixels of another, in its own box; itself where it loses none.

    Parameters
    ----------
    region
        Region to take pixels from.
    excluded
        Region whose pixels go.

    Examples
    --------
    >>> whole, hole = Region(0, 0, 4, 4, None), Region(2, 2, 9, 9, None)
    >>> without(whole, hole).pixel_count
    12
    """
    gone = intersection_of(region, excluded)
    if gone.pixel_count == 0:
        return region
    mask = np.where(gone.cropped() != 0, np.uint8(0), region.cropped())
    return Region(region.x, region.y, region.width, region.height, mask)


def count_excluded(regions: Sequence[Region], excluded: Sequence[Region], /) -> int:
    """Return how many pixels of some regions together lie in any of the excluded ones."""
    if not excluded:
        return 0
    return intersection_of(union_of(regions), union_of(excluded)).pixel_count
