"""Outlines without an area."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from pyrhi.errors import RoiError
from pyrhi.imagej.mask import roi_mask
from pyrhi.imagej.roi import Roi, RoiSubtype, RoiType


def test_line_encloses_no_area():
    line = Roi("l1", RoiType.LINE, 0, 0, 10, 10)
    with pytest.raises(RoiError, match="'l1' is a line selection"):
        roi_mask(line, (64, 64))


def test_text_encloses_no_area():
    text = Roi("t1", RoiType.RECT, 0, 0, 10, 10, subtype=RoiSubtype.TEXT)
    with pytest.raises(RoiError, match="text selection"):
        roi_mask(text, (64, 64))


@pytest.mark.parametrize("at", range(10))
def test_a_signalling_nan_of_a_damaged_composite_is_refused_without_a_warning(at: int):
    shape = np.array([0, 1, 3, 1, 2, 5, 1, 7, 7, 4], np.float32)
    shape.view(np.uint32)[at] = 0x7FA00001
    roi = Roi("a", RoiType.RECT, 0, 0, 5, 5, shape=shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RoiError, match="composite ROI 'a'"):
            roi_mask(roi, (20, 20))
