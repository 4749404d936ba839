"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pyrhi.sample import sample_folder

pytestmark = pytest.mark.slow

README = Path(__file__).parent.parent / "README.md"
ELSEWHERE = ("verify",)
"""Commands that need Java are tried in tests/engines."""


def sessions() -> list[tuple[str, list[str]]]:
    """Commands of the README's sessions, each with the lines that it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```\n(\$ .*?)^```$", README.read_text("utf-8"), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def test_commands_print_what_the_readme_shows(tmp_path: Path):
    sample = sample_folder()
    shutil.copytree(sample, tmp_path / "example")
    shutil.copytree(sample / "axial_slices", tmp_path / "slices")
    # Enough of a Fiji to be taken for one.
    (tmp_path / "Fiji" / "jars").mkdir(parents=True)
    (tmp_path / "Fiji" / "plugins").mkdir()
    for jar in ("ij-1.54p.jar", "imagej-legacy-2.0.2.jar", "scijava-common-2.100.1.jar"):
        (tmp_path / "Fiji" / "jars" / jar).touch()
    script = str(Path(sys.executable).with_name("pyrhi"))
    subprocess.run([script, "demo"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    tried = 0
    for command, shown in sessions():
        words = shlex.split(command)
        if words[0] == "pyrhi" and words[1] in ELSEWHERE:
            continue
        run = command.replace("pyrhi ", f"{shlex.quote(script)} ", 1)
        done = subprocess.run(
            ["bash", "-c", run],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        printed = (done.stdout + done.stderr).splitlines()
        for line in shown:
            assert line == "..." or line in printed, (command, line)
        tried += 1
    assert tried >= 12
