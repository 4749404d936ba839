"""The doctor tries both engines on a trial ROI: it starts Java."""

from __future__ import annotations

import subprocess

import pytest
from rigs.command_line import PYRHI, SECONDS

pytestmark = pytest.mark.slow


def doctor(*arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    process = subprocess.run(
        [PYRHI, "doctor", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    lines = process.stdout.splitlines()
    found = {line[8:23].strip(): (line[:8].strip(), line[23:]) for line in lines}
    return process.returncode, found, process.stderr


def test_doctor_measures_a_trial_roi_by_both_engines():
    code, found, _ = doctor()
    assert code == 0
    assert {part: state for part, (state, _) in found.items()} == dict.fromkeys(
        [
            "Python",
            "pyrhi",
            "packages",
            "numpy engine",
            "extra imagej",
            "extra study",
            "Java",
            "ImageJ engine",
        ],
        "works",
    )
    assert "ImageJ 1.54p" in found["ImageJ engine"][1]
    assert "numpy " in found["packages"][1]
    assert "scyjava " in found["extra imagej"][1]
