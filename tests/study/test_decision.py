"""Decision curves against R, and on a cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs.reference import from_r
from rigs.samples import SPRAYS

from pyrhi.pain.metrics import THRESHOLDS, net_benefit
from pyrhi.pain.model import Patient, load_model
from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.decision import decision_curve, decisions_of

P = np.concatenate(list(SPRAYS.values())) / 30
EVENT = np.repeat([s in "ABF" for s in SPRAYS], 12)


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5])
def test_net_benefit_is_that_of_r(threshold: float) -> None:
    model, everybody = from_r("models")[f"net benefit {threshold:g}"]
    assert net_benefit(P, EVENT, threshold) == pytest.approx(model, abs=1e-12)
    points = decision_curve(
        P, EVENT, [str(i) for i in range(72)], thresholds=[threshold], resamples=200
    )
    assert points[0].model.value == pytest.approx(model, abs=1e-12)
    assert points[0].everybody == pytest.approx(everybody, abs=1e-12)
    assert points[0].model.low < model < points[0].model.high


def test_a_cohort_is_judged_by_the_published_model_that_never_saw_it(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    rows = [("A", 2, 15), ("B", 3, 30), ("C", 6, 60), ("D", 9, 70), ("E", 5, 45), ("F", 0, 40)]
    path.write_text(
        "patient,vas,rhi\n" + "\n".join(f"{n},{v},{r}" for n, v, r in rows) + "\nG,5,\n",
        encoding="utf-8",
    )
    points = decisions_of(read_study_cohort(path), resamples=100)
    assert [p.threshold for p in points] == list(THRESHOLDS)
    model = load_model("published")
    prediction = [model.predict(Patient(float(r))).moderate_or_severe for _, _, r in rows]
    p = np.array([s.value for s in prediction if s is not None])
    event = np.array([v >= 4 for _, v, _ in rows])
    for point in points:
        assert point.model.value == net_benefit(p, event, point.threshold)


def test_too_few_rows_or_one_outcome_give_no_curve(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text("patient,vas,rhi\n" + "".join(f"P{i},5,{40 + i}\n" for i in range(9)), "utf-8")
    assert decisions_of(read_study_cohort(path), resamples=10) == ()
    path.write_text("patient,vas,rhi\nA,2,10\nB,8,60\n", "utf-8")
    assert decisions_of(read_study_cohort(path), resamples=10) == ()
