"""On which slices a ROI lies."""

from __future__ import annotations

import pytest
from rigs.rois import rect

from pyrhi.errors import RoiError
from pyrhi.imagej.roi import Roi
from pyrhi.rhi.position import slices_of


@pytest.mark.parametrize(
    ("roi", "n", "dimensions", "slices"),
    [
        (rect("a", 0, 0, 1, 1), 3, (1, 3, 1), (1, 2, 3)),
        (rect("a", 0, 0, 1, 1, position=2), 3, (1, 3, 1), (2,)),
        (rect("a", 0, 0, 1, 1, slice=2), 3, (1, 3, 1), (2,)),
        (rect("0002-0040-0050", 0, 0, 1, 1), 3, (1, 3, 1), (2,)),
        (rect("a", 0, 0, 1, 1, slice=2, channel=1, frame=1), 12, (2, 3, 2), (3,)),
        (rect("a", 0, 0, 1, 1, slice=2), 12, (2, 3, 2), (3, 4, 9, 10)),
    ],
)
def test_a_roi_is_measured_on_the_slices_that_its_position_means(
    roi: Roi, n: int, dimensions, slices
):
    assert slices_of(roi, n, dimensions) == slices


def test_a_position_beyond_the_stack_is_refused():
    with pytest.raises(RoiError, match="'a' lies on slice 5, but the image has 3"):
        slices_of(rect("a", 0, 0, 1, 1, position=5), 3, (1, 3, 1))
