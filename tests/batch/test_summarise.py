"""A row for each patient and visit, of what is left of the images."""

from __future__ import annotations

from pathlib import Path

from rigs.command_line import rows as read
from rigs.rois import GOOD, make

from pyrhi.batch.options import RunOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run


def test_folders_below_are_patients(tmp_path: Path):
    for patient in ("b", "a"):
        make(tmp_path / "in" / patient, "slice", GOOD)
    run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    assert [r["Patient"] for r in read(tmp_path / "out/patients.csv")] == ["a", "b"]
    assert [r["Image"] for r in read(tmp_path / "out/rhi.csv")] == ["a/slice.tif", "b/slice.tif"]
