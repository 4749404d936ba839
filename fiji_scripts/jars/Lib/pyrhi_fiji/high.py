"""Ways to find the high-intensity area inside the cord, where nobody has drawn it."""

from __future__ import division, unicode_literals

import math
import re

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import quoted

METHODS = (
    "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean",
    "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag",
    "Triangle", "Yen",
)
METHOD = "method"
FIXED = "fixed"
BY_REFERENCE = "reference"
AUTO = "auto"

MAD_TO_SD = 1.4826
"""Factor from the median absolute deviation to the standard deviation of a normal sample."""

AUTO_SPREADS = 5.0
"""`auto` takes pixels above median + 5 robust SD of the patient's cord."""

DRAWN = "drawn"
"""What the column Method says where the high ROI was drawn."""

_REFERENCE_MODE = re.compile(r"ref\+(\d+(?:\.\d+)?)(sd|mad)$", re.I)
_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$", re.I)


class HighMode(object):
    """A way to find the high-intensity area.

    Parameters
    ----------
    kind
        One of METHOD, FIXED, BY_REFERENCE and AUTO.
    text
        What the column Method says.
    method
        ImageJ's threshold method.
    value
        Least calibrated value.
    spreads
        Number of spreads above the centre.
    robust
        True takes median and MAD, False mean and SD.
    """

    def __init__(self, kind, text, method="", value=0.0, spreads=0.0, robust=False):
        self.kind = kind
        self.text = text
        self.method = method
        self.value = value
        self.spreads = spreads
        self.robust = robust


class Reference(object):
    """Centre and spread of reference pixels, in calibrated grey values."""

    def __init__(self, center, spread):
        self.center = center
        self.spread = spread


def parse_high(text):
    """Read a mode as ``pyrhi measure --high`` does."""
    wanted = text.strip()
    for method in METHODS:
        if wanted.lower() == method.lower():
            return HighMode(METHOD, method, method=method)
    if wanted.lower() == AUTO:
        return HighMode(AUTO, AUTO, spreads=AUTO_SPREADS, robust=True)
    match = _REFERENCE_MODE.match(wanted)
    if match:
        spread = match.group(2).lower()
        return HighMode(
            BY_REFERENCE,
            "ref+" + match.group(1) + spread,
            spreads=float(match.group(1)),
            robust=spread == "mad",
        )
    if _NUMBER.match(wanted):
        value = float(wanted.replace("_", ""))
        if not math.isinf(value):
            return HighMode(FIXED, "fixed " + "%g" % value, value=value)
    raise RhiError(messages.UNKNOWN_MODE.format(text=quoted(text), methods=", ".join(METHODS)))


def reference_of(values, mode):
    """Return centre and spread of calibrated values; NaN and infinity are left out."""
    finite = [value for value in values if not (math.isnan(value) or math.isinf(value))]
    if len(finite) < 2:
        raise RhiError(messages.FEW_PIXELS.format(mode=mode.text, count=len(finite)))
    if mode.robust:
        center = _median(finite)
        return Reference(center, MAD_TO_SD * _median([abs(value - center) for value in finite]))
    center = pairwise_sum(finite) / len(finite)
    squares = [(value - center) * (value - center) for value in finite]
    return Reference(center, math.sqrt(pairwise_sum(squares) / (len(finite) - 1)))


def _median(values):
    ordered = sorted(values)
    n = len(ordered)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def pairwise_sum(values):
    """Add in numpy's order, so that not even the last digit differs."""
    n = len(values)
    if n < 8:
        total = 0.0
        for value in values:
            total += value
        return total
    if n > 128:
        half = n // 2
        half -= half % 8
        return pairwise_sum(values[:half]) + pairwise_sum(values[half:])
    r = list(values[:8])
    whole = n - n % 8
    for i in range(8, whole, 8):
        for j in range(8):
            r[j] += values[i + j]
    total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
    for value in values[whole:]:
        total += value
    return total
