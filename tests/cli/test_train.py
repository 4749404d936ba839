"""``pyrhi train`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run


def test_a_trained_model_classifies_and_says_what_it_is_for(
    cohort: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = tmp_path / "model.json", tmp_path / "tiers.csv"
    assert run(["train", str(cohort), "-o", str(model)]) == 0
    streams = capsys.readouterr()
    assert "45 patients" in streams.out
    assert "Research use only; not a medical device." in streams.out
    assert "quadratic weighted kappa" in streams.err
    assert run(["classify", str(patients), "--model", str(model), "-o", str(out)]) == 0
    first = rows(out)[0]
    assert first["Tier"] == "mild"
    assert float(first["P_mild_low"]) < float(first["P_mild"]) < float(first["P_mild_high"])
