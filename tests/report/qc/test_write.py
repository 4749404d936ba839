"""The page beside its tables: a row whose image has changed gets no picture, and says so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pyrhi.cli.main import run
from pyrhi.report.qc.write import size_text, write_report

NAMES = ("t2_axial_021", "t2_axial_022")


@pytest.fixture
def measured(tmp_path: Path, axial: Path) -> Path:
    for name in NAMES:
        for ending in ("tif", "zip"):
            shutil.copy(axial / f"{name}.{ending}", tmp_path)
    assert run(["measure", str(tmp_path), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    return tmp_path


def test_the_page_says_how_many_slices_and_how_large_it_is(measured: Path):
    seen: list[int] = []
    written = write_report(measured / "out", jobs=1, progress=seen.append)
    assert (written.slices, written.without_picture, seen) == (2, 0, [1, 1])
    assert written.size == written.path.stat().st_size
    page = written.path.read_text(encoding="utf-8")
    assert "not a medical device" in page
    assert not re.search(r"(?:src|href)=[\"']https?:", page)


def test_an_image_that_has_changed_is_not_shown_beside_the_old_number(measured: Path):
    path = measured / f"{NAMES[1]}.tif"
    pixels = tifffile.imread(path)
    with tifffile.TiffFile(path) as tif:
        about = tif.imagej_metadata
    size = {"unit": about["unit"]}
    tifffile.imwrite(path, np.flipud(pixels), imagej=True, metadata=size)
    written = write_report(measured / "out", jobs=1)
    assert written.without_picture == 1
    assert "have changed since the table was made" in written.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 MB"), (2**20, "1.0 MB"), (29_884_416, "28.5 MB")]
)
def test_sizes_are_in_megabytes(size: int, text: str):
    assert size_text(size) == text
