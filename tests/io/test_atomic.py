"""Files of an earlier run: kept, but not beside newer numbers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyrhi.errors import OutputError
from pyrhi.io.atomic import remove, set_aside

TIME = 1_700_000_000  # 2023-11-14T22:13:20Z by `date -u -d @1700000000`


def old(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text(name)
        os.utime(folder / name, (TIME, TIME))


def test_what_is_not_of_the_new_run_is_moved_and_named(tmp_path: Path):
    old(tmp_path, "a.csv", "plot_1.png", "plot_2.png", "mine.txt")
    message = set_aside(tmp_path, ("a.csv", "plot_*.png", "none.csv"), {"plot_2.png"})
    target = tmp_path / "earlier" / "2023-11-14T22-13-20Z"
    wanted = f"of an earlier run, and not of these tables: a.csv, plot_1.png; moved to {target}"
    assert message == wanted
    assert {p.name: p.read_text() for p in target.iterdir()} == {
        "a.csv": "a.csv",
        "plot_1.png": "plot_1.png",
    }
    assert {p.name for p in tmp_path.iterdir()} == {"plot_2.png", "mine.txt", "earlier"}
    assert set_aside(tmp_path, ("a.csv",)) == ""


def test_what_was_moved_before_stays(tmp_path: Path):
    for text in ("1", "2"):
        old(tmp_path, "a.csv")
        (tmp_path / "a.csv").write_text(text)
        os.utime(tmp_path / "a.csv", (TIME, TIME))
        set_aside(tmp_path, ("a.csv",))
    kept = sorted((tmp_path / "earlier").rglob("a.csv"))
    assert [p.read_text() for p in kept] == ["1", "2"]


def test_what_cannot_be_moved_or_removed_is_one_line(tmp_path: Path):
    old(tmp_path, "a.csv", "earlier")
    with pytest.raises(OutputError, match="cannot be made"):
        set_aside(tmp_path, ("a.csv",))
    assert (tmp_path / "a.csv").read_text() == "a.csv"
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match=r"folder\.csv: cannot be replaced"):
        remove(tmp_path / "folder.csv")
    remove(tmp_path / "none.csv")
