# -*- coding: utf-8 -*-
"""Numbers, names and CSV cells as Python 3 writes them, so that the tables are pyrhi's."""

from __future__ import division, unicode_literals

import math
import re

from java.lang import Character, Double, System
from java.math import BigDecimal, MathContext, RoundingMode

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Text that starts with one of these would run as a formula in a spreadsheet."""

_QUOTED = frozenset('",\n\r')
_WHOLE = 1e16
_SURE_DIGITS = 15
"""No two decimals of so many digits are the same double, so one that reads back is the shortest."""

_SHORTEST_BY_JAVA = float(System.getProperty("java.specification.version")) >= 19
_NEAREST = [MathContext(digits, RoundingMode.HALF_EVEN) for digits in range(26)]
_LEAST_NORMAL = 2.2250738585072014e-308
_MANTISSA = (1 << 52) - 1
_UNPRINTABLE = frozenset(
    int(kind)
    for kind in (
        Character.CONTROL,
        Character.FORMAT,
        Character.SURROGATE,
        Character.PRIVATE_USE,
        Character.UNASSIGNED,
        Character.LINE_SEPARATOR,
        Character.PARAGRAPH_SEPARATOR,
        Character.SPACE_SEPARATOR,
    )
)
_PLAIN = re.compile("[A-Za-z0-9 ._-]*$")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def _shortest(value):
    """Return digits and exponent of the shortest decimal that reads back as a positive number.

    Java's Double.toString before Java 19 may have a digit too many; fewer it never has.
    """
    best = BigDecimal(Double.toString(value))
    if not _SHORTEST_BY_JAVA and (best.precision() > _SURE_DIGITS or value < _LEAST_NORMAL):
        exact = BigDecimal(value)
        for digits in range(best.precision(), 0, -1):
            near = _nearest(exact, value, digits)
            if near is None:
                break
            best = near
    plain = best.stripTrailingZeros()
    text = unicode(plain.unscaledValue())  # noqa: F821
    return text, len(text) - plain.scale()


def _nearest(exact, value, digits):
    """Return the nearest decimal of some digits that reads back as a number, or None."""
    near = exact.round(_NEAREST[digits])
    if near.doubleValue() == value:
        return near
    # The nearest may read back as another number where the gaps beside it differ.
    if Double.doubleToLongBits(value) & _MANTISSA == 0:
        for mode in (RoundingMode.DOWN, RoundingMode.UP):
            near = exact.round(MathContext(digits, mode))
            if near.doubleValue() == value:
                return near
    return None


def number(value):
    """Write a number as pyrhi's tables do: integers bare, else Python 3's ``repr``."""
    if isinstance(value, (int, long)):  # noqa: F821
        return unicode(value)  # noqa: F821
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == int(value) and abs(value) < _WHOLE:
        return sign + unicode(int(abs(value)))  # noqa: F821
    digits, point = _shortest(abs(value))
    if -4 < point <= 16:
        if point <= 0:
            return sign + "0." + "0" * -point + digits
        return sign + digits[:point] + "." + digits[point:]
    exponent = point - 1
    mantissa = digits if len(digits) == 1 else digits[0] + "." + digits[1:]
    return "%s%se%s%02d" % (sign, mantissa, "-" if exponent < 0 else "+", abs(exponent))


def quoted(name):
    """Write a name in quotes as Python 3's ``repr`` does."""
    if _PLAIN.match(name):
        return "'" + name + "'"
    mark = '"' if "'" in name and '"' not in name else "'"
    out = [mark]
    for char in name:
        code = ord(char)
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char == mark:
            out.append("\\" + char)
        elif char == " " or Character.getType(code) not in _UNPRINTABLE:
            out.append(char)
        elif code <= 0xFF:
            out.append("\\x%02x" % code)
        elif code <= 0xFFFF:
            out.append("\\u%04x" % code)
        else:
            out.append("\\U%08x" % code)
    out.append(mark)
    return "".join(out)


def one_line(text):
    """Return text without line ends or runs of blanks."""
    return " ".join(text.split())


def text_cell(value):
    """Write a text so that no spreadsheet runs it, quoted where CSV needs it."""
    if value.startswith(FORMULA_STARTS):
        value = "'" + value
    if _QUOTED.isdisjoint(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def cell(value):
    """Write a number or text as a cell."""
    return text_cell(value) if isinstance(value, basestring) else number(value)  # noqa: F821


def csv_line(cells):
    """Return one line of CSV with its line end."""
    return ",".join(cell(each) for each in cells) + "\n"
