"""ROC curves against pROC in R and exact intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rigs.reference import coverage, from_r
from rigs.samples import SPRAYS
from scipy import stats
from sklearn.metrics import roc_auc_score

from pyrhi.errors import ParameterError
from pyrhi.study.roc import roc_of

R = from_r("models")


@pytest.mark.parametrize("pair", ["E D", "D A", "CDE A", "A BF"])
def test_the_area_and_delongs_interval_are_those_of_proc(pair: str) -> None:
    negative, positive = (np.concatenate([SPRAYS[s] for s in part]) for part in pair.split())
    found = roc_of(negative, positive)
    area, low, high, variance = R[f"auc {pair}"]
    assert (found.delong.value, found.delong.low, found.delong.high) == pytest.approx(
        (area, low, high), abs=1e-9
    )
    z = (area - 0.5) / math.sqrt(variance)
    assert (found.z, found.p) == pytest.approx((z, 2 * stats.norm.sf(abs(z))), rel=1e-9)
    label = np.repeat([0, 1], [negative.size, positive.size])
    assert area == pytest.approx(roc_auc_score(label, np.concatenate([negative, positive])))


def test_the_curve_is_that_of_proc_with_exact_intervals() -> None:
    found = roc_of(SPRAYS["E"], SPRAYS["D"])
    at = {p.cut: p for p in found.points}
    shares = [at[c].sensitivity.value for c in (2.0, 5.0, 6.0)]
    shares += [at[c].specificity.value for c in (2.0, 5.0, 6.0)]
    assert shares == pytest.approx(R["curve E D"], abs=1e-12)
    nine = next(p.sensitivity for p in found.points if p.sensitivity.value == 1)
    assert (nine.low, nine.high) == pytest.approx(R["exact 12 12"], abs=1e-9)
    other = roc_of([0.0, 0.0], [1.0] * 9 + [0.0] * 3).points[-1].sensitivity
    assert (other.low, other.high) == pytest.approx(R["exact 9 12"], abs=1e-9)


def test_groups_that_do_not_overlap_have_no_interval_of_delong_but_newcombes() -> None:
    found = roc_of([1, 2, 3], [4, 5, 6, 7])
    assert found.delong.value == 1
    assert math.isnan(found.delong.low)
    assert math.isnan(found.p)
    assert 0.5 < found.newcombe.low < 0.6


def test_the_direction_is_not_chosen_by_the_data() -> None:
    assert roc_of([4, 5, 6], [1, 2, 5]).delong.value < 0.5
    with pytest.raises(ParameterError, match="2 or more in each group: 1 and 3"):
        roc_of([1], [1, 2, 3])


def test_delongs_interval_covers_where_groups_are_not_small() -> None:
    def interval(rng: np.random.Generator) -> tuple[float, float]:
        found = roc_of(rng.normal(size=40), rng.normal(1.2, 1, 40)).delong
        return found.low, found.high

    truth = stats.norm.cdf(1.2 / math.sqrt(2))
    assert 93 <= coverage(interval, truth, seed=1, samples=800) <= 97
