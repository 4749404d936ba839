"""Which ROI is the cord, which is high intensity, of which level, and on which slices."""

from __future__ import unicode_literals

import pkgutil
import re

from java.lang import Character

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import quoted

CORD = "cord"
HIGH = "high"
REFERENCE = "reference"
EXCLUDE = "exclude"
OTHER = ""

ROLES = (CORD, HIGH, REFERENCE, EXCLUDE)
"""In the order in which messages name them."""

GROUPS = {1: CORD, 2: HIGH, 3: REFERENCE}
"""ImageJ ROI groups that stand for a role where the name says nothing."""

LEVELS = tuple(
    "%s%d" % (letter, number)
    for letter, count in (("C", 7), ("T", 13), ("L", 6), ("S", 5))
    for number in range(1, count + 1)
)
"""Vertebral levels from head to foot; T13 and L6 are anatomical variants."""

LISTED_NAMES = 5
"""ROI names that a message lists before it counts the rest."""

_NOT_HIGH = "not high"
_MOST_KNOWN = 10000
_known = {}
_OLD_LABEL = re.compile(r"([0-9]{4,6})-[0-9]{4,6}-[0-9]{4,6}")
_LETTER_OF = {
    "C": "C", "HWK": "C", "T": "T", "TH": "T", "D": "T", "BWK": "T",
    "L": "L", "LWK": "L", "S": "S", "SWK": "S",
}  # fmt: skip
"""Level prefixes; HWK, BWK, LWK and SWK are German for a cervical to sacral vertebral body."""

_PREFIXED = re.compile("(" + "|".join(sorted(_LETTER_OF, key=len, reverse=True)) + ")([1-9][0-9]?)$")
_NUMBER = re.compile("[1-9][0-9]?$")
_APART = frozenset(("HWK", "BWK", "LWK", "SWK", "TH"))
"""Prefixes whose number may stand one character away: no other word is written like them."""

_WEIGHTING = re.compile(
    "((HYPERINT|HYPOINT|ISOINT|SIGNAL|WEIGHT).*|WI?|[TF]SE|STIR|FLAIR|DIXON|SPACE)$"
)
"""What follows T1 or T2 where it is the weighting of the image, not a vertebra."""

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


def _read_words():
    """Return pyrhi's table of words: role by whole word, by word that stands alone, by start."""
    tables = {"whole": {}, "alone": {}, "start": {}}
    lines = pkgutil.get_data("pyrhi_fiji", "words.csv").decode("utf-8").splitlines()
    for line in lines[1:]:
        role, word, match = line.split(",")
        tables[match][word] = role
    starts = sorted(tables["start"].items(), key=lambda item: -len(item[0]))
    return tables["whole"], tables["alone"], starts


_WHOLE, _ALONE, _STARTS = _read_words()


def _is_letter(char):
    """Tell a letter as Python 3's pattern ``[^\\W\\d_]`` does."""
    return "a" <= char <= "z" or "A" <= char <= "Z" or Character.getType(ord(char)) in _LETTERS


def _is_alphanumeric(char):
    return _is_letter(char) or Character.isDigit(ord(char))


def words_of(name):
    """Return the words of a name in small letters: runs of letters."""
    parts = "".join(char if _is_letter(char) else " " for char in name)
    return frozenset(parts.lower().split(" ")) - frozenset([""])


def _said(word):
    """Return the role of the longest entry that a word matches, or an empty text."""
    if word in _WHOLE:
        return _WHOLE[word]
    for start, role in _STARTS:
        if word.startswith(start):
            return role
    return ""


def role_of(roi):
    """Return the role of a ROI: by a word of its name, else by its group."""
    said = _once(_role_said, roi.name)
    return said or GROUPS.get(roi.group, OTHER)


def _once(function, name):
    """Return what a function says of a name, asked once: the ROIs of a batch share few names."""
    known = _known.setdefault(function, {})
    if name not in known:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[name] = function(name)
    return known[name]


def _role_said(name):
    words = words_of(name)
    said = set(_said(word) for word in words)
    found = [role for role in ROLES if role in said]
    if not found:
        said.update(_ALONE[word] for word in words if word in _ALONE)
        found = [role for role in ROLES if role in said]
    if found == [HIGH] and _NOT_HIGH in said:
        found.append(_NOT_HIGH)
    if len(found) > 1:
        raise RhiError(
            messages.TWO_ROLES.format(name=quoted(name), roles=" and ".join(found))
        )
    return found[0] if found else OTHER


def _tokens(name):
    """Return runs of letters and digits in capitals, each with the text before it."""
    found, start, end = [], None, 0
    for i, char in enumerate(name + " "):
        if i < len(name) and _is_alphanumeric(char):
            start = i if start is None else start
        elif start is not None:
            found.append((name[start:i].upper(), name[end:start]))
            start, end = None, i
    return found


def level_of(name):
    """Return the vertebral level in a name, or an empty text; several are joined head to foot."""
    return _once(_level_said, name)


def _level_said(name):
    found = set()
    tokens = _tokens(name)
    previous = None
    for i, (token, gap) in enumerate(tokens):
        before = tokens[i - 1][0] if i else ""
        level = None
        match = _PREFIXED.match(token)
        if match:
            level = (_LETTER_OF[match.group(1)], int(match.group(2)))
            after = tokens[i + 1][0] if i + 1 < len(tokens) else ""
            if token in ("T1", "T2") and _WEIGHTING.match(after):
                level = None
        elif _NUMBER.match(token):
            if before in _APART and gap in (" ", "_", "-", "."):
                level = (_LETTER_OF[before], int(token))
            elif previous and gap.strip() == "/" and int(token) == previous[1] + 1:
                level = (previous[0], int(token))
        if level:
            found.add("%s%d" % level)
        previous = level
    return "-".join(level for level in LEVELS if level in found) if found else ""


def listed(names):
    """Return names in quotation marks: the first few, and how many more there are."""
    shown = ", ".join(quoted(name) for name in names[:LISTED_NAMES])
    more = len(names) - LISTED_NAMES
    return shown + " and %d more" % more if more > 0 else shown


def check_some_cord(rois, roles):
    """Raise where no ROI is a cord, listing the names and saying how to name them."""
    if CORD not in roles:
        names = listed([roi.name for roi in rois]) or "none"
        raise RhiError(messages.NO_CORD.format(names=names))


def slices_of(roi, n_slices, dimensions):
    """Return the 1-based stack slices on which a ROI lies; without a position, all of them."""
    if n_slices == 1:
        return [1]
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


def moved_from(roi, n_slices):
    """Return the position of a ROI that lies elsewhere than on an image's only slice, else 0."""
    said = max(roi.position, roi.channel, roi.slice, roi.frame)
    return said if n_slices == 1 and said > 1 else 0


def _chosen(value, size):
    return range(value - 1, value) if value else range(size)


def _check_position(roi, value, size, what):
    if value > size:
        raise RhiError(
            messages.ROI_BEYOND.format(name=quoted(roi.name), what=what, value=value, size=size)
        )
