"""Java's arithmetic, against the rules of its language specification and C's own casts."""

from __future__ import annotations

import ctypes
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrhi.imagej import java

ANY = settings(max_examples=120, deadline=None)
DOUBLES = st.floats()


@ANY
@given(st.integers(-(2**40), 2**40))
def test_an_int_overflows_as_32_bits_do(value: int):
    assert java.int32(value) == ctypes.c_int32(value).value


@ANY
@given(DOUBLES)
def test_a_cast_to_int_saturates_and_nan_is_zero(value: float):
    """JLS 5.1.3: towards zero, the nearest int where it does not fit, NaN is 0."""
    expected = 0 if math.isnan(value) else int(np.clip(value, java.INT_MIN, java.INT_MAX))
    assert java.to_int(value) == expected
    assert java.to_ints(np.array([value])).tolist() == [expected]


@ANY
@given(st.floats(-1e15, 1e15))
def test_round_takes_halves_upwards(value: float):
    """``Math.round``: floor of the exact value + 1/2, also where value + 0.5 is rounded up."""
    below = math.floor(value)
    expected = below + 1 if value - below >= 0.5 else below
    assert java.round_long(value) == expected == java.round_half_up(value)


def test_round_of_the_largest_double_below_a_half_is_zero():
    assert java.round_half_up(np.nextafter(0.5, 0.0)) == 0.0
    assert [java.round_half_up(v) for v in (-0.5, 0.5, 1.5, -1.5)] == [0.0, 1.0, 2.0, -1.0]


@ANY
@given(DOUBLES, DOUBLES)
def test_a_division_never_ends_a_measurement(a: float, b: float):
    with np.errstate(all="ignore"):
        expected = float(np.float64(a) / np.float64(b))
    assert struct.pack("d", abs(java.divide(a, b))) == struct.pack("d", abs(expected)) or (
        math.isnan(java.divide(a, b)) and math.isnan(expected)
    )
    if b and not math.isnan(expected):
        assert java.divide(a, b) == expected


@ANY
@given(st.integers(-(2**31), 2**31 - 1), st.integers(-1000, 1000).filter(bool))
def test_a_division_of_ints_goes_towards_zero(a: int, b: int):
    assert java.divide_int(a, b) == math.trunc(a / b)


@pytest.mark.parametrize("bits", [0, 1, 0x3F800000, 0x7F800000, -1, -(2**31)])
def test_bits_are_those_of_a_float(bits: int):
    (expected,) = struct.unpack(">f", struct.pack(">i", bits))
    found = java.int_bits_to_float(bits)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


@ANY
@given(st.floats(-1e300, 1e300))
def test_roots_and_logarithms_below_zero_are_no_numbers(value: float):
    with np.errstate(all="ignore"):
        for ours, theirs in ((java.sqrt, np.sqrt), (java.log, np.log), (java.log10, np.log10)):
            assert ours(value) == pytest.approx(float(theirs(value)), rel=1e-15, nan_ok=True)
        assert java.single(value) == float(np.float32(value))
