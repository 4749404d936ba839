"""The command line as a whole: start, help, errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rigs.command_line import pyrhi

from pyrhi import __version__
from pyrhi.cli.main import COMMANDS, run

SLIPS = {"clasify": "classify", "mesure": "measure", "reprot": "report", "agre": "agree"}


def test_the_version_that_a_paper_cites_is_printed_alone():
    done = pyrhi("--version")
    assert (done.returncode, done.stdout) == (0, f"pyrhi {__version__}\n")


@pytest.mark.parametrize(
    "code",
    [
        "import pyrhi",
        "import sys; sys.argv[1:] = ['--version']; from pyrhi.cli import main; main()",
    ],
)
def test_start_is_light(code: str):
    heavy = ["pandas", "skimage", "scipy", "tifffile", "click", "numpy"]
    check = f"{code}\nimport sys\nprint([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_lists_every_command():
    done = pyrhi("--help")
    assert all(name in done.stdout for name in COMMANDS)
    assert "not a medical device" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("measure", "none", "-o", "out"), "none: no such file or folder"),
        (("measure", ".", "-o", "out", "--high", "Otsuu"), "Otsu, Percentile"),
        (("measure", ".", "-o", "out", "--cord-words", "high"), "stands for cord and for high"),
        (("results", "none.tif", "none.zip"), "none.zip: no such ROI file"),
        (("thresholds", "none.tif"), "none.tif"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], message: str, tmp_path: Path):
    done = pyrhi(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path):
    done = pyrhi("results", "none.tif", "none.zip", "--debug", cwd=tmp_path)
    assert "Traceback" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(("slip", "meant"), SLIPS.items())
def test_a_slip_names_the_nearest_one(slip: str, meant: str, capsys: pytest.CaptureFixture[str]):
    assert run([slip, "x"]) == 2
    assert f"No such command {slip!r}. Did you mean {meant!r}?" in capsys.readouterr().err


def test_what_is_near_no_command_names_none(capsys: pytest.CaptureFixture[str]):
    assert run(["frobnicate"]) == 2
    errors = capsys.readouterr().err
    assert "No such command 'frobnicate'." in errors
    assert "Did you mean" not in errors


def test_the_bare_program_shows_three_first_steps(capsys: pytest.CaptureFixture[str]):
    assert run([]) == 0
    printed = capsys.readouterr().out
    steps = [line for line in printed.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [step.split(":")[1].strip().split()[0] for step in steps] == ["pyrhi", "pyrhi", "open"]
    assert "Research use only; not a medical device." in printed


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]):
    for name in COMMANDS:
        assert run([name, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: pyrhi {name} ")
