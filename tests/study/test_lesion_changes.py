"""Lesions over two visits: drawn cases, and scikit-image's own labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pyrhi.io.geometry import Geometry
from pyrhi.rhi.lesions import LabelledSlice, count_joined
from pyrhi.study.lesion_changes import LesionVolume, label_lesions, lesion_changes, on_grid

CASES = {
    "appeared": ("0000", "0110"),
    "vanished": ("0110", "0000"),
    "grew": ("0110", "1110"),
    "shrank": ("1110", "0100"),
    "same volume": ("0110", "0011"),
    "merged": ("1010", "1111"),
    "split": ("1110", "1010"),
    "merged and split": ("110111", "011101"),
}


@pytest.mark.parametrize("change", CASES)
def test_a_lesion_that_grows_splits_or_vanishes_is_called_so(change: str):
    before, after = (
        label_lesions(np.array([[[int(c) for c in text]]]) > 0) for text in CASES[change]
    )
    (found,) = lesion_changes(before, after, 2.5)
    assert found.change == change
    assert found.volume_before == 2.5 * (before > 0).sum()
    assert found.volume_after == 2.5 * (after > 0).sum()


@settings(deadline=None, max_examples=80)
@given(arrays(bool, (3, 5, 6)), arrays(bool, (3, 5, 6)))
def test_groups_are_the_components_of_scipy_s_graph(first: np.ndarray, second: np.ndarray):
    a, b = label_lesions(first), label_lesions(second)
    n, m = int(a.max()), int(b.max())
    both = (a > 0) & (b > 0)
    edges = coo_array((np.ones(both.sum()), (a[both] - 1, b[both] - 1 + n)), (n + m, n + m))
    wanted = connected_components(edges, directed=False)[0] if n + m else 0
    changes = lesion_changes(a, b, 1.0)
    assert len(changes) == wanted
    assert sorted(x for c in changes for x in c.before) == list(range(1, n + 1))
    assert sorted(x for c in changes for x in c.after) == list(range(1, m + 1))
    assert sum(c.volume_after - c.volume_before for c in changes) == second.sum() - first.sum()


@settings(deadline=None, max_examples=60)
@given(arrays(bool, (3, 5, 6)))
def test_lesions_are_those_that_patients_csv_counts(high: np.ndarray):
    slices = []
    for number, plane in enumerate(high):
        labels = label_lesions(plane[None])[0]
        slices.append(LabelledSlice.of("a", number, 0, 0, labels))
    assert label_lesions(high).max() == count_joined(slices)


def test_a_turned_image_lies_on_the_same_grid():
    rng = np.random.default_rng(2)
    labels = label_lesions(rng.random((4, 6, 5)) > 0.7)
    grid = Geometry(np.diag([0.5, 0.7, 3.0, 1.0]), (5, 6, 4))
    mirrored = np.diag([-0.5, 0.7, 3.0, 1.0])
    mirrored[0, 3] = 0.5 * 4
    other = LesionVolume(labels[:, :, ::-1].copy(), Geometry(mirrored, (5, 6, 4)))
    assert (on_grid(other, grid) == labels).all()
    shifted = np.diag([0.5, 0.7, 3.0, 1.0])
    shifted[0, 3] = 0.2
    assert on_grid(LesionVolume(labels, Geometry(shifted, (5, 6, 4))), grid) is None
