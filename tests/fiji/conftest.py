"""A Fiji and an ImageJ to install into: their folders, without the programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.fiji_folders import LAYOUTS, STARTUP


@pytest.fixture
def lay_out(tmp_path: Path):
    """Return a function that makes a folder like one of `LAYOUTS`."""

    def make(name: str, parent: Path = tmp_path) -> Path:
        for file in LAYOUTS[name]:
            path = parent / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(STARTUP if "StartupMacros" in file else file)
        return parent / name

    return make


@pytest.fixture
def fiji(lay_out) -> Path:
    return lay_out("Fiji")


@pytest.fixture
def imagej(lay_out) -> Path:
    return lay_out("ImageJ")
