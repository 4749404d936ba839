"""Which ROI is the cord, which is high intensity, of which level, and on which slices."""

from __future__ import unicode_literals

import re

from java.lang import Character

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import quoted

CORD = "cord"
HIGH = "high"
REFERENCE = "reference"
OTHER = ""

WORDS = (
    (CORD, ("cord", "whole", "canal", "vertebra", "body")),
    (HIGH, ("high", "hyper", "lesion", "met")),
    (REFERENCE, ("normal", "reference", "ref")),
)
GROUPS = {1: CORD, 2: HIGH, 3: REFERENCE}
"""ImageJ ROI groups that stand for a role where the name says nothing."""

LEVELS = tuple(
    "%s%d" % (letter, number)
    for letter, count in (("C", 7), ("T", 12), ("L", 5), ("S", 5))
    for number in range(1, count + 1)
)
"""Vertebral levels from head to foot."""

_LEVEL = re.compile(r"C[1-7]|T(?:1[0-2]|[1-9])|L[1-5]|S[1-5]", re.I)
_OLD_LABEL = re.compile(r"([0-9]{4,6})-[0-9]{4,6}-[0-9]{4,6}")
_LETTERS = frozenset(
    int(kind)
    for kind in (
        Character.UPPERCASE_LETTER,
        Character.LOWERCASE_LETTER,
        Character.TITLECASE_LETTER,
        Character.MODIFIER_LETTER,
        Character.OTHER_LETTER,
        Character.LETTER_NUMBER,
        Character.OTHER_NUMBER,
    )
)


def _is_letter(char):
    """Tell a letter as Python 3's pattern ``[^\\W\\d_]`` does."""
    return Character.getType(ord(char)) in _LETTERS


def _is_alphanumeric(char):
    return _is_letter(char) or Character.isDigit(ord(char))


def words_of(name):
    """Return the words of a name in small letters: runs of letters."""
    parts = "".join(char if _is_letter(char) else " " for char in name)
    return frozenset(parts.lower().split(" ")) - frozenset([""])


def role_of(roi):
    """Return the role of a ROI: by a word of its name, else by its group."""
    words = words_of(roi.name)
    found = [role for role, names in WORDS if words.intersection(names)]
    if len(found) > 1:
        raise RhiError(
            messages.TWO_ROLES.format(name=quoted(roi.name), roles=" and ".join(found))
        )
    return found[0] if found else GROUPS.get(roi.group, OTHER)


def level_of(name):
    """Return the vertebral level in a name, or an empty text; two are joined head to foot."""
    found = set()
    at = 0
    while True:
        match = _LEVEL.search(name, at)
        if match is None:
            break
        start, end = match.span()
        alone = not (start and _is_alphanumeric(name[start - 1]))
        if alone and not (end < len(name) and _is_alphanumeric(name[end])):
            found.add(match.group().upper())
            at = end
        else:
            at = start + 1
    return "-".join(level for level in LEVELS if level in found)


def check_some_cord(rois, roles):
    """Raise where no ROI is a cord, listing the names and saying how to name them."""
    if CORD in roles:
        return
    names = ", ".join(quoted(roi.name) for roi in rois) or "none"
    raise RhiError(messages.NO_CORD.format(names=names))


def slices_of(roi, n_slices, dimensions):
    """Return the 1-based stack slices on which a ROI lies; without a position, all of them."""
    channels, slices, frames = dimensions
    position = roi.position or (roi.slice if slices == n_slices else 0)
    if position == 0 and (roi.channel or roi.slice or roi.frame):
        for value, size, what in (
            (roi.channel, channels, "channel"),
            (roi.slice, slices, "slice"),
            (roi.frame, frames, "frame"),
        ):
            _check_position(roi, value, size, what)
        return [
            (t * slices + z) * channels + c + 1
            for t in _chosen(roi.frame, frames)
            for z in _chosen(roi.slice, slices)
            for c in _chosen(roi.channel, channels)
        ]
    if position == 0:
        match = _OLD_LABEL.match(roi.name)
        if match and int(match.group(1)) <= n_slices:
            position = int(match.group(1))
    if position == 0:
        return list(range(1, n_slices + 1))
    _check_position(roi, position, n_slices, "slice")
    return [position]


def _chosen(value, size):
    return range(value - 1, value) if value else range(size)


def _check_position(roi, value, size, what):
    if value > size:
        raise RhiError(
            messages.ROI_BEYOND.format(name=quoted(roi.name), what=what, value=value, size=size)
        )
