"""Printed numbers that a cohort cannot keep are named with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.study.kept import Kept


@pytest.mark.slow
def test_what_is_lost_is_named_with_its_reason(
    simulated: tuple[Path, tuple[Kept, ...]],
) -> None:
    cohort, rows = simulated
    lost = {r.quantity: r for r in rows if not r.kept}
    assert "hold at most 1" in lost["table_1.pain.without"].reason
    assert "6.87 to 7.78" in lost["table_2_vas.overall.mean"].reason
    assert lost["table_2_vas.number.1.mean"].published == "4"
    assert all(r.reason for r in lost.values())
    kept = {r.quantity for r in rows if r.kept}
    assert {f"table_2_vas.location.{p}.mean" for p in ("cervical", "thoracic", "lumbar")} <= kept
    assert {f"table_3_rhi_percent.tiers.{t}.median" for t in ("mild", "moderate", "severe")} <= kept
    for path in cohort.parent.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert all("Synthetic data: no patient was measured." in line for line in lines[1:])
