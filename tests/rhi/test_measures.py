"""Measures beside RHI: Spinal Cord Toolbox's own numbers, and the printed tables of the scores."""

from __future__ import annotations

import json
import math
from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy import ndimage

from pyrhi.rhi.lesions import LabelledSlice, joined_lesions
from pyrhi.rhi.measures import (
    NO_AXIS,
    NO_DISTANCE,
    NO_PIXEL_SIZE,
    NOT_AXIAL,
    Grid,
    MeasuredSlice,
    contrast_ratio,
    lesions_of,
    signal_change_ratio,
    sins_location_points,
    tokuhashi_vertebral_points,
)

EIGHT = np.ones((3, 3), int)


@pytest.fixture(scope="module")
def volume(sample: Path) -> tuple[np.ndarray, np.ndarray, tuple[float, ...]]:
    """Cord and high voxels with axes to the right, the front and the head, and their sizes."""
    high, cord = (
        nibabel.as_closest_canonical(nibabel.load(sample / f"nifti/t2_{name}.nii.gz"))
        for name in ("high", "cord")
    )
    sizes = tuple(float(z) for z in high.header.get_zooms()[:3])
    return np.asanyarray(cord.dataobj) > 0, np.asanyarray(high.dataobj) > 0, sizes


def slices(cord: np.ndarray, high: np.ndarray, grid: Grid) -> list[MeasuredSlice]:
    """Slices across the last axis, whose first two are columns and rows."""
    out = []
    for number in range(high.shape[2]):
        labels, found = ndimage.label(high[:, :, number].T, EIGHT)
        if found:
            labelled = LabelledSlice.of("a", number, 0, 0, labels.astype(np.int32))
            out.append(MeasuredSlice(labelled, "", int(cord[:, :, number].sum()), grid))
    return out


@pytest.fixture(scope="module")
def sct(data: Path) -> dict[str, float]:
    (lesion,) = json.loads((data / "measures/sct.json").read_text(encoding="utf-8"))
    return lesion


def test_axial_slices_as_spinal_cord_toolbox(volume, sct: dict[str, float]):
    cord, high, sizes = volume
    (lesion,) = lesions_of(slices(cord, high, Grid(sizes, 2)))
    assert lesion.volume == pytest.approx(sct["volume [mm3]"], rel=1e-9)
    assert lesion.length == pytest.approx(sct["length [mm]"], rel=1e-9)
    assert lesion.axial_damage_ratio == pytest.approx(sct["max_axial_damage_ratio []"], rel=1e-9)
    assert lesion.reasons == ()
    # RHI_max / 100 for one lesion.
    largest = max(high[:, :, k].sum() / cord[:, :, k].sum() for k in range(high.shape[2])
                  if cord[:, :, k].any())  # fmt: skip
    assert lesion.axial_damage_ratio == largest


@pytest.mark.parametrize(("axes", "along"), [((1, 2, 0), 1), ((2, 1, 0), 0), ((0, 2, 1), 1)])
def test_other_slices_have_the_same_volume_and_length(volume, sct, axes, along: int):
    cord, high, sizes = volume
    grid = Grid(tuple(sizes[a] for a in axes), along)
    (lesion,) = lesions_of(slices(cord.transpose(axes), high.transpose(axes), grid))
    assert lesion.volume == pytest.approx(sct["volume [mm3]"], rel=1e-9)
    assert lesion.length == pytest.approx(sct["length [mm]"], rel=1e-9)
    assert math.isnan(lesion.axial_damage_ratio)
    assert lesion.reasons == (NOT_AXIAL,)


def test_lesions_are_the_components_of_scipy(volume):
    # Where no two regions touch at a corner only, one rule is as good as another.
    rng = np.random.default_rng(1)
    seeds = np.zeros((40, 40, 20), bool)
    seeds[tuple(rng.integers(2, n - 2, 25) for n in seeds.shape)] = True
    high = ndimage.binary_dilation(seeds, np.ones((3, 3, 3)))
    found = lesions_of(slices(np.ones_like(high), high, Grid((1.0, 2.0, 3.0), 2)))
    rule = ndimage.generate_binary_structure(3, 1) | ndimage.generate_binary_structure(3, 2)
    rule[:, :, [0, 2]] = False
    rule[1, 1, [0, 2]] = True
    labels, count = ndimage.label(high, rule)
    assert len(found) == count
    volumes = sorted(6.0 * (labels == i).sum() for i in range(1, count + 1))
    assert sorted(lesion.volume for lesion in found) == pytest.approx(volumes, rel=1e-12)


def test_two_regions_of_one_lesion_share_the_cord_of_their_slice():
    both = np.array([[1, 0, 2]], np.int32)
    bridge = np.ones((1, 3), np.int32)
    grid = Grid((1.0, 1.0, 4.0), 2)
    parts = [
        MeasuredSlice(LabelledSlice.of("a", 1, 5, 7, both), "L1", 10, grid),
        MeasuredSlice(LabelledSlice.of("a", 2, 5, 7, bridge), "L2", 20, grid),
    ]
    (lesion,) = lesions_of(parts)
    assert (lesion.axial_damage_ratio, lesion.length, lesion.volume) == (0.2, 8.0, 20.0)
    assert (lesion.first, lesion.last, lesion.levels) == (1, 2, ("L1", "L2"))
    assert len(joined_lesions([parts[0].labelled])) == 2


def test_what_is_not_known_is_no_number():
    one = LabelledSlice.of("a", 1, 0, 0, np.ones((2, 2), np.int32))
    nan = math.nan
    (lesion,) = lesions_of([MeasuredSlice(one, "", 9, Grid((1.0, 1.0, nan), None))])
    assert math.isnan(lesion.volume)
    assert math.isnan(lesion.length)
    assert math.isnan(lesion.axial_damage_ratio)
    assert lesion.reasons == (NO_DISTANCE, NO_AXIS)
    (lesion,) = lesions_of([MeasuredSlice(one, "", 8, Grid((nan, nan, 3.0), 2))])
    assert (lesion.axial_damage_ratio, lesion.length) == (0.5, 3.0)
    assert lesion.reasons == (NO_PIXEL_SIZE,)


def test_sins_location_as_printed():
    # Fisher et al. 2010, table: junctional 3, mobile 2, semirigid 1, rigid 0.
    printed = {
        3: "C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
        2: "C3 C4 C5 C6 L2 L3 L4",
        1: "T3 T4 T5 T6 T7 T8 T9 T10",
        0: "S2 S3 S4 S5",
    }
    for points, levels in printed.items():
        assert {sins_location_points(level) for level in levels.split()} == {points}
    assert [sins_location_points(level) for level in ("T13", "L6", "L5-L6")] == [None] * 3
    assert sins_location_points("T10-T11") == 3


def test_tokuhashi_as_printed():
    # Tokuhashi et al. 2005, "number of metastases in the vertebral body": >= 3 0, 2 1, 1 2.
    assert [tokuhashi_vertebral_points(n) for n in (1, 2, 3, 12)] == [2, 1, 0, 0]
    with pytest.raises(ValueError, match="metastases 0 is below 1"):
        tokuhashi_vertebral_points(0)


def test_signal_without_reference_is_missing():
    assert signal_change_ratio(900.0, 600.0) == 1.5
    assert contrast_ratio(900.0, 600.0) == 0.5
    for mean in (0.0, math.nan, -3.0):
        assert math.isnan(signal_change_ratio(900.0, mean))
        assert math.isnan(contrast_ratio(900.0, mean))
