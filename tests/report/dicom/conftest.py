"""A series as a scanner would write it, and what ``pyrhi dicom`` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import pyrhi
from pyrhi.cli.main import run


@pytest.fixture(scope="session")
def stack(sagittal: Path) -> tuple[Path, Path]:
    return sagittal / "t2_sagittal.tif", sagittal / "t2_sagittal.RoiSet.zip"


@pytest.fixture(scope="session")
def series(tmp_path_factory, series_of, stack) -> Path:
    folder = tmp_path_factory.mktemp("dicom") / "series"
    series_of(stack[0], folder)
    return folder


@pytest.fixture(scope="session")
def written(series: Path, stack) -> Path:
    out = series.parent / "out"
    assert run(["dicom", str(series), "--rois", str(stack[1]), "-o", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def expected(stack) -> dict[int, pyrhi.api.SliceRhi]:
    """The ImageJ stack that the series was made of, measured as TIFF."""
    return {s.slice: s for s in pyrhi.measure(*stack).slices}
