"""The 17 methods on a histogram."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ThresholdError
from pyrhi.imagej.thresholds import (
    METHODS,
    auto_threshold,
    histogram_threshold,
)


def test_triangle_restores_the_histogram() -> None:
    histogram = np.zeros(256, dtype=np.int64)
    histogram[:5] = (900, 40, 20, 10, 5)
    before = histogram.copy()
    first = histogram_threshold(histogram, "Triangle")
    assert (histogram == before).all()
    assert histogram_threshold(histogram, "Triangle") == first


@pytest.mark.parametrize(
    ("method", "seed", "shift", "text"),
    [
        # ImageJ 1.54p was still running after 5 s on the first, and threw on the second.
        ("Li", 605, 33, "repeats itself"),
        ("MinError", 135, 40, "leaves the grey levels"),
    ],
)
def test_search_without_end_or_outside_the_levels_is_refused(
    method: str, seed: int, shift: int, text: str
) -> None:
    raw = np.random.PCG64(seed).random_raw(256) >> np.uint64(shift)
    with pytest.raises(ThresholdError, match=text):
        histogram_threshold(raw.astype(np.int64), method)


def test_unknown_method_lists_the_methods() -> None:
    with pytest.raises(ThresholdError) as error:
        auto_threshold(np.eye(4, dtype=np.uint8), "otsu")
    assert all(method in str(error.value) for method in METHODS)
    assert "\n" not in str(error.value)
