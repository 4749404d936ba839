"""The synthetic cohort keeps the printed numbers that can be kept together."""

from __future__ import annotations

from statistics import median

import pytest

from pyrhi.pain import published
from pyrhi.pain.scores import tier
from pyrhi.study.simulate import simulate


@pytest.mark.parametrize("seed", [1, 2, 3, 20250113])
def test_counts_means_medians_and_ranges_are_kept(seed: int) -> None:
    rows, data = simulate(seed), published()
    assert len(rows) == data["n"] == 45
    table_1 = data["table_1"]
    for column, group in (("location", "location"), ("histology", "histologic_type")):
        for name, (count, _) in table_1[group].items():
            assert sum(r[column] == name for r in rows) == count
    assert sum(r["number"] == "1" for r in rows) == table_1["bone_metastases"]["one"][0]
    assert [sum(r["onset"] == o for r in rows) for o in ("metachronous", "synchronous")] == [35, 4]
    therapies = [r["therapy"] for r in rows]
    both = therapies.count("both")
    assert (therapies.count("chemotherapy") + both, therapies.count("radiotherapy") + both) == (
        44,
        6,
    )
    assert (both, therapies.count("none"), therapies.count("")) == (6, 0, 1)
    for name, printed in data["table_2_vas"]["location"].items():
        if name == "p":
            continue
        vas = [int(r["vas"]) for r in rows if r["location"] == name]
        assert [min(vas), max(vas)] == printed["range"]
        assert abs(sum(vas) / len(vas) - printed["mean"]) <= 0.5
    rhi = {r["patient"]: float(r["rhi"]) for r in rows}
    overall = data["table_3_rhi_percent"]["overall"]
    assert median(rhi.values()) == overall["median"]
    assert [min(rhi.values()), max(rhi.values())] == overall["range"]
    for name, printed in data["table_3_rhi_percent"]["tiers"].items():
        if name == "p":
            continue
        values = [rhi[r["patient"]] for r in rows if tier(r["vas"]) == name]
        assert median(values) == pytest.approx(printed["median"], abs=1e-9)
        assert [min(values), max(values)] == printed["range"]
    assert median(int(r["age"]) for r in rows) == data["age_median_years"]
    assert median(int(r["months_to_metastasis"]) for r in rows) == 27
    assert {r["synthetic"] for r in rows} == {"yes"}


def test_the_same_seed_gives_the_same_cohort() -> None:
    assert simulate(7) == simulate(7)
    assert simulate(7) != simulate(8)
