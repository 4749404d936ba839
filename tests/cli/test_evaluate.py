"""``pyrhi evaluate`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run


@pytest.mark.slow
def test_evaluate_writes_the_same_bytes_for_the_same_seed(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = ["--repeats", "2", "--bootstraps", "10"]
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        assert run(["evaluate", str(cohort), "-o", str(folder), *quick]) == 0
    names = sorted(p.name for p in folders[0].iterdir())
    assert names == [
        "calibration.csv", "calibration.png", "calibration.svg", "confusion.csv", "decision.csv",
        "evaluation.csv", "evaluation.json",
    ]  # fmt: skip
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    scores = rows(folders[0] / "evaluation.csv")
    assert {r["Model"] for r in scores} == {"ordinal", "majority", "published"}
    assert {r["Notice"] for r in scores} == {"Research use only; not a medical device."}
    assert "accuracy_moderate_or_severe" in capsys.readouterr().out


def test_evaluate_in_the_place_of_a_file_is_one_line(
    cohort: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = ["--repeats", "1", "--bootstraps", "2"]
    assert run(["evaluate", str(cohort), "-o", str(cohort), *quick]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("pyrhi: ")
