"""Rows and words of a classification: what the model says, under the headings of the table."""

from __future__ import annotations

import json

import pytest

from pyrhi.errors import ParameterError
from pyrhi.pain.classify import HEADINGS, choose_model, json_of, lines_of, table_of
from pyrhi.pain.cohort import MeasuredPatient
from pyrhi.pain.model import NOTICE, Patient, load_model

MODEL = load_model("published")


def patients(*visits: str) -> list[MeasuredPatient]:
    rhis = (27.0, None, 120.0)
    return [MeasuredPatient(f"P{i}", visit, Patient(rhi))
            for i, (rhi, visit) in enumerate(zip(rhis, visits, strict=True))]  # fmt: skip


def test_a_row_holds_what_the_model_says_under_its_headings():
    headings, rows = table_of(patients("", "", ""), MODEL)
    assert headings == HEADINGS
    row = dict(zip(headings, rows[0], strict=True))
    prediction = MODEL.predict(Patient(27.0))
    assert (row["Patient"], row["RHI"], row["Tier"]) == ("P0", 27.0, prediction.tier)
    both = prediction.moderate_or_severe
    assert both is not None
    ends = [row[f"P_moderate_or_severe{end}"] for end in ("", "_low", "_high")]
    assert ends == [both.value, both.low, both.high]
    assert row["P_none"] == ""
    assert "not a medical device" in row["Model"]


def test_a_missing_or_impossible_rhi_gets_no_tier_but_a_reason():
    headings, rows = table_of(patients("", "", ""), MODEL)
    for cells in rows[1:]:
        row = dict(zip(headings, cells, strict=True))
        assert (row["Tier"], row["Indeterminate"], row["P_mild"]) == ("", "yes", "")
        assert row["Reason"]


def test_visits_have_a_column_only_where_there_are_some():
    headings, rows = table_of(patients("1", "", "2"), MODEL)
    assert headings[:3] == ("Patient", "Visit", "RHI")
    assert [row[1] for row in rows] == ["1", "", "2"]


def test_json_has_null_where_the_table_has_a_blank():
    patient = Patient(27.0)
    document = json.loads(json.dumps(json_of(patient, MODEL.predict(patient), MODEL)))
    assert set(document) == {*HEADINGS[1:], "Caveats", "Notice"}
    assert document["P_none"] is None
    assert document["Indeterminate"] is False


def test_words_name_the_use_and_every_caveat():
    lines = lines_of(Patient(None), MODEL.predict(Patient(None)), MODEL)
    assert lines[0] == "RHI missing: indeterminate"
    assert lines[-1] == NOTICE
    assert {f"- {c}" for c in MODEL.caveats} <= set(lines)


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ("published", {"cutpoints": (36.0,)}),
        ("published", {"cutpoints": (36.0, 62.0), "priors": (1, 1, 1)}),
        ("mine.json", {"cutpoints": (36.0, 62.0)}),
        ("cutpoints", {"evidence": "rhi"}),
    ],
)
def test_settings_that_a_model_would_not_obey_are_refused(source: str, settings: dict):
    with pytest.raises(ParameterError):
        choose_model(source, **settings)
