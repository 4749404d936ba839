"""The cases of tests/data/masks through the command, as a person types them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest
import SimpleITK as sitk  # noqa: N813

from pyrhi.cli.main import run

FOLDER = Path(__file__).parents[1] / "data/masks"
CASES = json.loads((FOLDER / "cases.json").read_text())


def measure(*arguments: object) -> int:
    return run(["measure", *map(str, arguments)])


def rows_of(output: Path) -> list[dict[str, str]]:
    with (output / "rhi.csv").open() as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", CASES)
def test_a_mask_gives_the_known_numbers_or_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    case = CASES[name]
    code = measure(
        FOLDER / case["image"], "--cord-mask", FOLDER / case["cord"],
        "--high-mask", FOLDER / case["high"], *case["options"], "-o", tmp_path,
    )  # fmt: skip
    rows = rows_of(tmp_path)
    if case["expect"] == "refuse":
        assert code == 1
        assert rows == []
        stderr = capsys.readouterr().err
        errors = [line for line in stderr.splitlines() if line.startswith("pyrhi: ")]
        assert len(errors) == 1
        return
    assert code == 0
    with (FOLDER / f"expected_{case['expect']}.csv").open() as stream:
        expected = list(csv.DictReader(stream))
    assert [(r["Slice"], r["Level"]) for r in rows] == [(e["Slice"], e["Level"]) for e in expected]
    for row, wanted in zip(rows, expected, strict=True):
        assert math.isclose(float(row["RHI"]), float(wanted["RHI"]), rel_tol=1e-9)
        assert row["Plane"] == "sagittal"
        if "HighOutsidePercent" in wanted:
            found, known = (float(r["HighOutsidePercent"]) for r in (row, wanted))
            assert found == known or (math.isnan(found) and math.isnan(known))


def cases(name: str) -> list[object]:
    case = CASES[name]
    masks = ("--cord-mask", FOLDER / case["cord"], "--high-mask", FOLDER / case["high"])
    return [FOLDER / case["image"], *masks]


def test_the_nearest_voxel_is_said_in_each_row(tmp_path: Path):
    assert measure(*cases("high 7 mm off"), "--resample-masks", "-o", tmp_path) == 0
    assert {r["Method"] for r in rows_of(tmp_path)} == {"drawn; high mask: nearest voxel"}


def test_the_record_of_the_run_says_how_masks_were_read(tmp_path: Path):
    options = ("--labels", "sct", "--whole", "cord", "--mask-threshold", "0.4")
    assert measure(*cases("levels of SCT"), *options, "-o", tmp_path) == 0
    document = json.loads((tmp_path / "run.json").read_text())
    options = document["parameters"]
    assert (options["labels"], options["whole"], options["mask_threshold"]) == (
        ["sct"],
        "cord",
        0.4,
    )
    assert (options["resample_masks"], options["plane"]) == (False, "acquired")
    assert document["planes"] == {"sagittal": 52}
    assert "in no level were not counted: 20 (12 % of all)" in document["notes"][0]


def test_slices_across_the_first_axis_are_said(tmp_path: Path):
    options = ("--plane", "sagittal", "--high", "Otsu", "-o", tmp_path)
    assert measure(*cases("slices on the first axis")[:3], *options) == 0
    document = json.loads((tmp_path / "run.json").read_text())
    assert any("across axis 1 of the file; ImageJ does not" in n for n in document["notes"])
    assert not (tmp_path / "rois").exists()
    assert len(rows_of(tmp_path)) == 13


def test_a_changed_table_is_measured_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    table = tmp_path / "mine.csv"
    table.write_text("value,role,level\n" + "".join(f"{v},cord,C{v}\n" for v in range(2, 6)))
    options = ("--labels", table, "-o", tmp_path / "out", "--resume")
    assert measure(*cases("levels of SCT"), *options) == 0
    assert measure(*cases("levels of SCT"), *options) == 0
    assert "1 of them before" in capsys.readouterr().err
    table.write_text("value,role,level\n" + "".join(f"{v},cord,L{v}\n" for v in range(2, 6)))
    assert measure(*cases("levels of SCT"), *options) == 0
    assert "of them before" not in capsys.readouterr().err
    assert {r["Level"] for r in rows_of(tmp_path / "out")} == {"L2", "L3", "L4", "L5"}


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (("--labels", "scd"), "--labels 'scd' is not one of sct, totalspineseg, verse", 1),
        (("--mask-threshold", "70"), "--mask-threshold 70 is not above 0 and at most 1", 1),
        (("--whole", "disc"), "'disc' is not one of 'cord', 'vertebra', 'canal'", 2),
    ],
)
def test_options_that_do_not_fit_say_so(tmp_path, options, message, code: int, capsys):
    assert measure(*cases("plain"), *options, "-o", tmp_path) == code
    assert message in capsys.readouterr().err


def test_pictures_are_of_the_same_slices(tmp_path: Path):
    options = ("--plane", "sagittal", "-o", tmp_path, "--report")
    assert measure(*cases("slices on the first axis"), *options) == 0
    page = (tmp_path / "report.html").read_text()
    assert "no longer" not in page
    assert page.count('"png"') == 13


def test_a_convention_that_leaves_gaps_is_warned_about(tmp_path: Path):
    case = cases("levels of TotalSpineSeg")
    assert measure(*case, "--labels", "sct", "-o", tmp_path) == 0
    message = "under sct it has levels with gaps between (C3 to T4); check --labels"
    assert all(message in row["Warnings"] for row in rows_of(tmp_path))


def test_a_high_mask_needs_a_cord(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert measure(FOLDER / "t2.nii.gz", "--high-mask", FOLDER / "high.nii.gz", "-o", tmp_path) == 1
    assert "nothing says where the cord is; add --cord-mask" in capsys.readouterr().err


def test_a_manifest_names_masks(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    study = tmp_path / "study.csv"
    study.write_text(
        "patient,image,cord_mask,high_mask\n"
        f"a,{FOLDER}/t2.nii.gz,{FOLDER}/cord.nii.gz,{FOLDER}/high.nii.gz\n"
    )
    assert measure("--manifest", study, "-o", tmp_path / "out") == 0
    assert len(rows_of(tmp_path / "out")) == 13
    mask = ("--cord-mask", FOLDER / "cord.nii.gz")
    assert measure("--manifest", study, *mask, "-o", tmp_path / "out") == 2
    assert "name the files in the manifest's column cord_mask" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["nrrd", "mha"])
def test_volumes_of_a_folder_get_their_own_masks(tmp_path: Path, ending: str):
    source = tmp_path / "in"
    source.mkdir()
    for name, path in (("t2", "t2.nii.gz"), ("t2_cord", "cord.nii.gz"), ("t2_high", "high.nii.gz")):
        volume = sitk.ReadImage(FOLDER / path)
        sitk.WriteImage(volume, source / f"{name}.{ending}", useCompression=True)
    # What 3D Slicer saves beside them is no image.
    sitk.WriteImage(volume, source / "t2.seg.nrrd")
    masks = ("--cord-mask", f"{{stem}}_cord.{ending}", "--high-mask", f"{{stem}}_high.{ending}")
    assert measure(source, *masks, "-o", tmp_path / "out") == 0
    with (FOLDER / "expected_plain.csv").open() as stream:
        expected = [(e["Slice"], float(e["RHI"])) for e in csv.DictReader(stream)]
    rows = rows_of(tmp_path / "out")
    assert {r["Image"] for r in rows} == {f"t2.{ending}"}
    found = [(r["Slice"], float(r["RHI"])) for r in rows]
    assert found == [(number, pytest.approx(rhi, rel=1e-9)) for number, rhi in expected]
