"""Regions of neighbouring slices are one lesion."""

from __future__ import annotations

import numpy as np

from pyrhi.rhi.lesions import LabelledSlice, count_joined


def test_lesions_join_through_neighbouring_slices():
    block = np.ones((3, 3), np.int32)
    two = np.array([[1, 0, 2]], np.int32)
    assert count_joined([]) == 0
    assert count_joined([LabelledSlice.of("a", 1, 0, 0, two)]) == 2
    joined = [LabelledSlice.of("a", 1, 0, 0, two), LabelledSlice.of("a", 2, 0, 0, block)]
    assert count_joined(joined) == 1
    apart = [LabelledSlice.of("a", 1, 0, 0, two), LabelledSlice.of("b", 2, 0, 0, block)]
    assert count_joined(apart) == 3
