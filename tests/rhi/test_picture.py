"""How slices are shown: colours that colour-blind readers tell apart, boxes, windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

import pyrhi
from pyrhi.imagej.mask import Region
from pyrhi.rhi.picture import (
    CORD_COLOR,
    HIGH_COLOR,
    bar_length,
    frame_of,
    shown_box,
    window_of,
)

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
CLEARLY_APART = 20.0
"""CIEDE2000; 1 is what an eye just sees side by side."""


def seen(color: str, vision: str) -> np.ndarray:
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(VISION[vision]) @ linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb2lab(srgb[None, None])[0, 0]


@pytest.mark.parametrize("vision", VISION)
def test_colour_blind_readers_tell_the_outlines_apart(vision: str):
    cord, high = seen(CORD_COLOR, vision), seen(HIGH_COLOR, vision)
    assert deltaE_ciede2000(cord, high) > CLEARLY_APART
    for grey in ("#000000", "#404040", "#ffffff"):
        for color in (cord, high):
            assert deltaE_ciede2000(color, seen(grey, vision)) > CLEARLY_APART


def test_the_page_has_the_same_colours():
    css = (Path(pyrhi.__file__).parent / "report/qc/templates/report.css").read_text()
    assert f"--cord: {CORD_COLOR}; --lesion: {HIGH_COLOR};" in css


def test_the_box_holds_the_regions_and_stays_on_the_slice():
    regions = [Region(10, 50, 20, 30, None), Region(0, 0, 0, 0, None)]
    assert shown_box(100, 90, regions) == (0, 26, 54, 64)


def test_the_window_leaves_out_what_is_no_number():
    values = np.array([[1.0, 2.0, np.nan], [3.0, np.inf, 4.0]])
    low, high = window_of(values)
    assert (low, high) == tuple(np.percentile([1, 2, 3, 4], (1.0, 99.8)))
    assert window_of(np.full((2, 2), np.nan)) == (0.0, 1.0)


def test_a_slice_of_which_nothing_is_known_stays_as_it_is(axial: Path):
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        frame = frame_of(image)
        plane = image.plane(1)
    assert (frame.display.picture(plane) == plane).all()
    assert (frame.letters, frame.unit, frame.pixel_width) == ({}, "mm", 0.8)


@pytest.mark.parametrize(
    ("available", "length"),
    [(1.0, 1.0), (1.99, 1.0), (2.0, 2.0), (49.0, 20.0), (50.0, 50.0), (0.0499, 0.02), (700, 500)],
)
def test_a_scale_bar_has_a_round_length_that_fits(available: float, length: float):
    assert bar_length(available) == length
