"""RHI Batch writes the rhi.csv of pyrhi measure, byte for byte."""

from __future__ import annotations

import random
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
from rigs.image_set import make_failures, make_images
from rigs.imagej_window import BATCH, install, run_imagej, run_macro_batch

from pyrhi.cli.main import run as pyrhi
from pyrhi.imagej.thresholds import METHODS

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.imagej_window import ImageJWindow


def by_pyrhi(source: Path, output: Path, *options: str) -> dict[str, bytes]:
    pyrhi(["measure", str(source), "-o", str(output), *options])
    return tables(output)


def tables(output: Path) -> dict[str, bytes]:
    return {name: (output / name).read_bytes() for name in ("rhi.csv", "failures.csv")}


def by_macro(
    imagej: ImageJWindow, source: Path, output: Path, high: str = "", clip: bool = False
) -> dict[str, bytes]:
    argument = f"input=[{source}] output=[{output}]"
    argument += f" high=[{high}]" if high else ""
    argument += " clip" if clip else ""
    imagej.run_file(imagej.plugins / BATCH, argument, seconds=300)
    return tables(output)


def failed(table: bytes) -> list[str]:
    return [line.split(",")[0] for line in table.decode().splitlines()]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """ROIs of the golden and oracle sets as cord, high, reference and nothing, at random."""
    folder = tmp_path_factory.mktemp("pairs")
    chance = random.Random(20_251_123)
    for tif in [*sorted((data / "golden").glob("*.tif")), *sorted((data / "oracle").glob("*.tif"))]:
        with zipfile.ZipFile(tif.with_name(f"{tif.stem}.RoiSet.zip")) as archive:
            names = [name for name in archive.namelist() if name.endswith(".roi")]
            rois = {name: archive.read(name) for name in names}
        patient = folder / tif.stem
        patient.mkdir()
        for i in range(6):
            shutil.copy(tif, patient / f"{i}.tif")
            roles = ["cord", *("high" + "-x" * j for j in range(chance.choice((0, 1, 1, 2, 3))))]
            roles += [role for role in ("ref", "Region") if chance.random() < 0.3]
            with zipfile.ZipFile(patient / f"{i}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for role in roles:
                    archive.writestr(f"{role}.roi", rois[chance.choice(names)])
    return folder


@pytest.mark.parametrize("name", ["axial_slices", "sagittal_stack"])
def test_sample(imagej: ImageJWindow, sample: Path, tmp_path: Path, name: str) -> None:
    ours = by_pyrhi(sample / name, tmp_path / "pyrhi")
    assert ours["rhi.csv"].count(b"\n") > 10
    assert by_macro(imagej, sample / name, tmp_path / "macro") == ours


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("high", ["", "Otsu", "1000", "1e2", "ref+1.5mad", "ref+3sd"])
def test_made_images(
    imagej: ImageJWindow, images: Path, tmp_path: Path, high: str, clip: bool
) -> None:
    options = [*(("--high", high) if high else ()), *(("--clip",) if clip else ())]
    ours = by_pyrhi(images, tmp_path / "pyrhi", *options)
    theirs = by_macro(imagej, images, tmp_path / "macro", high, clip)
    assert theirs["rhi.csv"] == ours["rhi.csv"]
    assert failed(theirs["failures.csv"]) == failed(ours["failures.csv"])


@pytest.mark.parametrize("method", METHODS)
def test_every_threshold_method(
    imagej: ImageJWindow, sample: Path, tmp_path: Path, method: str
) -> None:
    source = tmp_path / "sample"
    source.mkdir()
    for i in (14, 16, 19):
        for ending in ("tif", "zip"):
            shutil.copy(sample / "axial_slices" / f"t2_axial_0{i}.{ending}", source)
        with zipfile.ZipFile(source / f"t2_axial_0{i}.zip") as archive:
            cord = next(n for n in archive.namelist() if "cord" in n)
            data = archive.read(cord)
        with zipfile.ZipFile(source / f"t2_axial_0{i}.zip", "w") as archive:
            archive.writestr("cord.roi", data)
    ours = by_pyrhi(source, tmp_path / "pyrhi", "--high", method)
    assert ours["rhi.csv"].count(f",{method},".encode()) == 3
    assert by_macro(imagej, source, tmp_path / "macro", method) == ours


@pytest.mark.parametrize("high", ["", "Li", "150.5", "ref+2sd"])
def test_rois_of_every_kind(imagej: ImageJWindow, pairs: Path, tmp_path: Path, high: str) -> None:
    ours = by_pyrhi(pairs, tmp_path / "pyrhi", *(("--high", high) if high else ()))
    theirs = by_macro(imagej, pairs, tmp_path / "macro", high)
    assert theirs["rhi.csv"] == ours["rhi.csv"]
    assert failed(theirs["failures.csv"]) == failed(ours["failures.csv"])


def test_files_of_every_kind(imagej: ImageJWindow, data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data / "golden" / "t2_sagittal_8bit.RoiSet.zip") as archive:
        oval = archive.read("0115-oval.roi")
        rectangle = archive.read("0056-rect.roi")
    source = tmp_path / "images"
    source.mkdir()
    for path in sorted((data / "images").iterdir()):
        if path.suffix in (".tif", ".png"):
            shutil.copy(path, source)
            with zipfile.ZipFile(source / f"{path.stem}.zip", "w") as archive:
                # Moved into the smallest image.
                archive.writestr("cord.roi", moved(rectangle, 0, 0))
                archive.writestr("high.roi", moved(oval, 1, 1))
    ours = by_pyrhi(source, tmp_path / "pyrhi")
    assert ours["rhi.csv"].count(b"\n") > 80
    assert by_macro(imagej, source, tmp_path / "macro") == ours


def moved(roi: bytes, left: int, top: int) -> bytes:
    """Return a rectangle or oval of 8 x 7 pixels at a place of its own."""
    box = b"".join(n.to_bytes(2, "big") for n in (top, left, top + 7, left + 8))
    # Whole-pixel bounds: without the option for sub-pixel ones.
    return roi[:8] + box + roi[16:50] + b"\0\0" + roi[52:56] + b"\0\0\0\0" + roi[60:]


def test_failures_are_told_and_the_batch_goes_on(imagej: ImageJWindow, tmp_path: Path) -> None:
    source = make_failures(tmp_path / "images")
    ours = by_pyrhi(source, tmp_path / "pyrhi")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert theirs["rhi.csv"] == ours["rhi.csv"]
    assert failed(theirs["failures.csv"]) == failed(ours["failures.csv"])
    assert len(failed(theirs["failures.csv"])) > 15
    differing = {
        a
        for a, b in zip(
            *(t["failures.csv"].decode().splitlines() for t in (theirs, ours)), strict=True
        )
        if a != b
    }
    # pyrhi reads more formats, has more options, and repeats what Python says of a file.
    assert {line.split(",")[0] for line in differing} <= {
        "huge.tif",
        "no rois.tif",
        "not a zip.tif",
        "roi of NaN.tif",
        "text.tif",
    }
    assert imagej.shown() == []


def test_only_failures_leave_headings(imagej: ImageJWindow, tmp_path: Path) -> None:
    source = tmp_path / "images"
    source.mkdir()
    (source / "empty.tif").write_bytes(b"")
    (source / "notes.txt").write_text("no image")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert theirs["rhi.csv"] == by_pyrhi(source, tmp_path / "pyrhi")["rhi.csv"]
    assert theirs["rhi.csv"].count(b"\n") == 1
    assert b"is empty" in theirs["failures.csv"]


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_neither_block_nor_become_numbers(
    imagej: ImageJWindow, axial: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    source = tmp_path / "images"
    source.mkdir()
    originals = sorted(axial.glob("*.tif"))
    for i in range(40):
        tif = chance.choice(originals)
        image, rois = bytearray(tif.read_bytes()), bytearray(tif.with_suffix(".zip").read_bytes())
        harm = chance.choice(["cut image", "cut rois", "bits of rois", "bits of header"])
        if harm == "cut image":
            del image[chance.randrange(len(image)) :]
        elif harm == "cut rois":
            del rois[chance.randrange(len(rois)) :]
        else:
            target = rois if harm == "bits of rois" else image
            for _ in range(chance.choice([1, 2, 8])):
                target[chance.randrange(min(len(target), 1500))] ^= 1 << chance.randrange(8)
        (source / f"{i} {harm}.tif").write_bytes(image)
        (source / f"{i} {harm}.zip").write_bytes(rois)
    ours = by_pyrhi(source, tmp_path / "pyrhi")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert imagej.dialogs() == []
    by_us = {line.split(",")[1]: line for line in ours["rhi.csv"].decode().splitlines()}
    measured = {line.split(",")[1]: line for line in theirs["rhi.csv"].decode().splitlines()}
    refused = failed(theirs["failures.csv"])[1:]
    assert len(measured) - 1 + len(refused) == 40
    for name, line in measured.items():
        if "cut" in name:
            assert line == by_us[name]


def test_from_the_command_line(sample: Path, tmp_path: Path) -> None:
    source = sample / "axial_slices"
    printed = run_macro_batch(
        tmp_path / "ImageJ", source, tmp_path / "macro", high="Otsu", clip=True
    )
    ours = by_pyrhi(source, tmp_path / "pyrhi", "--high", "Otsu", "--clip")
    assert tables(tmp_path / "macro") == ours
    assert "images measured, 0 failed; tables in" in printed
    assert "Research use only; not a medical device." in printed


def test_tables_are_utf8_whatever_java_writes(tmp_path: Path, axial: Path) -> None:
    source = tmp_path / "images"
    source.mkdir()
    shutil.copy(axial / "t2_axial_016.tif", source / "a.tif")
    with (
        zipfile.ZipFile(axial / "t2_axial_016.zip") as archive,
        zipfile.ZipFile(source / "a.zip", "w") as renamed,
    ):
        for name in archive.namelist():
            renamed.writestr(name, archive.read(name))
        renamed.writestr("Größe 脊髓 \U0001f9b4.roi", archive.read(archive.namelist()[0]))
    ours = by_pyrhi(source, tmp_path / "pyrhi")
    assert "Größe 脊髓 \U0001f9b4".encode() in ours["rhi.csv"]
    folder = install(tmp_path / "ImageJ")
    run_imagej(
        folder,
        folder / "plugins" / "RHI" / BATCH,
        f"input=[{source}] output=[{tmp_path / 'macro'}]",
        java_options=("-Dfile.encoding=ISO-8859-1",),
    )
    assert tables(tmp_path / "macro") == ours
