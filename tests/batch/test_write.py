"""The files of a run: rows as ImageJ's, and names that no program may take for something else."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

from rigs.command_line import rows as read
from rigs.rois import GOOD, box, make

from pyrhi.batch.options import RunOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run


def test_rois_table_is_the_results_table(axial: Path, tmp_path: Path):
    from pyrhi.batch.results import results_table

    run(find_tasks(axial), RunOptions(jobs=1), output=tmp_path)
    rows = [r for r in read(tmp_path / "rois.csv") if r["Image"] == "t2_axial_020.tif"]
    table = results_table(axial / "t2_axial_020.tif", axial / "t2_axial_020.zip")
    for got, line in zip(rows, csv.DictReader(table.lines, table.headings), strict=True):
        assert {h: got[h] for h in table.headings} == line


def test_formula_in_a_name_is_neutralised(tmp_path: Path):
    make(tmp_path / "in", "=cmd()", [box("-high 1", 0, 0, 4, 4), box("cord", 0, 0, 9, 9)])
    run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    rows = read(tmp_path / "out/rois.csv")
    assert {row["Image"] for row in rows} == {"'=cmd().tif"}
    assert rows[0]["Roi"] == "'-high 1"


def test_file_names_that_are_no_unicode(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    make(source, "a", GOOD)
    for suffix in ("tif", "zip"):
        (source / f"a.{suffix}").rename(source / os.fsdecode(b"\xff." + suffix.encode()))
    make(source, "b", [])
    (source / "b.tif").rename(source / os.fsdecode(b"\xfe.tif"))
    for resume in (False, True):
        result = run(find_tasks(source), RunOptions(jobs=1, resume=resume), output=out)
        assert result.resumed == resume
        assert [r["Image"] for r in read(out / "rhi.csv")] == ["\\udcff.tif"]
        assert [r["Image"] for r in read(out / "failures.csv")] == ["\\udcfe.tif"]
    assert "\udcff" in json.loads((out / "run.json").read_text())["inputs"][2]["path"]
