"""What the tests of this folder share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rigs.places import AXIAL
from rigs.second_reader import second_reader

from pyrhi.cli.main import run


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("readers")
    first = folder / "anna"
    first.mkdir()
    for path in AXIAL.glob("*.zip"):
        shutil.copy(path, first)
    return first, second_reader(folder / "bela", 1)


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    assert run(["study", "--simulate", "-o", str(folder / "example"), "--seed", "4"]) == 0
    cohort = folder / "example" / "synthetic_cohort.csv"
    output = folder / "out"
    assert run(["study", str(cohort), "-o", str(output), "--resamples", "100"]) == 0
    return output
