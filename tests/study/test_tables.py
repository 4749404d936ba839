"""Tables 1 to 3 have the rows of the paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

pytestmark = pytest.mark.slow


def test_tables_have_the_papers_rows(study: Path) -> None:
    table_1 = {(r["characteristic"], r["item"]): r for r in rows(study / "table_1.csv")}
    assert table_1["Histologic type", "Luminal B"]["n"] == "31"
    assert table_1["Systemic therapy", "Chemotherapy"]["n"] == "44"
    assert table_1["Age (years)", ""]["median"] == "51"
    table_2 = {(r["factor"], r["group"]): r for r in rows(study / "table_2.csv")}
    assert (table_2["Location", "Lumbar"]["min"], table_2["Location", "Lumbar"]["max"]) == (
        "5",
        "10",
    )
    table_3 = {(r["factor"], r["group"]): r for r in rows(study / "table_3.csv")}
    assert table_3["RHI (%)", ""]["median"] == "47"
    assert table_3["Pain tier", "Mild pain (1-3)"]["median"] == "27"
