"""ROIs on the slices of an image: measured where they lie, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.rois import measured, rect

from pyrhi.errors import RoiError
from pyrhi.imagej.roi import Roi, RoiType


def test_exclude_on_its_own_slice_only():
    rois = [rect("cord", 0, 0, 10, 10), rect("implant", 0, 0, 5, 10, position=2)]
    rows = measured(rois, np.zeros((3, 64, 64), np.uint16)).rhi
    assert [(r.cord_area, r.excluded_pixels) for r in rows] == [(100, 0), (50, 50), (100, 0)]


def test_a_cord_that_is_excluded_is_refused():
    with pytest.raises(RoiError) as error:
        measured([rect("cord", 2, 2, 5, 5), rect("exclude", 0, 0, 20, 20)])
    assert str(error.value) == (
        "slice 1: the exclude ROIs cover the whole cord ROI 'cord'; make them smaller"
    )


def test_an_excluded_line_is_refused():
    rois = [rect("cord", 0, 0, 9, 9), Roi("exclude", RoiType.LINE, 0, 0, 5, 5)]
    with pytest.raises(RoiError, match="cannot be an exclude ROI; draw an area"):
        measured(rois)


def test_an_exclude_roi_outside_the_image_is_refused():
    with pytest.raises(RoiError, match="ROI 'exclude' covers no pixel of slice 1"):
        measured([rect("cord", 0, 0, 9, 9), rect("exclude", 90, 90, 9, 9)])
