"""pyrhi fiji install into the Fiji that PYRHI_TEST_FIJI names: its menu has the scripts.

Run by hand: ``PYRHI_TEST_FIJI=~/Fiji pytest tests/fiji_scripts -m fiji``. The folder is left as it was.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pyrhi.fiji import Done, Kind, Report, find_target, install, shipped_files, uninstall

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.fiji

SECONDS = 300
PLACES = ("plugins", "macros", "scripts", "jars/Lib")

MENU = """
import json, sys
from pyrhi.engines import jvm
jvm.start(sys.argv[1])
ij = jvm.jimport("net.imagej.ImageJ")()
menu = {str(i.getMenuPath().getMenuString()) for i in ij.module().getModules()}
print(json.dumps(sorted(m for m in menu if m.startswith("Plugins > RHI"))))
"""


def paths(folder: Path) -> set[str]:
    found = {p for place in PLACES for p in (folder / place).rglob("*")}
    return {p.relative_to(folder).as_posix() for p in found}


def menu(folder: Path) -> list[str]:
    """What this Fiji's own context has under Plugins > RHI; in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MENU, str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def installed(fiji_folder: Path) -> Iterator[Report]:
    target = find_target(fiji_folder)
    before = paths(target.folder)
    assert not (target.folder / "pyrhi-installed.json").exists(), "pyrhi is in this Fiji already"
    report = install(target)
    try:
        yield report
    finally:
        uninstall(target)
    assert paths(target.folder) == before
    assert not (target.folder / "pyrhi-installed.json").exists()


def test_is_taken_for_a_fiji(installed: Report):
    assert installed.target.kind is Kind.FIJI
    assert {action.done for action in installed.actions} == {Done.NEW}


def test_every_script_is_in_the_menu(installed: Report):
    scripts = {
        f"Plugins > RHI > {Path(file.path).stem.replace('_', ' ')}"
        for file in shipped_files()
        if file.path.startswith("scripts/Plugins/RHI/")
    }
    assert scripts
    assert scripts <= set(menu(installed.target.folder))
