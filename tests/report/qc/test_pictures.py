"""Pictures of slices: a browser gets the grey values that were measured, to the last one."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import Item, Task
from pyrhi.report.qc.pictures import LEVELS_16, PictureOptions, encode_values, pictures_of

SHOWN = PictureOptions(WorkOptions(), whole=True)


def decoded(png: bytes) -> np.ndarray:
    pixels = np.asarray(Pillow.open(io.BytesIO(png))).astype(int)
    return pixels if pixels.ndim == 2 else 256 * pixels[..., 0] + pixels[..., 1]


@pytest.mark.parametrize(("low", "high"), [(0, 255), (-1024, 3071), (0, 65535), (7, 7)])
def test_whole_grey_values_come_back_exactly(low: int, high: int):
    values = np.random.default_rng(1).integers(low, high + 1, (9, 7)).astype(float)
    values[0, :2] = low, high
    png, offset, step = encode_values(values)
    assert np.array_equal(offset + step * decoded(png), values)


def test_other_values_are_off_by_half_a_step_at_most():
    values = np.random.default_rng(2).normal(0, 1000, (20, 30))
    png, offset, step = encode_values(values)
    assert step == pytest.approx(np.ptp(values) / LEVELS_16)
    assert np.abs(offset + step * decoded(png) - values).max() <= step / 2 * (1 + 1e-9)


def test_what_is_no_number_is_shown_as_the_lowest():
    values = np.array([[5.0, np.nan], [np.inf, 9.0]])
    png, offset, step = encode_values(values)
    assert (offset + step * decoded(png)).tolist() == [[5, 5], [5, 9]]
    assert encode_values(np.full((2, 2), np.nan))[1:] == (0.0, 1.0)


def test_a_picture_has_the_numbers_of_its_row(axial: Path):
    task = Task(str(axial / "t2_axial_022.tif"), "t2_axial_022.tif",
                rois=str(axial / "t2_axial_022.zip"))  # fmt: skip
    (picture,) = json.loads(pictures_of(SHOWN, Item(task)))["pictures"]
    assert picture["rhi"] == 28.409090909090907  # as ImageJ, in the sample's own table
    assert picture["cord"].startswith("M")
    assert picture["lesion"].startswith("M")


def test_a_missing_image_is_said_without_its_path(tmp_path: Path):
    task = Task(str(tmp_path / "Musterfrau" / "a.tif"), "a.tif")
    error = json.loads(pictures_of(SHOWN, Item(task)))["error"]
    assert error == "the image is no longer where it was when this slice was measured"
