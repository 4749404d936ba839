"""What the README and the pages with examples show is what happens."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rigs.command_line import PYRHI, SECONDS, pyrhi
from rigs.places import CHECKOUT

from pyrhi.sample import sample_folder

pytestmark = pytest.mark.slow

PAGES = {
    "README.md": 4, "docs/agree.md": 1, "docs/measures.md": 2, "docs/results.md": 2,
    "docs/studies.md": 9, "docs/tutorial.md": 2,
}  # fmt: skip
"""How many commands each page shows that are tried."""
ELSEWHERE = ("verify",)
"""Commands that need Java are tried in tests/engines."""


def blocks(page: str, opening: str) -> list[str]:
    """Return the blocks of code of a page that open in this way."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{opening}(.*?)^```$", text, re.M | re.S)


def sessions(page: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a page's sessions, each with the lines that it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(page, r"\n(?=\$ )"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a new user works: the sample, a Fiji, and what ``pyrhi demo`` wrote."""
    folder = tmp_path_factory.mktemp("user")
    shutil.copytree(sample_folder(), folder / "example")
    shutil.copytree(sample_folder() / "axial_slices", folder / "slices")
    # Enough of a Fiji to be taken for one.
    (folder / "Fiji" / "jars").mkdir(parents=True)
    (folder / "Fiji" / "plugins").mkdir()
    for jar in ("ij-1.54p.jar", "imagej-legacy-2.0.2.jar", "scijava-common-2.100.1.jar"):
        (folder / "Fiji" / "jars" / jar).touch()
    for command in (("demo",), ("measure", "slices", "-o", "results")):
        assert pyrhi(*command, cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_a_command_prints_what_the_page_shows(page: str, folder: Path):
    tried = 0
    for command, shown in sessions(page):
        words = shlex.split(command)
        if words[0] == "pyrhi" and words[1] in ELSEWHERE:
            continue
        run = command.replace("pyrhi ", f"{shlex.quote(str(PYRHI))} ", 1)
        done = subprocess.run(
            ["bash", "-c", run],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        printed = (done.stdout + done.stderr).splitlines()
        for line in shown:
            assert line == "..." or line in printed, (command, line)
        tried += 1
    assert tried == PAGES[page]


def test_the_python_of_the_readme_prints_what_it_says(folder: Path):
    (code,) = blocks("README.md", "python\n")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == re.findall(r"^# (.*)$", code, re.M)


def test_the_readme_is_read_in_one_go():
    assert len((CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()) < 150
