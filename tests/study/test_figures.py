"""The figures of a study."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rigs.command_line import rows

from pyrhi.study.figures import draw_roc
from pyrhi.study.roc import roc_of, without_intervals

pytestmark = pytest.mark.slow


def test_pictures_hold_r_and_p(study: Path) -> None:
    statistics = rows(study / "statistics.csv")
    text = (study / "figure_4.svg").read_text(encoding="utf-8")
    for name, symbol in (("Spearman rho", "Spearman ρ"), ("Pearson r", "Pearson r")):
        row = next(r for r in statistics if (r["analysis"], r["test"]) == ("RHI and VAS", name))
        low, high = float(row["ci_low"]), float(row["ci_high"])
        assert f"{symbol} = {float(row['effect_size']):.2f} [{low:.2f}, {high:.2f}]" in text
    assert "p &lt; 0.0001" in text or "p = 0." in text


def test_a_curve_of_several_lesions_sends_nobody_to_an_interval_that_is_not_there(
    tmp_path: Path,
) -> None:
    roc = roc_of([1, 2, 3, 5], [3, 4, 6, 7])
    texts = {}
    for name, shown in (("alone", roc), ("several", without_intervals(roc))):
        _, svg = draw_roc(shown, tmp_path / name)
        texts[name] = "".join(ET.parse(svg).getroot().itertext())
    assert "read Newcombe's" in texts["alone"]
    assert "(Newcombe)" in texts["alone"]
    assert "Newcombe" not in texts["several"]
    assert "cluster jackknife" in texts["several"]
    assert f"{roc.newcombe.value:.2f}" in texts["several"]
