"""VAS to tier, consensus and the study's groups."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ParameterError, TableError
from pyrhi.pain.scores import (
    consensus,
    location_in,
    number_group,
    reader_agreement,
    reconcile,
    tier,
    tier_in,
    vas_in,
)

TIER_OF = {
    "none": [0, "0", 0.0],
    "mild": [1, 3, 0.1, 3.99, np.float64(3.5)],
    "moderate": [4, 7, 7.99, "7.5"],
    "severe": [8, 10, np.int64(8)],
}


@pytest.mark.parametrize(
    ("vas", "expected"), [(vas, name) for name, scores in TIER_OF.items() for vas in scores]
)
def test_tier_as_the_study_defines_it(vas: object, expected: str) -> None:
    assert tier(vas) == expected


@pytest.mark.parametrize(
    ("mm", "expected"), [(0, "none"), (39, "mild"), (40, "moderate"), (80, "severe"), (5, "mild")]
)
def test_millimetres_only_when_asked_for(mm: int, expected: str) -> None:
    assert tier(mm, scale="mm") == expected


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (10.5, "outside of 0 to 10; ask for the 0-100 mm"),
        (-1, "outside of 0 to 10"),
        ("x", "'x' is not a number"),
        ("4,5", "decimal point"),
        ("", "missing"),
        (None, "missing"),
        (float("nan"), "missing"),
        (float("inf"), "finite"),
        (True, "not a number"),
    ],
)
def test_bad_vas_names_row_and_column(bad: object, text: str) -> None:
    with pytest.raises(TableError, match=f"cohort.csv row 5, column vas: .*{text}"):
        vas_in(bad, where="cohort.csv row 5, column vas")


def test_unknown_scale_is_refused() -> None:
    with pytest.raises(ParameterError, match="0-10 or mm"):
        tier(5, scale="cm")  # type: ignore[arg-type]


def test_consensus_is_the_mean_unless_adjudicated() -> None:
    assert consensus(3, 4) == 3.5
    assert tier(consensus(3, 4)) == "mild"
    assert consensus(3, 6, 6) == 6
    assert consensus(3, 6, 0.0) == 0


def test_numbers_and_locations_of_a_cohort_are_read_or_refused() -> None:
    where = "row 2, column number"
    assert [number_group(v, where=where) for v in (1, "2", 3, 12, ">2", "'>2", "", 0)] == [
        "1", "2", ">2", ">2", ">2", ">2", None, None,
    ]  # fmt: skip
    with pytest.raises(TableError, match=where):
        number_group("1.5", where=where)
    assert location_in(" Lumbar ", where="x") == "lumbar"
    assert location_in("unknown", where="x") is None
    with pytest.raises(TableError, match="row 3, column location: 'spine'"):
        location_in("spine", where="row 3, column location")
    with pytest.raises(TableError, match="row 3, column tier: 'strong' is not a tier"):
        tier_in("strong", where="row 3, column tier")


def test_cohort_wins_and_the_contradiction_is_said() -> None:
    assert reconcile("lumbar", None, what="location") == ("lumbar", "")
    assert reconcile(None, "lumbar", what="location") == ("lumbar", "")
    group, note = reconcile("lumbar", "multiple", what="location")
    assert group == "lumbar"
    assert "cohort file says lumbar, the measured tables say multiple" in note


def test_reader_agreement_lists_the_pairs_that_differ() -> None:
    result = reader_agreement(["a", "b", "c", "d"], [0, 3, 7, 9], [0, 4, 7, 10])
    assert [(d.patient, d.tier_1, d.tier_2) for d in result.differences] == [
        ("b", "mild", "moderate")
    ]
    assert result.n == 4
    # tiers 0 1 2 3 against 0 2 2 3: mean squared distance 1/4, by chance (17 + 7 + 5 + 11) / 16
    assert result.kappa.value == pytest.approx(1 - 0.25 / 2.5)
    assert result.icc.value > 0.95
