"""The proportional-odds model: against statsmodels itself, scipy, and its own rules."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from statsmodels.miscmodels.ordinal_model import OrderedModel

from pyrhi.errors import ModelError, ParameterError
from pyrhi.pain.model import Patient, dump_model, parse_model
from pyrhi.pain.ordinal import _ridge_class, effective_size, fit_ordinal, train

TIER_NAMES = ("mild", "moderate", "severe")


def cohort(seed: int = 1, each: int = 15) -> tuple[list[Patient], list[str]]:
    rng = np.random.default_rng(seed)
    rhi = np.concatenate([rng.normal(m, s, each) for m, s in ((27, 10), (57, 14), (64, 14))])
    number = rng.choice(["1", "2", ">2"], 3 * each)
    patients = [
        Patient(float(r), "lumbar", str(n)) for r, n in zip(rhi.clip(1, 99), number, strict=True)
    ]
    return patients, [name for name in TIER_NAMES for _ in range(each)]


def test_fit_is_statsmodels_and_scipys() -> None:
    patients, tiers = cohort()
    model = train(patients, tiers)
    x = np.array([p.rhi for p in patients], dtype=float)[:, None] / 10
    y = np.array([TIER_NAMES.index(t) for t in tiers])
    plain = OrderedModel(y, x, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)
    assert model.fit.coefficients[0] == pytest.approx(plain.params[0], rel=1e-4)
    assert np.sqrt(np.diag(model.fit.covariance)) == pytest.approx(plain.bse, rel=1e-3)

    def loss(p: np.ndarray) -> float:
        cumulative = 1 / (1 + np.exp(-(np.array([p[1], p[1] + np.exp(p[2])]) - p[0] * x)))
        parts = np.diff(np.hstack([np.zeros((45, 1)), cumulative, np.ones((45, 1))]), axis=1)
        return -float(np.log(parts[np.arange(45), y]).sum())

    best = minimize(loss, [1, 4, 1], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert model.fit.coefficients[0] == pytest.approx(best.x[0], rel=1e-5)
    assert model.fit.thresholds == pytest.approx(
        [best.x[1], best.x[1] + np.exp(best.x[2])], rel=1e-5
    )


def test_gradient_is_the_likelihoods() -> None:
    patients, tiers = cohort()
    x = np.array([[p.rhi, i % 3] for i, p in enumerate(patients)], dtype=float) / 10
    model = _ridge_class()(np.array([TIER_NAMES.index(t) for t in tiers]), x, distr="logit")
    model.penalty = 0.7
    at = np.array([0.5, -0.2, 3.0, 0.2])
    assert model.score(at) == pytest.approx(approx_fprime(at, model.loglike, 1e-7), rel=1e-4)


def test_prediction_reads_back_the_same_from_json() -> None:
    model = train(*cohort(), terms=("rhi", "number"))
    text = dump_model(model.document)
    again = parse_model(text.encode(), where="mine.json")
    patient = Patient(55.0, None, "2")
    assert again.predict(patient) == model.predict(patient)
    prediction = model.predict(patient)
    assert sum(e.value for e in prediction.probabilities.values()) == pytest.approx(1)
    assert all(e.low <= e.value <= e.high for e in prediction.probabilities.values())
    assert prediction.moderate_or_severe is not None
    assert prediction.moderate_or_severe.value == pytest.approx(
        1 - prediction.probabilities["mild"].value
    )
    assert "none" not in prediction.probabilities


def test_interval_is_near_the_delta_methods() -> None:
    model = train(*cohort())
    patient = Patient(50.0)
    low = model.predict(patient).probabilities["mild"]
    slope = np.array([-5.0, 1.0, 0.0])
    centre = model.fit.thresholds[0] - 5.0 * model.fit.coefficients[0]
    half = 1.959964 * np.sqrt(slope @ model.fit.covariance @ slope)
    ends = 1 / (1 + np.exp(-np.array([centre - half, centre + half])))
    assert (low.low, low.high) == pytest.approx(ends, abs=0.02)


def test_tier_none_is_spoken_of_only_where_it_was_fitted() -> None:
    patients, tiers = cohort()
    extra = [Patient(float(r)) for r in (0, 0, 3, 20, 9, 12)]
    model = train([*patients, *extra], [*tiers, *["none"] * 6])
    assert set(model.predict(Patient(5.0)).probabilities) == {"none", *TIER_NAMES}


def test_it_abstains_outside_the_fitted_range_and_without_a_term() -> None:
    model = train(*cohort(), terms=("rhi", "number"))
    assert "outside of the fitted" in model.predict(Patient(99.9, None, "1")).reason
    assert model.predict(Patient(50.0)).reason == "number is missing"
    assert model.predict(Patient(None)).indeterminate


def test_separation_is_refused_and_a_penalty_helps() -> None:
    rng = np.random.default_rng(4)
    rhi = np.concatenate([rng.uniform(a, a + 15, 15) for a in (10, 40, 70)])
    patients = [Patient(float(r)) for r in rhi]
    tiers = cohort()[1]
    with pytest.raises(ModelError, match=r"separate the tiers.*--penalty 1"):
        train(patients, tiers)
    assert 0 < train(patients, tiers, penalty=1.0).fit.coefficients[0] < 5


def test_partly_separated_tiers_still_have_a_fit() -> None:
    # Mild stands apart, moderate and severe overlap: the one slope stays finite.
    rng = np.random.default_rng(4)
    rhi = np.concatenate([rng.uniform(a, b, 15) for a, b in ((0, 20), (30, 70), (40, 90))])
    model = train([Patient(float(r)) for r in rhi], cohort()[1])
    assert model.fit.coefficients[0] < 5


def test_a_group_of_one_tier_only_is_separation() -> None:
    x = np.array([[i % 7, float(i < 4)] for i in range(30)])
    y = np.array([0] * 4 + [0, 1, 2] * 8 + [2, 1])
    with pytest.raises(ModelError, match="separate"):
        fit_ordinal(x, y, tiers=3)


def test_a_larger_penalty_gives_smaller_slopes() -> None:
    patients, tiers = cohort()
    slopes = [train(patients, tiers, penalty=p).fit.coefficients[0] for p in (0, 1, 10, 100)]
    assert slopes == sorted(slopes, reverse=True)


def test_too_few_patients_are_refused() -> None:
    patients, tiers = cohort()
    with pytest.raises(ModelError, match="tier none has 1"):
        train([*patients, Patient(1.0)], [*tiers, "none"])
    with pytest.raises(ModelError, match="slopes"):
        train(*cohort(each=6), terms=("rhi", "number"))
    with pytest.raises(ModelError, match="too few patients"):
        train(patients[:15], tiers[:15])


def test_terms_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ParameterError, match="all of one group"):
        train(*cohort(), terms=("rhi", "location"))
    with pytest.raises(ParameterError, match="give rhi"):
        train(*cohort(), terms=("location",))
    with pytest.raises(ParameterError, match="penalty -1"):
        train(*cohort(), penalty=-1)
    patients, tiers = cohort()
    with pytest.raises(ModelError, match="same in every patient"):
        train([Patient(40.0) for _ in patients], tiers)


def test_effective_size_of_equal_tiers() -> None:
    # Harrell: a binary outcome with n/2 events has 3/4 n; three equal tiers 8/9 n.
    assert effective_size([10, 10]) == pytest.approx(15)
    assert effective_size([15, 15, 15]) == pytest.approx(40)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("coefficients", [1.0, 2.0]),
        ("coefficients", [1e308]),
        ("coefficients", [10**400]),
        ("thresholds", [3.0, 2.0]),
        ("covariance", [1.0] * 9),
        ("covariance", [0.0] * 8),
        ("terms", ["number"]),
        ("columns", ["age"]),
        ("groups", []),
        ("rhi_range", [5]),
    ],
)
def test_damaged_file_is_refused(key: str, value: object) -> None:
    document = json.loads(dump_model(train(*cohort()).document)) | {key: value}
    with pytest.raises(ModelError, match=rf"mine\.json.*'{key}'"):
        parse_model(json.dumps(document).encode(), where="mine.json")
