"""Curves as Java walks them: a circle's vertices lie on the circle, and halves make the whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BPoly

from pyrhi.imagej.curves import (
    ellipse_path,
    flatten,
    path_bounds,
    round_rectangle_path,
    split_cubic,
    split_quad,
)


@pytest.mark.parametrize("flatness", [0.5, 0.1, 0.01])
def test_a_flattened_ellipse_stays_on_the_ellipse(flatness: float):
    x, y = flatten(ellipse_path(3, 5, 40, 20), flatness, separate=False)
    # Bezier's own error is 0.03 % of the radius; vertices lie on the curve.
    assert np.hypot((x - 23) / 20, (y - 15) / 10) == pytest.approx(1, abs=3e-4)
    middle = np.hypot((x + np.roll(x, 1)) / 2 - 23, 2 * ((y + np.roll(y, 1)) / 2 - 15))
    assert middle.min() > 20 - 2 * flatness - 0.01


def test_a_rounded_rectangle_keeps_its_bounds_and_straight_sides():
    path = round_rectangle_path(2, 3, 30, 16, 8)
    assert path_bounds(path) == (2, 3, 30, 16)
    x, y = flatten(path, 0.25, separate=False)
    assert {(2.0, 7.0), (2.0, 15.0), (6.0, 19.0), (28.0, 19.0)} <= set(zip(x, y, strict=True))


@pytest.mark.parametrize(("split", "degree"), [(split_cubic, 3), (split_quad, 2)])
def test_the_halves_of_a_curve_are_the_curve(split, degree: int):
    c = np.random.default_rng(degree).normal(size=(degree + 1, 2))
    whole = BPoly(c[:, None, :], [0, 1])
    t = np.linspace(0, 1, 7)
    for half, at in zip(split(tuple(c.ravel())), (t / 2, 0.5 + t / 2), strict=True):
        part = BPoly(np.reshape(half, (degree + 1, 1, 2)), [0, 1])
        np.testing.assert_allclose(part(t), whole(at), rtol=0, atol=1e-14)
