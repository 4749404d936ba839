"""Java's arithmetic where it differs from Python's: casts, rounding, division, logarithms.

Compiled, these are C's operations under the rules of IEEE 754; uncompiled, Python's with the
exceptions taken out. Both give the same bits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    from math import copysign as _copysign
    from math import floor as _floor
    from math import isfinite as _isfinite
    from math import sqrt as _sqrt

    # C's casts.
    from numpy import float32 as _float

    _whole = int

Counts = NDArray[np.int32]
Doubles = NDArray[np.float64]

INT_MIN = -(2**31)
INT_MAX = 2**31 - 1
DOUBLE_MIN = 5e-324
"""``Double.MIN_VALUE``, the smallest positive double."""

_INT_MIN = -2147483648.0
_INT_MAX = 2147483647.0
_LONG_LIMIT = 9.2e18
_NAN = math.nan
_INFINITY = math.inf


def int32(value: int) -> int:
    """Wrap an integer to 32 bits, as Java's ``int`` overflows."""
    return (value + 2147483648) % 4294967296 - 2147483648


def to_int(value: float) -> int:
    """Cast a double to ``int``: towards zero, saturated, NaN to 0."""
    if value != value:
        return 0
    if value >= _INT_MAX:
        return 2147483647
    if value <= _INT_MIN:
        return -2147483648
    return _whole(value)


def floor_int(value: float) -> int:
    """``(int) Math.floor(value)``."""
    return to_int(_floor(value)) if _isfinite(value) else to_int(value)


def round_long(value: float) -> int:
    """``Math.round(value)`` as an integer, far below the limits of ``long``; NaN gives 0."""
    if value != value:
        return 0
    if value >= _LONG_LIMIT or value <= -_LONG_LIMIT:
        return 9200000000000000000 if value > 0 else -9200000000000000000
    whole = _whole(_floor(value))
    return whole + 1 if value - whole >= 0.5 else whole


def round_half_up(value: float) -> float:
    """``Math.round(value)`` of a finite double: the nearest integer, halves upwards."""
    whole = math.floor(value)
    return float(whole + 1 if value - whole >= 0.5 else whole)


def single(value: float) -> float:
    """Round a double to ``float``; sums, products and quotients of floats rounded so are Java's."""
    return float(_float(value))


def int_bits_to_float(bits: int) -> float:
    """``Float.intBitsToFloat``."""
    return float(np.int64(bits).astype(np.int32).view(np.float32))


def divide(dividend: float, divisor: float) -> float:
    """Divide doubles: by zero gives an infinity or NaN, never an exception."""
    if divisor != 0.0:
        return dividend / divisor
    if dividend == 0.0 or dividend != dividend:
        return _NAN
    return _copysign(_INFINITY, dividend) * _copysign(1.0, divisor)


def sqrt(value: float) -> float:
    """``Math.sqrt``: NaN below zero."""
    return _sqrt(value) if value >= 0 else _NAN


def to_ints(values: Doubles) -> NDArray[np.int64]:
    """Cast doubles to ``int`` as `to_int` does, kept in 64 bits."""
    whole = np.clip(np.nan_to_num(values, nan=0.0), INT_MIN, INT_MAX)
    return whole.astype(np.int64)


def divide_int(dividend: int, divisor: int) -> int:
    """Divide integers towards zero."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


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
