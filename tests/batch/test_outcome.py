"""What a run gave: every image is counted once, as measured or as a failure with its reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from rigs.command_line import rows as read
from rigs.rois import GOOD, box, make

from pyrhi.batch.options import RunOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run


def test_one_broken_file_never_ends_a_batch(tmp_path: Path):
    source = tmp_path / "in"
    make(source, "a", GOOD)
    make(source, "no rois", [])
    make(source, "z", GOOD)
    make(source, "two", [*GOOD, box("cord-2", 30, 30, 5, 5)])
    make(source, "outside", [box("cord", 0, 0, 9, 9)], np.zeros((4, 4), np.uint16))
    (source / "empty.tif").touch()
    (source / "fake.tif").write_text("not a TIFF")
    (source / "cut.tif").write_bytes((source / "a.tif").read_bytes()[:900])
    shutil.copy(source / "a.zip", source / "cut.zip")
    make(source, "badzip", GOOD)
    (source / "badzip.zip").write_bytes(b"PK")
    make(source, "ünï côté", GOOD)
    make(source, "脊髄", GOOD)
    result = run(find_tasks(source), RunOptions(jobs=2), output=tmp_path / "out")
    failed = {r["Image"]: r["Error"] for r in read(tmp_path / "out/failures.csv")}
    bad = ("badzip.tif", "cut.tif", "empty.tif", "fake.tif", "no rois.tif", "two.tif")
    assert set(failed) == set(bad)
    for name, error in failed.items():
        assert name.split(".")[0] in error
        assert "\n" not in error
        assert "Traceback" not in error
    assert {r["Image"] for r in read(tmp_path / "out/rhi.csv")} == {
        "a.tif",
        "z.tif",
        "outside.tif",
        "ünï côté.tif",
        "脊髄.tif",
    }
    assert len(result.failures) == len(bad)
