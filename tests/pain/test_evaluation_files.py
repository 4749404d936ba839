"""Files of an evaluation, read back by pandas: every digit, and the same bytes again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pyrhi.pain.evaluation import Evaluation, evaluate
from pyrhi.pain.evaluation_files import summary_lines, write_evaluation
from pyrhi.pain.metrics import METRICS
from pyrhi.pain.model import NOTICE, Patient

TIERS = ["mild", "moderate", "severe"]


@pytest.fixture(scope="module")
def result() -> Evaluation:
    rng = np.random.default_rng(1)
    rhi = np.concatenate([rng.normal(30 + 25 * k, 14, 15) for k in range(3)]).clip(1, 99)
    return evaluate([Patient(float(r)) for r in rhi], [t for t in TIERS for _ in range(15)],
                    repeats=1, bootstraps=5)  # fmt: skip


def test_tables_hold_every_digit_and_every_patient(result: Evaluation, tmp_path: Path):
    write_evaluation(result, tmp_path)
    scores = pd.read_csv(tmp_path / "evaluation.csv")
    assert scores.Value.tolist() == pytest.approx([s.value for s in result.scores], nan_ok=True,
                                                  rel=0, abs=0)  # fmt: skip
    assert set(scores.Patients) == {45}
    confusion = pd.read_csv(tmp_path / "confusion.csv")
    counts = confusion.filter(like="Called_").sum(axis=1).groupby(confusion.Model).sum()
    assert counts.round(9).unique().tolist() == [45.0]
    for name in ("evaluation", "confusion", "calibration", "decision"):
        assert set(pd.read_csv(tmp_path / f"{name}.csv").Notice) == {NOTICE}
    record = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert (record["notice"], record["tiers"]) == (NOTICE, TIERS)


def test_the_same_result_gives_the_same_bytes(result: Evaluation, tmp_path: Path):
    first, second = (write_evaluation(result, tmp_path / name) for name in ("a", "b"))
    assert [p.name for p in first] == [p.name for p in second]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_the_summary_has_a_line_for_every_measure(result: Evaluation):
    heading, *lines = summary_lines(result)
    assert heading.split() == list(result.confusion)
    assert [line.split()[0] for line in lines] == list(METRICS)
