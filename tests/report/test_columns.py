"""The meanings of columns: every table that pyrhi writes has them, and reads back as they say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

from pyrhi.batch.measures import LESION_HEADINGS, MEASURE_HEADINGS, SIGNAL_HEADINGS
from pyrhi.batch.ratings import FILE_HEADINGS, RATING_HEADINGS
from pyrhi.batch.summarise import PATIENT_HEADINGS
from pyrhi.batch.write import FAILURE_HEADINGS, RHI_HEADINGS, ROI_HEADINGS
from pyrhi.cli.main import run
from pyrhi.cli.thresholds import HEADINGS as THRESHOLD_HEADINGS
from pyrhi.imagej.results import HEADINGS as RESULT_HEADINGS
from pyrhi.pain.classify import HEADINGS as TIER_HEADINGS
from pyrhi.report.columns import TABLES, column_of, columns
from pyrhi.sample import sample_folder
from pyrhi.study.lesion_table import HEADINGS as LESION_CHANGE_HEADINGS
from pyrhi.study.track import HEADINGS as PROGRESSION_HEADINGS

DOCS = Path(__file__).parents[2] / "docs"
HEADINGS = {
    "rhi": (*RHI_HEADINGS, *RATING_HEADINGS),
    "patients": (*PATIENT_HEADINGS, "Number", "Visit"),
    "rois": ROI_HEADINGS,
    "failures": FAILURE_HEADINGS,
    "ratings": FILE_HEADINGS,
    "tiers": TIER_HEADINGS,
    "progression": PROGRESSION_HEADINGS,
    "measures": MEASURE_HEADINGS,
    "lesions": LESION_HEADINGS,
    "signal": SIGNAL_HEADINGS,
    "lesion_changes": LESION_CHANGE_HEADINGS,
    "results": ("Roi", *RESULT_HEADINGS),
    "thresholds": THRESHOLD_HEADINGS,
}


@pytest.mark.parametrize("table", HEADINGS)
def test_every_column_has_a_meaning_and_every_meaning_a_column(table: str):
    meant = {c.name: c.meaning for c in columns() if c.table == table}
    assert set(meant) == set(HEADINGS[table])
    assert all(meant.values())


def test_the_page_is_made_of_the_file():
    made = runpy.run_path(str(DOCS / "make_columns.py"))["page"]()
    assert (DOCS / "columns.md").read_text(encoding="utf-8") == made
    assert set(TABLES) == set(HEADINGS)


def test_an_unknown_column_has_no_meaning():
    assert (column_of("rhi", "x").unit, column_of("rhi", "x").meaning) == ("", "")


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


WRITTEN = ["rhi", "patients", "rois", "failures", "measures", "lesions", "signal", "results",
         "thresholds", "tiers", "progression"]  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_columns_with_a_unit_are_numbers(tables: Path, name: str):
    frame = pd.read_csv(tables / f"{name}.csv")
    units = {c.name: c.unit for c in columns() if c.table == name}
    numeric = [h for h in frame.columns if units.get(h) and not NOT_NUMBERS & set(units[h].split())]
    numeric += [h for h in frame.columns if units.get(h) == "column Unit"]
    assert len(numeric) >= min(len(frame), 1)
    for heading in numeric:
        assert pd.api.types.is_numeric_dtype(frame[heading]), heading


@pytest.mark.parametrize("name", WRITTEN)
def test_no_cell_holds_a_number_as_python_shows_it(tables: Path, name: str):
    text = (tables / f"{name}.csv").read_text(encoding="utf-8")
    for mark in ("np.", "float64", "array(", "None"):
        assert mark not in text
