"""RHI Batch writes the rhi.csv of pyrhi measure: text the same, numbers to 1e-9."""

from __future__ import annotations

import random
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
from rigs.image_set import make_failures, make_images
from rigs.imagej_window import BATCH, MEASURE, install, run_imagej, run_macro_batch
from rigs.same_tables import UNREAD, assert_same_as_macro, rows_of

from pyrhi.cli.main import run as pyrhi
from pyrhi.imagej.thresholds import METHODS

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.imagej_window import ImageJWindow


def by_pyrhi(source: Path, output: Path, *options: str) -> list[list[str]]:
    pyrhi(["measure", str(source), "-o", str(output), *options])
    return rows_of(output / "rhi.csv")


def by_macro(
    imagej: ImageJWindow, source: Path, output: Path, high: str = "", clip: bool = False
) -> list[list[str]]:
    argument = f"input=[{source}] output=[{output}]"
    argument += f" high=[{high}]" if high else ""
    argument += " clip" if clip else ""
    imagej.run_file(imagej.plugins / BATCH, argument, seconds=300)
    return rows_of(output / "rhi.csv")


def failed(output: Path) -> list[str]:
    """Images in failures.csv, without those that only one of the two can read."""
    names = [row[0] for row in rows_of(output / "failures.csv")[1:]]
    return sorted(name for name in names if not name.endswith(UNREAD))


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
    assert len(ours) > 10
    assert_same_as_macro(by_macro(imagej, sample / name, tmp_path / "macro"), ours)
    assert failed(tmp_path / "macro") == []


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("high", ["", "Otsu", "1000", "1e2", "ref+1.5mad", "ref+3sd"])
def test_made_images(
    imagej: ImageJWindow, images: Path, tmp_path: Path, high: str, clip: bool
) -> None:
    options = [*(("--high", high) if high else ()), *(("--clip",) if clip else ())]
    ours = by_pyrhi(images, tmp_path / "pyrhi", *options)
    assert_same_as_macro(by_macro(imagej, images, tmp_path / "macro", high, clip), ours)
    assert failed(tmp_path / "macro") == failed(tmp_path / "pyrhi")


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
    assert [row[-2] for row in ours[1:]] == [method] * 3
    assert_same_as_macro(by_macro(imagej, source, tmp_path / "macro", method), ours)


@pytest.mark.parametrize("high", ["", "Li", "150.5", "ref+2sd"])
def test_rois_of_every_kind(imagej: ImageJWindow, pairs: Path, tmp_path: Path, high: str) -> None:
    ours = by_pyrhi(pairs, tmp_path / "pyrhi", *(("--high", high) if high else ()))
    assert_same_as_macro(by_macro(imagej, pairs, tmp_path / "macro", high), ours)
    assert failed(tmp_path / "macro") == failed(tmp_path / "pyrhi")


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
    assert len(ours) > 80
    assert_same_as_macro(by_macro(imagej, source, tmp_path / "macro"), ours)


def moved(roi: bytes, left: int, top: int) -> bytes:
    """Return a rectangle or oval of 8 x 7 pixels at a place of its own."""
    box = b"".join(n.to_bytes(2, "big") for n in (top, left, top + 7, left + 8))
    # Whole-pixel bounds: without the option for sub-pixel ones.
    return roi[:8] + box + roi[16:50] + b"\0\0" + roi[52:56] + b"\0\0\0\0" + roi[60:]


def test_failures_are_told_and_the_batch_goes_on(imagej: ImageJWindow, tmp_path: Path) -> None:
    source = make_failures(tmp_path / "images")
    by_pyrhi(source, tmp_path / "pyrhi")
    # ImageJ shows a message of its own for a damaged ROI.
    imagej.press("OK")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    told = dict(rows_of(tmp_path / "macro" / "failures.csv")[1:])
    assert set(told) <= set(failed(tmp_path / "pyrhi"))
    assert len(told) > 15
    assert [row[1] for row in theirs if row[1] == "fine.tif"] == ["fine.tif"]
    assert "the file holds 3000: it is truncated" in told["cut.tif"]
    assert "is not a readable RoiSet" in told["not a zip.tif"]
    assert "ImageJ cannot read it" in told["cut roi.tif"]
    assert all(text.startswith(f"{source}/{name}: ") for name, text in told.items())


def test_only_failures_leave_headings(imagej: ImageJWindow, tmp_path: Path) -> None:
    source = tmp_path / "images"
    source.mkdir()
    (source / "empty.tif").write_bytes(b"")
    (source / "notes.txt").write_text("no image")
    imagej.press("OK")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert theirs == by_pyrhi(source, tmp_path / "pyrhi")
    assert len(theirs) == 1
    assert failed(tmp_path / "macro") == ["empty.tif"]


def test_what_the_batch_cannot_open_is_counted(
    imagej: ImageJWindow, axial: Path, tmp_path: Path
) -> None:
    source = tmp_path / "images"
    (source / "series").mkdir(parents=True)
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_022.{ending}", source)
    for name in ("brain.nii.gz", "series/1.dcm", "series/2.IMA", "notes.txt"):
        (source / name).write_bytes(b"1")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    log = imagej.run('return getInfo("log");')
    assert "DICOM and NIfTI files that were passed over: 3; measure them by pyrhi\n" in log
    assert "1 image measured, 0 failed; tables in" in log
    assert len(theirs) == 2


@pytest.mark.parametrize("ending", ["tif", "zip"])
def test_a_file_that_ends_early_is_no_number(
    imagej: ImageJWindow, axial: Path, tmp_path: Path, ending: str
) -> None:
    source = tmp_path / "images"
    source.mkdir()
    chance = random.Random(7)
    for i, tif in enumerate(sorted(axial.glob("*.tif"))):
        for path in (tif, tif.with_suffix(".zip")):
            data = path.read_bytes()
            if path.suffix == f".{ending}":
                # A TIFF's header stays, or ImageJ would refuse it anyway.
                data = data[: chance.randrange(400 if ending == "tif" else 1, len(data))]
            (source / f"{i}{path.suffix}").write_bytes(data)
    imagej.press("OK")
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert imagej.dialogs() == []
    assert len(theirs) == 1
    assert len(failed(tmp_path / "macro")) == 16


def test_a_set_with_a_damaged_entry_is_no_number(
    imagej: ImageJWindow, axial: Path, tmp_path: Path
) -> None:
    """ImageJ opens the cord and passes over the high area without a word: RHI 0 for 28.4."""
    source = tmp_path / "images"
    source.mkdir()
    for number in (21, 22):
        for ending in ("tif", "zip"):
            shutil.copy(axial / f"t2_axial_0{number}.{ending}", source)
    path = source / "t2_axial_022.zip"
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\3\4", 4)] ^= 0x55
    path.write_bytes(data)
    theirs = by_macro(imagej, source, tmp_path / "macro")
    assert [row[1] for row in theirs[1:]] == ["t2_axial_021.tif"]
    (told,) = rows_of(tmp_path / "macro" / "failures.csv")[1:]
    assert "t2_axial_022.zip: is not a readable RoiSet; save it again in ImageJ" in told[1]


def test_from_the_command_line(sample: Path, tmp_path: Path) -> None:
    source = sample / "axial_slices"
    printed = run_macro_batch(
        tmp_path / "ImageJ", source, tmp_path / "macro", high="Otsu", clip=True
    )
    ours = by_pyrhi(source, tmp_path / "pyrhi", "--high", "Otsu", "--clip")
    assert_same_as_macro(rows_of(tmp_path / "macro" / "rhi.csv"), ours)
    assert "images measured, 0 failed; tables in" in printed
    assert "Research use only; not a medical device." in printed


def test_names_that_java_cannot_write_are_told(tmp_path: Path, axial: Path) -> None:
    source = tmp_path / "images"
    source.mkdir()
    shutil.copy(axial / "t2_axial_016.tif", source / "a.tif")
    with (
        zipfile.ZipFile(axial / "t2_axial_016.zip") as archive,
        zipfile.ZipFile(source / "a.zip", "w") as renamed,
    ):
        for name in archive.namelist():
            renamed.writestr(name, archive.read(name))
        renamed.writestr("Größe.roi", archive.read(archive.namelist()[0]))
    folder = install(tmp_path / "ImageJ")
    printed = run_imagej(
        folder,
        folder / "plugins" / "RHI" / BATCH,
        f"input=[{source}] output=[{tmp_path / 'macro'}]",
        java_options=("-Dfile.encoding=ISO-8859-1",),
    )
    assert "start Java with -Dfile.encoding=UTF-8" in printed


def test_without_a_screen_it_says_one_sentence(tmp_path: Path, axial: Path) -> None:
    folder = install(tmp_path / "ImageJ")
    for name in (BATCH, MEASURE):
        printed = run_imagej(
            folder,
            folder / "plugins" / "RHI" / name,
            f"input=[{axial}] output=[{tmp_path / 'macro'}]",
            java_options=("-Djava.awt.headless=true",),
        )
        assert [line for line in printed.splitlines() if "needs a screen" in line] == [
            line for line in printed.splitlines() if line
        ]
        assert printed.count("without one use pyrhi measure") == 1
    assert not (tmp_path / "macro").exists()


@pytest.mark.parametrize(
    "name", ["a_RoiSet.zip", "a-rois.zip", "a.ROIs.zip", "a ROISET.zip", "a.tif.roi", "ROIs/a.zip"]
)
def test_sets_in_the_spellings_of_public_macros(
    imagej: ImageJWindow, axial: Path, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "images"
    rois = source / name
    rois.parent.mkdir(parents=True)
    shutil.copy(axial / "t2_axial_016.tif", source / "a.tif")
    shutil.copy(axial / "t2_axial_017.tif", source / "b.tif")
    if name.endswith(".roi"):
        with zipfile.ZipFile(axial / "t2_axial_016.zip") as archive:
            rois.write_bytes(archive.read("cord.roi").replace(b"\0\0\0\0", b"\0\0\0\0"))
    else:
        shutil.copy(axial / "t2_axial_016.zip", rois)
    ours = by_pyrhi(source, tmp_path / "pyrhi")
    assert_same_as_macro(by_macro(imagej, source, tmp_path / "macro"), ours)
    assert failed(tmp_path / "macro") == failed(tmp_path / "pyrhi")


def test_two_sets_of_one_image_are_refused(
    imagej: ImageJWindow, axial: Path, tmp_path: Path
) -> None:
    source = tmp_path / "images"
    source.mkdir()
    shutil.copy(axial / "t2_axial_016.tif", source / "a.tif")
    for name in ("a.zip", "a_rois.zip"):
        shutil.copy(axial / "t2_axial_016.zip", source / name)
    assert len(by_macro(imagej, source, tmp_path / "macro")) == 1
    (told,) = rows_of(tmp_path / "macro" / "failures.csv")[1:]
    assert told[1].endswith("a.zip and a_rois.zip may both be its ROIs; move or delete one")
