"""``pyrhi train`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run


def test_train_then_classify(
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


def test_train_refuses_a_tier_with_one_patient(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with cohort.open("a", encoding="utf-8") as stream:
        stream.write("x,5,0,0,1\n")
    model = tmp_path / "model.json"
    assert run(["train", str(cohort), "-o", str(model)]) == 1
    assert "tier none has 1" in capsys.readouterr().err
    assert not model.exists()
    assert run(["train", str(cohort), "-o", str(model), "--tiers", "mild,moderate,severe"]) == 0
    assert "1 of other tiers left out" in capsys.readouterr().out
    assert run(["train", str(cohort), "-o", str(model), "--tiers", "mild,bad"]) == 1
    assert "'bad' is not a tier" in capsys.readouterr().err
