"""Which ROI is the cord, which is high intensity, and of which vertebral level."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import ParameterError, RoleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyrhi.imagej.roi import Roi


class Role(str, Enum):
    """What a ROI stands for."""

    CORD = "cord"
    HIGH = "high"
    REFERENCE = "reference"
    EXCLUDE = "exclude"
    OTHER = ""


NOT_HIGH = "not high"
NO_ROLE = "no role"
_MARKS = {"whole": "", "start": "*", "alone": "?"}


def _read_words() -> dict[str, tuple[str, ...]]:
    """Return the words of ``words.csv`` by role, each with the mark of how it matches."""
    words: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            role = row["role"]
            words[role] = (*words.get(role, ()), row["word"] + _MARKS[row["match"]])
    return words


WORDS = _read_words()
"""Words by role: ``lesion`` is a whole word, ``hyper*`` the beginning of one, and ``vertebral?``
counts only where no other word of the name says a role."""

CORD_WORDS = WORDS[Role.CORD.value]
HIGH_WORDS = WORDS[Role.HIGH.value]
REFERENCE_WORDS = WORDS[Role.REFERENCE.value]
EXCLUDE_WORDS = WORDS[Role.EXCLUDE.value]
GROUPS = {1: Role.CORD, 2: Role.HIGH, 3: Role.REFERENCE}
"""ImageJ ROI groups that stand for a role where the name says nothing."""

LEVELS = (
    *(f"C{i}" for i in range(1, 8)),
    *(f"T{i}" for i in range(1, 14)),
    *(f"L{i}" for i in range(1, 7)),
    *(f"S{i}" for i in range(1, 6)),
)
"""Vertebral levels from head to foot; T13 and L6 are anatomical variants."""

LISTED_NAMES = 5
"""ROI names that a message lists before it counts the rest."""

# A word is a run of letters, so that cord1, cord_1 and cord-1 all hold the word cord.
_WORD = re.compile(r"[^\W\d_]+")
_ENTRY = re.compile(r"([^\W\d_]+)([*?]?)")
_TOKEN = re.compile(r"[^\W_]+")
_LETTERS = {
    prefix: letter
    for letter, prefixes in (("C", "HWK"), ("T", "TH D BWK"), ("L", "LWK"), ("S", "SWK"))
    for prefix in (letter, *prefixes.split())
}
"""Level prefixes; HWK, BWK, LWK and SWK are German for a cervical to sacral vertebral body."""

_PREFIXED = re.compile(rf"({'|'.join(_LETTERS)})([1-9][0-9]?)")
_NUMBER = re.compile(r"[1-9][0-9]?")
_APART = frozenset({"HWK", "BWK", "LWK", "SWK", "TH"})
"""Prefixes whose number may stand one character away: no other word is written like them."""

_WEIGHTING = re.compile(
    r"(HYPERINT|HYPOINT|ISOINT|SIGNAL|WEIGHT).*|WI?|[TF]SE|STIR|FLAIR|DIXON|SPACE"
)
"""What follows T1 or T2 where it is the weighting of the image, not a vertebra."""


@dataclass(frozen=True)
class RolePatterns:
    """Words that give a ROI its role; case is ignored.

    Parameters
    ----------
    cord, high, reference, exclude
        Words, each matched against the whole words of a name. ``hyper*`` is the beginning of a
        word; ``vertebral?`` counts only where no other word of the name says a role.
    """

    cord: tuple[str, ...] = CORD_WORDS
    high: tuple[str, ...] = HIGH_WORDS
    reference: tuple[str, ...] = REFERENCE_WORDS
    exclude: tuple[str, ...] = EXCLUDE_WORDS

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for role, words in self.by_role:
            for word in words:
                entry = _ENTRY.fullmatch(word)
                if entry is None:
                    msg = f"the {role} word {word!r} is not a word; use letters alone"
                    raise ParameterError(msg)
                other = seen.setdefault(entry[1].lower(), role)
                if other != role:
                    msg = f"the word {entry[1]!r} stands for {other} and for {role}; choose one"
                    raise ParameterError(msg)

    @property
    def by_role(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Roles with their words, in the order in which messages name them."""
        return (
            (Role.CORD.value, self.cord),
            (Role.HIGH.value, self.high),
            (Role.REFERENCE.value, self.reference),
            (Role.EXCLUDE.value, self.exclude),
        )

    @cached_property
    def table(self) -> _Table:
        """The words as they are looked up."""
        return _table(self)

    @property
    def plain_words(self) -> tuple[str, ...]:
        """All words, without the marks of how they match."""
        return tuple(word.rstrip("*?") for _, words in self.by_role for word in words)


NAMES_KEPT = 4096
"""Names whose role and level are remembered."""


@dataclass(frozen=True)
class _Table:
    """What words say: `whole` and `alone` by word, `starts` from the longest on."""

    whole: dict[str, str]
    alone: dict[str, str]
    starts: tuple[tuple[str, str], ...]
    known: dict[tuple[str, int], Role]
    """Roles of names and groups that were asked for: images of a study repeat them."""

    def role(self, word: str) -> str:
        """Return the role of the longest entry that a word matches, or an empty text."""
        if word in self.whole:
            return self.whole[word]
        return next((role for start, role in self.starts if word.startswith(start)), "")


def _table(patterns: RolePatterns) -> _Table:
    kinds: dict[str, dict[str, str]] = {"": {}, "?": {}, "*": {}}
    # Roles come first, so that a word that a person gives one is not taken away from it.
    for role, words in (*patterns.by_role, *((r, WORDS[r]) for r in (NOT_HIGH, NO_ROLE))):
        for word in words:
            text, mark = _ENTRY.fullmatch(word).groups()  # type: ignore[union-attr]
            kinds[mark].setdefault(text.lower(), role)
    starts = sorted(kinds["*"].items(), key=lambda item: -len(item[0]))
    return _Table(kinds[""], kinds["?"], tuple(starts), {})


def role_of(roi: Roi, patterns: RolePatterns = RolePatterns(), /) -> Role:
    """Return the role of a ROI: by a word of its name, else by its group.

    Parameters
    ----------
    roi
        The ROI.
    patterns
        Words that give a role.

    Raises
    ------
    RoleError
        If the name has words of two roles.

    Examples
    --------
    >>> from pyrhi.imagej.roi import Roi, RoiType
    >>> role_of(Roi("High-L2-1", RoiType.RECT, 0, 0, 5, 5)).value
    'high'
    >>> role_of(Roi("T2hyperintense 3", RoiType.RECT, 0, 0, 5, 5)).value
    'high'
    >>> role_of(Roi("0007-0012", RoiType.RECT, 0, 0, 5, 5, group=1)).value
    'cord'
    """
    table = patterns.table
    key = roi.name, roi.group
    known = table.known.get(key)
    if known is None:
        known = _role_of(roi, patterns, table)
        if len(table.known) >= NAMES_KEPT:
            table.known.clear()
        table.known[key] = known
    return known


def _role_of(roi: Roi, patterns: RolePatterns, table: _Table) -> Role:
    words = [word.lower() for word in _WORD.findall(roi.name)]
    named = {table.role(word) for word in words}
    found = [role for role, _ in patterns.by_role if role in named]
    if not found:
        named |= {table.alone[word] for word in words if word in table.alone}
        found = [role for role, _ in patterns.by_role if role in named]
    if found == [Role.HIGH.value] and NOT_HIGH in named:
        found.append(NOT_HIGH)
    if len(found) > 1:
        both = " and ".join(found)
        msg = f"the name of ROI {roi.name!r} says {both}; rename it so that it says one"
        raise RoleError(msg)
    return Role(found[0]) if found else GROUPS.get(roi.group, Role.OTHER)


@lru_cache(maxsize=NAMES_KEPT)
def level_of(name: str, /) -> str:
    """Return the vertebral level in a name, or an empty text.

    Parameters
    ----------
    name
        Name of a ROI; two levels (``cord L1-L2``) are joined from head to foot.

    Examples
    --------
    >>> level_of("high-l2-1"), level_of("cord T12 L1"), level_of("cord-014")
    ('L2', 'T12-L1', '')
    >>> level_of("Th12"), level_of("BWK 7"), level_of("high L5/S1"), level_of("C5/6")
    ('T12', 'T7', 'L5-S1', 'C5-C6')
    """
    found: set[str] = set()
    tokens = [(m[0].upper(), m.start(), m.end()) for m in _TOKEN.finditer(name)]
    previous: tuple[str, int] | None = None
    for i, (token, start, _) in enumerate(tokens):
        gap = name[tokens[i - 1][2] : start] if i else ""
        before = tokens[i - 1][0] if i else ""
        level: tuple[str, int] | None = None
        if match := _PREFIXED.fullmatch(token):
            level = (_LETTERS[match[1]], int(match[2]))
            after = tokens[i + 1][0] if i + 1 < len(tokens) else ""
            if token in ("T1", "T2") and _WEIGHTING.fullmatch(after):
                level = None
        elif _NUMBER.fullmatch(token):
            if before in _APART and gap in (" ", "_", "-", "."):
                level = (_LETTERS[before], int(token))
            elif previous and gap.strip() == "/" and int(token) == previous[1] + 1:
                level = (previous[0], int(token))
        if level:
            found.add(f"{level[0]}{level[1]}")
        previous = level
    return "-".join(level for level in LEVELS if level in found)


def listed(names: Sequence[str], /) -> str:
    """Return names in quotation marks for a message: the first few, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e", "f", "g"])
    ("'a', 'b'", "'a', 'b', 'c', 'd', 'e' and 2 more")
    """
    return first_few([repr(name) for name in names], LISTED_NAMES)


def first_few(texts: Sequence[str], most: int, /) -> str:
    """Return texts with commas, up to a number of them, and how many more there are.

    Examples
    --------
    >>> first_few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown, more = ", ".join(texts[:most]), len(texts) - most
    return f"{shown} and {more} more" if more > 0 else shown


def check_some_role(rois: Iterable[Roi], roles: Iterable[Role], offer: str = "", /) -> None:
    """Raise where no ROI is a cord, listing some names and saying how to name them.

    Parameters
    ----------
    rois, roles
        ROIs and their roles.
    offer
        What else a person may do, for the message.

    Raises
    ------
    RoleError
        If no ROI has the role cord.
    """
    if Role.CORD in list(roles):
        return
    names = listed([roi.name for roi in rois]) or "none"
    msg = (
        f"no cord ROI among {names}; name the whole cord 'cord' and the high-intensity area "
        "'high' (with a level where there are several: 'cord L2', 'high L2'), "
        "or give them the ROI groups 1 and 2"
    ) + (f"; {offer}" if offer else "")
    raise RoleError(msg)
