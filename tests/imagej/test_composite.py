"""The perimeter of a composite is that of its parts, each as a ROI of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pyrhi.imagej.composite import composite_length
from pyrhi.imagej.outline import outline_of
from pyrhi.io.rois import decode_roi, encode_mask


def outline(mask: np.ndarray):
    return outline_of(decode_roi(encode_mask(mask, name="cord"), name="cord"))


@pytest.mark.parametrize("size", [(1.0, 1.0), (0.5, 0.75)])
def test_two_boxes_add_up_and_a_hole_counts(size: tuple[float, float]):
    """``getTracedPerimeter`` cuts each of the eight corners."""
    cut = 8 * (size[0] + size[1] - math.hypot(*size))
    apart = np.zeros((30, 40), bool)
    apart[2:8, 3:13] = True
    apart[12:22, 20:24] = True
    sides = 28 * size[0] + 32 * size[1]
    assert composite_length(outline(apart), *size) == pytest.approx(sides - cut, rel=1e-12)
    ring = np.zeros((30, 40), bool)
    ring[2:22, 3:33] = True
    ring[5:9, 6:16] = False
    sides = 80 * size[0] + 48 * size[1]
    assert composite_length(outline(ring), *size) == pytest.approx(sides - cut, rel=1e-12)
