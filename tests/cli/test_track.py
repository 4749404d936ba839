"""``pyrhi track`` as it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.cli.main import run


def test_plots_of_patients_who_are_no_longer_followed_are_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visits, out = tmp_path / "visits.csv", tmp_path / "out"
    rows = ["A,1,30", "A,2,40", "B,1,10", "B,2,12"]
    visits.write_text("patient,visit,rhi\n" + "\n".join(rows) + "\n")
    assert run(["track", str(visits), "-o", str(out)]) == 0
    (out / "lesion_changes.csv").write_text("of the earlier visits\n")
    visits.write_text("patient,visit,rhi\n" + "\n".join(rows[:2]) + "\n")
    capsys.readouterr()
    assert run(["track", str(visits), "-o", str(out)]) == 0
    errors = capsys.readouterr().err
    assert "not of these tables: lesion_changes.csv, track_B.png, track_B.svg; moved to" in errors
    here = {p.name for p in out.iterdir()}
    assert here == {"progression.csv", "track_A.png", "track_A.svg", "earlier"}
