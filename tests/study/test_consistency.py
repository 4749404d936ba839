"""The contradictions in the printed tables are found, and only where there are any."""

from __future__ import annotations

import copy
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pyrhi.errors import TableError
from pyrhi.pain import published
from pyrhi.study.consistency import (
    CONTRADICTION,
    UNCHECKABLE,
    Finding,
    Group,
    anova_limits,
    check_summaries,
)


def contradictions(data: dict[str, Any]) -> list[Finding]:
    return [f for f in check_summaries(data) if f.verdict == CONTRADICTION]


def summaries(rows: list[tuple[str, str, int, str, float]]) -> dict[str, Any]:
    """Print location, number, VAS and RHI of real rows as a paper does."""

    def share(counts: dict[str, int]) -> dict[str, list[int]]:
        return {k: [v, int(np.floor(100 * v / len(rows) + 0.5))] for k, v in counts.items()}

    def vas(members: list[tuple[str, str, int, str, float]]) -> dict[str, Any]:
        scores = [r[2] for r in members]
        mean = int(np.floor(np.mean(scores) + 0.5))
        return {"mean": mean, "range": [min(scores), max(scores)]}

    def rhi(members: list[tuple[str, str, int, str, float]]) -> dict[str, Any]:
        values = [r[4] for r in members]
        return {"median": float(np.median(values)), "range": [min(values), max(values)]}

    places = list(dict.fromkeys(r[0] for r in rows))
    by_place = [[r for r in rows if r[0] == p] for p in places]
    p = stats.f_oneway(*[[r[2] for r in members] for members in by_place]).pvalue
    by_number = {k: [r for r in rows if r[1] == k] for k in ("1", "2", ">2")}
    q = stats.f_oneway(*[[r[2] for r in members] for members in by_number.values()]).pvalue
    tiers = list(dict.fromkeys(r[3] for r in rows))
    return {
        "n": len(rows),
        "table_1": {
            "bone_metastases": share(
                {"one": len(by_number["1"]), "multiple": len(rows) - len(by_number["1"])}
            ),
            "location": share({p: len(m) for p, m in zip(places, by_place, strict=True)}),
            "pain": share(
                {"with": sum(r[2] > 0 for r in rows), "without": sum(r[2] == 0 for r in rows)}
            ),
        },
        "table_2_vas": {
            "overall": vas(rows),
            "location": {"p": f"{p:.4f}"}
            | {p: vas(m) for p, m in zip(places, by_place, strict=True)},
            "number": {"p": f"{q:.4f}"} | {k: vas(m) for k, m in by_number.items()},
        },
        "table_3_rhi_percent": {
            "overall": rhi(rows),
            "tiers": {t: rhi([r for r in rows if r[3] == t]) for t in tiers},
        },
    }


def test_every_contradiction_that_the_file_lists_is_found() -> None:
    data = published()
    assert len(data["cannot_all_hold"]) == 5
    found = {(f.check, where): f.explanation for f in contradictions(data) for where in f.where}
    assert (
        "29 of 45 is 64 %, printed 46 %" in found["percentage", "table_1.bone_metastases.multiple"]
    )
    assert "3 of 45 is 7 %, printed 6 %" in found["percentage", "table_1.location.cervical"]
    zeros = [f for f in contradictions(data) if f.check == "zeros"]
    assert {f.possible for f in zeros} == {"at most 1", "at most 0"}
    assert "3 patients with mean 4 and range 0-6 hold at most 1" in zeros[0].explanation
    mean = found["overall mean", "table_2_vas.overall.mean"]
    assert "6.87 to 7.78 within rounding; the overall mean is printed as 5" in mean
    assert "44 + 6 + 0 - 6 is 44 patients, not 45" in found["overlap", "table_1.therapy.none"]
    assert "39 patients (as many as pain with)" in found["base", "table_1.onset.metachronous"]


def test_the_list_in_the_file_is_not_read() -> None:
    data = published()
    whole = check_summaries(data)
    del data["cannot_all_hold"], data["not_printed"]
    assert check_summaries(data) == whole


def test_each_contradiction_goes_away_with_its_number() -> None:
    data = published()
    data["table_1"]["bone_metastases"]["multiple"][1] = 64
    data["table_1"]["location"]["cervical"][1] = 7
    data["table_2_vas"]["overall"]["mean"] = 7
    data["table_1"]["therapy"]["none"] = [1, 2]
    data["table_1"]["onset"] = {"metachronous": [41, 91], "synchronous": [4, 9]}
    left = {f.check for f in contradictions(data)}
    assert left == {"zeros", "range", "range end", "one metastasis"}


@pytest.mark.parametrize("seed", range(12))
def test_tables_of_real_rows_hold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(45):
        place = str(rng.choice(["cervical", "thoracic", "lumbar", "multiple"]))
        number = str(rng.choice(["2", ">2"] if place == "multiple" else ["1", "1", "2", ">2"]))
        vas = int(rng.integers(0, 11))
        tier = "none" if vas == 0 else "mild" if vas < 4 else "moderate" if vas < 8 else "severe"
        rows.append((place, number, vas, tier, float(rng.integers(10, 85))))
    assert contradictions(summaries(rows)) == []


def test_a_changed_number_in_real_tables_is_found() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (place, "1" if place != "multiple" else ">2", int(v), "moderate", 50.0)
        for place in ("lumbar", "multiple")
        for v in rng.integers(4, 8, 20)
    ]
    rows += [("lumbar", "2", 5, "moderate", 40.0), ("lumbar", "2", 6, "moderate", 41.0)]
    data = summaries(rows)
    assert contradictions(data) == []
    wrong = copy.deepcopy(data)
    wrong["table_2_vas"]["location"]["p"] = f"0.{0:029d}1"
    assert [f.check for f in contradictions(wrong)] == ["anova"]
    wrong = copy.deepcopy(data)
    wrong["table_2_vas"]["location"]["multiple"]["mean"] = 8
    assert {"mean"} <= {f.check for f in contradictions(wrong)}
    wrong = copy.deepcopy(data)
    wrong["table_1"]["pain"] = {"with": [40, 95], "without": [2, 5]}
    assert [f.check for f in contradictions(wrong)] == ["zeros", "zeros"]


def every_sample(group: Group) -> list[tuple[int, ...]]:
    """Write down all samples with this size, rounded mean and range."""
    scores = range(group.low, group.high + 1)
    return [
        s
        for s in combinations_with_replacement(scores, group.n)
        if s[0] == group.low
        and s[-1] == group.high
        and abs(sum(s) / group.n - group.mean) <= 0.5 + 1e-12
    ]


@pytest.mark.parametrize(
    "group",
    [
        Group("a", 3, 4, 0, 6),
        Group("b", 5, 4, 0, 8),
        Group("c", 4, 2, 0, 3),
        Group("d", 6, 7, 5, 10),
        Group("e", 2, 3, 0, 5),
        Group("f", 1, 4, 4, 4),
        Group("g", 4, 9, 0, 6),
    ],
)
def test_bounds_are_those_of_every_possible_sample(group: Group) -> None:
    samples = every_sample(group)
    assert list(group.sums()) == sorted({sum(s) for s in samples})
    assert group.most_zeros() == max((s.count(0) for s in samples), default=0)
    for score in range(11):
        assert group.can_hold(score) == any(score in s for s in samples)
    for total in group.sums():
        squares = [np.var(s) * group.n for s in samples if sum(s) == total]
        assert group.within(total) == pytest.approx((min(squares), max(squares)), abs=1e-9)


def test_limits_of_f_hold_for_every_possible_sample() -> None:
    groups = [Group("a", 3, 2, 0, 4), Group("b", 4, 5, 3, 8), Group("c", 3, 8, 7, 10)]
    limits = anova_limits(groups)
    assert limits is not None
    low, high, low_p, high_p = limits
    results = [
        stats.f_oneway(a, b, c)
        for a in every_sample(groups[0])
        for b in every_sample(groups[1])
        for c in every_sample(groups[2])
    ]
    f = [r.statistic for r in results]
    assert (min(f), max(f)) == pytest.approx((low, high), rel=1e-9)
    assert max(r.pvalue for r in results) == pytest.approx(high_p, rel=1e-9)
    assert min(r.pvalue for r in results) == pytest.approx(low_p, rel=1e-9)


def test_what_cannot_be_checked_is_said() -> None:
    assert any(f.verdict == UNCHECKABLE and "tier sizes" in f.explanation
               for f in check_summaries(published()))  # fmt: skip


def test_other_json_is_refused() -> None:
    with pytest.raises(TableError, match="table_1"):
        check_summaries({"n": 45})
