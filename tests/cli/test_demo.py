"""``pyrhi demo``: the sample in front of a new user."""

from __future__ import annotations

import csv
from pathlib import Path

from rigs.command_line import pyrhi


def test_the_demo_shows_imagejs_number_twice_over(tmp_path: Path):
    done = pyrhi("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "t2_axial_022.tif" in done.stdout
    assert "28.41" in done.stdout
    with (tmp_path / "pyrhi-demo/rhi.csv").open(newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 34
    assert "Research use only" in done.stderr
    # Once more, and nothing of the first time is in the way.
    again = pyrhi("demo", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "earlier" not in again.stderr
    assert (tmp_path / "pyrhi-demo/report.html").is_file()
    assert not (tmp_path / "pyrhi-demo/earlier").exists()
