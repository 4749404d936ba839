"""Closed cubic splines through the vertices of a ROI, as ImageJ fits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_SPLINE_POINTS = 100
"""``PolygonRoi.fitSpline``: a spline is never evaluated at fewer points."""

_EXTEND_BY = 7
_MIN_NODE_STEP = np.float32(0.001)


@kernel
def _extended(nodes, values, count):  # type: ignore[no-untyped-def]
    """Continue a closed curve periodically at both ends (``SplineFitter.initSpline``)."""
    extend = _EXTEND_BY if count > _EXTEND_BY else count - 1
    total = count + 2 * extend
    x = np.empty(total, np.float32)
    y = np.empty(total, np.float32)
    for i in range(extend):
        x[i] = nodes[count - (extend - i + 1)] - nodes[count - 1]
        y[i] = values[count - (extend - i + 1)]
    for i in range(count):
        x[i + extend] = nodes[i]
        y[i + extend] = values[i]
    for i in range(extend + count, total):
        x[i] = nodes[i + 1 - (extend + count)] - nodes[0] + nodes[count - 1]
        y[i] = values[i + 1 - (extend + count)]
    return x, y


@kernel
def _second_derivatives(x, y):  # type: ignore[no-untyped-def]
    n = x.size
    y2 = np.zeros(n)
    c_p = np.zeros(n)
    new_x = np.float64(x[1])
    cj = np.float64(x[1] - x[0])
    new_y = np.float64(y[1])
    new_dj = np.float64(y[1] - y[0]) / cj
    for j in range(1, n - 1):
        old_x = new_x
        old_y = new_y
        aj = cj
        old_dj = new_dj
        new_x = np.float64(x[j + 1])
        new_y = np.float64(y[j + 1])
        cj = new_x - old_x
        new_dj = (new_y - old_y) / cj
        bj = 2.0 * (cj + aj)
        inverse = 1.0 / (bj - aj * c_p[j - 1])
        dj = 6.0 * (new_dj - old_dj)
        y2[j] = (dj - aj * y2[j - 1]) * inverse
        c_p[j] = cj * inverse
    for j in range(n - 2, -1, -1):
        y2[j] = y2[j] - c_p[j] * y2[j + 1]
    return y2


@kernel
def _evaluated(nodes, values, count, points, last):  # type: ignore[no-untyped-def]
    x, y = _extended(nodes, values, count)
    y2 = _second_derivatives(x, y)
    out = np.empty(points, np.float32)
    scale = np.float64(last) / (points - 1)
    for i in range(points):
        at = i * scale
        ls = 0
        rs = x.size - 1
        while rs > 1 + ls:
            m = (ls + rs) // 2
            if x[m] < at:
                ls = m
            else:
                rs = m
        ba = np.float64(x[rs] - x[ls])
        xa = at - np.float64(x[ls])
        bx = np.float64(x[rs]) - at
        ba2 = ba * ba
        lower = xa * y[rs] + bx * y[ls]
        c = (xa * xa - ba2) * xa * y2[rs]
        d = (bx * bx - ba2) * bx * y2[ls]
        out[i] = np.float32((lower + (c + d) / 6.0) / ba)
    return out


@kernel
def _nodes(x, y):  # type: ignore[no-untyped-def]
    """Positions of the nodes along the curve: roots of the distances, summed in float."""
    n = x.size
    nodes = np.empty(n + 1, np.float32)
    nodes[0] = np.float32(0)
    last = np.float32(0)
    for i in range(1, n + 1):
        dx = x[i] - x[i - 1] if i < n else x[n - 1] - x[0]
        dy = y[i] - y[i - 1] if i < n else y[n - 1] - y[0]
        square = np.float32(np.float32(dx * dx) + np.float32(dy * dy))
        step = np.float32(np.sqrt(np.sqrt(np.float64(square))))
        if step < _MIN_NODE_STEP:
            step = _MIN_NODE_STEP
        last = np.float32(last + step)
        nodes[i] = last
    return nodes


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
    nodes = _nodes(x, y)
    count = nodes.size
    xs = _evaluated(nodes, np.append(x, x[:1]), count, points, nodes[-1])
    ys = _evaluated(nodes, np.append(y, y[:1]), count, points, nodes[-1])
    return xs, ys
