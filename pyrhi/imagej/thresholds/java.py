"""Java's arithmetic where it differs from Python's: casts, rounding, division, logarithms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int32]
Doubles = NDArray[np.float64]

INT_MIN = -(2**31)
INT_MAX = 2**31 - 1
DOUBLE_MIN = 5e-324
"""``Double.MIN_VALUE``, the smallest positive double."""


def int32(value: int) -> int:
    """Wrap an integer to 32 bits, as Java's ``int`` overflows."""
    return (value + 2**31) % 2**32 - 2**31


def to_int(value: float) -> int:
    """Cast a double to ``int``: towards zero, saturated, NaN to 0."""
    if math.isnan(value):
        return 0
    if value >= INT_MAX:
        return INT_MAX
    if value <= INT_MIN:
        return INT_MIN
    return int(value)


def to_ints(values: Doubles) -> NDArray[np.int64]:
    """Cast doubles to ``int`` as `to_int` does, kept in 64 bits."""
    whole = np.clip(np.nan_to_num(values, nan=0.0), INT_MIN, INT_MAX)
    return whole.astype(np.int64)


def floor_int(value: float) -> int:
    """``(int) Math.floor(value)``."""
    return to_int(math.floor(value)) if math.isfinite(value) else to_int(value)


def round_half_up(value: float) -> float:
    """``Math.round(value)`` of a finite double: the nearest integer, halves upwards."""
    whole = math.floor(value)
    return float(whole + 1 if value - whole >= 0.5 else whole)


def divide(dividend: float, divisor: float) -> float:
    """Divide doubles: by zero gives an infinity or NaN, never an exception."""
    return float(np.float64(dividend) / np.float64(divisor))


def divide_int(dividend: int, divisor: int) -> int:
    """Divide integers towards zero."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def sqrt(value: float) -> float:
    """``Math.sqrt``: NaN below zero."""
    return math.sqrt(value) if value >= 0 else math.nan


def log(value: float) -> float:
    """``Math.log``: minus infinity at zero, NaN below."""
    if value > 0:
        return math.log(value)
    return -math.inf if value == 0 else math.nan


def log10(value: float) -> float:
    """``Math.log10``: minus infinity at zero, NaN below."""
    if value > 0:
        return math.log10(value)
    return -math.inf if value == 0 else math.nan


def logs(values: Doubles) -> Doubles:
    """``Math.log`` of an array by the C library: NumPy's differs in one value of a hundred."""
    result = np.log(values)
    positive = values > 0
    result[positive] = np.fromiter(map(math.log, values[positive].tolist()), np.float64)
    return result
