"""Regions, their union and what they share, against scikit-image."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.measure import label

from pyrhi.imagej.mask import Region
from pyrhi.imagej.particles import intersection_of, label_regions, union_of

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


@settings(max_examples=100, deadline=None)
@given(masks)
def test_regions_are_skimages(mask):
    labels, count = label_regions(mask.astype(np.uint8) * 255)
    theirs = label(mask, connectivity=2)
    assert count == theirs.max()
    assert np.array_equal(labels, theirs)


@settings(max_examples=100, deadline=None)
@given(st.lists(masks, min_size=1, max_size=4), st.data())
def test_union_and_intersection_have_the_pixels_of_numpy(parts, data):
    regions = []
    whole = np.zeros((40, 40), bool)
    for part in parts:
        h, w = part.shape
        x = data.draw(st.integers(0, 40 - w))
        y = data.draw(st.integers(0, 40 - h))
        regions.append(Region(x, y, w, h, part.astype(np.uint8) * 255))
        whole |= regions[-1].pixels(40, 40)
    union = union_of(regions)
    assert np.array_equal(union.pixels(40, 40), whole)
    both = intersection_of(union, regions[0])
    assert np.array_equal(both.pixels(40, 40), regions[0].pixels(40, 40))
