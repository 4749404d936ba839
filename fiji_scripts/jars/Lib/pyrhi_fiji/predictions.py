"""What models know of a patient, what they say, and the reading of their JSON fields."""

from __future__ import division, unicode_literals

import math

from java.lang import Double

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import quoted

TIERS = ("none", "mild", "moderate", "severe")
LOCATIONS = ("cervical", "thoracic", "lumbar", "sacral", "multiple")
NUMBERS = ("1", "2", ">2")
RHI_MAX = 100.0
_INFINITY = float("inf")


class Patient(object):
    """What a model may know: RHI in percent, location, number of metastases; None is missing."""

    def __init__(self, rhi, location=None, number=None):
        self.rhi = rhi
        self.location = location
        self.number = number


class Estimate(object):
    """A probability with its interval."""

    def __init__(self, value, low, high, level):
        self.value = value
        self.low = low
        self.high = high
        self.level = level


class Prediction(object):
    """What a model says of one patient.

    Parameters
    ----------
    tier
        A tier, ``moderate or severe``, or empty where the model does not decide.
    probabilities
        Estimate by tier.
    joint
        Estimate of moderate or severe pain; None without one.
    indeterminate
        True where the model does not decide.
    reason
        Why it does not decide, or does not split two tiers.
    model
        The model's name.
    """

    def __init__(self, tier, probabilities, joint, indeterminate, reason, model):
        self.tier = tier
        self.probabilities = probabilities
        self.joint = joint
        self.indeterminate = indeterminate
        self.reason = reason
        self.model = model


def checked_rhi(patient):
    """Return the RHI, and why no model can use it (empty where it can)."""
    rhi = patient.rhi
    if rhi is None:
        return None, "RHI is missing"
    if math.isnan(rhi) or math.isinf(rhi) or rhi < 0:
        raise RhiError(messages.RHI_IMPOSSIBLE.format(rhi="%g" % rhi))
    if rhi > RHI_MAX:
        return rhi, messages.RHI_OVER_100.format(rhi="%g" % rhi)
    return rhi, ""


class Checker(object):
    """Reads a document's fields, and says which one is damaged."""

    def __init__(self, document, where):
        self.document = document
        self.where = where

    def fail(self, key, wanted):
        """Raise the error that names a damaged field."""
        raise RhiError(
            messages.MODEL_FIELD.format(path=self.where, key=quoted(key), wanted=wanted)
        )

    def text(self, key):
        """Return a text that is not empty."""
        value = self.document.get(key)
        if not isinstance(value, basestring) or not value:  # noqa: F821
            self.fail(key, "a text")
        return value

    def texts(self, key):
        """Return a list of texts."""
        value = self.document.get(key)
        if not isinstance(value, list) or not all(
            isinstance(v, basestring) for v in value  # noqa: F821
        ):
            self.fail(key, "a list of texts")
        return tuple(value)

    def number(self, key, low=-_INFINITY, high=_INFINITY):
        """Return a finite number between two limits."""
        value = self.document.get(key)
        if not _is_number(value) or not low <= value <= high:
            self.fail(key, "a finite number" + _limits(low, high))
        return float(value)

    def whole(self, key, low):
        """Return a whole number that is not below a limit."""
        value = self.number(key, low)
        if value != int(value):
            self.fail(key, "a whole number")
        return int(value)

    def numbers(self, key, size=None, low=-_INFINITY, high=_INFINITY):
        """Return a list of finite numbers between two limits, of a given size."""
        value = self.document.get(key)
        if (
            not isinstance(value, list)
            or (size is not None and len(value) != size)
            or not all(_is_number(v) and low <= v <= high for v in value)
        ):
            count = "" if size is None else "%d " % size
            self.fail(key, "a list of " + count + "finite numbers" + _limits(low, high))
        return tuple(float(v) for v in value)

    def ascending(self, key, size, low=-_INFINITY, high=_INFINITY):
        """Return a list of finite numbers, each larger than the one before it."""
        values = self.numbers(key, size, low, high)
        if any(b <= a for a, b in zip(values, values[1:])):
            self.fail(key, "a list of ascending numbers")
        return values

    def part(self, key):
        """Return the reader of an object inside of this one."""
        value = self.document.get(key)
        if not isinstance(value, dict):
            self.fail(key, "an object")
        return Checker(value, self.where + ": " + key)


def _is_number(value):
    if not isinstance(value, (int, long, float)) or isinstance(value, bool):  # noqa: F821
        return False
    return abs(value) <= Double.MAX_VALUE


def _limits(low, high):
    if math.isinf(low) and math.isinf(high):
        return ""
    return " between %g and %g" % (low, high)
