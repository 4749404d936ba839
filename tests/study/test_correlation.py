"""Correlations and their intervals against R and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.reference import coverage, from_r
from rigs.samples import HUNDAL, SPRAYS
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.study.correlation import coefficients, correlations, kendall_interval


def test_correlations_are_r_cor_test_of_hollander_wolfe() -> None:
    # R's example(cor.test): lightness of tuna and panel scores.
    x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    rho, tau, r = correlations(x, y)
    assert rho.estimate.value == pytest.approx(0.6, abs=1e-12)
    assert (round(tau.estimate.value, 7), round(tau.p, 4)) == (0.4444444, 0.1194)
    assert (round(r.estimate.value, 7), round(r.p, 4)) == (0.5711816, 0.1082)
    assert (r.estimate.low, r.estimate.high) == pytest.approx((-0.1497426, 0.8955795), abs=5e-8)


@pytest.mark.parametrize(("name", "samples"), [("hundal", HUNDAL), ("insects", SPRAYS)])
def test_kendalls_interval_is_the_jackknife_by_r(name: str, samples: dict[str, np.ndarray]) -> None:
    place = np.repeat(np.arange(len(samples)), [len(v) for v in samples.values()])
    found = kendall_interval(place, np.concatenate(list(samples.values())))
    wanted = from_r("intervals")[f"tau {name}"]
    assert [found.value, found.low, found.high] == pytest.approx(wanted, abs=1e-12)


def latent(rng: np.random.Generator, n: int, r: float) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=n)
    return x, r * x + np.sqrt(1 - r**2) * rng.normal(size=n)


KINDS = {
    "continuous": lambda x, y: (x, y),
    "RHI and VAS": lambda x, y: (x, np.clip(np.round(6.5 + 2.2 * y), 0, 10)),
    "number and VAS": lambda x, y: (
        np.digitize(x, [-0.3, 0.2]), np.clip(np.round(6.5 + 2.2 * y), 0, 10)
    ),
    "tier and RHI": lambda x, y: (np.digitize(x, [-1.48, 0.18]), y),
}  # fmt: skip
"""What becomes of two normal variables: ties and groups as the study has them."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("r", [0.0, 0.5])
def test_kendalls_interval_covers_with_ties_and_groups(kind: str, r: float) -> None:
    # Fieller's covered 89 to 93 % of the last three kinds.
    rng = np.random.default_rng(1)
    big = [KINDS[kind](*latent(rng, 40_000, r)) for _ in range(4)]
    truth = float(np.mean([stats.kendalltau(*pair).statistic for pair in big]))

    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = kendall_interval(*KINDS[kind](*latent(rng, 45, r)))
        return found.low, found.high

    assert 93.5 <= coverage(interval, truth, seed=2, samples=1000) <= 97


@pytest.mark.parametrize("sizes", [(3, 22, 19), (15, 15, 15)])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_the_trends_interval_covers_in_groups_of_fixed_sizes(
    sizes: tuple[int, ...], shift: float
) -> None:
    place = np.repeat(np.arange(3), sizes)
    rng = np.random.default_rng(1)
    many = np.tile(place, 900)
    truth = stats.kendalltau(many, shift * many + rng.normal(size=many.size)).statistic

    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = kendall_interval(place, shift * place + rng.normal(size=place.size))
        return found.low, found.high

    assert 93.5 <= coverage(interval, truth, seed=4, samples=1000) <= 97


@pytest.mark.parametrize("kind", KINDS)
def test_spearmans_interval_covers_with_ties(kind: str) -> None:
    rng = np.random.default_rng(1)
    big = [KINDS[kind](*latent(rng, 40_000, 0.5)) for _ in range(4)]
    truth = float(np.mean([stats.spearmanr(*pair).statistic for pair in big]))

    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = correlations(*KINDS[kind](*latent(rng, 45, 0.5)))[0].estimate
        return found.low, found.high

    assert 93 <= coverage(interval, truth, seed=5, samples=500) <= 97


def test_coefficients_are_those_with_intervals() -> None:
    x, y = np.arange(12.0), np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8.0])
    assert coefficients(x, y) == tuple(c.estimate.value for c in correlations(x, y))


def test_a_constant_column_is_refused() -> None:
    with pytest.raises(ParameterError, match="first column is constant"):
        correlations([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])
