"""``pyrhi doctor`` in processes of their own: it starts Java."""

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


def test_doctor_says_what_is_wrong_with_a_folder_that_is_not_fiji(tmp_path):
    code, found, errors = doctor("--fiji", str(tmp_path))
    assert code == 1
    assert found["Fiji"][0] == "missing"
    assert "is not a folder of Fiji or ImageJ" in found["Fiji"][1]
    assert "Traceback" not in errors
