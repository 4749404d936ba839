"""Pixels of a ROI: facts that were seen in a running ImageJ, and properties that must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pyrhi.errors import RoiError
from pyrhi.imagej.mask import region_of, roi_mask
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.rois import decode_roi, encode_mask
from pyrhi.limits import MAX_PLANE_PIXELS


def polygon(points: list[tuple[float, float]], type_: RoiType = RoiType.POLYGON) -> Roi:
    x, y = np.array(points).T
    whole = np.issubdtype(x.dtype, np.integer)
    return Roi(
        "p",
        type_,
        0,
        0,
        1,
        1,
        x=x.astype(np.int32),
        y=y.astype(np.int32),
        xf=None if whole else x.astype(np.float32),
        yf=None if whole else y.astype(np.float32),
    )


@pytest.mark.parametrize(
    ("diameter", "pixels"), [(1, 1), (2, 4), (3, 9), (4, 12), (5, 21), (10, 80), (21, 349)]
)
def test_oval_pixels_as_seen_in_imagej(diameter: int, pixels: int):
    oval = Roi("o", RoiType.OVAL, 3, 4, diameter, diameter)
    assert roi_mask(oval, (64, 64)).sum() == pixels


def test_oval_is_clipped_as_in_imagej():
    oval = Roi("o", RoiType.OVAL, -5, -5, 20, 20)
    assert roi_mask(oval, (64, 64)).sum() == 200
    assert region_of(outline_of(Roi("o", RoiType.OVAL, 5, 5, 20, 20)), 64, 64).pixel_count == 316


def test_square_traced_twice_covers_nothing():
    square = [(0, 0), (20, 0), (20, 20), (0, 20)]
    assert roi_mask(polygon(square * 2), (64, 64)).sum() == 0


def test_an_outline_that_crosses_itself_has_the_pixels_of_imagej():
    assert roi_mask(polygon([(0, 0), (20, 20), (20, 0), (0, 20)]), (64, 64)).sum() == 200


def test_absurd_size_is_refused():
    side = int(MAX_PLANE_PIXELS**0.5) + 1
    with pytest.raises(RoiError, match="larger than pyrhi measures"):
        roi_mask(Roi("o", RoiType.OVAL, 0, 0, side, side), (64, 64))


def test_wholly_outside_has_no_pixels():
    assert roi_mask(Roi("r", RoiType.RECT, 100, 100, 5, 5), (64, 64)).sum() == 0


masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


@settings(max_examples=150, deadline=None)
@given(masks)
def test_mask_survives_being_a_roi(mask):
    """Holes, diagonal touches and edges of the image: pixel for pixel."""
    if not mask.any():
        mask[0, 0] = True
    roi = decode_roi(encode_mask(mask, name="m", position=3, group=2))
    assert (roi.name, roi.position, roi.group) == ("m", 3, 2)
    assert np.array_equal(roi_mask(roi, mask.shape), mask)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=12),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_whole_shifts_move_the_pixels(points, dx, dy):
    here = roi_mask(polygon(points), (64, 64))
    there = roi_mask(polygon([(x + dx, y + dy) for x, y in points]), (64, 64))
    assert np.array_equal(np.roll(here, (dy, dx), (0, 1)), there)
