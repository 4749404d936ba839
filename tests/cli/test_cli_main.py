"""What the bare program says, and how it takes slips of the keyboard."""

from __future__ import annotations

import pytest

from pyrhi.cli.main import COMMANDS, run

SLIPS = {"clasify": "classify", "mesure": "measure", "reprot": "report", "agre": "agree"}


@pytest.mark.parametrize(("slip", "meant"), SLIPS.items())
def test_a_slip_names_the_nearest_one(slip: str, meant: str, capsys: pytest.CaptureFixture[str]):
    assert run([slip, "x"]) == 2
    assert f"No such command {slip!r}. Did you mean {meant!r}?" in capsys.readouterr().err


def test_what_is_near_no_command_names_none(capsys: pytest.CaptureFixture[str]):
    assert run(["frobnicate"]) == 2
    said = capsys.readouterr().err
    assert "No such command 'frobnicate'." in said
    assert "Did you mean" not in said


def test_the_bare_program_shows_three_first_steps(capsys: pytest.CaptureFixture[str]):
    assert run([]) == 0
    said = capsys.readouterr().out
    steps = [line for line in said.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [step.split(":")[1].strip().split()[0] for step in steps] == ["pyrhi", "pyrhi", "open"]
    assert "Research use only; not a medical device." in said


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]):
    for name in COMMANDS:
        assert run([name, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: pyrhi {name} ")
