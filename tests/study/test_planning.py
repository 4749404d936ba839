"""Sizes of a planned study against published examples and their formulas in R."""

from __future__ import annotations

import pytest
from rigs.reference import from_r

from pyrhi.errors import ParameterError
from pyrhi.study.planning import auc_error, patients_for_auc, subjects_for_icc

R = from_r("models")


def test_the_error_of_an_area_is_hanley_and_mcneils() -> None:
    cases = ((0.893, 51, 58), (0.65, 50, 450), (0.9, 39, 6))
    assert [auc_error(*c) for c in cases] == pytest.approx(R["hanley"], rel=1e-12)
    # Their own example, from the data instead of the formula: 0.032.
    assert auc_error(*cases[0]) == pytest.approx(0.032, abs=0.001)


def test_the_fewest_patients_are_found() -> None:
    plans = [patients_for_auc(a, w, share=s) for a, w, s in
             ((0.85, 0.2, 0.5), (0.85, 0.2, 0.87), (0.65, 0.1, 0.1))]  # fmt: skip
    assert [p.positives + p.negatives for p in plans] == R["fewest"]
    for plan, width in zip(plans, (0.2, 0.2, 0.1), strict=True):
        assert plan.high - plan.low <= width


def test_the_subjects_for_an_icc_are_bonetts() -> None:
    # Published calculators print 51 (55 with the correction for two readers) for 0.8 and 0.2,
    # and 101 without that correction for 0.7 and 0.2, which is 5 * 0.7 = 3.5 more here.
    assert subjects_for_icc(0.8, 0.2) == 55
    assert subjects_for_icc(0.7, 0.2) == 105
    # Bonett's formula by hand: 8 z² 0.01 2.8² / (6 * 0.01) + 1 = 41.2 (three readers, 0.9, 0.1).
    assert subjects_for_icc(0.9, 0.1, readers=3) == 42


def test_a_width_that_nobody_can_afford_is_refused() -> None:
    with pytest.raises(ParameterError, match="more than 1000000 patients"):
        patients_for_auc(0.8, 1e-5)


@pytest.mark.parametrize(("area", "width"), [(1.0, 0.2), (0.0, 0.2), (0.8, 0.0), (0.8, 1.0)])
def test_impossible_plans_are_refused(area: float, width: float) -> None:
    with pytest.raises(ParameterError, match="give"):
        patients_for_auc(area, width)
    with pytest.raises(ParameterError, match="give"):
        subjects_for_icc(1.0 if area else -0.1, width)
