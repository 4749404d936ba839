"""Patients that a model is fitted to: who is left out is counted, who is too few is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.cli.main import run


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
