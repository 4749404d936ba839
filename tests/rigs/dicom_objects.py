"""What a PACS would see in a Segmentation and a TID 1500 report."""

from __future__ import annotations

import subprocess
from pathlib import Path

import highdicom as hd


def groups_of(report: Path):
    """Return the measurement groups of a report."""
    return hd.sr.srread(report).content.get_planar_roi_measurement_groups()


def value(group, name) -> float:
    """Return the one measurement of that name."""
    (found,) = group.get_measurements(name=name)
    return found.value


def errors_of(path: Path) -> list[str]:
    """Return what dciodvfy, a validator of others, finds wrong."""
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    message = (done.stdout + done.stderr).splitlines()
    assert message
    private = "Unrecognized defined term <99PYRHI>"
    return [
        line for line in message if line.startswith(("Error", "Warning")) and private not in line
    ]
