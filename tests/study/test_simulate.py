"""The synthetic cohort keeps the printed numbers that can be kept together."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from pyrhi.pain import published
from pyrhi.pain.scores import tier
from pyrhi.study.run import run_simulation
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


@pytest.mark.slow
def test_what_is_lost_is_named_with_its_reason(tmp_path: Path) -> None:
    _, rows = run_simulation(tmp_path, seed=4)
    lost = {r.quantity: r for r in rows if not r.kept}
    assert "hold at most 1" in lost["table_1.pain.without"].reason
    assert "6.87 to 7.78" in lost["table_2_vas.overall.mean"].reason
    assert lost["table_2_vas.number.1.mean"].published == "4"
    assert all(r.reason for r in lost.values())
    kept = {r.quantity for r in rows if r.kept}
    assert {f"table_2_vas.location.{p}.mean" for p in ("cervical", "thoracic", "lumbar")} <= kept
    assert {f"table_3_rhi_percent.tiers.{t}.median" for t in ("mild", "moderate", "severe")} <= kept
    for path in tmp_path.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert all("Synthetic data: no patient was measured." in line for line in lines[1:])
