"""The published numbers, against the paper's own text."""

from __future__ import annotations

from pyrhi.pain import published


def test_table_3_is_the_papers() -> None:
    tiers = published()["table_3_rhi_percent"]["tiers"]
    assert tiers["mild"] == {"median": 27, "range": [10, 43]}
    assert tiers["moderate"] == {"median": 59, "range": [32, 78]}
    assert tiers["severe"] == {"median": 66, "range": [39, 84]}


def test_counts_of_locations_add_up_to_the_patients() -> None:
    paper = published()
    assert sum(count for count, _ in paper["table_1"]["location"].values()) == paper["n"]


def test_each_call_gives_a_new_object() -> None:
    first = published()
    first["n"] = 0
    first["table_3_rhi_percent"]["tiers"].clear()
    assert published()["n"] == 45
    assert len(published()["table_3_rhi_percent"]["tiers"]) == 4
