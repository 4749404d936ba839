"""Measuring from Python: arrays and files, results and tables."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pyrhi


def test_surface_is_what_it_says():
    for name in pyrhi.__all__:
        assert getattr(pyrhi, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pyrhi.nothing  # type: ignore[attr-defined]


def test_file(axial: Path):
    result = pyrhi.measure(axial / "t2_axial_022.tif")
    assert result.rhi == 28.409090909090907
    assert result.worst.unit == "mm^2"
    assert result.worst.cord_mask.shape == (99, 29)
    assert result.high_area == result.worst.high_mask.sum() * 0.8 * 0.8


def test_arrays_equal_files(axial: Path):
    from_file = pyrhi.measure(axial / "t2_axial_022.tif").worst
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        pixels = image.plane(1)
    before = pixels.copy()
    again = pyrhi.measure(
        pixels, cord=from_file.cord_mask, high=from_file.high_mask, pixel_size=(0.8, 0.8)
    )
    assert again.rhi == from_file.rhi
    assert again.cord_area == pytest.approx(from_file.cord_area, rel=1e-12)
    assert np.array_equal(pixels, before)


def test_stack_of_arrays():
    cord = np.zeros((3, 20, 20), bool)
    cord[:, 5:15, 5:15] = True
    high = np.zeros_like(cord)
    high[1, 6:8, 6:11] = True
    result = pyrhi.measure(np.zeros((3, 20, 20), np.float32), cord=cord, high=high)
    assert [s.rhi for s in result.slices] == [0.0, 10.0, 0.0]
    assert (result.rhi, result.worst.slice) == (10.0, 2)


def test_empty_high_mask_is_a_true_zero():
    cord = np.ones((9, 9), bool)
    result = pyrhi.measure(np.zeros((9, 9), np.uint8), cord=cord, high=np.zeros_like(cord))
    assert (result.rhi, result.high_area) == (0.0, 0.0)
    assert math.isnan(result.worst.high_outside_percent)


def test_rois_of_an_array(axial: Path):
    rois = pyrhi.read_rois(axial / "t2_axial_022.zip")
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        assert pyrhi.measure(image, rois).rhi == 28.409090909090907
        assert pyrhi.measure(image).rhi == 28.409090909090907


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "said"),
    [
        ((np.zeros((5, 5)),), {}, pyrhi.ParameterError, "give rois, or cord and high masks"),
        ((np.zeros(5),), {"cord": np.ones(5)}, pyrhi.ImageError, "shape"),
        ((np.zeros((5, 5)),), {"cord": np.zeros((5, 5))}, pyrhi.RoiError, "no pixel"),
        ((np.zeros((5, 5)),), {"cord": np.ones((4, 4))}, pyrhi.RoiError, "4 x 4"),
        (
            (np.zeros((5, 5)),),
            {"cord": np.ones((5, 5)), "pixel_size": (0, 1)},
            pyrhi.ImageError,
            "two positive numbers",
        ),
        (
            (np.zeros((5, 5)),),
            {"cord": np.ones((5, 5)), "find_high": "nope"},
            pyrhi.ParameterError,
            "Otsu",
        ),
    ],
)
def test_errors_quote_the_argument(arguments, keywords, error, said):
    with pytest.raises(error, match=said):
        pyrhi.measure(*arguments, **keywords)


def test_folder_gives_the_tables_of_the_files(axial: Path, tmp_path: Path):
    result = pyrhi.measure_folder(axial, output=tmp_path, jobs=1)
    assert list(result.rhi["RHI"])[8] == 28.409090909090907
    for name in ("rois", "rhi", "patients"):
        table = getattr(result, name)
        written = pd.read_csv(tmp_path / f"{name}.csv")
        assert list(table.columns) == list(written.columns)
        numbers = [c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])]
        pd.testing.assert_frame_equal(
            table[numbers], written[numbers], check_dtype=False, rtol=1e-14
        )
    assert result.failures.empty
    assert result.rhi["Level"].tolist() == [""] * 16
    assert math.isnan(result.rhi["HighMean"][0])


def test_results_table(data: Path):
    table = pyrhi.results(
        data / "golden/t2_sagittal_signed.tif", data / "golden/t2_sagittal_signed.RoiSet.zip"
    )
    theirs = pd.read_csv(data / "golden/t2_sagittal_signed.results.csv")
    assert list(table["Roi"]) == list(theirs["Roi"])
    np.testing.assert_allclose(table["Area"], theirs["Area"], rtol=1e-12)


def test_auto_threshold_is_one_function_on_pixels(axial: Path):
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        pixels = image.plane(1)
    threshold = pyrhi.auto_threshold(pixels, "Otsu", options="dark")
    assert 0 < threshold.lower < threshold.upper
    with pytest.raises(pyrhi.ThresholdError, match="Otsu"):
        pyrhi.auto_threshold(pixels, "Otsuu")
