"""``pyrhi results`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

from rigs.command_line import pyrhi


def test_results_to_a_pipe_and_to_a_file(data: Path, tmp_path: Path):
    image = data / "golden/t2_sagittal_8bit.tif"
    rois = data / "golden/t2_sagittal_8bit.RoiSet.zip"
    piped = pyrhi("results", image, rois)
    assert piped.returncode == 0
    written = pyrhi("results", image, rois, "-o", tmp_path / "r.csv")
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "r.csv").read_text() == piped.stdout
    assert len(piped.stdout.splitlines()) == 281
