"""Several rows of one patient: whole patients are left out or resampled."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.reference import coverage, from_r
from rigs.samples import SPRAYS
from scipy import stats

from pyrhi.study.cluster import cluster_bootstrap, cluster_jackknife
from pyrhi.study.correlation import coefficients


def test_bootstrap_of_patients_is_wider_than_that_of_lesions() -> None:
    rng = np.random.default_rng(1)
    patient = rng.normal(size=30)
    values = np.repeat(patient, 4)
    names = [f"P{i}" for i in range(30) for _ in range(4)]
    whole = cluster_bootstrap(lambda rows: float(values[rows].mean()), names, seed=1)
    # Four equal lesions say as much as one patient: the mean's error is sd / sqrt(30).
    error = patient.std() / np.sqrt(30)
    assert (whole.high - whole.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.06)
    assert whole.value == pytest.approx(values.mean())
    one_each = cluster_bootstrap(
        lambda rows: float(values[rows].mean()), [str(i) for i in range(120)], seed=1
    )
    plain = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=2000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert (one_each.low, one_each.high) == pytest.approx((plain.low, plain.high), abs=0.02)


def test_leaving_out_patients_is_the_jackknife_by_r() -> None:
    spray = np.repeat(np.arange(6), 12)
    count = np.concatenate(list(SPRAYS.values()))
    block = [str(i) for _ in range(6) for i in range(12)]
    found = cluster_jackknife(lambda rows: coefficients(spray[rows], count[rows])[1], block)
    wanted = from_r("intervals")["tau blocks"]
    assert [found.value, found.low, found.high] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("place", [0, 1])
def test_leaving_out_patients_covers_with_few_patients_of_several_lesions(place: int) -> None:
    # Percentiles of resampled patients covered 91 to 94 %.
    def sample(rng: np.random.Generator, patients: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
        owner = np.repeat(np.arange(patients), rng.integers(1, 5, patients))
        both = []
        for _ in range(2):
            both.append(rng.normal(size=patients)[owner] + rng.normal(size=owner.size))
        x, y = both[0], 0.6 * both[0] + 0.8 * both[1]
        return x, np.clip(np.round(6 + 1.5 * y), 0, 10), [str(i) for i in owner]

    x, y, _ = sample(np.random.default_rng(1), 60_000)
    truth = coefficients(x, y)[place]
    of = (stats.spearmanr, stats.kendalltau)[place]

    def interval(rng: np.random.Generator) -> tuple[float, float]:
        x, y, names = sample(rng, 12)
        found = cluster_jackknife(lambda rows: of(x[rows], y[rows]).statistic, names)
        return found.low, found.high

    assert 93 <= coverage(interval, truth, seed=6, samples=300) <= 97
