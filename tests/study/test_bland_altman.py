"""Limits of agreement against Bland & Altman's data, Carkeet's tables, R and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.reference import from_r
from rigs.samples import MINI_1, WRIGHT_1
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.study.bland_altman import bland_altman, exact_limit, exact_pair


def test_bland_altman_is_the_paper_of_1986() -> None:
    # "mean difference -2.1 l/min, SD 38.8; 95 % interval of the bias -22.0 to 17.8".
    found = bland_altman(WRIGHT_1, MINI_1)
    assert (round(found.bias.value, 1), round(found.sd, 1)) == (-2.1, 38.8)
    # The paper rounds the standard error to 9.4 and t to 2.12.
    assert (found.bias.low, found.bias.high) == pytest.approx((-22.0, 17.8), abs=0.06)
    # With 1.96 SD, as in their paper of 1999: limits -78.1 and 74.0 (2 SD: -79.7 and 75.5).
    assert (found.lower.value, found.upper.value) == pytest.approx((-78.1, 73.9), abs=0.06)
    assert found.bias.value - 2 * found.sd == pytest.approx(-79.7, abs=0.1)


def test_proportional_bias_is_found_where_it_is() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(10, 80, 60)
    found = bland_altman(1.2 * truth + rng.normal(0, 1, 60), truth)
    # (1.2 - 1) / ((1.2 + 1) / 2)
    assert found.slope.low < 0.2 / 1.1 < found.slope.high
    assert found.slope_p < 1e-6
    constant = bland_altman(truth + 3, truth)
    assert constant.slope.value == pytest.approx(0, abs=1e-12)
    assert constant.bias.value == pytest.approx(3)


@pytest.mark.parametrize("n", [3, 10, 17, 30, 85])
def test_the_intervals_of_the_limits_are_rs_noncentral_t(n: int) -> None:
    assert exact_limit(n) == pytest.approx(from_r("intervals")[f"limit {n}"], rel=1e-9)


# Carkeet 2015, coefficients for limits as a pair: degrees of freedom, 2.5 %, 5 %, 95 %, 97.5 %.
CARKEET_PAIR = [
    (2, 1.1051, 1.2333, 9.7888, 13.9396), (3, 1.1839, 1.3004, 6.3411, 8.1045),
    (5, 1.2825, 1.3847, 4.4222, 5.1983), (10, 1.4102, 1.4938, 3.2728, 3.6100),
    (16, 1.4900, 1.5619, 2.8683, 3.0824), (29, 1.5808, 1.6393, 2.5549, 2.6854),
    (44, 1.6370, 1.6871, 2.4116, 2.5074), (74, 1.6982, 1.7390, 2.2862, 2.3534),
]  # fmt: skip


@pytest.mark.parametrize("row", CARKEET_PAIR)
def test_the_limits_as_a_pair_are_carkeets_table(row: tuple[float, ...]) -> None:
    n, z = int(row[0]) + 1, stats.norm.ppf(0.975)
    near, far = exact_pair(n, limit=z)
    assert (near, far) == pytest.approx((row[1], row[4]), abs=6e-5)
    assert exact_pair(n, confidence=0.9, limit=z) == pytest.approx((row[2], row[3]), abs=6e-5)


@pytest.mark.parametrize("n", [5, 16, 30])
def test_the_intervals_of_the_limits_cover(n: int) -> None:
    # Bland & Altman's approximation covers 88 % of five pairs and 94 % of thirty.
    rng = np.random.default_rng(2)
    x = rng.normal(2, 3, (8000, n))
    bias, sd = x.mean(axis=1), x.std(axis=1, ddof=1)
    near, far = exact_limit(n)
    upper = 2 + 1.96 * 3
    held = (bias + near * sd <= upper) & (upper <= bias + far * sd)
    assert 94.3 <= 100 * held.mean() <= 95.7
    near, far = exact_pair(n)

    def share(k: float) -> np.ndarray:
        return stats.norm.cdf(bias + k * sd, 2, 3) - stats.norm.cdf(bias - k * sd, 2, 3)

    held = (share(near) <= 0.95) & (share(far) >= 0.95)
    assert 94.3 <= 100 * held.mean() <= 95.7


def test_the_limits_carry_the_exact_intervals() -> None:
    found = bland_altman(WRIGHT_1, MINI_1)
    near, far = from_r("intervals")["limit 17"]
    bias, sd = found.bias.value, found.sd
    assert (found.upper.low, found.upper.high) == pytest.approx(
        (bias + near * sd, bias + far * sd), rel=1e-9
    )
    assert (found.lower.low, found.lower.high) == pytest.approx(
        (bias - far * sd, bias - near * sd), rel=1e-9
    )
    assert found.pair.value == pytest.approx(1.96 * sd)
    assert (found.pair.low / sd, found.pair.high / sd) == pytest.approx((1.4900, 3.0824), abs=1e-4)


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ParameterError, match="3 or more pairs"):
        bland_altman([1, 2], [1, 2])
