"""How pyrhi compiles its inner loops: once, cached, with IEEE division as in Java."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

# error_model "numpy": 0/0 is NaN and 1/0 infinite, as in Java, instead of an exception.
kernel: Callable[..., Any] = numba.njit(cache=True, error_model="numpy", nogil=True)


def prepare() -> None:
    """Load numba's own tables now, without the part that imports scipy.linalg.

    For programs only: it halves numba's start, and linear algebra, which no kernel of pyrhi
    uses, is then missing from compiled code in this process.
    """
    from numba.core.registry import cpu_target

    missing = "scipy.linalg" not in sys.modules
    if missing:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    try:
        cpu_target.typing_context.refresh()
        cpu_target.target_context.refresh()
    finally:
        if missing:
            del sys.modules["scipy.linalg"]
    # What is loaded now stays: the collector need not walk it again, nor workers copy its pages.
    gc.freeze()
