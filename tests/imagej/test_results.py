"""Every cell of ImageJ's Results table, against ImageJ 1.54p's own numbers."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from rigs.places import DATA

from pyrhi.batch.results import results_table

FILES = sorted([*DATA.glob("golden/*.results.csv"), *DATA.glob("oracle/*.results.csv")])
TOLERANCE = 1e-9
PIXEL_COUNT = "PixelCount"


def close(ours: float, theirs: float) -> bool:
    if math.isnan(theirs) or math.isinf(theirs):
        return ours == theirs or (math.isnan(ours) and math.isnan(theirs))
    return abs(ours - theirs) <= TOLERANCE * max(1.0, abs(theirs))


def test_all_files_are_there():
    assert len(FILES) == 14


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.name.split('.')[0]}")
def test_every_golden_cell_is_the_one_that_imagej_wrote(path: Path):
    base = str(path)[: -len(".results.csv")]
    table = results_table(f"{base}.tif", f"{base}.RoiSet.zip")
    at = table.headings.index("Slice")
    ours = {(row[0], row[at]): row for row in table.rows}
    assert not table.errors
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) in (280, 238)
    wrong = []
    cells = 0
    for row in rows:
        got = ours[row["Roi"], float(row["Slice"])]
        for heading, text in row.items():
            if heading in ("Roi", PIXEL_COUNT):
                continue
            if heading not in table.headings:
                # RRLength and RRWidth: no ROI of this file has them.
                assert math.isnan(float(text))
                continue
            value = got[table.headings.index(heading)]
            cells += 1
            if not close(value, float(text)):
                wrong.append((row["Roi"], heading, float(text), value))
    assert cells == len(rows) * (len(table.headings) - 1)
    assert wrong == []


def test_headings_are_imagejs(data: Path):
    with (data / "golden/t2_sagittal_16bit.results.csv").open(newline="") as stream:
        theirs = next(csv.reader(stream))
    table = results_table(
        data / "golden/t2_sagittal_16bit.tif", data / "golden/t2_sagittal_16bit.RoiSet.zip"
    )
    assert list(table.headings) == [h for h in theirs if h != PIXEL_COUNT]
