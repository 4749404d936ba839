"""Batch RHI in a real SciJava context writes what ``pyrhi measure`` writes, byte for byte."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from contextlib import redirect_stderr
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from rigs.image_set import DAMAGED_TAGS, in_a_circle, make_failures, make_images
from rigs.scijava import ScriptContext, run_script_batch

import pyrhi
from pyrhi.cli.main import run
from pyrhi.imagej.thresholds import METHODS

SAMPLE = Path(pyrhi.__file__).parent / "sample"
TABLES = ("rhi.csv", "failures.csv")
OTHER_MODES = ("auto", "200.5", "1200", "ref+3sd", "ref+2.5mad")


def measured(source: Path, output: Path, *options: str) -> str:
    """Run ``pyrhi measure`` and return what it says."""
    arguments = ["measure", str(source), "-o", str(output), "--jobs", "1", *options]
    with redirect_stderr(io.StringIO()) as errors:
        run(arguments)
    return errors.getvalue()


def without_hint(text: str) -> str:
    """Return an error without the options of the command line that it recommends."""
    return re.split(r"; or use --|, or give --|, or use --", text)[0]


def assert_same_tables(fiji: Path, pyrhi_: Path) -> None:
    for table in TABLES:
        rows, wanted = (
            [
                [without_hint(cell) for cell in row]
                for row in csv.reader(io.StringIO((folder / table).read_text("utf-8")))
            ]
            for folder in (fiji, pyrhi_)
        )
        assert rows == wanted
    assert (fiji / "rhi.csv").read_bytes() == (pyrhi_ / "rhi.csv").read_bytes()
    assert not [p.name for p in fiji.iterdir() if p.name not in TABLES]


def assert_same_refusals(fiji: Path, pyrhi_: Path) -> None:
    reasons, expected = [
        dict(csv.reader(io.StringIO((folder / "failures.csv").read_text("utf-8"))))
        for folder in (fiji, pyrhi_)
    ]
    assert list(reasons) == list(expected)
    assert all(name in text and "\n" not in text for name, text in list(reasons.items())[1:])
    # What is wrong with an image file is said by ImageJ's own reader.
    pictures = {f"{name}.tif" for name in (*DAMAGED_TAGS, "empty", "text", "cut")}
    for name in reasons.keys() - pictures - {"Image"}:
        assert without_hint(reasons[name]) == without_hint(expected[name])
    assert (fiji / "rhi.csv").read_bytes() == (pyrhi_ / "rhi.csv").read_bytes()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize("name", ["axial_slices", "sagittal_stack"])
def test_sample_gives_the_same_tables(scripts: ScriptContext, tmp_path: Path, name: str):
    summary = run_script_batch(SAMPLE / name, tmp_path / "fiji", context=scripts)
    expected = measured(SAMPLE / name, tmp_path / "pyrhi")
    assert summary == expected.strip().replace(str(tmp_path / "pyrhi"), str(tmp_path / "fiji"))
    assert_same_tables(tmp_path / "fiji", tmp_path / "pyrhi")


@pytest.mark.parametrize("mode", ["", *OTHER_MODES, *METHODS])
def test_every_way_to_find_the_high_area_gives_the_same_tables(
    scripts: ScriptContext, images: Path, tmp_path: Path, mode: str
):
    run_script_batch(images, tmp_path / "fiji", context=scripts, high=mode or "leave it 0")
    measured(images, tmp_path / "pyrhi", *(["--high", mode] if mode else []))
    assert_same_tables(tmp_path / "fiji", tmp_path / "pyrhi")
    with (tmp_path / "fiji" / "rhi.csv").open(encoding="utf-8", newline="") as stream:
        methods = {row["Method"] for row in csv.DictReader(stream)}
    found = f"fixed {mode}" if mode[:1].isdigit() else mode
    # A reference is drawn on one image only, and there is nothing else drawn on it.
    assert methods == ({found} if mode.startswith("ref") else {"drawn", found or "drawn"})


def test_own_value_wins_and_clipping_is_said(scripts: ScriptContext, images: Path, tmp_path: Path):
    options = {"high": "Otsu", "custom": " 1500 ", "clip": True}
    run_script_batch(images, tmp_path / "fiji", context=scripts, **options)
    measured(images, tmp_path / "pyrhi", "--high", "1500", "--clip")
    assert_same_tables(tmp_path / "fiji", tmp_path / "pyrhi")
    table = (tmp_path / "fiji" / "rhi.csv").read_text(encoding="utf-8")
    assert "fixed 1500" in table
    assert "high area clipped to the cord" in table


@pytest.mark.parametrize("mode", ["", "Otsu", "auto", "ref+3sd"])
def test_failures_are_told_in_the_same_words_and_the_rest_is_measured(
    scripts: ScriptContext, tmp_path: Path, mode: str
):
    source = tmp_path / "images"
    source.mkdir()
    make_failures(source)
    options = ["--high", mode] if mode else []
    summary = run_script_batch(source, tmp_path / "fiji", context=scripts, custom=mode)
    expected = measured(source, tmp_path / "pyrhi", *options)
    assert_same_refusals(tmp_path / "fiji", tmp_path / "pyrhi")
    last = expected.strip().splitlines()[-1]
    assert summary == last.replace(str(tmp_path / "pyrhi"), str(tmp_path / "fiji"))


@pytest.mark.parametrize("mode", ["", "Otsu", "700"])
def test_files_that_imagej_itself_wrote_or_measured(
    scripts: ScriptContext, data: Path, tmp_path: Path, mode: str
):
    source = tmp_path / "data"
    for name in ("golden", "oracle", "images"):
        shutil.copytree(data / name, source / name, ignore=shutil.ignore_patterns("*.dcm"))
    for path in (source / "images").glob("*.zip"):
        path.unlink()  # a TIFF in a zip is for pyrhi measure
    a_set = SAMPLE / "axial_slices" / "t2_axial_022.zip"
    for path in (*(source / "images").glob("*.tif"), *(source / "images").glob("*.png")):
        shutil.copy(a_set, path.with_suffix(".zip"))
    run_script_batch(source, tmp_path / "fiji", context=scripts, custom=mode)
    measured(source, tmp_path / "pyrhi", *(["--high", mode] if mode else []))
    assert_same_tables(tmp_path / "fiji", tmp_path / "pyrhi")


def test_what_fiji_cannot_open_is_a_failure_not_a_gap(
    scripts: ScriptContext, data: Path, tmp_path: Path
):
    source = tmp_path / "scans"
    shutil.copytree(SAMPLE / "sagittal_stack", source)
    (source / "brain.nii.gz").write_bytes(b"\x1f\x8b" + bytes(400))
    (source / "series").mkdir()
    (source / "series" / "1.dcm").write_bytes(bytes(128) + b"DICM" + bytes(400))
    shutil.copy(data / "images" / "zip_cf21_u8.zip", source / "in a zip.zip")
    for name in ("key.jpg", "t2_sagittal.jpg"):
        (source / name).write_bytes(b"\xff\xd8" + bytes(400))
    shutil.copy(source / "t2_sagittal.RoiSet.zip", source / "key.RoiSet.zip")
    summary = run_script_batch(source, tmp_path / "fiji", context=scripts)
    assert summary.startswith("1 image measured, 4 failed (see ")
    with (tmp_path / "fiji" / "failures.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    # The picture of an image is none.
    assert [row["Image"] for row in rows] == ["brain.nii.gz", "in a zip.zip", "key.jpg", "series"]
    for row in rows:
        assert "Batch RHI measures TIFF and PNG files only" in row["Error"]


def test_pipes_beside_images_are_not_waited_for(scripts: ScriptContext, tmp_path: Path):
    source = tmp_path / "images"
    shutil.copytree(SAMPLE / "axial_slices", source)
    (source / "t2_axial_022.zip").unlink()
    for name in ("t2_axial_022.zip", "x.tif", "y.dcm", "none", "z.jpg", "w.zip"):
        os.mkfifo(source / name)
    run_script_batch(source, tmp_path / "fiji", context=scripts)
    measured(source, tmp_path / "pyrhi")
    assert_same_tables(tmp_path / "fiji", tmp_path / "pyrhi")
    assert "it is a pipe" in (tmp_path / "fiji" / "failures.csv").read_text(encoding="utf-8")
    outputs = scripts.run("Batch_RHI", input=source / "x.tif", output=tmp_path / "other")
    assert outputs["summary"].endswith("choose an image or a folder of images")


def test_a_damaged_png_is_refused(scripts: ScriptContext, tmp_path: Path):
    source = tmp_path / "images"
    shutil.copytree(SAMPLE / "sagittal_stack", source)
    values = np.random.default_rng(13).integers(0, 60000, (120, 80), dtype=np.uint16)
    whole = imagecodecs.png_encode(values)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    damaged = {"cut": whole[: len(whole) // 2], "no end": whole[:-12], "flipped": bytes(flipped)}
    for name, data in (damaged | {"whole": whole}).items():
        (source / f"{name}.png").write_bytes(data)
        shutil.copy(SAMPLE / "axial_slices" / "t2_axial_022.zip", source / f"{name}.zip")
    run_script_batch(source, tmp_path / "fiji", context=scripts)
    measured(source, tmp_path / "pyrhi")
    for way in ("fiji", "pyrhi"):
        with (tmp_path / way / "failures.csv").open(encoding="utf-8", newline="") as stream:
            assert sorted(row["Image"][:-4] for row in csv.DictReader(stream)) == sorted(damaged)
    assert (tmp_path / "fiji" / "rhi.csv").read_bytes() == (
        tmp_path / "pyrhi" / "rhi.csv"
    ).read_bytes()


def test_a_file_that_would_keep_imagej_busy_for_ever_is_refused(
    scripts: ScriptContext, tmp_path: Path
):
    path = tmp_path / "images" / "circle.tif"
    shutil.copytree(SAMPLE / "axial_slices", path.parent)
    path.write_bytes(in_a_circle((SAMPLE / "axial_slices" / "t2_axial_022.tif").read_bytes()))
    shutil.copy(path.with_name("t2_axial_022.zip"), path.with_suffix(".zip"))
    summary = run_script_batch(path.parent, tmp_path / "fiji", context=scripts)
    assert summary.startswith("16 images measured, 1 failed")
    failures = (tmp_path / "fiji" / "failures.csv").read_text(encoding="utf-8").splitlines()
    assert failures[1] == (
        f"circle.tif,{path}: ImageJ cannot open it (its directories form a circle); save it in "
        "ImageJ as TIFF"
    )


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"custom": "otzu"}, "--high 'otzu' is not known; use a method (Default, Huang,"),
        ({"custom": "nan"}, "--high 'nan' is not known"),
        ({"input": "nowhere"}, "no such file or folder; check the path"),
        ({"input": "empty"}, "holds no image (TIFF, DICOM, NIfTI or PNG); check the folder"),
        ({"output": "a file"}, "is a file; give a folder for the results"),
    ],
)
def test_wrong_use_is_one_sentence(
    scripts: ScriptContext, tmp_path: Path, inputs: dict[str, str], sentence: str
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_text("mine")
    paths = {"input": SAMPLE / "axial_slices", "output": tmp_path / "out"}
    given = {"high": "leave it 0", "custom": "", "clip": False} | paths
    given |= {k: v if k == "custom" else tmp_path / v for k, v in inputs.items()}
    scripts.written()
    summary = scripts.run("Batch_RHI", **given)["summary"]
    assert sentence in summary
    assert "\n" not in summary
    assert scripts.written().strip() == summary
    assert (tmp_path / "a file").read_text() == "mine"
    assert not (tmp_path / "out").exists()


def test_an_old_table_stays_where_the_new_one_cannot_be_written(
    scripts: ScriptContext, tmp_path: Path
):
    (tmp_path / "rhi.csv").mkdir()
    summary = run_script_batch(SAMPLE / "sagittal_stack", tmp_path, context=scripts)
    assert summary == f"{tmp_path / 'rhi.csv'}: is a folder; give the name of a file to write"
    assert [p.name for p in tmp_path.iterdir()] == ["rhi.csv"]
