"""What the tests of this folder share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rigs.places import AXIAL
from rigs.second_reader import second_reader

from pyrhi.cli.main import run
from pyrhi.study.kept import Kept
from pyrhi.study.run import run_simulation


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("readers")
    first = folder / "anna"
    first.mkdir()
    for path in AXIAL.glob("*.zip"):
        shutil.copy(path, first)
    return first, second_reader(folder / "bela", 1)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Kept, ...]]:
    """A synthetic cohort, and what of the printed numbers it keeps."""
    return run_simulation(tmp_path_factory.mktemp("example"), seed=4)


@pytest.fixture(scope="session")
def study(
    simulated: tuple[Path, tuple[Kept, ...]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """All that ``pyrhi study`` writes of that cohort."""
    output = tmp_path_factory.mktemp("study")
    line = ["study", str(simulated[0]), "-o", str(output), "--resamples", "100", "--word"]
    assert run(line) == 0
    return output
