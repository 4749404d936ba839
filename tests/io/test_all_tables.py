"""Every table that pyrhi writes reads back: what has a unit is a number, whatever made it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pyrhi.cli.main import run
from pyrhi.report.columns import columns
from pyrhi.sample import sample_folder

NOT_NUMBERS = {"Unit", "UTC"}
"""Units that say how a text is written."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    sample = sample_folder()
    ratings = folder / "given.csv"
    ratings.write_text(
        "Patient,Image,Slice,Level,Rating,Score,Comment,Reader,Date\n"
        "x,t2_axial_022.tif,1,,accept,4,,,\n"
    )
    line = ["measure", str(sample / "axial_slices"), "--jobs", "1", "--measures",
            "--slice-distance", "0.8", "--slice-plane", "axial"]  # fmt: skip
    assert run([*line, "--ratings", str(ratings), "-o", str(folder)]) == 0
    image = sample / "axial_slices/t2_axial_022.tif"
    zipped = str(image.with_suffix(".zip"))
    patients = str(folder / "patients.csv")
    assert run(["results", str(image), zipped, "-o", str(folder / "results.csv")]) == 0
    assert run(["thresholds", str(image), "-o", str(folder / "thresholds.csv")]) == 0
    assert run(["classify", patients, "-o", str(folder / "tiers.csv")]) == 0
    visits = [str(sample / "visits" / name) for name in ("month_0", "month_6")]
    assert run(["track", *visits, "--repeatability", "5", "-o", str(folder)]) == 0
    return folder


NAMES = ["rhi", "patients", "rois", "failures", "measures", "lesions", "signal", "results",
         "thresholds", "tiers", "progression"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_columns_with_a_unit_are_numbers(tables: Path, name: str):
    frame = pd.read_csv(tables / f"{name}.csv")
    units = {c.name: c.unit for c in columns() if c.table == name}
    numeric = [h for h in frame.columns if units.get(h) and not NOT_NUMBERS & set(units[h].split())]
    numeric += [h for h in frame.columns if units.get(h) == "column Unit"]
    assert len(numeric) >= min(len(frame), 1)
    for heading in numeric:
        assert pd.api.types.is_numeric_dtype(frame[heading]), heading


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_holds_a_number_as_python_shows_it(tables: Path, name: str):
    text = (tables / f"{name}.csv").read_text(encoding="utf-8")
    for mark in ("np.", "float64", "array(", "None"):
        assert mark not in text
