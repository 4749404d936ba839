"""Numbers as cells of a table: the digits that Python's ``repr`` has, many times as fast.

Compiled, the digits come from C++'s ``std::to_chars`` where the compiler has it; like ``repr``, it
gives the shortest ones that read back as the same double, and the nearest of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:

    def _digits(value: float, out: NDArray[np.uint8], at: int) -> int:
        """Write a finite number as a cell and return how many characters it takes."""
        text = repr(float(value)).removesuffix(".0").encode("ascii")
        out[at : at + len(text)] = np.frombuffer(text, np.uint8)
        return len(text)

    def _text(out: NDArray[np.uint8], length: int) -> str:
        return bytes(out[:length]).decode("ascii")

    from math import isfinite, isnan

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 32
"""More characters than any cell has, with the comma after it."""

_ONE = np.zeros(MOST, np.uint8)
_NAN_TEXT = b"NaN"
_PLUS = b"Infinity"
_MINUS = b"-Infinity"


def _put(text: bytes, out: NDArray[np.uint8], at: int) -> int:
    for i in range(len(text)):
        out[at + i] = text[i]
    return at + len(text)


def _cell(value: float, out: NDArray[np.uint8], at: int) -> int:
    """Write a cell and return the place after it."""
    if isfinite(value):
        return at + _digits(value, out, at)
    if isnan(value):
        return _put(_NAN_TEXT, out, at)
    return _put(_PLUS if value > 0.0 else _MINUS, out, at)


def _line(values: NDArray[np.float64], without: int, out: NDArray[np.uint8]) -> int:
    """Write the cells of a row, commas between, and return how many characters they take."""
    at = 0
    for i in range(len(values)):
        if i == without:
            continue
        if at > 0:
            out[at] = 44
            at += 1
        at = _cell(values[i], out, at)
    return at


def cell_of(value: float) -> str:
    """Return a number as a cell: an integer bare, else all digits.

    Parameters
    ----------
    value
        The number.

    Examples
    --------
    >>> cell_of(12.0), cell_of(0.1 + 0.2), cell_of(float("nan")), cell_of(1e-5)
    ('12', '0.30000000000000004', 'NaN', '1e-05')
    """
    # The lock is held, so that all threads may write here.
    return _text(_ONE, _cell(value, _ONE, 0))


def lines_of(rows: NDArray[np.float64], without: int, /) -> list[str]:
    """Return the cells of each row, commas between: integers bare, else all digits.

    Parameters
    ----------
    rows
        Numbers, float64, shape ``(rows, columns)``.
    without
        Column that is left out; -1 leaves out none.

    Examples
    --------
    >>> lines_of(np.array([[12.0, 0.1 + 0.2, np.nan], [-np.inf, 7.0, 1e300]]), -1)
    ['12,0.30000000000000004,NaN', '-Infinity,7,1e+300']
    >>> lines_of(np.array([[1e16, 123456789012345.6, -0.0, 1e-5]]), 1)
    ['1e+16,-0,1e-05']
    """
    rows = np.ascontiguousarray(rows, np.float64)
    out = np.empty(MOST * rows.shape[1] + 1, np.uint8)
    return _lines(rows.reshape(-1), rows.shape[0], rows.shape[1], without, out)


def _lines(
    flat: NDArray[np.float64], count: int, width: int, without: int, out: NDArray[np.uint8]
) -> list[str]:
    found = []
    for i in range(count):
        length = _line(flat[i * width : (i + 1) * width], without, out)
        found.append(_text(out, length))
    return found
