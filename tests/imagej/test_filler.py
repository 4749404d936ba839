"""Which pixels a polygon covers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrhi.imagej.filler import fill_polygon


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), min_size=3, max_size=10))
def test_fill_is_even_odd_at_pixel_centres(points):
    """Against crossing numbers counted afresh for each pixel, away from the outline itself."""
    x, y = np.array(points, float).T
    mask = fill_polygon(x, y, 0.0, 0.0, 25, 25)
    for row in range(25):
        for column in range(25):
            crossings = [
                (xb - xa) * (row + 0.5 - ya) / (yb - ya) + xa
                for xa, ya, xb, yb in zip(x, y, np.roll(x, -1), np.roll(y, -1), strict=True)
                if (ya <= row + 0.5) != (yb <= row + 0.5)
            ]
            if any(abs(c - (column + 0.5)) < 1e-6 for c in crossings):
                continue
            inside = sum(c > column + 0.5 for c in crossings) % 2 == 1
            assert bool(mask[row, column]) == inside
