"""Automatic RHI of the sample: ImageJ's threshold with the cord ROI active, all 17 methods."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from rigs.places import SAMPLE

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ParameterError
from pyrhi.imagej.thresholds import METHODS, auto_threshold
from pyrhi.io.images import read_image
from pyrhi.io.rois import read_rois
from pyrhi.rhi.high import HighKind, HighMode, parse_high, reference_of
from pyrhi.rhi.roles import Role, role_of

FIXED = "fixed 1200"


def cords(folder: str, image: str):
    path = SAMPLE / folder / image
    rois = path.with_suffix(".RoiSet.zip" if folder == "sagittal_stack" else ".zip")
    return path, {max(r.position, 1): r for r in read_rois(rois) if role_of(r) is Role.CORD}


@pytest.mark.parametrize("folder", ["axial_slices", "sagittal_stack"])
def test_auto_rhi_is_that_of_imagejs_thresholds_on_every_slice(folder: str):
    with (SAMPLE / folder / "expected_auto_rhi_imagej.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["Method"] for row in rows} == {*METHODS, FIXED}
    opened = {}
    for row in rows:
        if row["Image"] not in opened:
            path, rois = cords(folder, row["Image"])
            image = read_image(path)
            opened[row["Image"]] = (image, rois, NumpyEngine(image))
        image, rois, engine = opened[row["Image"]]
        number = int(row["Slice"])
        _, region = engine.measure(rois[number], number)
        mask = region.pixels(image.height, image.width)
        if row["Method"] == FIXED:
            mode = parse_high(FIXED.split()[1])
            assert mode.value == float(row["Lower"])
            taken = engine.values(region, number) >= mode.value
        else:
            plane = image.plane(number)
            threshold = auto_threshold(plane, row["Method"], options="dark", mask=mask)
            assert threshold.lower == float(row["Lower"])
            taken = engine.above_threshold(region, number, row["Method"])
        taken = taken & (region.cropped() != 0)
        assert 100.0 * taken.sum() / region.pixel_count == pytest.approx(
            float(row["RHI"]), rel=1e-12, abs=1e-12
        )
    for image, _, _ in opened.values():
        image.close()


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_known_in_any_case(method: str):
    assert parse_high(method.lower()).text == method


@pytest.mark.parametrize("text", ["otsuu", "nan", "inf", "ref", "ref+3", "ref+sd", ""])
def test_unknown_modes_list_the_known(text: str):
    with pytest.raises(ParameterError, match="Otsu"):
        parse_high(text)


def test_reference_is_numpys():
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, math.nan])
    mean = reference_of(values, HighMode(HighKind.REFERENCE, "ref+3sd", spreads=3))
    assert (mean.center, mean.spread) == (values[:6].mean(), values[:6].std(ddof=1))
    robust = reference_of(values, HighMode(HighKind.REFERENCE, "ref+3mad", robust=True))
    assert (robust.center, robust.spread) == (3.5, 1.4826 * 2.0)
