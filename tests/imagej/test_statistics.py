"""Pixel statistics of a region, against numpy and scipy on the pixels that it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage, stats

from pyrhi.imagej.calibration import Calibration
from pyrhi.imagej.mask import Region
from pyrhi.imagej.statistics import statistics_of

SHAPE = (9, 11)
MASKS = arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 255])).filter(
    lambda mask: np.count_nonzero(mask) > 3
)


@settings(max_examples=60, deadline=None)
@given(MASKS, st.sampled_from([np.uint8, np.uint16, np.float32]), st.integers(0, 2**32 - 1))
def test_every_moment_is_that_of_the_covered_pixels(mask: np.ndarray, dtype, seed: int):
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, 256 if dtype == np.uint8 else 4000, SHAPE)
    pixels = (whole + (rng.random(SHAPE) if dtype == np.float32 else 0)).astype(dtype)
    found = statistics_of(pixels, Region(0, 0, 11, 9, mask), Calibration(), None)
    values = pixels[mask != 0].astype(float)
    assert found.pixel_count == values.size
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(), rel=1e-9)
    # Sums of powers lose digits where the spread is small beside the mean, in ImageJ too.
    if values.std() > values.mean() / 20:
        assert found.std_dev == pytest.approx(values.std(ddof=1), rel=1e-9)
        assert found.skewness == pytest.approx(stats.skew(values), rel=1e-9, abs=1e-9)
        assert found.kurtosis == pytest.approx(stats.kurtosis(values), rel=1e-9, abs=1e-9)
        # Pixels weigh by their value at their centres.
        weighed = np.where(mask != 0, pixels, 0).astype(float)
        y, x = ndimage.center_of_mass(weighed)
        assert (found.x_mass, found.y_mass) == pytest.approx((x + 0.5, y + 0.5), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(MASKS, st.integers(0, 2**32 - 1))
def test_mode_and_median_are_those_of_the_histogram(mask: np.ndarray, seed: int):
    pixels = np.random.default_rng(seed).integers(0, 12, SHAPE, np.uint8)
    found = statistics_of(pixels, Region(0, 0, 11, 9, mask), Calibration(), None)
    counts = np.bincount(pixels[mask != 0], minlength=256)
    assert found.mode == counts.argmax()
    # ImageJ takes the upper of two middle values, not their mean.
    ordered = np.sort(pixels[mask != 0])
    assert found.median == ordered[ordered.size // 2]
    assert found.area_fraction == pytest.approx(100 * (1 - counts[0] / counts.sum()), rel=1e-9)


def test_pixels_of_another_type_are_no_silent_zero():
    with pytest.raises(TypeError, match="int64"):
        statistics_of(np.zeros((3, 3), np.int64), Region(0, 0, 3, 3, None), Calibration(), None)
