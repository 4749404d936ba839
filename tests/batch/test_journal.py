"""What is done is not done again, and what failed is."""

from __future__ import annotations

from pathlib import Path

from rigs.command_line import rows as read
from rigs.rois import GOOD, box, make

from pyrhi.batch.options import RunOptions, WorkOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run
from pyrhi.rhi.measure import RhiParameters

TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")


def test_resume_skips_what_is_done(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b", "c"):
        make(source, name, GOOD)
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    before = {t: (out / t).read_bytes() for t in TABLES}
    make(source, "b", [box("cord", 0, 0, 10, 10)])
    again = run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out)
    assert again.resumed == 2
    assert read(out / "rhi.csv")[1]["CordArea"] == "25"
    make(source, "b", GOOD)
    assert run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).resumed == 2
    assert {t: (out / t).read_bytes() for t in TABLES} == before
    clip = RunOptions(work=WorkOptions(RhiParameters(clip=True)), jobs=1, resume=True)
    assert run(find_tasks(source), clip, output=out).resumed == 0


def test_resume_after_half_a_line(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b"):
        make(source, name, GOOD)
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    journal = out / ".pyrhi-journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    assert run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).resumed == 1


def test_failed_images_are_tried_again(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    make(source, "a", [])
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    make(source, "a", GOOD)
    assert not run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).failures
