"""The figures of a study."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

pytestmark = pytest.mark.slow


def test_pictures_hold_r_and_p(study: Path) -> None:
    statistics = rows(study / "statistics.csv")
    text = (study / "figure_4.svg").read_text(encoding="utf-8")
    for name, symbol in (("Spearman rho", "Spearman ρ"), ("Pearson r", "Pearson r")):
        row = next(r for r in statistics if (r["analysis"], r["test"]) == ("RHI and VAS", name))
        low, high = float(row["ci_low"]), float(row["ci_high"])
        assert f"{symbol} = {float(row['effect_size']):.2f} [{low:.2f}, {high:.2f}]" in text
    assert "p &lt; 0.0001" in text or "p = 0." in text
