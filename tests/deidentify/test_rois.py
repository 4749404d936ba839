"""ROIs without their texts: the same outlines, role and level, and no name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import roifile

from pyrhi.deidentify.rois import clean_set, new_names
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.rois import read_rois
from pyrhi.io.rois.decode import decode_roi
from pyrhi.rhi.roles import RolePatterns, level_of, role_of

PATTERNS = RolePatterns()
NAMES = ["Doe cord L2", "High-l2-Doe", "high 014 T12-L1", "normal_1", "Doe", "0003-0012-0034 cord"]


def test_names_of_rois_say_role_and_level_alone():
    rois = [Roi(name, RoiType.RECT, 0, 0, 5, 5) for name in NAMES]
    new = new_names(rois, PATTERNS)
    assert new == [
        "cord L2", "high L2", "high T12-L1", "reference", "roi", "0003-0012-0034 cord",
    ]  # fmt: skip
    for roi, name in zip(rois, new, strict=True):
        renamed = Roi(name, RoiType.RECT, 0, 0, 5, 5)
        assert role_of(renamed) is role_of(roi)
        assert level_of(name) == level_of(roi.name)


def test_roi_keeps_its_geometry_and_loses_its_texts(sagittal: Path):
    rois = read_rois(sagittal / "t2_sagittal.RoiSet.zip")
    cleaned, dropped = clean_set(rois, PATTERNS, source="x")
    assert dropped == 0
    assert len({name for name, _ in cleaned}) == len(rois)
    for roi, (name, data) in zip(rois, cleaned, strict=True):
        again = decode_roi(data)
        assert again.name == name
        assert (again.type, again.position, again.group) == (roi.type, roi.position, roi.group)
        one, two = (roifile.ImagejRoi.frombytes(d) for d in (roi.data, data))
        assert np.array_equal(one.coordinates(), two.coordinates())
        assert two.name == name
