"""ROIs named as people name them, from the command line: what is measured and what is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.command_line import rows
from rigs.dicom_files import write_dicom

from pyrhi.cli.main import run
from pyrhi.io.rois.encode import encode_mask


def box(x: int, y: int, w: int, h: int) -> np.ndarray:
    mask = np.zeros((40, 40), bool)
    mask[y : y + h, x : x + w] = True
    return mask


CORD, HIGH = box(5, 5, 20, 20), box(8, 8, 5, 8)


def image(folder: Path, name: str, **rois: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tif"
    tifffile.imwrite(path, np.full((40, 40), 7, np.uint16), imagej=True, metadata={"unit": "mm"})
    if rois:
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for roi, mask in rois.items():
                archive.writestr(f"{roi}.roi", encode_mask(mask, name=roi))
    return path


def test_unnamed_rois_fail_until_they_are_named_or_ignored(tmp_path: Path, capsys):
    path = image(tmp_path, "a", cord=CORD, blob=HIGH)
    out = tmp_path / "out"
    assert run(["measure", str(path), "-o", str(out)]) == 1
    errors = capsys.readouterr().err
    assert (
        f"pyrhi: {path}: ROI 'blob' on slice 1 has no role, and no ROI of that slice is high: name"
        " it 'high', or 'exclude' to leave its pixels out, or delete it, or use --ignore-unnamed to"
        " count it as nothing\n" in errors
    )
    assert rows(out / "rhi.csv") == []
    assert run(["measure", str(path), "-o", str(out), "--ignore-unnamed"]) == 0
    (row,) = rows(out / "rhi.csv")
    assert (row["RHI"], row["Warnings"]) == (
        "0",
        "pixel size 1 x 1 without a unit of length; ROI blob has no role and was not counted",
    ) or "ROI blob has no role and was not counted" in row["Warnings"]
    asked = json.loads((out / "run.json").read_text())["parameters"]
    assert (asked["roles"], asked["ignore_unnamed"]) == (None, True)


@pytest.mark.parametrize("rule", ["larger=cord", "first=cord"])
def test_sets_with_imagejs_own_names(tmp_path: Path, capsys, rule: str):
    path = image(tmp_path, "a", **{"0015-0015": CORD, "0012-0010": HIGH})
    out = tmp_path / "out"
    assert run(["measure", str(path), "-o", str(out)]) == 1
    assert "or use --roles larger=cord, --roles first=cord, or --roles all=high with" in (
        capsys.readouterr().err
    )
    assert run(["measure", str(path), "-o", str(out), "--roles", rule, "--report"]) == 0
    (row,) = rows(out / "rhi.csv")
    assert row["RHI"] == "10"
    assert [r["Role"] for r in rows(out / "rois.csv")] == ["cord", "high"]
    assert json.loads((out / "run.json").read_text())["parameters"]["roles"] == rule
    # The report is made again from run.json, by the same rule.
    assert run(["report", str(out)]) == 0


def test_all_high_takes_the_cord_of_a_mask(tmp_path: Path, capsys):
    path = image(tmp_path, "a", **{"0012-0010": HIGH})
    tifffile.imwrite(tmp_path / "cord.tif", CORD.astype(np.uint8) * 255)
    out = tmp_path / "out"
    assert run(["measure", str(path), "-o", str(out), "--roles", "all=high"]) == 2
    assert "--roles all=high makes every ROI high: give the cord by --cord-mask" in (
        capsys.readouterr().err
    )
    mask = str(tmp_path / "cord.tif")
    asked = ["measure", str(path), "-o", str(out), "--roles", "all=high", "--cord-mask", mask]
    assert run(asked) == 0
    (row,) = rows(out / "rhi.csv")
    assert row["RHI"] == "10"


def test_an_unknown_rule_lists_the_known(tmp_path: Path, capsys):
    path = image(tmp_path, "a", cord=CORD)
    assert run(["measure", str(path), "-o", str(tmp_path / "o"), "--roles", "biggest"]) == 1
    assert capsys.readouterr().err == (
        "pyrhi: --roles 'biggest' is not known; use larger=cord, first=cord or all=high\n"
    )


def test_words_for_exclude_take_their_pixels_out(tmp_path: Path):
    path = image(tmp_path, "a", Cord_1=CORD, Lesions=HIGH, metal=box(5, 5, 20, 5))
    out = tmp_path / "out"
    assert run(["measure", str(path), "-o", str(out)]) == 0
    assert rows(out / "rhi.csv")[0]["ExcludedPixels"] == "0"
    assert run(["measure", str(path), "-o", str(out), "--exclude-words", "metal"]) == 0
    (row,) = rows(out / "rhi.csv")
    left = (CORD & ~box(5, 5, 20, 5)).sum()
    high = (HIGH & ~box(5, 5, 20, 5)).sum()
    assert float(row["RHI"]) == 100.0 * high / left
    assert row["ExcludedPixels"] == "100"
    assert {r["Role"] for r in rows(out / "rois.csv")} == {"cord", "high", "exclude"}


def test_results_warn_of_rois_outside(tmp_path: Path, capsys):
    import roifile

    path = image(tmp_path, "a")
    roi = roifile.ImagejRoi.frompoints([[90, 90], [95, 90], [95, 95], [90, 95]])
    roi.tofile(tmp_path / "far.roi")
    moved = roifile.ImagejRoi.frompoints([[5, 5], [9, 5], [9, 9], [5, 9]])
    moved.position = 4
    moved.tofile(tmp_path / "moved.roi")
    assert run(["results", str(path), str(tmp_path / "far.roi")]) == 0
    told = capsys.readouterr()
    assert told.err == (
        f"warning: {tmp_path / 'far.roi'}: ROI 'far' covers no pixel of slice 1: its Area is 0;"
        " draw it on the image\n"
    )
    assert told.out.splitlines()[1].startswith("far,0,")
    assert run(["results", str(path), str(tmp_path / "moved.roi")]) == 0
    told = capsys.readouterr()
    assert told.err == (
        f"warning: {tmp_path / 'moved.roi'}: ROI 'moved' has the position 4, and the image one"
        " slice: it was measured there, as ImageJ does\n"
    )
    assert told.out.splitlines()[1].startswith("moved,16,")


def test_no_warning_of_a_library_reaches_the_terminal(tmp_path: Path):
    import subprocess
    import sys

    series = tmp_path / "scan"
    for i in range(2):
        write_dicom(
            series / f"IM{i}",
            np.full((40, 40), 7, np.uint16),
            InstanceNumber=i + 1,
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            ImagePositionPatient=[0, 0, 3 * i],
            broken={
                "NumberOfFrames": b"Doe^Jane",
                "StudyDate": b"yesterday ",
                "SpecificCharacterSet": b"Doe 999 ",
            },
        )
    with zipfile.ZipFile(tmp_path / "scan.zip", "w") as archive:
        archive.writestr("cord.roi", encode_mask(CORD, name="cord"))
    script = Path(sys.executable).with_name("pyrhi")
    done = subprocess.run(
        [script, "measure", tmp_path, "-o", tmp_path / "out", "--key", tmp_path / "key"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        f"1 image measured; tables in {tmp_path / 'out'}. Research use only."
    ]
    assert [r["RHI"] for r in rows(tmp_path / "out/rhi.csv")] == ["0", "0"]


def test_readers_with_imagejs_own_names_agree(tmp_path: Path, capsys):
    for reader in ("anna", "bela"):
        for name in "abc":
            image(tmp_path / reader, name, **{"0015-0015": CORD, "0012-0010": HIGH})
    asked = ["agree", str(tmp_path / "anna"), str(tmp_path / "bela"), "-o", str(tmp_path / "out")]
    assert run([*asked, "--roles", "larger=cord"]) == 0
    found = rows(tmp_path / "out" / "outlines.csv")
    assert {(r["Region"], r["Dice"]) for r in found} == {("cord", "1"), ("high", "1")}
    assert run(asked) == 1
    assert "or use --roles larger=cord" in capsys.readouterr().err
