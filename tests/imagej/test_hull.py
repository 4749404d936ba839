"""Convex hulls and calipers of outlines, against scipy's Qhull."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull, QhullError

from pyrhi.imagej.hull import convex_hull, feret_of, hull_area
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.roi import Roi, RoiType

POINTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=14)


def polygon(points) -> Roi:
    x, y = np.array(points, np.int32).T
    left, top = int(x.min()), int(y.min())
    return Roi("p", RoiType.POLYGON, left, top, int(np.ptp(x)), int(np.ptp(y)), x=x, y=y)


@settings(max_examples=80, deadline=None)
@given(POINTS, st.sampled_from([(1.0, 1.0), (0.5, 2.0)]))
def test_hull_and_feret_are_those_of_all_vertices(points, size):
    try:
        expected = ConvexHull(points)
    except QhullError:
        assume(False)
    outline = outline_of(polygon(points))
    hull = convex_hull(outline)
    # Qhull's volume is the area in a plane.
    assert hull_area(*hull) == pytest.approx(expected.volume, rel=1e-12)
    pw, ph = size
    feret = feret_of(outline, hull, pw, ph)
    longest = max(math.hypot((a - c) * pw, (b - d) * ph)
                  for (a, b), (c, d) in itertools.combinations(points, 2))  # fmt: skip
    assert feret.diameter == pytest.approx(longest, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_the_least_caliper_touches_an_edge_of_the_hull(points):
    """Rotating calipers: the least width lies across one of the hull's edges."""
    try:
        edges = ConvexHull(points)
    except QhullError:
        assume(False)
    xy = np.array(points, float)
    widths = [np.ptp(xy @ normal[:2]) for normal in edges.equations]
    outline = outline_of(polygon(points))
    feret = feret_of(outline, convex_hull(outline), 1.0, 1.0)
    assert feret.minimum == pytest.approx(min(widths), rel=1e-9)
