"""Images made from a seed, the same on every machine, on which ImageJ's thresholds were recorded.

Only the raw 64-bit stream of PCG64 and exact or correctly rounded operations are used, so that the
pixels are the same to the bit whatever the NumPy version.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DTYPES = {8: np.uint8, 16: np.uint16, 32: np.float32}


@dataclass(frozen=True)
class Case:
    id: str
    kind: str
    bits: int
    width: int
    height: int
    planes: int
    slice: int
    seed: int
    roi: str  # "none", "rect" or "mask"
    display_range: tuple[float, float] | None
    inverted: bool
    options: tuple[str, ...]


def _uniform(stream: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.float64]:
    raw = stream.random_raw(int(np.prod(shape))).reshape(shape)
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _values(kind: str, top: float, u: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Pixels between 0 and `top` from four uniform fields."""
    a, b, c, d = u
    low = d.flat[0]
    span = 0.05 + 0.9 * d.flat[1]
    if kind == "constant":
        v = np.full_like(a, low)
    elif kind == "zero":
        v = np.zeros_like(a)
    elif kind == "two":
        v = np.where(a < span, low, d.flat[2])
    elif kind == "ends":
        v = np.where(a < span, 0.0, 1.0)
    elif kind == "one_pixel":
        v = np.zeros_like(a)
        v.flat[int(low * v.size)] = d.flat[2]
    elif kind == "three":
        v = np.where(a < 0.4, low, np.where(a < 0.9, d.flat[2], d.flat[3]))
    elif kind == "ramp":
        v = np.arange(a.size).reshape(a.shape) / a.size * span
    elif kind == "noise":
        v = low * (1 - span) + a * span
    elif kind == "bell":
        v = (a + b + c) / 3.0 * span
    elif kind == "two_bells":
        v = np.where(a < 0.1 + 0.6 * low, (b + c) * 0.2, 0.45 + (b + c) * 0.25) * span
    elif kind == "skewed":
        v = a * b * c * c * span
    elif kind == "bright":
        v = 1.0 - a * b * c * span
    elif kind == "sparse":
        few = np.floor(b * 5.0) / 5.0
        v = np.where(a < 0.9, 0.02 * low, few * d.flat[2] + c * 0.001)
    elif kind == "levels":
        v = np.floor(a * (3 + 9 * low)) / 12.0
    elif kind == "mri":
        y, x = np.indices(a.shape)
        disc = (x - a.shape[1] / 2) ** 2 + (y - a.shape[0] / 2) ** 2 < (a.shape[0] / 3) ** 2
        v = np.where(disc, 0.3 + 0.25 * (a + b - 1) * span, 0.04 * a * b)
        v = np.where(disc & (c < 0.03), 0.7 + 0.3 * b, v)
    else:
        raise ValueError(kind)
    return np.clip(v, 0.0, 1.0) * top


def _float_scale(stream: np.random.PCG64, plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a 32-bit image one of the ranges that real and broken files have."""
    u = _uniform(stream, (4,))
    choice = int(u[0] * 8)
    if choice == 0:
        return plane * 1000.0 - 500.0
    if choice == 1:
        return plane * 1e-30
    if choice == 2:
        return plane * 1e30 - 1e29
    if choice == 3:
        return plane - 808080.0
    if choice == 4:
        return np.where(plane < 0.05, np.nan, plane * 300.0)
    if choice == 5:
        return np.floor(plane * 300.0)
    if choice == 6:
        return plane * 3.0e38
    return plane * 4096.0


def pixels_of(case: Case) -> list[NDArray[np.generic]]:
    """All planes of a case."""
    stream = np.random.PCG64(case.seed)
    planes: list[NDArray[np.generic]] = []
    shape = (case.height, case.width)
    for _ in range(case.planes):
        fields = [_uniform(stream, shape) for _ in range(3)]
        fields.append(_uniform(stream, (4,)))
        u = _uniform(stream, (2,))
        if case.bits == 32:
            values = _float_scale(stream, _values(case.kind, 1.0, fields))
            planes.append(values.astype(np.float32))
            continue
        top = 255.0 if case.bits == 8 else (255.0, 4095.0, 700.0, 65535.0)[int(u[0] * 4)]
        if case.kind.endswith("bell") and case.bits == 16:
            top = 65535.0
        base = 0.0 if u[1] < 0.5 else np.floor((2.0**case.bits - 1 - top) * u[1])
        values = np.floor(_values(case.kind, top, fields) + base)
        planes.append(values.astype(DTYPES[case.bits]))
    return planes


def rectangle_of(case: Case) -> tuple[int, int, int, int]:
    """x, y, width, height of a rectangular selection inside the image."""
    u = _uniform(np.random.PCG64(case.seed + 1), (4,))
    w = 1 + int(u[0] * case.width)
    h = 1 + int(u[1] * case.height)
    return int(u[2] * (case.width - w + 1)), int(u[3] * (case.height - h + 1)), w, h


def mask_of(case: Case) -> NDArray[np.bool_] | None:
    """Selected pixels: all of a rectangle, or a ragged half of it."""
    if case.roi == "none":
        return None
    x, y, w, h = rectangle_of(case)
    mask = np.zeros((case.height, case.width), dtype=bool)
    inside = np.ones((h, w), dtype=bool)
    if case.roi == "mask":
        inside = _uniform(np.random.PCG64(case.seed + 2), (h, w)) < 0.5
        inside.flat[0] = True
    mask[y : y + h, x : x + w] = inside
    return mask
