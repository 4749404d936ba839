"""``pyrhi thresholds`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.places import GOLDEN

from pyrhi.cli.main import run
from pyrhi.imagej.thresholds import METHODS


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.thresholds.csv")), ids=lambda p: p.name)
def test_golden_file_is_written_to_the_byte(path: Path, tmp_path: Path) -> None:
    """Rows of the golden files, asked for with each of their options and slices."""
    header, *rows = path.read_text().splitlines()
    wanted = {tuple(row.split(",")[1:3]) for row in rows}
    image = path.with_name(path.name.replace(".thresholds.csv", ".tif"))
    output = tmp_path / "thresholds.csv"
    found = []
    for options, n in wanted:
        code = run(
            ["thresholds", str(image), "--options", options, "--slice", n, "-o", str(output)]
        )
        first, *lines = output.read_text().splitlines()
        assert (code, first, len(lines)) == (0, header, 17)
        found += lines
    assert sorted(found) == sorted(rows)


def test_several_options_and_slices_in_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    image = str(GOLDEN / "t2_sagittal_16bit.tif")
    words = ["--options", "dark", "--options", "", "--slice", "1", "--slice", "5"]
    assert run(["thresholds", image, *words, "--method", "Default"]) == 0
    expected = (GOLDEN / "t2_sagittal_16bit.thresholds.csv").read_text().splitlines()[:5]
    assert capsys.readouterr().out.splitlines() == expected


def test_default_is_dark_on_the_first_slice_with_all_methods(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["thresholds", str(GOLDEN / "t2_sagittal_8bit.tif")]) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[0] for row in rows] == list(METHODS)
    assert {(row[1], row[2]) for row in rows} == {("dark", "1")}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--method", "otsu"], "unknown threshold method 'otsu'; the methods are Default, Huang"),
        (["--options", "black"], "unknown threshold option 'black'; the options are dark"),
        (["--slice", "99"], "t2_sagittal_16bit.tif: there is no slice 99; the image has 9"),
    ],
)
def test_wrong_words_are_one_clear_line(
    words: list[str], text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    output = tmp_path / "t.csv"
    image = str(GOLDEN / "t2_sagittal_16bit.tif")
    assert run(["thresholds", image, *words, "-o", str(output)]) == 1
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_signed_stack_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    image = str(GOLDEN / "t2_sagittal_signed.tif")
    assert run(["thresholds", image, "--options", "dark stack"]) == 1
    assert "leave 'stack' out" in capsys.readouterr().err


def test_rgb_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = tmp_path / "colour.tif"
    tifffile.imwrite(image, np.zeros((8, 8, 3), dtype=np.uint8), photometric="rgb")
    assert run(["thresholds", str(image)]) == 1
    assert "convert it to 8-bit" in capsys.readouterr().err


def test_method_without_threshold_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On this range Li's 32-bit sums overflow and its search leaves the histogram, as in ImageJ."""
    values = np.zeros((2048, 2048), dtype=np.uint8)
    values.flat[:] = 250
    values.flat[:3_000_000] = 254
    values[0, :40] = np.arange(40)
    image = tmp_path / "large.tif"
    tifffile.imwrite(image, np.stack([values] * 12), photometric="minisblack")
    assert run(["thresholds", str(image), "--options", "dark stack"]) == 1
    done = capsys.readouterr()
    assert done.err.count("no threshold") == 1
    rows = [line.split(",") for line in done.out.splitlines()[1:]]
    # ImageJ's lower ends; its Li stopped with "Index -1 out of bounds" and set no threshold.
    assert {row[0]: row[3] for row in rows} == {
        "Default": "137.0",
        "Huang": "251.0",
        "Intermodes": "253.0",
        "IsoData": "1.0",
        "IJ_IsoData": "137.0",
        "Li": "NaN",
        "MaxEntropy": "40.0",
        "Mean": "253.0",
        "MinError": "26.0",
        "Minimum": "41.0",
        "Moments": "251.0",
        "Otsu": "251.0",
        "Percentile": "251.0",
        "RenyiEntropy": "40.0",
        "Shanbhag": "251.0",
        "Triangle": "253.0",
        "Yen": "40.0",
    }


def test_image_of_nan_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = tmp_path / "nan.tif"
    tifffile.imwrite(image, np.full((8, 8), np.nan, dtype=np.float32))
    assert run(["thresholds", str(image), "--method", "Otsu"]) == 1
    assert "remove NaN" in capsys.readouterr().err


def test_output_that_is_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = str(GOLDEN / "t2_sagittal_8bit.tif")
    assert run(["thresholds", image, "-o", str(tmp_path)]) == 1
    assert "is a folder" in capsys.readouterr().err
