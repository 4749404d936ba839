"""A Fiji and an ImageJ to install into: their folders, without the programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from rigs import fiji_folders
from rigs.fiji_folders import EPOCH


@pytest.fixture
def lay_out(tmp_path: Path):
    """Return a function that makes a folder like one of ``LAYOUTS``."""
    return partial(fiji_folders.lay_out, parent=tmp_path)


@pytest.fixture
def fiji(tmp_path: Path) -> Path:
    return fiji_folders.lay_out("Fiji", tmp_path)


@pytest.fixture
def imagej(tmp_path: Path) -> Path:
    return fiji_folders.lay_out("ImageJ", tmp_path)


@pytest.fixture
def epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are made at one time."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
