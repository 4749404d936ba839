"""Outlines of two readers against scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import disk
from skimage.metrics import hausdorff_distance

from pyrhi.errors import ParameterError
from pyrhi.study.outlines import BOTH_EMPTY, ONE_EMPTY, outline_agreement


def mask(center: tuple[float, float], radius: float) -> np.ndarray:
    out = np.zeros((60, 70), dtype=bool)
    out[disk(center, radius, shape=out.shape)] = True
    return out


def test_dice_and_distances_are_those_of_scikit_image() -> None:
    a, b = mask((25, 30), 12), mask((29, 34), 10)
    found = outline_agreement(a, b)
    common = (a & b).sum()
    assert found.dice == pytest.approx(2 * common / (a.sum() + b.sum()))
    assert found.jaccard == pytest.approx(found.dice / (2 - found.dice))
    edges = []
    for m in (a, b):
        inside = m.copy()
        inside[1:-1, 1:-1] &= m[:-2, 1:-1] & m[2:, 1:-1] & m[1:-1, :-2] & m[1:-1, 2:]
        edges.append(m & ~inside)
    assert found.hausdorff == pytest.approx(hausdorff_distance(*edges), rel=1e-12)
    assert found.mean_surface_distance == pytest.approx(
        _both_ways(np.argwhere(edges[0]), np.argwhere(edges[1])), rel=1e-12
    )


def _both_ways(a: np.ndarray, b: np.ndarray) -> float:
    every = np.linalg.norm(a[:, None] - b[None], axis=2)
    return float(np.concatenate([every.min(axis=1), every.min(axis=0)]).mean())


def test_distances_are_in_the_unit_of_the_pixels() -> None:
    a = np.zeros((40, 40), dtype=bool)
    a[10:20, 10:20] = True
    lower, right = np.roll(a, 6, axis=0), np.roll(a, 6, axis=1)
    assert outline_agreement(a, lower, spacing=(0.5, 2.0)).hausdorff == pytest.approx(3.0)
    assert outline_agreement(a, right, spacing=(0.5, 2.0)).hausdorff == pytest.approx(12.0)
    same = outline_agreement(a, a, spacing=(0.5, 2.0))
    assert (same.dice, same.jaccard, same.hausdorff, same.mean_surface_distance) == (1, 1, 0, 0)


def test_a_region_at_the_edge_of_the_image_has_an_outline_there() -> None:
    full = np.ones((10, 10), dtype=bool)
    assert outline_agreement(full, full).hausdorff == 0
    inner = np.zeros((10, 10), dtype=bool)
    inner[2:8, 2:8] = True
    assert outline_agreement(full, inner).hausdorff == pytest.approx(2 * np.sqrt(2))


def test_empty_outlines_are_defined_and_said() -> None:
    empty = np.zeros((5, 5), dtype=bool)
    one = empty.copy()
    one[2, 2] = True
    both = outline_agreement(empty, empty)
    assert (both.dice, both.jaccard, both.note) == (1, 1, BOTH_EMPTY)
    assert np.isnan(both.hausdorff)
    half = outline_agreement(one, empty)
    assert (half.dice, half.jaccard, half.note) == (0, 0, ONE_EMPTY)
    assert np.isnan(half.mean_surface_distance)


def test_masks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ParameterError, match="cannot be compared"):
        outline_agreement(np.ones((2, 2)), np.ones((2, 3)))
