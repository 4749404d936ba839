"""Pixels of exclude ROIs, counted again as sets of places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rigs.rois import measured, rect

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.imagej.mask import Region
from pyrhi.io.images.array import array_image
from pyrhi.rhi.exclude import count_excluded, without
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters, cord_values_of_image

Box = tuple[int, int, int, int]


def places(box: Box) -> set[tuple[int, int]]:
    x, y, w, h = box
    return {(i, j) for i in range(x, x + w) for j in range(y, y + h)}


def test_a_region_that_loses_nothing_is_itself():
    region = Region(0, 0, 5, 5, None)
    assert without(region, Region(5, 0, 5, 5, None)) is region
    assert count_excluded([region], []) == 0


@pytest.mark.parametrize("seed", range(12))
def test_counts_are_those_of_sets(seed: int):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 5000, (64, 64)).astype(np.uint16)
    boxes: list[Box] = [
        tuple(map(int, (*rng.integers(0, 30, 2), *rng.integers(8, size, 2))))
        for size in (30, 30, 30, 12, 12)
    ]
    cord, high, second, *gone = boxes
    result = measured(
        [
            rect("cord", *cord),
            rect("high", *high),
            rect("high 2", *second),
            rect("artefact", *gone[0]),
            rect("exclude L3", *gone[1]),
        ],
        pixels,
    )
    (row,) = result.rhi
    out = places(gone[0]) | places(gone[1])
    whole, bright = places(cord) - out, (places(high) | places(second)) - out
    assert row.cord_area == len(whole)
    assert row.high_area == len(bright)
    assert row.rhi == 100.0 * len(bright) / len(whole)
    assert row.excluded_pixels == len((places(cord) | places(high) | places(second)) & out)
    if bright:
        assert row.high_outside_percent == 100.0 * len(bright - whole) / len(bright)
        assert row.high_mean == pytest.approx(np.mean([pixels[y, x] for x, y in bright]), rel=1e-9)
    assert row.cord_mean == pytest.approx(np.mean([pixels[y, x] for x, y in whole]), rel=1e-9)
    drawn = {r.roi: r.values[0] for r in result.rois}
    assert drawn["cord"] == len(places(cord))
    assert drawn["artefact"] == len(places(gone[0]))


def test_without_exclude_nothing_is_counted():
    (row,) = measured([rect("cord", 0, 0, 9, 9), rect("high", 0, 0, 3, 3)]).rhi
    assert (row.excluded_pixels, row.high_area) == (0, 9.0)


def test_a_high_area_that_is_excluded_is_a_true_zero():
    rois = [rect("cord", 0, 0, 10, 10), rect("high", 2, 2, 3, 3), rect("exclude", 2, 2, 3, 3)]
    (row,) = measured(rois).rhi
    assert (row.high_area, row.rhi, row.cord_area, row.excluded_pixels) == (0.0, 0.0, 91.0, 9)
    assert (row.method, row.high_count, math.isnan(row.high_mean)) == ("drawn", 0, True)


def test_excluded_pixels_are_not_found_high():
    pixels = np.full((64, 64), 10, np.uint16)
    pixels[2:4, 2:8] = 500
    rois = [rect("cord", 0, 0, 10, 10), rect("artefact", 6, 0, 4, 10)]
    (row,) = measured(rois, pixels, high=parse_high("400")).rhi
    assert (row.high_area, row.cord_area, row.excluded_pixels) == (8.0, 60.0, 40)


def test_excluded_pixels_are_no_reference():
    pixels = np.full((64, 64), 10, np.uint16)
    pixels[:, 32:] = 1000
    pixels[40:42, :] = 11
    image = array_image(pixels, name="i.tif")
    rois = [rect("cord", 28, 0, 8, 8), rect("exclude", 32, 0, 20, 20)]
    values = cord_values_of_image(image, rois, NumpyEngine(image), RhiParameters())
    assert values.tolist() == [10.0] * 32
    rois += [rect("ref", 28, 10, 8, 8)]
    (row,) = measured(rois, pixels, high=parse_high("ref+3sd")).rhi
    assert row.high_area == 0.0  # the reference is 10 with a spread of 0, as is the cord
