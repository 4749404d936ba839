"""``pyrhi track`` as it is run."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pyrhi.cli.main import run


def test_names_are_shown_as_they_are_and_never_leave_the_folder(tmp_path: Path) -> None:
    visits = tmp_path / "visits.csv"
    names = ("$x_{", "../../up", "é 1", "a/b", "a-b", "<&>")
    lines = [f"{name},{visit},{30 + visit}" for name in names for visit in (1, 2)]
    visits.write_text("patient,visit,rhi\n" + "\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "deep" / "out"
    assert run(["track", str(visits), "-o", str(out)]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"visits.csv", "deep"}
    titles = "".join(
        "".join(ET.parse(path).getroot().itertext()) for path in sorted(out.glob("*.svg"))
    )
    assert len(list(out.glob("*.svg"))) == len(names)
    assert all(f"Patient {name}" in titles for name in names)


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
