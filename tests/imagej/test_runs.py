"""Labels packed and unpacked, and regions that touch, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pyrhi.imagej.runs import pack_runs, touching, unpack_runs

LABELS = arrays.arrays(
    np.int32,
    st.tuples(st.integers(0, 9), st.integers(0, 12)),
    elements=st.sampled_from([0, 0, 0, 1, 1, 2, 127, 128, 300, 2**31 - 1]),
)


@given(LABELS)
def test_labels_come_back(labels: np.ndarray):
    packed = pack_runs(labels)
    found, greatest = unpack_runs(packed, *labels.shape)
    assert found.dtype == np.int32
    assert greatest == labels.max(initial=0)
    assert np.array_equal(found, labels)


def test_a_large_region_takes_few_bytes():
    assert len(pack_runs(np.ones((3000, 3000), np.int32))) < 6


@given(st.binary(max_size=12), st.integers(0, 5), st.integers(0, 5))
def test_other_bytes_are_refused_or_fill_the_labels(packed: bytes, height: int, width: int):
    try:
        labels, _ = unpack_runs(packed, height, width)
    except ValueError:
        return
    assert labels.shape == (height, width)
    assert labels.min(initial=0) >= 0


def test_bytes_of_labels_of_another_size_are_refused():
    packed = pack_runs(np.ones((3, 4), np.int32))
    for size in ((3, 3), (4, 4)):
        with pytest.raises(ValueError, match="are not the runs of"):
            unpack_runs(packed, *size)


@given(LABELS, LABELS, *[st.integers(0, 6)] * 4)
def test_regions_touch_where_they_share_a_place(a, b, ax, ay, bx, by):
    whole = np.zeros((2, 20, 20), np.int64)
    for plane, labels, x, y in ((whole[0], a, ax, ay), (whole[1], b, bx, by)):
        plane[y : y + labels.shape[0], x : x + labels.shape[1]] = labels
    both = whole.all(axis=0)
    expected = set(zip(whole[0][both].tolist(), whole[1][both].tolist(), strict=True))
    assert touching(a, (ax, ay), b, (bx, by)) == expected
