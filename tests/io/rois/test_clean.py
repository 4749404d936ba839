"""A ROI without its texts: the same outline, and no name."""

from __future__ import annotations

import pytest
import roifile

from pyrhi.errors import RoiError
from pyrhi.io.rois.clean import clean_roi

SECRET = "Musterfrau"


def test_roi_properties_are_gone():
    roi = roifile.ImagejRoi.frompoints([[1, 1], [9, 1], [9, 9]], name=f"cord {SECRET}")
    roi.props = f"patient: {SECRET}\n"
    data = roi.tobytes()
    out = clean_roi(data, "cord")
    assert SECRET.encode("utf-16-be") in data
    assert SECRET.encode("utf-16-be") not in out
    read = roifile.ImagejRoi.frombytes(out)
    assert read.name == "cord"
    assert not read.props
    with pytest.raises(RoiError):
        clean_roi(data[:40], "cord")
