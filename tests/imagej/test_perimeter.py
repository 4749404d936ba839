"""Lengths of outlines, against sums of sides and the circumference of a circle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.perimeter import (
    ellipse_circumference,
    polygon_length,
    rectangle_length,
    sides_length,
)
from pyrhi.imagej.roi import Roi, RoiType

POINTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(POINTS, st.sampled_from([(1.0, 1.0), (0.4, 0.9)]), st.booleans())
def test_sides_add_up_in_calibrated_units(points, size, closed: bool):
    x, y = np.array(points, np.float32).T
    corners = [*points, points[0]] if closed else points
    steps = np.diff(np.array(corners, float).T, axis=1)
    expected = np.hypot(steps[0] * size[0], steps[1] * size[1]).sum()
    assert sides_length(x, y, closed, *size) == pytest.approx(expected, rel=1e-9)


def test_a_polygon_with_a_slanted_side_is_measured_along_its_sides():
    x, y = np.array([0, 30, 30], np.int32), np.array([0, 0, 40], np.int32)
    roi = Roi("p", RoiType.POLYGON, 0, 0, 30, 40, x=x, y=y)
    assert polygon_length(outline_of(roi), 1.0, 1.0) == 30 + 40 + 50


def test_corners_of_a_traced_outline_are_cut():
    """``getTracedPerimeter``: each of the four corners saves 2 - sqrt(2)."""
    x, y = np.array([0, 10, 10, 0], np.int32), np.array([0, 0, 6, 6], np.int32)
    roi = Roi("t", RoiType.TRACED, 0, 0, 10, 6, x=x, y=y)
    expected = 32 - 4 * (2 - math.sqrt(2))
    assert polygon_length(outline_of(roi), 1.0, 1.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("radius", [0.5, 7.0, 123.4])
def test_a_circle_is_exact(radius: float):
    assert ellipse_circumference(radius, radius) == pytest.approx(2 * math.pi * radius, rel=1e-12)


def test_rounded_corners_are_quarters_of_a_circle():
    straight = rectangle_length(40, 20, 0, 0.5, 0.5)
    assert straight == 60.0
    rounded = rectangle_length(40, 20, 8, 0.5, 0.5)
    assert rounded == pytest.approx(straight - 8 * 2 + 2 * math.pi * 2, rel=1e-12)
