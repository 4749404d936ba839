"""The meanings of columns: every table that pyrhi writes has them, and reads back as they say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest
from rigs.every_command import all_commands

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


TEXTS = {
    # who, where, what
    "Patient", "Visit", "Image", "Roi", "Role", "Level", "Unit", "Location", "Lesion", "Plane",
    "patient", "lesion", "sex", "histology", "location", "number", "onset", "therapy", "group",
    "groups", "factor", "characteristic", "item", "column", "analysis", "test", "effect", "Type",
    "Quantity", "Readers", "Statistic", "Region", "Reader_A", "Reader_B", "Marked_by",
    "Not_marked_by", "Model", "Metric", "Tier", "statistic_name", "guideline", "topic", "where",
    "quantity", "step", "check", "patients", "From", "To", "OtherImage",
    "LesionsBefore", "LesionsAfter",
    # how, why
    "Method", "Warnings", "Error", "Reason", "Note", "note", "Notice", "notice", "Rating",
    "Options", "Comment", "Reader", "BaselineCall", "NadirCall", "Change", "reason", "method",
    "source", "citation", "page", "explanation", "verdict", "applied", "kept", "Indeterminate",
    # words or several numbers in one cell
    "printed", "possible", "published", "synthetic", "df",
    *("primary_confirmed", "metastases_diagnosed", "mri_in_period", "data_complete",
      "other_malignancy", "diagnosis_unclear", "images_available"),
}  # fmt: skip
"""Columns whose cells are text; every other cell of every table is a number, NaN or blank."""

WRITTEN = {
    "rhi", "patients", "rois", "failures", "measures", "lesions", "signal", "results",
    "thresholds", "tiers", "differences", "progression", "lesion_changes", "agreement", "outlines",
    "unpaired", "notes", "evaluation", "confusion", "calibration", "decision", "flow", "excluded",
    "missing", "table_1", "table_2", "table_3", "statistics", "roc", "checklist", "consistency",
    "synthetic_cohort", "synthetic_against_published",
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name in ("en", "de"):
        found[name] = tmp_path_factory.mktemp(name)
        # It is written in plain form, whatever the locale.
        before = found["en"] / "sim" if name != "en" else None
        all_commands(found[name], "--locale", name, simulated=before)
    return found


def tables_of(folder: Path) -> dict[str, Path]:
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.csv"))}
    return {name: p for name, p in found.items() if not name.startswith("given/")}


def read(path: Path, **options: str) -> pd.DataFrame:
    """Read a table; only NaN and a blank cell are missing, not the word None."""
    return pd.read_csv(path, keep_default_na=False, na_values=["NaN", ""], **options)


def numbers_of(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[heading for heading in frame.columns if heading not in TEXTS]]


@pytest.mark.slow
def test_every_cell_that_is_no_text_is_a_number(folders: dict[str, Path]):
    seen, wrong = set(), []
    for name, path in tables_of(folders["en"]).items():
        seen.add(path.stem)
        for heading, cells in numbers_of(read(path)).items():
            if not (cells.isna().all() or pd.api.types.is_numeric_dtype(cells)):
                wrong.append((name, heading))
    assert wrong == []
    assert seen == WRITTEN


@pytest.mark.slow
def test_a_german_table_holds_the_same_numbers(folders: dict[str, Path]):
    english, german = tables_of(folders["en"]), tables_of(folders["de"])
    assert set(english) == set(german)
    compared = 0
    for name in english:
        if name.startswith("sim/"):  # written in plain form, for the next command
            continue
        wanted = numbers_of(read(english[name]))
        found = read(german[name], sep=";", decimal=",", encoding="utf-8-sig")
        pd.testing.assert_frame_equal(numbers_of(found), wanted, check_exact=True)
        compared += int(wanted.notna().to_numpy().sum())
    assert compared > 3000


@pytest.mark.slow
def test_no_cell_holds_a_number_as_python_shows_it(folders: dict[str, Path]):
    for name, path in tables_of(folders["en"]).items():
        text = path.read_text(encoding="utf-8")
        for mark in ("np.", "float64", "array("):
            assert mark not in text, name


def test_what_has_a_unit_is_no_text():
    """The page of columns and this list agree."""
    of_texts = {"Unit", "UTC", "1"}
    with_unit = {c.name for c in columns() if c.unit and not of_texts & set(c.unit.split())}
    assert with_unit & TEXTS == set()
