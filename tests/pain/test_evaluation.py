"""Measures against second libraries; evaluation against what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ModelError, ParameterError
from pyrhi.pain.evaluation import Evaluation, evaluate, stratified_folds
from pyrhi.pain.metrics import THRESHOLDS
from pyrhi.pain.model import Patient

NAMES = ("mild", "moderate", "severe")


def cohort(seed: int = 1, gap: float = 25.0) -> tuple[list[Patient], list[str]]:
    rng = np.random.default_rng(seed)
    rhi = np.concatenate([rng.normal(30 + gap * k, 14, 15) for k in range(3)]).clip(1, 99)
    return [Patient(float(r)) for r in rhi], [n for n in NAMES for _ in range(15)]


@pytest.fixture(scope="module")
def result() -> Evaluation:
    return evaluate(*cohort(), repeats=3, bootstraps=40)


def found(result: Evaluation, model: str, method: str, metric: str) -> tuple[float, float, float]:
    (s,) = [s for s in result.scores if (s.model, s.method, s.metric) == (model, method, metric)]
    return s.value, s.low, s.high


def test_folds_keep_the_tiers_even() -> None:
    tier = np.repeat([0, 1, 2], [13, 15, 17])
    fold = stratified_folds(tier, 5, np.random.default_rng(1))
    for value, size in enumerate((13, 15, 17)):
        dealt = np.bincount(fold[tier == value], minlength=5)
        assert dealt.sum() == size
        assert dealt.max() - dealt.min() <= 1
    assert np.bincount(fold).tolist() == [9] * 5


@pytest.mark.slow
def test_same_seed_same_result(result: Evaluation) -> None:
    again = evaluate(*cohort(), repeats=3, bootstraps=40)
    assert [repr(s) for s in again.scores] == [repr(s) for s in result.scores]
    other = evaluate(*cohort(), repeats=3, bootstraps=40, seed=2)
    assert [repr(s) for s in other.scores] != [repr(s) for s in result.scores]


def test_guessing_the_most_frequent_tier_scores_as_chance(result: Evaluation) -> None:
    assert found(result, "majority", "cross-validation", "weighted_kappa")[0] == pytest.approx(
        0, abs=1e-12
    )
    assert found(result, "majority", "cross-validation", "c_index")[0] == 0.5
    assert found(result, "majority", "cross-validation", "brier")[0] == pytest.approx(2 / 3)
    assert found(result, "published", "as shipped", "c_index")[0] > 0.7
    assert found(result, "ordinal", "cross-validation", "c_index")[0] > 0.7


def test_every_value_lies_in_its_interval(result: Evaluation) -> None:
    for s in result.scores:
        if np.isfinite(s.value):
            assert s.low <= s.value <= s.high, s


@pytest.mark.slow
def test_optimism_lowers_the_apparent_value_where_terms_are_noise() -> None:
    rng = np.random.default_rng(6)
    patients = [
        Patient(float(r), str(p), str(n))
        for r, p, n in zip(
            rng.uniform(10, 80, 90),
            rng.choice(["lumbar", "thoracic", "multiple"], 90),
            rng.choice(["1", "2", ">2"], 90),
            strict=True,
        )
    ]
    tiers = [n for n in NAMES for _ in range(30)]
    noise = evaluate(patients, tiers, terms=("rhi", "location", "number"), repeats=2, bootstraps=60)
    apparent = found(noise, "ordinal", "apparent", "c_index")[0]
    corrected = found(noise, "ordinal", "bootstrap optimism", "c_index")[0]
    held_out = found(noise, "ordinal", "cross-validation", "c_index")[0]
    assert apparent > 0.55
    assert corrected < apparent - 0.03
    assert held_out < apparent


def test_confusion_counts_every_patient(result: Evaluation) -> None:
    for table in result.confusion.values():
        assert table.sum(axis=1) == pytest.approx([15, 15, 15])


def test_calibration_counts_every_patient(result: Evaluation) -> None:
    for model in ("ordinal", "majority", "published"):
        points = [p for p in result.calibration if p.model == model]
        assert sum(p.n for p in points) == 45
        assert all(p.low <= p.observed <= p.high for p in points)
    assert len([p for p in result.calibration if p.model == "majority"]) == 1


def test_published_baseline_needs_its_three_tiers() -> None:
    patients, tiers = cohort()
    two = evaluate(patients[:30], tiers[:30], penalty=1.0, repeats=1, bootstraps=20)
    assert {s.model for s in two.scores} == {"ordinal", "majority"}


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(ParameterError, match="two or more folds"):
        evaluate(*cohort(), folds=1)
    with pytest.raises(ParameterError, match="15 patients: give fewer --folds"):
        evaluate(*cohort(), folds=16)
    with pytest.raises(ModelError, match="separate"):
        evaluate(*cohort(gap=200), repeats=1, bootstraps=5)


def test_separated_cohort_can_be_evaluated_with_a_penalty() -> None:
    patients = [Patient(float(10 * k + i)) for k, i in ((k, i) for k in range(3) for i in range(6))]
    tiers = [n for n in NAMES for _ in range(6)]
    done = evaluate(patients, tiers, penalty=1.0, repeats=1, bootstraps=20)
    assert found(done, "ordinal", "cross-validation", "accuracy")[0] > 0.6


def test_the_decision_curve_is_of_the_held_out_probabilities() -> None:
    rng = np.random.default_rng(4)
    tier = np.repeat(["mild", "moderate", "severe"], 20)
    rhi = np.repeat([25.0, 50.0, 70.0], 20) + rng.normal(0, 12, 60)
    patients = [Patient(float(np.clip(r, 1, 99))) for r in rhi]
    found = evaluate(patients, list(tier), repeats=2, bootstraps=5, seed=1)
    at = {(d.model, d.threshold): d.net_benefit for d in found.decisions}
    assert {m for m, _ in at} == {"ordinal", "majority", "published", "everybody"}
    for threshold in THRESHOLDS:
        # 40 of 60 have moderate or severe pain; majority gives everybody that share.
        everybody = 2 / 3 - threshold / (1 - threshold) / 3
        assert at["everybody", threshold] == pytest.approx(everybody)
        share = everybody if threshold <= 0.65 else 0.0
        assert at["majority", threshold] == pytest.approx(share, abs=1e-12)
    assert at["ordinal", 0.7] > max(at["everybody", 0.7], 0)
