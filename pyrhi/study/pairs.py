"""Two columns of numbers that belong together: checked before anything is computed of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError

Column = npt.NDArray[np.float64]


def pairs_of(
    first: npt.ArrayLike, second: npt.ArrayLike, /, *, least: int, what: str
) -> tuple[Column, Column]:
    """Return two columns as numbers.

    Parameters
    ----------
    first, second
        Values, shape ``(n,)``.
    least
        Fewest pairs.
    what
        What they are for, such as ``"a correlation"``.

    Raises
    ------
    ParameterError
        If there are fewer pairs or the lengths differ.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or a.size < least:
        msg = f"{what} needs {least} or more pairs, and there are {min(a.size, b.size)}"
        raise ParameterError(msg)
    return a, b


def refuse_constant(column: Column, name: str, /, consequence: str = "") -> None:
    """Refuse a column of one value, which goes along with nothing.

    Parameters
    ----------
    column
        The values.
    name
        What they are, such as ``"outcome"``.
    consequence
        What there is not therefore.

    Raises
    ------
    ParameterError
        If all values are the same.
    """
    if np.ptp(column) == 0:
        msg = f"the {name} is constant ({column[0]:g})"
        raise ParameterError(f"{msg}: {consequence}" if consequence else msg)
