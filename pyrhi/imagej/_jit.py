"""How pyrhi compiles its inner loops: once, cached, with IEEE division as in Java."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

# error_model "numpy": 0/0 is NaN and 1/0 infinite, as in Java, instead of an exception.
kernel: Callable[..., Any] = numba.njit(cache=True, error_model="numpy", nogil=True)
