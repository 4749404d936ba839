"""Order statistics of normal values: against scipy's integration and brute simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, special

from pyrhi.errors import ParameterError
from pyrhi.pain.orderstat import log_likelihood, posterior

MILD, MODERATE = (10, 27, 43), (32, 59, 78)


def constant(n: int) -> float:
    """What `log_likelihood` leaves out: permutations, and the normal's own constant."""
    if n % 2:
        k = (n + 1) // 2
        log_count = special.gammaln(n + 1) - special.gammaln(k - 1) - special.gammaln(n - k)
        return float(np.exp(log_count)) * (2 * np.pi) ** -1.5
    log_count = special.gammaln(n + 1) - 2 * special.gammaln(n / 2 - 1)
    return float(np.exp(log_count)) * (2 * np.pi) ** -2


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 6, 7, 8])
def test_density_of_minimum_median_maximum_by_simulation(n: int) -> None:
    # The share of 400,000 simulated samples whose three statistics fall in a box, against the
    # density integrated over that box; tolerance 4 standard errors of the share.
    rng = np.random.default_rng(n)
    draws = 400_000
    samples = rng.standard_normal((draws, n))
    three = np.column_stack([samples.min(axis=1), np.median(samples, axis=1), samples.max(axis=1)])
    low, high = np.array([-1.8, -0.4, 0.8]), np.array([-0.8, 0.3, 1.9])
    share = float(((three > low) & (three < high)).all(axis=1).mean())
    nodes, weights = np.polynomial.legendre.leggauss(6)
    axes = [(b - a) / 2 * nodes + (a + b) / 2 for a, b in zip(low, high, strict=True)]
    total = 0.0
    half = np.prod((high - low) / 2)
    for i, a in enumerate(axes[0]):
        for j, m in enumerate(axes[1]):
            for k, b in enumerate(axes[2]):
                value = float(np.exp(log_likelihood(a, m, b, n, 0.0, 1.0)))
                # for an even n the median is half the sum of two, and d runs over the half-width
                jacobian = 1.0 if n % 2 else min(m - a, b - m)
                total += weights[i] * weights[j] * weights[k] * value * jacobian
    expected = total * half * constant(n)
    error = np.sqrt(expected * (1 - expected) / draws)
    assert share == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize(("summary", "n"), [(MILD, 13), (MODERATE, 13), (MODERATE, 7)])
def test_predictive_density_by_adaptive_integration(
    summary: tuple[float, float, float], n: int
) -> None:
    low, median, high = summary
    k = (n + 1) // 2

    def joint(mu: float, log_sd: float) -> float:
        sd = math.exp(log_sd)
        a, m, b = (low - mu) / sd, (median - mu) / sd, (high - mu) / sd
        below = special.ndtr(m) - special.ndtr(a)
        above = special.ndtr(b) - special.ndtr(m)
        parts = math.exp(-(a * a + m * m + b * b) / 2) / sd**3
        return float(parts * below ** (k - 2) * above ** (n - k - 1))

    def joint_with_new(mu: float, log_sd: float) -> float:
        z = (x - mu) / math.exp(log_sd)
        return joint(mu, log_sd) * math.exp(-z * z / 2 - log_sd) / math.sqrt(2 * math.pi)

    nodes, weights = np.polynomial.legendre.leggauss(24)
    # scipy's adaptive rule in the mean, Gauss-Legendre in log SD on four pieces
    pieces = [(1.0, 2.0), (2.0, 2.5), (2.5, 3.2), (3.2, 5.5)]
    x = 40.0
    top = bottom = 0.0
    for a, b in pieces:
        for node, weight in zip(
            (b - a) / 2 * nodes + (a + b) / 2, weights * (b - a) / 2, strict=True
        ):
            sd = float(np.exp(node))
            span = (median - 8 * sd - 20, median + 8 * sd + 20)
            options = {"epsabs": 0, "epsrel": 1e-8, "limit": 200, "points": [median]}
            bottom += weight * integrate.quad(joint, *span, args=(node,), **options)[0]
            top += weight * integrate.quad(joint_with_new, *span, args=(node,), **options)[0]
    ours = float(posterior(low, median, high, n).density([x])[0])
    assert ours == pytest.approx(top / bottom, rel=1e-6)


@pytest.mark.parametrize("n", [12, 13, 39])
def test_predictive_density_integrates_to_one(n: int) -> None:
    x = np.arange(-600, 600, 2.0)
    assert 2 * posterior(*MILD, n).density(x).sum() == pytest.approx(1, abs=1e-8)


def test_even_and_odd_sizes_agree_as_neighbours_must() -> None:
    x = np.array([20.0, 40.0, 60.0])
    before, even, after = (posterior(*MODERATE, n).density(x) for n in (13, 14, 15))
    assert np.all((even - before) * (even - after) <= 1e-6)


def test_bad_summaries_are_refused() -> None:
    with pytest.raises(ParameterError, match="5 or more"):
        posterior(*MILD, 4)
    with pytest.raises(ParameterError, match="must ascend"):
        posterior(10, 10, 43, 13)


def test_draws_have_the_posteriors_moments() -> None:
    p = posterior(*MILD, 13)
    draws = 20_000
    mean, sd = p.sample((np.arange(draws) + 0.5) / draws)
    assert mean.mean() == pytest.approx(float(p.weight @ p.mean), abs=0.05)
    assert sd.mean() == pytest.approx(float(p.weight @ p.sd), abs=0.05)
