"""What two readers outlined: no slice of either is lost, and no two units are compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rigs.command_line import rows
from rigs.places import AXIAL

from pyrhi.cli.main import run


def test_unequal_folders_are_named_and_nothing_is_lost(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short"
    shutil.copytree(readers[1], short)
    (short / "t2_axial_014.zip").unlink()
    (short / "t2_axial_020.zip").write_bytes(b"no zip")
    out = tmp_path / "out"
    code = run(["agree", str(readers[0]), str(short), "--images", str(AXIAL), "-o", str(out)])
    error = capsys.readouterr().err
    assert code == 1
    assert "short: has no ROI set for t2_axial_014.tif" in error
    assert "t2_axial_020.tif" in error
    assert "Traceback" not in error
    missing = {r["Image"] for r in rows(out / "unpaired.csv") if r["Region"] == "cord"}
    assert missing == {"t2_axial_014.tif", "t2_axial_020.tif"}
    assert next(r for r in rows(out / "agreement.csv"))["N"] == "14"


def test_slices_that_one_reader_lacks_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "Patient,Image,Slice,Level,CordArea,HighArea,Unit,RHI\n"
    lines = [f"P,i.tif,{i},,100,{i * 10},mm^2,{i * 10}\n" for i in range(6)]
    a = tmp_path / "a.csv"
    b = tmp_path / "b.csv"
    a.write_text(head + "".join(lines), encoding="utf-8")
    b.write_text(head + "".join(lines[:-1]) + "Q,j.tif,1,,100,5,mm^2,5\n", encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    unpaired = rows(tmp_path / "out" / "unpaired.csv")
    assert [(r["Image"], r["Slice"], r["Marked_by"]) for r in unpaired] == [
        ("i.tif", "5", "a"), ("j.tif", "1", "b"),
    ]  # fmt: skip
    capsys.readouterr()
    b.write_text(head + "".join(lines).replace("mm^2", "pixel^2"), encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "different units (mm^2, pixel^2)" in capsys.readouterr().err
    b.write_text(head + lines[0] + lines[0], encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "line 3: i.tif slice 0 is there twice" in capsys.readouterr().err
    b.write_text(head + lines[0], encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "1 slice in common" in capsys.readouterr().err
