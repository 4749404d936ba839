"""The command that takes patients out of a study: what it does not copy or refuses, it names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pyrhi.cli.main import run

NAME = "Musterfrau"


@pytest.fixture
def line(tmp_path: Path, axial: Path) -> list[str]:
    folder = tmp_path / "in" / NAME
    folder.mkdir(parents=True)
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_022.{ending}", folder)
    (folder / "letter.txt").write_text(f"Dear Mrs {NAME}")
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    return ["deidentify", str(tmp_path / "in"), str(tmp_path / "out"), "--key", str(key)]


def test_what_is_left_out_is_named_and_what_is_copied_is_counted(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run([*line, "--declare-clean"]) == 0
    left_out, summary = capsys.readouterr().err.splitlines()
    assert left_out == f"not copied: {NAME}/letter.txt (no image, ROI or manifest)"
    assert summary.startswith(f"2 files in {tmp_path / 'out'}; searched for ")
    assert summary.endswith("not a medical device.")
    assert not [p for p in (tmp_path / "out").rglob("*") if NAME in str(p.relative_to(tmp_path))]


def test_nobody_looked_at_the_pixels_ends_with_a_code_that_a_script_sees(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(line) == 1
    errors = capsys.readouterr().err
    assert "--declare-clean" in errors
    assert "Traceback" not in errors
    assert not list((tmp_path / "out").rglob("*.tif"))
