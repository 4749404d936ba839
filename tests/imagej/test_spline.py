"""Closed splines, against scipy's natural cubic spline on the same nodes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from pyrhi.imagej.spline import closed_spline

EXTENDED = 7
"""Nodes by which ``SplineFitter`` continues a closed curve at each end."""


def by_scipy(x: np.ndarray, y: np.ndarray, points: int) -> np.ndarray:
    corners = np.stack([x, y]).astype(np.float32)
    closed = np.concatenate([corners, corners[:, :1]], axis=1)
    # Nodes lie apart by the root of the distance of their vertices, in Java's floats.
    dx, dy = np.diff(closed, axis=1)
    steps = np.sqrt(np.sqrt((dx * dx + dy * dy).astype(float))).astype(np.float32)
    nodes = np.concatenate([[0], np.cumsum(steps, dtype=np.float32)]).astype(np.float32)
    last = nodes[-1]
    around = slice(-EXTENDED - 1, -1), slice(1, EXTENDED + 1)
    at = np.concatenate([nodes[around[0]] - last, nodes, nodes[around[1]] + last]).astype(float)
    values = np.concatenate([closed[:, around[0]], closed, closed[:, around[1]]], axis=1)
    return CubicSpline(at, values, axis=1, bc_type="natural")(np.linspace(0, float(last), points))


@pytest.mark.parametrize("seed", range(6))
def test_a_spline_runs_where_scipys_does(seed: int):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(8, 40))))
    radius = rng.uniform(15, 40, angles.size)
    x, y = (np.round(50 + radius * f(angles)).astype(np.float32) for f in (np.cos, np.sin))
    found = np.stack(closed_spline(x, y, 120))
    # Its coordinates are floats: they may differ by the last of their digits.
    assert (np.abs(found - by_scipy(x, y, 120)) <= np.spacing(np.abs(found))).all()


def test_a_closed_curve_ends_where_it_begins_and_meets_its_vertices():
    x, y = np.array([[0, 30, 30, 0], [0, 0, 30, 30]], np.float32)
    xs, ys = closed_spline(x, y, 121)
    assert (xs[0], ys[0]) == (xs[-1], ys[-1]) == (0.0, 0.0)
    # Equal sides: every 30th of 120 steps is a vertex.
    assert np.stack([xs, ys])[:, ::30][:, :4] == pytest.approx(np.stack([x, y]), abs=1e-4)
