"""ROI sets of what was measured, read back by roifile and by ImageJ's rules of pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import roifile
from rigs.rois import measured, rect

from pyrhi.imagej.mask import roi_mask
from pyrhi.io.images.array import array_image
from pyrhi.rhi.assign import parse_rule
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters
from pyrhi.rhi.roiset import HIGH_GROUP, measured_rois, roi_set

PIXELS = np.zeros((2, 64, 64), np.uint16)
PIXELS[1, 10:14, 12:20] = 900


def test_every_measured_pixel_is_in_the_set_and_no_other():
    cord, high = np.zeros((2, 30, 40), bool)
    cord[3:20, 5:30] = True
    high[4:7, 6:9] = high[6:9, 9:11] = True
    rois = measured_rois([(1, "L2", cord, high), (3, "", cord, np.zeros_like(high))])
    assert [(r.name, r.position) for r in rois] == [("cord L2", 1), ("high L2", 1), ("cord", 3)]
    for roi, mask in zip(rois, (cord, high, cord), strict=True):
        assert np.array_equal(roi_mask(roi, (30, 40)) != 0, mask)


def test_a_found_high_area_is_added_and_a_roi_without_role_is_not():
    image = array_image(PIXELS, name="i.tif")
    parameters = RhiParameters(high=parse_high("500"))
    rois = [replace(roi, data=b"as it was") for roi in
            (rect("cord L3", 8, 8, 20, 20, position=2), rect("my note", 0, 0, 5, 5))]  # fmt: skip
    found = measured(rois[:1], PIXELS, high=parameters.high).found
    (cord, high) = roi_set(image, rois, found, parameters)
    assert cord == ("cord L3", b"as it was")
    read = roifile.ImagejRoi.frombytes(high[1])
    assert (high[0], read.name, read.position) == ("high-L3-002", "high-L3-002", 2)
    assert (read.left, read.top, read.right, read.bottom) == (12, 10, 20, 14)
    assert read.group == HIGH_GROUP


def test_where_a_rule_gave_the_roles_every_roi_is_kept():
    image = array_image(PIXELS[0], name="i.tif")
    rois = [replace(rect(name, 0, 0, 5, 5), data=b"x") for name in ("0001", "0002")]
    names = [n for n, _ in roi_set(image, rois, (), RhiParameters(rule=parse_rule("first=cord")))]
    assert names == ["0001", "0002"]
    assert roi_set(image, rois, (), RhiParameters()) == []
