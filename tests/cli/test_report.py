"""The command of the report: what has nothing to be shown is said in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pyrhi.cli.main import run

pytestmark = pytest.mark.slow


def test_folders_that_have_nothing_in_common(axial: Path, tmp_path: Path, capsys):
    for name, number in (("x", 18), ("y", 22)):
        folder = tmp_path / name / name
        folder.mkdir(parents=True)
        for suffix in (".tif", ".zip"):
            shutil.copy(axial / f"t2_axial_{number:03}{suffix}", folder)
        run(["measure", str(tmp_path / name), "-o", str(tmp_path / f"out_{name}"), "--jobs", "1"])
    assert run(["report", str(tmp_path / "out_x"), str(tmp_path / "out_y")]) == 1
    assert "no slice and no patient is in both; give" in capsys.readouterr().err
