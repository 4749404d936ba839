"""Closed cubic splines through the vertices of a ROI, as ImageJ fits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from pyrhi.imagej.java import divide, single, sqrt

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_SPLINE_POINTS = 100
"""``PolygonRoi.fitSpline``: a spline is never evaluated at fewer points."""

_EXTEND_BY = 7
_MIN_NODE_STEP = float(np.float32(0.001))


def _extend(
    nodes: NDArray[np.float64],
    values: NDArray[np.float64],
    count: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> int:
    """Continue a closed curve periodically at both ends (``SplineFitter.initSpline``).

    `x` and `y` have room for `count` + 14 nodes; returns how many there are. All are floats.
    """
    extend = _EXTEND_BY if count > _EXTEND_BY else count - 1
    total = count + 2 * extend
    for i in range(extend):
        x[i] = single(nodes[count - (extend - i + 1)] - nodes[count - 1])
        y[i] = values[count - (extend - i + 1)]
    for i in range(count):
        x[i + extend] = nodes[i]
        y[i + extend] = values[i]
    for i in range(extend + count, total):
        x[i] = single(single(nodes[i + 1 - (extend + count)] - nodes[0]) + nodes[count - 1])
        y[i] = values[i + 1 - (extend + count)]
    return total


def _second_derivatives(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    n: int,
    y2: NDArray[np.float64],
    c_p: NDArray[np.float64],
) -> None:
    """``SplineFitter.initSpline``: of a natural cubic spline through `n` nodes."""
    y2[0] = y2[n - 1] = c_p[0] = c_p[n - 1] = 0.0
    new_x = x[1]
    cj = single(x[1] - x[0])
    new_y = y[1]
    new_dj = divide(single(y[1] - y[0]), cj)
    for j in range(1, n - 1):
        old_x = new_x
        old_y = new_y
        aj = cj
        old_dj = new_dj
        new_x = x[j + 1]
        new_y = y[j + 1]
        cj = new_x - old_x
        new_dj = divide(new_y - old_y, cj)
        bj = 2.0 * (cj + aj)
        inverse = divide(1.0, bj - aj * c_p[j - 1])
        dj = 6.0 * (new_dj - old_dj)
        y2[j] = (dj - aj * y2[j - 1]) * inverse
        c_p[j] = cj * inverse
    for j in range(n - 2, -1, -1):
        y2[j] = y2[j] - c_p[j] * y2[j + 1]


def _evaluate(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    y2: NDArray[np.float64],
    n: int,
    last: float,
    points: int,
    out: NDArray[np.float64],
) -> None:
    """``SplineFitter.evalSpline`` at `points` positions from 0 to `last`."""
    scale = last / (points - 1)
    for i in range(points):
        at = i * scale
        ls = 0
        rs = n - 1
        while rs > 1 + ls:
            m = (ls + rs) // 2
            if x[m] < at:
                ls = m
            else:
                rs = m
        ba = single(x[rs] - x[ls])
        xa = at - x[ls]
        bx = x[rs] - at
        ba2 = ba * ba
        lower = xa * y[rs] + bx * y[ls]
        c = (xa * xa - ba2) * xa * y2[rs]
        d = (bx * bx - ba2) * bx * y2[ls]
        out[i] = single(divide(lower + (c + d) / 6.0, ba))


def _place_nodes(
    x: NDArray[np.float64], y: NDArray[np.float64], nodes: NDArray[np.float64]
) -> None:
    """Positions of the nodes along the curve: roots of the distances, summed in float."""
    n = len(x)
    last = 0.0
    nodes[0] = 0.0
    for i in range(1, n + 1):
        j = i if i < n else 0
        dx = single(x[i - 1] - x[j])
        dy = single(y[i - 1] - y[j])
        square = single(single(dx * dx) + single(dy * dy))
        step = single(sqrt(sqrt(square)))
        if step < _MIN_NODE_STEP:
            step = _MIN_NODE_STEP
        last = single(last + step)
        nodes[i] = last


def _fit(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    points: int,
    work: NDArray[np.float64],
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
) -> None:
    """Write the spline at `points` positions; `work` needs 6 (n + 15) numbers for n vertices."""
    count = len(x) + 1
    room = count + 14
    nodes = work[:count]
    values = work[room : room + count]
    x_all = work[2 * room : 3 * room]
    y_all = work[3 * room : 4 * room]
    y2 = work[4 * room : 5 * room]
    _place_nodes(x, y, nodes)
    values[: count - 1] = x
    values[count - 1] = x[0]
    n = _extend(nodes, values, count, x_all, y_all)
    _second_derivatives(x_all, y_all, n, y2, work[5 * room : 6 * room])
    _evaluate(x_all, y_all, y2, n, nodes[count - 1], points, xs)
    values[: count - 1] = y
    values[count - 1] = y[0]
    n = _extend(nodes, values, count, x_all, y_all)
    _second_derivatives(x_all, y_all, n, y2, work[5 * room : 6 * room])
    _evaluate(x_all, y_all, y2, n, nodes[count - 1], points, ys)


def _fitted(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    points: int,
    work: NDArray[np.float64],
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
) -> None:
    with cython.nogil:
        _fit(x, y, points, work, xs, ys)


def closed_spline(
    x: NDArray[np.float32], y: NDArray[np.float32], points: int, /
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Evaluate the closed spline through the vertices at `points` positions.

    Parameters
    ----------
    x, y
        Vertices, float32, shape ``(n,)``.
    points
        Number of positions, first and last being the same place.

    Returns
    -------
    x, y : float32, shape (points,)

    Notes
    -----
    Source: ``PolygonRoi.getSpline`` and ``ij.measure.SplineFitter`` (natural cubic spline on a
    periodic continuation of seven nodes).
    """
    xs, ys = np.empty(points), np.empty(points)
    work = np.empty(6 * (x.size + 15))
    _fitted(x.astype(np.float64), y.astype(np.float64), points, work, xs, ys)
    return xs.astype(np.float32), ys.astype(np.float32)
