"""Bland-Altman, precision and outlines against published data and a second library."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import disk
from skimage.metrics import hausdorff_distance

from pyrhi.errors import ParameterError
from pyrhi.study.bland_altman import bland_altman
from pyrhi.study.outlines import BOTH_EMPTY, ONE_EMPTY, outline_agreement
from pyrhi.study.precision import precision

# Bland & Altman 1986, Table 1: peak flow (l/min) of 17 people, each meter read twice.
WRIGHT_1 = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
WRIGHT_2 = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
MINI_1 = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
MINI_2 = [525, 415, 508, 444, 500, 625, 460, 390, 642, 432, 420, 605, 227, 467, 268, 370, 443]


def test_bland_altman_is_the_paper_of_1986() -> None:
    # "mean difference -2.1 l/min, SD 38.8; 95 % interval of the bias -22.0 to 17.8".
    found = bland_altman(WRIGHT_1, MINI_1)
    assert (round(found.bias.value, 1), round(found.sd, 1)) == (-2.1, 38.8)
    # The paper rounds the standard error to 9.4 and t to 2.12.
    assert (found.bias.low, found.bias.high) == pytest.approx((-22.0, 17.8), abs=0.06)
    # With 1.96 SD, as in their paper of 1999: limits -78.1 and 74.0 (2 SD: -79.7 and 75.5).
    assert (found.lower.value, found.upper.value) == pytest.approx((-78.1, 73.9), abs=0.06)
    assert found.bias.value - 2 * found.sd == pytest.approx(-79.7, abs=0.1)
    # Their interval of the lower limit with the error sqrt(3 sd² / n): -114.3 to -45.1.
    half = (found.lower.high - found.lower.low) / 2
    assert half == pytest.approx((114.3 - 45.1) / 2, rel=0.02)


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


def test_repeatability_is_the_paper_of_1986() -> None:
    # The SD of the differences of repeats is 21.6 (Wright); twice that is their coefficient.
    wright = precision(np.column_stack([WRIGHT_1, WRIGHT_2]), ["W", "W"])
    differences = np.subtract(WRIGHT_1, WRIGHT_2)
    assert np.sqrt((differences**2).mean()) == pytest.approx(21.6, abs=0.06)
    assert wright.within_reader_sd.value == pytest.approx(15.3, abs=0.05)
    assert wright.repeatability.value == pytest.approx(1.96 * 21.6, abs=0.15)
    assert wright.repeated
    assert np.isnan(wright.sem_agreement)
    # Bland & Altman 1999 print the within-subject variances 234.29 (Wright) and 396.44 (mini).
    mini = precision(np.column_stack([MINI_1, MINI_2]), ["M", "M"])
    assert wright.within_reader_sd.value**2 == pytest.approx(234.29, abs=0.01)
    assert mini.within_reader_sd.value**2 == pytest.approx(396.44, abs=0.01)


def test_sem_is_that_of_shrout_and_fleiss_table() -> None:
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = precision(table, list("ABCD"))
    # Their mean squares: judges 32.49, residual 1.02.
    assert found.sem_consistency**2 == pytest.approx(1.02, abs=0.005)
    assert found.sem_agreement**2 == pytest.approx(1.02 + (32.49 - 1.02) / 6, abs=0.01)
    assert not found.repeated
    assert found.repeatability.value == pytest.approx(1.96 * np.sqrt(2) * found.sem_consistency)


def test_the_interval_of_the_within_reader_sd_covers() -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        truth = rng.normal(40, 20, 15)[:, None]
        found = precision(truth + rng.normal(0, 3, (15, 2)), ["A", "A"])
        hits += found.within_reader_sd.low <= 3 <= found.within_reader_sd.high
    assert hits / 400 == pytest.approx(0.95, abs=0.03)


def mask(center: tuple[float, float], radius: float) -> np.ndarray:
    out = np.zeros((60, 70), dtype=bool)
    out[disk(center, radius, shape=out.shape)] = True
    return out


def test_outlines_against_scikit_image() -> None:
    a, b = mask((25, 30), 12), mask((29, 34), 10)
    found = outline_agreement(a, b)
    common = (a & b).sum()
    assert found.dice == pytest.approx(2 * common / (a.sum() + b.sum()))
    assert found.jaccard == pytest.approx(found.dice / (2 - found.dice))
    edges = []
    for m in (a, b):
        inside = m.copy()
        inside[1:-1, 1:-1] &= m[:-2, 1:-1] & m[2:, 1:-1] & m[1:-1, :-2] & m[1:-1, 2:]
        edges.append(m & ~inside)
    assert found.hausdorff == pytest.approx(hausdorff_distance(*edges), rel=1e-12)
    assert found.mean_surface_distance == pytest.approx(
        _both_ways(np.argwhere(edges[0]), np.argwhere(edges[1])), rel=1e-12
    )


def _both_ways(a: np.ndarray, b: np.ndarray) -> float:
    every = np.linalg.norm(a[:, None] - b[None], axis=2)
    return float(np.concatenate([every.min(axis=1), every.min(axis=0)]).mean())


def test_distances_are_in_the_unit_of_the_pixels() -> None:
    a = np.zeros((40, 40), dtype=bool)
    a[10:20, 10:20] = True
    lower, right = np.roll(a, 6, axis=0), np.roll(a, 6, axis=1)
    assert outline_agreement(a, lower, spacing=(0.5, 2.0)).hausdorff == pytest.approx(3.0)
    assert outline_agreement(a, right, spacing=(0.5, 2.0)).hausdorff == pytest.approx(12.0)
    same = outline_agreement(a, a, spacing=(0.5, 2.0))
    assert (same.dice, same.jaccard, same.hausdorff, same.mean_surface_distance) == (1, 1, 0, 0)


def test_a_region_at_the_edge_of_the_image_has_an_outline_there() -> None:
    full = np.ones((10, 10), dtype=bool)
    assert outline_agreement(full, full).hausdorff == 0
    inner = np.zeros((10, 10), dtype=bool)
    inner[2:8, 2:8] = True
    assert outline_agreement(full, inner).hausdorff == pytest.approx(2 * np.sqrt(2))


def test_empty_outlines_are_defined_and_said() -> None:
    empty = np.zeros((5, 5), dtype=bool)
    one = empty.copy()
    one[2, 2] = True
    both = outline_agreement(empty, empty)
    assert (both.dice, both.jaccard, both.note) == (1, 1, BOTH_EMPTY)
    assert np.isnan(both.hausdorff)
    half = outline_agreement(one, empty)
    assert (half.dice, half.jaccard, half.note) == (0, 0, ONE_EMPTY)
    assert np.isnan(half.mean_surface_distance)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ParameterError, match="cannot be compared"):
        outline_agreement(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(ParameterError, match="3 or more pairs"):
        bland_altman([1, 2], [1, 2])
    with pytest.raises(ParameterError, match="one column for each of the 3"):
        precision([[1, 2], [2, 3]], ["A", "B", "C"])
