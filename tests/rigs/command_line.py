"""The command line in a process of its own, and the tables that it leaves."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

PYRHI = Path(sys.executable).with_name("pyrhi")
SECONDS = 240


def pyrhi(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``pyrhi`` as a person does, with nobody at the keyboard."""
    return subprocess.run(
        [PYRHI, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )


def doctor(*arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Return exit code, state and text of each part, and errors of ``pyrhi doctor``."""
    process = pyrhi("doctor", *arguments)
    lines = process.stdout.splitlines()
    found = {line[8:23].strip(): (line[:8].strip(), line[23:]) for line in lines}
    return process.returncode, found, process.stderr


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
