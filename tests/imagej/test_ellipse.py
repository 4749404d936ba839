"""The fitted ellipse: the region's area, and the same ellipse however the region is turned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.draw import ellipse
from skimage.measure import regionprops

from pyrhi.imagej.ellipse import fit_ellipse
from pyrhi.imagej.mask import Region


def drawn(rows: float, columns: float, degrees: float) -> np.ndarray:
    mask = np.zeros((60, 60), np.uint8)
    mask[ellipse(30, 30, rows, columns, rotation=math.radians(degrees))] = 255
    return mask


def fitted(mask: np.ndarray) -> tuple[float, ...]:
    return fit_ellipse(Region(0, 0, mask.shape[1], mask.shape[0], mask))


CASES = [(8, 20, 0), (8, 20, 35), (20, 8, 10), (11, 11, 0), (3, 25, 80)]


@pytest.mark.parametrize(("rows", "columns", "degrees"), CASES)
def test_the_ellipse_has_the_area_and_the_centre_of_the_pixels(rows, columns, degrees):
    mask = drawn(rows, columns, degrees)
    major, minor, _, x, y = fitted(mask)
    assert math.pi / 4 * major * minor == pytest.approx(np.count_nonzero(mask), rel=1e-9)
    (props,) = regionprops((mask != 0).astype(int))
    cy, cx = props.centroid
    assert (x, y) == pytest.approx((cx + 0.5, cy + 0.5), rel=1e-9)


@pytest.mark.parametrize(("rows", "columns", "degrees"), CASES)
def test_axes_are_in_the_ratio_of_the_second_moments(rows, columns, degrees):
    mask = drawn(rows, columns, degrees)
    major, minor, *_ = fitted(mask)
    y, x = np.nonzero(mask)
    # ImageJ adds 0.08333333, rounded so, for the extent of a pixel itself.
    moments = np.cov(np.stack([x, y]), bias=True) + 0.08333333 * np.eye(2)
    low, high = np.linalg.eigvalsh(moments)
    assert major / minor == pytest.approx(math.sqrt(high / low), rel=1e-9)


@pytest.mark.parametrize(("rows", "columns", "degrees"), CASES)
def test_a_region_that_is_turned_by_a_right_angle_keeps_its_axes(rows, columns, degrees):
    mask = drawn(rows, columns, degrees)
    before, after = fitted(mask), fitted(np.ascontiguousarray(np.rot90(mask)))
    assert after[:2] == pytest.approx(before[:2], rel=1e-9)
    if before[0] > 1.01 * before[1]:
        assert (after[2] - before[2]) % 180 == pytest.approx(90, abs=1e-6)


def test_a_rectangle_has_the_ellipse_of_its_area():
    major, minor, angle, x, y = fit_ellipse(Region(4, 2, 10, 30, None))
    assert math.pi / 4 * major * minor == pytest.approx(300, rel=1e-9)
    assert (angle, x, y) == (90.0, 9.0, 17.0)
