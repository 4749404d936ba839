"""Thresholds against ImageJ's own answers: golden files, the real sample, generated images."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.command_line import rows as rows_of
from rigs.places import DATA
from rigs.threshold_cases import Case, mask_of, pixels_of
from skimage import filters

from pyrhi.errors import ThresholdError
from pyrhi.imagej.mask import roi_mask
from pyrhi.imagej.thresholds import (
    METHODS,
    OPTIONS,
    auto_threshold,
    levels,
)
from pyrhi.io.images import read_image
from pyrhi.io.rois.files import read_rois

GOLDEN = sorted((DATA / "golden").glob("*.thresholds.csv"))

GOLDEN_IMAGE = DATA / "golden" / "t2_sagittal_16bit.tif"


def test_there_are_five_golden_files() -> None:
    assert len(GOLDEN) == 5


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_file_is_reproduced(path: Path) -> None:
    rows = rows_of(path)
    assert len(rows) in (136, 170)
    with read_image(path.with_name(path.name.replace(".thresholds.csv", ".tif"))) as image:
        planes = [(image.plane(n), None) for n in range(1, image.n_slices + 1)]
        display_range = image.display_range
    histograms = {
        key: levels(
            planes[int(key[1]) - 1][0],
            options=key[0],
            display_range=display_range,
            stack=planes,
        )
        for key in {(row["Options"], row["Slice"]) for row in rows}
    }
    for row in rows:
        found = histograms[row["Options"], row["Slice"]].threshold(row["Method"])
        assert (repr(found.lower), repr(found.upper)) == (row["Lower"], row["Upper"]), row


@pytest.mark.parametrize("folder", ["axial_slices", "sagittal_stack"])
def test_threshold_of_the_cord_is_reproduced(folder: str) -> None:
    folder_path = DATA / "sample" / folder
    table = rows_of(folder_path / "expected_auto_rhi_imagej.csv")
    # The file's other rows are for a fixed value.
    rows = [row for row in table if row["Method"] in METHODS]
    assert {row["Method"] for row in rows} == set(METHODS)
    found: dict[tuple[str, str, str], float] = {}
    for name in sorted({row["Image"] for row in rows}):
        rois = [
            roi
            for roi in read_rois(next(folder_path.glob(f"{Path(name).stem}*.zip")))
            if roi.name.startswith("cord")
        ]
        with read_image(folder_path / name) as image:
            for roi in rois:
                pixels = image.plane(max(roi.position, 1))
                histogram = levels(pixels, options="dark", mask=roi_mask(roi, pixels.shape))
                for method in METHODS:
                    key = (name, str(max(roi.position, 1)), method)
                    found[key] = histogram.threshold(method).lower
    expected = {(r["Image"], r["Slice"], r["Method"]): float(r["Lower"]) for r in rows}
    assert {key: found[key] for key in expected} == expected


def recorded_cases() -> list[Case]:
    options: dict[str, list[str]] = {}
    for row in rows_of(DATA / "thresholds" / "imagej.csv"):
        options.setdefault(row["Case"], []).append(row["Options"])
    return [
        Case(
            id=row["Case"],
            kind=row["Kind"],
            bits=int(row["Bits"]),
            width=int(row["Width"]),
            height=int(row["Height"]),
            planes=int(row["Planes"]),
            slice=int(row["Slice"]),
            seed=int(row["Seed"]),
            roi=row["Roi"],
            display_range=(float(row["DisplayMin"]), float(row["DisplayMax"]))
            if row["DisplayMin"]
            else None,
            inverted=row["InvertedLut"] == "1",
            options=tuple(options[row["Case"]]),
        )
        for row in rows_of(DATA / "thresholds" / "cases.csv")
    ]


CASES = recorded_cases()

ANSWERS = {
    (row["Case"], row["Options"]): row for row in rows_of(DATA / "thresholds" / "imagej.csv")
}


def answer(case: Case, options: str) -> dict[str, str]:
    planes, mask = pixels_of(case), mask_of(case)
    try:
        histogram = levels(
            planes[case.slice - 1],
            options=options,
            mask=mask,
            display_range=case.display_range,
            stack=lambda: ((plane, mask) for plane in planes),
            inverted_lut=case.inverted,
        )
    except ThresholdError:
        return dict.fromkeys(METHODS, "none")
    found = {}
    for method in METHODS:
        try:
            threshold = histogram.threshold(method)
            found[method] = f"{threshold.lower!r} {threshold.upper!r}"
        except ThresholdError:
            found[method] = "none"
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_generated_image_has_imagej_s_thresholds(case: Case) -> None:
    for options in case.options:
        row = ANSWERS[case.id, options]
        expected = {method: row[method] for method in METHODS}
        # A range that is not finite is ImageJ's answer to NaN and infinite pixels: pyrhi refuses.
        for method, text in expected.items():
            if not all(np.isfinite([float(part) for part in text.split() if part != "none"])):
                expected[method] = "none"
        assert answer(case, options) == expected, options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("dark", (1013.0, 65535.0)),
        ("dark no-reset", (1018.0, 65535.0)),
        ("dark 16-bit", (1000.0, 65535.0)),
        ("dark stack", (1009.0, 3138.0)),
        ("", (0.0, 1001.0)),
    ],
)
def test_options_change_otsu_as_in_imagej(options: str, expected: tuple[float, float]) -> None:
    """The example of docs/thresholds.md, run in ImageJ 1.54p on the same image and ROI."""
    rois = read_rois(GOLDEN_IMAGE.with_name("t2_sagittal_16bit.RoiSet.zip"))
    (roi,) = (roi for roi in rois if roi.name == "0147-traced")
    with read_image(GOLDEN_IMAGE) as image:
        planes = [image.plane(n) for n in range(1, image.n_slices + 1)]
        mask = roi_mask(roi, planes[0].shape)
        found = auto_threshold(
            planes[3],
            "Otsu",
            options=options,
            mask=mask,
            display_range=image.display_range,
            stack=[(plane, mask) for plane in planes],
        )
    assert (found.lower, found.upper) == expected


def test_otsu_agrees_with_scikit_image_on_native_levels() -> None:
    pixels = tifffile.imread(GOLDEN_IMAGE)[0]
    histogram = np.bincount(pixels.ravel())
    centres = np.arange(len(histogram))
    second = filters.threshold_otsu(hist=(histogram, centres))
    assert auto_threshold(pixels, "Otsu", options="dark 16-bit").lower == second


def test_unknown_option_lists_the_options() -> None:
    with pytest.raises(ThresholdError, match="'Dark'") as error:
        auto_threshold(np.eye(4, dtype=np.uint8), "Otsu", options="Dark stack")
    assert all(option in str(error.value) for option in OPTIONS)


def test_stack_without_planes_is_refused() -> None:
    with pytest.raises(ThresholdError, match="all planes"):
        auto_threshold(np.eye(4, dtype=np.uint8), "Otsu", options="dark stack")


def test_plane_of_another_type_is_refused() -> None:
    planes = [(np.eye(4, dtype=np.uint8), None), (np.eye(4, dtype=np.uint16), None)]
    with pytest.raises(ThresholdError, match="uint16"):
        auto_threshold(planes[0][0], "Otsu", options="dark stack", stack=planes)


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        ("uint8", "dark"),
        ("uint16", "dark"),
        ("uint16", "dark 16-bit"),
        ("float32", "dark"),
        ("uint16", "dark stack"),
        ("float32", "dark stack"),
    ],
)
def test_empty_selection_is_refused(dtype: str, options: str) -> None:
    pixels = np.arange(20, dtype=dtype).reshape(4, 5)
    mask = np.zeros((4, 5), dtype=bool)
    with pytest.raises(ThresholdError, match="covers no pixel"):
        auto_threshold(pixels, "Otsu", options=options, mask=mask, stack=[(pixels, mask)])


@pytest.mark.parametrize("options", ["dark", "dark stack"])
def test_image_of_nan_is_refused(options: str) -> None:
    pixels = np.full((4, 5), np.nan, dtype=np.float32)
    with pytest.raises(ThresholdError, match="no threshold"):
        auto_threshold(pixels, "Otsu", options=options, stack=[(pixels, None)])


def test_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ThresholdError, match="shape"):
        auto_threshold(np.eye(4, dtype=np.uint8), mask=np.ones((3, 4), dtype=bool))


@pytest.mark.parametrize("pixels", [np.zeros((2, 3), dtype=np.int16), np.zeros(6, dtype=np.uint8)])
def test_other_arrays_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ThresholdError, match="give one slice"):
        auto_threshold(pixels)


def test_bounds_decide_on_the_native_bins_as_in_imagej() -> None:
    """``ShortStatistics``: 256 bins when nothing in the selection's bounds is over 255."""
    pixels = np.arange(100, dtype=np.uint16).reshape(10, 10)
    pixels[9, 9] = 4000
    mask = np.zeros((10, 10), dtype=bool)
    mask[:5, :5] = True
    tight = auto_threshold(pixels, "Otsu", options="dark 16-bit", mask=mask)
    wide = auto_threshold(pixels, "Otsu", options="dark 16-bit", mask=mask, bounds=(0, 0, 10, 10))
    assert (tight.upper, wide.upper) == (255.0, 65535.0)


def test_import_loads_no_heavy_library() -> None:
    code = (
        "import sys, pyrhi.imagej.thresholds;"
        "print([m for m in ('pandas', 'skimage', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
