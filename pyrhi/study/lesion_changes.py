"""Lesions over two visits: which appeared, vanished, grew, shrank, merged or split, by overlap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.extras import need
from pyrhi.io.geometry import fit_grids, turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

EXTRA = "study"

APPEARED, VANISHED, GREW, SHRANK, SAME = "appeared", "vanished", "grew", "shrank", "same volume"
MERGED, SPLIT, BOTH = "merged", "split", "merged and split"

NO_GRID = "the images of the two visits do not lie on one grid: register and resample them first"


@dataclass(frozen=True, eq=False)
class LesionVolume:
    """The lesions of one image.

    Parameters
    ----------
    labels
        0 outside, 1 to n inside, int32, shape ``(slices, height, width)``.
    geometry
        Where the voxels lie.
    """

    labels: NDArray[np.int32]
    geometry: Geometry


@dataclass(frozen=True)
class LesionChange:
    """What became of one or several lesions between two visits.

    Parameters
    ----------
    change
        One of the words of this module.
    before, after
        Numbers of the lesions at both visits, which overlap; empty where there is none.
    volume_before, volume_after
        Their volumes in mm^3.
    """

    change: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    volume_before: float
    volume_after: float


def label_lesions(high: NDArray[np.bool_], /) -> NDArray[np.int32]:
    """Number the lesions of a stack of high areas.

    Parameters
    ----------
    high
        High area, shape ``(slices, height, width)``.

    Returns
    -------
    labels : int32, same shape
        Joined as `pyrhi.rhi.lesions.count_joined` joins them: 8-connected in a slice, and through
        neighbouring slices where they share a pixel position.

    Examples
    --------
    >>> import numpy as np
    >>> high = np.zeros((2, 3, 3), bool)
    >>> high[0, 0, 0] = high[0, 1, 1] = high[1, 2, 2] = True
    >>> int(label_lesions(high).max())
    2
    """
    rule = np.zeros((3, 3, 3), bool)
    rule[1] = True
    rule[:, 1, 1] = True
    labels: NDArray[np.int32] = need("scipy.ndimage", EXTRA).label(high, rule)[0]
    return labels.astype(np.int32)


def on_grid(volume: LesionVolume, grid: Geometry, /) -> NDArray[np.int32] | None:
    """Return labels on the grid of another image, voxel for voxel; None where they do not fit.

    Parameters
    ----------
    volume
        The lesions.
    grid
        The grid.
    """
    fit = fit_grids(grid, volume.geometry)
    if fit is None:
        return None
    turned = turn(volume.labels, fit)
    columns, rows, slices = grid.shape
    out = np.zeros((slices, rows, columns), np.int32)
    starts = fit.start[::-1]
    here, there = [], []
    for start, size, room in zip(starts, turned.shape, out.shape, strict=True):
        first, last = max(start, 0), min(start + size, room)
        if last <= first:
            return None
        here.append(slice(first, last))
        there.append(slice(first - start, last - start))
    out[tuple(here)] = turned[tuple(there)]
    return None if (out > 0).sum() < (turned > 0).sum() else out


def lesion_changes(
    before: NDArray[np.int32], after: NDArray[np.int32], voxel: float, /
) -> tuple[LesionChange, ...]:
    """Say what became of each lesion, by overlap.

    Parameters
    ----------
    before, after
        Labels of both visits on one grid, of one shape.
    voxel
        Volume of a voxel in mm^3.

    Returns
    -------
    tuple of LesionChange
        Lesions of both visits that share a voxel belong together, and so do those that share one
        with the same lesion. In the order of the first visit's numbers, then of the second's.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.array([1, 0, 2, 2, 0]), np.array([3, 3, 3, 0, 4])
    >>> [(c.change, c.before, c.after) for c in lesion_changes(a, b, 1.0)]
    [('merged', (1, 2), (3,)), ('appeared', (), (4,))]
    """
    both = (before > 0) & (after > 0)
    pairs = set(zip(before[both].tolist(), after[both].tolist(), strict=True))
    sizes = [
        dict(zip(*np.unique(v[v > 0], return_counts=True), strict=True)) for v in (before, after)
    ]
    groups = _groups([("a", int(n)) for n in sizes[0]] + [("b", int(n)) for n in sizes[1]], pairs)
    changes = []
    for group in groups:
        first = tuple(sorted(n for side, n in group if side == "a"))
        second = tuple(sorted(n for side, n in group if side == "b"))
        counts = [
            sum(int(of[n]) for n in names) for of, names in zip(sizes, (first, second), strict=True)
        ]
        word = _word(len(first), len(second), *counts)
        changes.append(LesionChange(word, first, second, counts[0] * voxel, counts[1] * voxel))
    return tuple(sorted(changes, key=lambda c: (not c.before, c.before, c.after)))


def _word(before: int, after: int, voxels_before: int, voxels_after: int) -> str:
    if not before or not after:
        return APPEARED if after else VANISHED
    if before > 1 or after > 1:
        return BOTH if before > 1 and after > 1 else MERGED if before > 1 else SPLIT
    if voxels_after == voxels_before:
        return SAME
    return GREW if voxels_after > voxels_before else SHRANK


def _groups(
    nodes: list[tuple[str, int]], pairs: set[tuple[int, int]]
) -> list[set[tuple[str, int]]]:
    near: dict[tuple[str, int], set[tuple[str, int]]] = defaultdict(set)
    for a, b in pairs:
        near["a", a].add(("b", b))
        near["b", b].add(("a", a))
    seen: set[tuple[str, int]] = set()
    groups = []
    for node in nodes:
        if node in seen:
            continue
        group, todo = {node}, [node]
        while todo:
            new = near[todo.pop()] - group
            group |= new
            todo += new
        seen |= group
        groups.append(group)
    return groups
