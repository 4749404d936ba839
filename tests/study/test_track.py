"""The plots of patients over visits."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

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
