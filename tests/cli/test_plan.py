"""``pyrhi plan`` as it is run."""

from __future__ import annotations

import pytest

from pyrhi.cli.main import run


def test_patients_for_an_area_under_the_curve(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "auc", "0.85", "--share", "0.87"]) == 0
    printed = capsys.readouterr().out
    assert "78 patients: 68 with moderate or severe pain, 10 with mild pain" in printed
    assert "Research use only; not a medical device." in printed


def test_an_icc_needs_as_many_subjects_as_bonett_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "icc", "0.8", "--width", "0.2", "--readers", "2"]) == 0
    assert capsys.readouterr().out.startswith("55 subjects, each read by 2 readers")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["auc", "1.2"], 1), (["icc", "0.8", "--readers", "1"], 1), (["auc", "high"], 2), (["x"], 2)],
)
def test_what_cannot_be_planned_is_one_line(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", *arguments]) == code
    assert "Traceback" not in capsys.readouterr().err
