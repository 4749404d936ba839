"""The meanings of columns: every table that pyrhi writes is covered, and the page says the same."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from pyrhi.batch.measures import LESION_HEADINGS, MEASURE_HEADINGS, SIGNAL_HEADINGS
from pyrhi.batch.ratings import FILE_HEADINGS, RATING_HEADINGS
from pyrhi.batch.summarise import PATIENT_HEADINGS
from pyrhi.batch.write import FAILURE_HEADINGS, RHI_HEADINGS, ROI_HEADINGS
from pyrhi.cli.thresholds import HEADINGS as THRESHOLD_HEADINGS
from pyrhi.imagej.results import HEADINGS as RESULT_HEADINGS
from pyrhi.pain.classify import HEADINGS as TIER_HEADINGS
from pyrhi.report.columns import TABLES, column_of, columns
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
