"""One input set, measured four ways: numpy, ImageJ from Python, macro, SciJava script.

The tables must be equal, text exact and numbers to 1e-9; those of Python and of the script are even
the same bytes. Of the macros, what ImageJ does not tell them is left out (`rigs.same_tables`). Each
runs for real: ImageJ 1.54p in the JVM of a Python process, in a window under Xvfb, and in a SciJava
context.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rigs.image_set import make_failures, make_images
from rigs.imagej_window import BATCH, imagej_window, run_macro_batch
from rigs.own_process import printed
from rigs.same_tables import assert_same_as_macro, assert_same_rows, rows_of
from rigs.scijava import ScriptContext, run_script_batch, script_context

from pyrhi.io.rois import read_rois
from pyrhi.rhi.roles import LEVELS, level_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[1] / "data"
PYRHI = Path(sys.executable).with_name("pyrhi")
SECONDS = 900
TABLES = ("rhi.csv", "failures.csv")
WAYS = ("numpy", "imagej", "macro", "script")
OLDEST = "1.53k"


def golden_pairs(folder: Path) -> int:
    """Make every golden ROI a cord and the next one on its slice its high area; return how many.

    The bytes of each ROI stay; only the names in the zip change, to one level for each pair.
    """
    folder.mkdir()
    names = [*LEVELS, *(f"{a} {b}" for a, b in combinations(LEVELS, 2))]
    pairs = 0
    for table in sorted((DATA / "golden").glob("*.results.csv")):
        stem = table.name.removesuffix(".results.csv")
        with table.open(newline="") as stream:
            covering = {r["Roi"] for r in csv.DictReader(stream) if float(r["PixelCount"]) > 0}
        rois = [r for r in read_rois(table.with_name(f"{stem}.RoiSet.zip")) if r.name in covering]
        rois.sort(key=lambda roi: roi.position)
        following = [(a, b) for a, b in pairwise(rois) if a.position == b.position]
        shutil.copy(table.with_name(f"{stem}.tif"), folder)
        with zipfile.ZipFile(folder / f"{stem}.RoiSet.zip", "w") as renamed:
            for name, (cord, high) in zip(names, following, strict=False):
                renamed.writestr(f"cord {name}.roi", cord.data)
                renamed.writestr(f"high {name}.roi", high.data)
                pairs += 1
    return pairs


def by_pyrhi(engine: str, source: Path, output: Path, *options: str) -> None:
    """Measure in a process of its own, where a JVM may be started."""
    done = subprocess.run(
        [PYRHI, "measure", source, "-o", output, "--engine", engine, *options],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


SEVERAL = """
import sys
from pyrhi.cli.main import run

runs = [iter(sys.argv[1:])] * 3
for source, output, high in zip(*runs):
    arguments = ["measure", source, "-o", output, "--engine", "imagej", "--high", high]
    assert run(arguments) == 0, arguments
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptContext]:
    """One SciJava context, as a Fiji stays open for many folders."""
    with script_context(tmp_path_factory.mktemp("scijava") / "Fiji.app") as context:
        yield context


def measure(
    way: str, source: Path, output: Path, scratch: Path, scripts: ScriptContext, high: str = ""
) -> None:
    if way == "macro":
        run_macro_batch(scratch / "ImageJ", source, output, high=high)
    elif way == "script":
        run_script_batch(source, output, context=scripts, **({"custom": high} if high else {}))
    else:
        by_pyrhi(way, source, output, *(("--high", high) if high else ()))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, the golden ROIs and every generated case."""
    folder = tmp_path_factory.mktemp("ways") / "Eingabe é"
    folder.mkdir()
    for name in ("axial_slices", "sagittal_stack"):
        shutil.copytree(DATA / "sample" / name, folder / "sample" / name)
    # 1,400 golden ROIs; a few cover no pixel, and those pyrhi refuses.
    assert golden_pairs(folder / "golden") > 1300
    make_images(folder / "made")
    return folder


@pytest.fixture(scope="module")
def outputs(
    inputs: Path, scripts: ScriptContext, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    scratch = tmp_path_factory.mktemp("four")
    folders = {way: scratch / way for way in WAYS}
    for way, output in folders.items():
        measure(way, inputs, output, scratch, scripts)
    return folders


@pytest.mark.parametrize("way", WAYS[1:])
def test_the_tables_are_those_of_the_numpy_engine(outputs: dict[str, Path], way: str):
    expected = rows_of(outputs["numpy"] / "rhi.csv")
    assert len(expected) > 1300 + 34 + 50
    assert rows_of(outputs["numpy"] / "failures.csv")[1:] == []
    assert_as_measured(way, outputs[way], expected)


def assert_as_measured(way: str, output: Path, expected: list[list[str]]) -> None:
    failed = [row[0] for row in rows_of(output / "failures.csv")[1:]]
    assert failed == (["made/Stapel/hyper.tif"] if way == "macro" else [])
    same = assert_same_as_macro if way == "macro" else assert_same_rows
    assert same(rows_of(output / "rhi.csv"), expected) > 20_000


@pytest.mark.parametrize("way", ["imagej", "script"])
def test_the_tables_are_even_the_same_bytes(outputs: dict[str, Path], way: str):
    for table in TABLES:
        expected = (outputs["numpy"] / table).read_bytes()
        assert (outputs[way] / table).read_bytes() == expected


def test_the_oldest_imagej_that_macros_promise_gives_them_too(
    inputs: Path, outputs: dict[str, Path], tmp_path: Path
):
    run_macro_batch(tmp_path / "ImageJ", inputs, tmp_path / "old", version=OLDEST)
    assert_as_measured("macro", tmp_path / "old", rows_of(outputs["numpy"] / "rhi.csv"))


def test_every_golden_pair_is_in_the_tables(inputs: Path, outputs: dict[str, Path]):
    found = {(row[1], row[3]) for row in rows_of(outputs["numpy"] / "rhi.csv")}
    for archive in (inputs / "golden").glob("*.zip"):
        image = f"golden/{archive.name.removesuffix('.RoiSet.zip')}.tif"
        with zipfile.ZipFile(archive) as roi_set:
            levels = {level_of(name) for name in roi_set.namelist()}
        assert {(image, level) for level in levels} <= found


MODES = ("Otsu", "Triangle", "1200", "ref+3sd", "ref+2.5mad")


@pytest.fixture(scope="module")
def found(inputs: Path, scripts: ScriptContext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of each mode in each way; ImageJ from Python does all of them in one process."""
    folder = tmp_path_factory.mktemp("found")
    for mode in MODES:
        source = folder / mode / "images"
        source.mkdir(parents=True)
        for path in (inputs / "made" / "patient two, =L2").glob("reference.*"):
            shutil.copy(path, source)
        for path in sorted((DATA / "sample" / "axial_slices").glob("*_0[12]5.*")):
            # The sample has no reference region.
            if not mode.startswith("ref"):
                shutil.copy(path, source)
        for way in ("numpy", "macro", "script"):
            measure(way, source, folder / mode / way, folder, scripts, mode)
    runs = [(folder / mode / "images", folder / mode / "imagej", mode) for mode in MODES]
    printed(SEVERAL, *(word for one in runs for word in one))
    return folder


@pytest.mark.parametrize("high", MODES)
def test_found_areas_are_the_same(found: Path, high: str):
    """Where no high area is drawn, each way finds the same one."""
    expected = rows_of(found / high / "numpy" / "rhi.csv")
    assert any(high.split("+")[0] in row[-2] for row in expected)
    for way in WAYS[1:]:
        assert_same_rows(rows_of(found / high / way / "rhi.csv"), expected)


NOT_SEEN_BY_IMAGEJ = {"alpha.png", "no strips.tif", "resolution outside.tif", "roi of NaN.tif"}
"""Files that ImageJ opens without a word although they are damaged or half transparent; the macros
leave them to the other ways (docs/macros.md)."""


def test_the_same_images_are_refused(scripts: ScriptContext, tmp_path: Path):
    """A damaged file or a missing cord is a line in failures.csv in every way, and never a 0."""
    source = make_failures(tmp_path / "made")
    for way in ("numpy", "imagej", "script"):
        measure(way, source, tmp_path / way, tmp_path, scripts)
    with imagej_window(tmp_path / "ImageJ") as window:
        # ImageJ shows a message of its own for a damaged ROI.
        window.press("OK")
        argument = f"input=[{source}] output=[{tmp_path / 'macro'}]"
        window.run_file(window.plugins / BATCH, argument, seconds=300)
    expected = [row[0] for row in rows_of(tmp_path / "numpy" / "failures.csv")]
    assert len(expected) > 15
    measured = rows_of(tmp_path / "numpy" / "rhi.csv")
    for way in WAYS[1:]:
        failures = rows_of(tmp_path / way / "failures.csv")
        wanted, found = list(expected), rows_of(tmp_path / way / "rhi.csv")
        if way == "macro":
            wanted = [name for name in expected if name not in NOT_SEEN_BY_IMAGEJ]
            found = [row for row in found if row[1] not in NOT_SEEN_BY_IMAGEJ]
        assert [row[0] for row in failures] == wanted, way
        assert all(row[1].strip() and "\n" not in row[1] for row in failures), way
        assert_same_rows(found, measured)
