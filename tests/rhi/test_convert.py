"""Masks to ROIs and back: what roifile and scikit-image see, and the pixels of the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import pyrhi
from pyrhi.errors import ParameterError, RoiError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.rhi.convert import (
    labels_to_rois,
    mask_to_rois,
    rois_to_labels,
    rois_to_mask,
    write_rois,
)

SHAPES = [(7, 9), (3, 6, 5), (1, 4, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_mask_comes_back_from_its_rois_pixel_for_pixel(
    shape: tuple[int, ...], data: st.DataObject
):
    mask = data.draw(arrays(bool, shape))
    rois = mask_to_rois(mask, "cord")
    assert (rois_to_mask(rois, shape) == mask).all()
    assert len(rois) == sum(plane.any() for plane in mask.reshape(-1, *shape[-2:]))


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_labels_come_back_from_their_rois_pixel_for_pixel(
    shape: tuple[int, ...], data: st.DataObject
):
    labels = data.draw(arrays(np.uint16, shape, elements=st.sampled_from([0, 1, 2, 300])))
    assert (rois_to_labels(labels_to_rois(labels), shape) == labels).all()


def test_roifile_and_pyrhi_read_what_was_written(tmp_path: Path):
    mask = np.zeros((2, 40, 30), bool)
    mask[0, 5:20, 3:9] = True
    mask[1, 10:30, 8:20] = True
    mask[1, 15:20, 10:15] = False
    rois = mask_to_rois(mask, "high L2", group=2, color=0xFFFF0000)
    write_rois(tmp_path / "set.zip", rois)
    judged = roifile.roiread(tmp_path / "set.zip")
    assert [(r.name, r.position, r.group) for r in judged] == [("high L2", 1, 2), ("high L2", 2, 2)]
    again = pyrhi.read_rois(tmp_path / "set.zip")
    assert (rois_to_mask(again, mask.shape) == mask).all()
    write_rois(tmp_path / "one.roi", again[:1])
    assert (tmp_path / "one.roi").read_bytes() == rois[0].data


def test_a_roi_without_position_lies_on_every_slice():
    oval = Roi("oval", RoiType.OVAL, left=-5, top=-5, width=20, height=20)
    mask = rois_to_mask([oval], (3, 64, 64))
    # 200 pixels: the doctest of roi_mask, which is held by ImageJ's golden masks.
    assert mask.sum(axis=(1, 2)).tolist() == [200, 200, 200]


def test_names_of_labels_and_places():
    labels = np.array([[1, 0], [0, 2]])
    rois = labels_to_rois(labels, names={1: "cord", 2: "high"})
    assert [roi.name for roi in rois] == ["cord", "high"]
    assert (rois_to_labels(rois, (2, 2)) == labels).all()
    assert labels_to_rois(labels.astype(float))[1].name == "2"


def test_what_cannot_be_written_exactly_is_refused(tmp_path: Path):
    (roi,) = mask_to_rois(np.ones((3, 3)), "cord")
    cases = {
        "was made by hand": [Roi("x", RoiType.RECT, 0, 0, 2, 2)],
        "its position was changed": [replace(roi, position=3)],
    }
    for message, rois in cases.items():
        with pytest.raises(RoiError, match=message):
            write_rois(tmp_path / "a.zip", rois)
    with pytest.raises(ParameterError, match=r"2 ROIs; write a \.zip"):
        write_rois(tmp_path / "a.roi", [roi, roi])
    with pytest.raises(ParameterError, match=r"ends with '\.txt'"):
        write_rois(tmp_path / "a.txt", [roi])
    assert not list(tmp_path.iterdir())


def test_what_is_no_mask_is_refused():
    with pytest.raises(ParameterError, match=r"mask \(4,\): give"):
        mask_to_rois(np.ones(4))
    with pytest.raises(ParameterError, match="not whole numbers"):
        labels_to_rois(np.full((2, 2), 0.5))
    line = Roi("line", RoiType.LINE, 0, 0, 2, 2)
    with pytest.raises(RoiError, match=r"'line' is a .* and encloses no pixels"):
        rois_to_mask([line], (5, 5))
    both = [Roi(n, RoiType.RECT, 0, 0, 2, 2) for n in ("1", "2")]
    with pytest.raises(RoiError, match="ROI '2' shares 4 pixels of slice 1 with label 1"):
        rois_to_labels(both, (5, 5))
