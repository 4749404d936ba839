"""Outlines without an area."""

from __future__ import annotations

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
