"""A dry run says what would be measured and what would fail, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import SimpleITK as sitk  # noqa: N813

from pyrhi.cli.main import run


def test_a_dry_run_lists_and_writes_nothing(study: Path, capsys: pytest.CaptureFixture[str]):
    (study / "broken.tif").write_bytes(b"none")
    before = sorted(study.rglob("*"))
    assert run(["measure", str(study), "--dry-run"]) == 1
    printed = capsys.readouterr()
    lines = [line.split() for line in printed.out.splitlines()]
    assert lines[0] == ["Image", "Patient", "ROIs", "in", "cord", "high"]
    assert lines[1] == ["t2_axial_021.tif", study.name, "t2_axial_021.zip", "cord", "high"]
    assert "broken.tif" in printed.err
    assert "2 images would be measured, 1 would fail; nothing was written." in printed.err
    assert sorted(study.rglob("*")) == before
    assert run(["measure", str(study)]) == 2
    assert "--output FOLDER (or --dry-run)" in capsys.readouterr().err


FOLDER = Path(__file__).parents[1] / "data/masks"


def measure(*arguments: object) -> int:
    return run(["measure", *map(str, arguments)])


def test_a_dry_run_says_that_masks_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    volume = sitk.ReadImage(FOLDER / "cord.nii.gz") > 0
    volume.SetMetaData("Segment0_Name", "cord")
    volume.SetMetaData("Segment0_LabelValue", "1")
    sitk.WriteImage(volume, tmp_path / "t2.seg.nrrd")
    masks = ("--masks", tmp_path / "t2.seg.nrrd")
    assert measure(FOLDER / "t2.nii.gz", *masks, "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "t2.nii.gz",
        "masks",
        "(masks)",
        "cord",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["t2.seg.nrrd"]
