"""Calibrated values of raw ones, against the formulas that ImageJ's curve fitter prints."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ParameterError
from pyrhi.imagej.calibration import (
    COEFFICIENTS,
    Calibration,
    Function,
    calibrated_value,
    check_function,
    table,
)

X = np.arange(256.0)
FORMULAS = {
    # CurveFitter.fList, as its dialog shows them.
    Function.STRAIGHT_LINE: lambda x, a, b: a + b * x,
    Function.POLY2: lambda x, *c: np.polynomial.polynomial.polyval(x, c),
    Function.POLY3: lambda x, *c: np.polynomial.polynomial.polyval(x, c),
    Function.POLY4: lambda x, *c: np.polynomial.polynomial.polyval(x, c),
    Function.EXPONENTIAL: lambda x, a, b: a * np.exp(b * x),
    Function.RODBARD: lambda x, a, b, c, d: d + (a - d) / (1 + (x / c) ** b),
    Function.EXP_WITH_OFFSET: lambda x, a, b, c: a * np.exp(-b * x) + c,
    Function.GAUSSIAN: lambda x, a, b, c, d: a + (b - a) * np.exp(-((x - c) ** 2) / (2 * d * d)),
    Function.EXP_RECOVERY: lambda x, a, b, c: a * (1 - np.exp(-b * x)) + c,
}


@pytest.mark.parametrize("function", FORMULAS, ids=lambda f: f.name)
def test_a_grey_value_is_that_of_the_formula(function: Function):
    coefficients = (2.5, 0.03, 40.0, 7.0, 1e-6)[: COEFFICIENTS[function]]
    calibration = Calibration(function=function, coefficients=coefficients)
    expected = FORMULAS[function](X, *coefficients)
    found = table(calibration, "8-bit")
    assert found is not None
    assert found == pytest.approx(expected.astype(np.float32), rel=1e-6, abs=1e-6)
    assert calibrated_value(calibration, 200) == pytest.approx(float(found[200]), rel=1e-6)


def test_a_negative_grey_value_is_cut_to_zero_only_where_the_file_says_so():
    line = {"function": Function.STRAIGHT_LINE, "coefficients": (-100.0, 1.0)}
    kept, cut = (table(Calibration(**line, zero_clip=clip), "8-bit") for clip in (False, True))
    assert kept is not None
    assert cut is not None
    assert kept.min() == -100
    assert np.array_equal(cut, np.maximum(kept, 0))


def test_without_a_function_there_is_no_table():
    assert table(Calibration(), "16-bit") is None


def test_a_function_with_too_few_coefficients_is_refused_and_never_guessed_at():
    with pytest.raises(ParameterError):
        check_function(Function.POLY3, (1.0, 2.0))
