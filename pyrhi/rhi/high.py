"""Finding the high-intensity area inside the cord where nobody has drawn it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ParameterError, RoleError
from pyrhi.imagej.thresholds import METHODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAD_TO_SD = 1.4826
"""Factor from the median absolute deviation to the standard deviation of a normal sample."""

AUTO_SPREADS = 5.0
"""`auto` takes pixels above median + 5 robust SD of the patient's cord: on the sample, 3 still
call 6 % of the cord of a lesion-free slice high, 5 at most 0.5 % (docs/high-modes.md)."""

DRAWN = "drawn"
"""What the column Method says where the high ROI was drawn."""


class HighKind(Enum):
    """How the high-intensity area is found."""

    METHOD = "method"
    FIXED = "fixed"
    REFERENCE = "reference"
    AUTO = "auto"


@dataclass(frozen=True)
class HighMode:
    """A way to find the high-intensity area.

    Parameters
    ----------
    kind
        Which of the four ways.
    text
        As the user wrote it; goes into the column Method.
    method
        ImageJ's threshold method, for `METHOD`.
    value
        Least calibrated value, for `FIXED`.
    spreads
        Number of spreads above the centre, for `REFERENCE` and `AUTO`.
    robust
        True takes median and MAD, False mean and SD.
    """

    kind: HighKind
    text: str
    method: str = ""
    value: float = 0.0
    spreads: float = 0.0
    robust: bool = False


@dataclass(frozen=True)
class Reference:
    """Centre and spread of reference pixels, in calibrated grey values.

    Parameters
    ----------
    center, spread
        Mean and SD (n - 1), or median and 1.4826 * MAD.
    pixel_count
        Number of pixels.
    """

    center: float
    spread: float
    pixel_count: int


_REFERENCE_MODE = re.compile(r"ref\+(\d+(?:\.\d+)?)(sd|mad)", re.I)


def parse_high(text: str, /) -> HighMode:
    """Read the value of ``--high``.

    Parameters
    ----------
    text
        A threshold method of ImageJ's, a number, ``ref+3sd``, ``ref+3mad`` or ``auto``.

    Raises
    ------
    ParameterError
        If it is none of these; the message lists the methods.

    Examples
    --------
    >>> parse_high("otsu").text, parse_high("1200").value, parse_high("ref+2.5mad").spreads
    ('Otsu', 1200.0, 2.5)
    """
    wanted = text.strip()
    for method in METHODS:
        if wanted.lower() == method.lower():
            return HighMode(HighKind.METHOD, method, method=method)
    if wanted.lower() == "auto":
        return HighMode(HighKind.AUTO, "auto", spreads=AUTO_SPREADS, robust=True)
    if match := _REFERENCE_MODE.fullmatch(wanted):
        spread = match[2].lower()
        return HighMode(
            HighKind.REFERENCE,
            f"ref+{match[1]}{spread}",
            spreads=float(match[1]),
            robust=spread == "mad",
        )
    try:
        value = float(wanted)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        msg = (
            f"--high {text!r} is not known; use a method ({', '.join(METHODS)}), a number, "
            "ref+3sd, ref+3mad or auto"
        )
        raise ParameterError(msg)
    return HighMode(HighKind.FIXED, f"fixed {value:g}", value=value)


def reference_of(values: NDArray[np.floating], mode: HighMode, /) -> Reference:
    """Return centre and spread of reference pixels.

    Parameters
    ----------
    values
        Calibrated grey values, shape ``(n,)``; NaN is left out.
    mode
        Says whether mean and SD or median and MAD are wanted.

    Raises
    ------
    RoleError
        If there are fewer than two values.
    """
    finite = np.asarray(values, np.float64)
    finite = finite[np.isfinite(finite)]
    if finite.size < 2:
        msg = f"--high {mode.text} needs reference pixels, and there are {finite.size}"
        raise RoleError(msg)
    if mode.robust:
        center = float(np.median(finite))
        spread = MAD_TO_SD * float(np.median(np.abs(finite - center)))
    else:
        center, spread = float(finite.mean()), float(finite.std(ddof=1))
    return Reference(center, spread, finite.size)


def above_reference(
    values: NDArray[np.floating], reference: Reference, mode: HighMode, /
) -> NDArray[np.bool_]:
    """Return which values lie above the centre plus `mode.spreads` spreads."""
    limit = reference.center + mode.spreads * reference.spread
    above: NDArray[np.bool_] = np.asarray(values) > limit
    return above
