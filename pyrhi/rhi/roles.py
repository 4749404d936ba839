"""Which ROI is the cord, which is high intensity, and of which vertebral level."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pyrhi.errors import ParameterError, RoleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyrhi.imagej.roi import Roi


class Role(str, Enum):
    """What a ROI stands for."""

    CORD = "cord"
    HIGH = "high"
    REFERENCE = "reference"
    OTHER = ""


CORD_WORDS = ("cord", "whole", "canal", "vertebra", "body")
HIGH_WORDS = ("high", "hyper", "lesion", "met")
REFERENCE_WORDS = ("normal", "reference", "ref")
GROUPS = {1: Role.CORD, 2: Role.HIGH, 3: Role.REFERENCE}
"""ImageJ ROI groups that stand for a role where the name says nothing."""

LEVELS = (
    *(f"C{i}" for i in range(1, 8)),
    *(f"T{i}" for i in range(1, 13)),
    *(f"L{i}" for i in range(1, 6)),
    *(f"S{i}" for i in range(1, 6)),
)
"""Vertebral levels from head to foot."""

# A word is a run of letters, so that cord1, cord_1 and cord-1 all hold the word cord.
_WORD = re.compile(r"[^\W\d_]+")
_LEVEL = re.compile(r"(?<![^\W_])(C[1-7]|T(?:1[0-2]|[1-9])|L[1-5]|S[1-5])(?![^\W_])", re.I)


@dataclass(frozen=True)
class RolePatterns:
    """Words that give a ROI its role; case is ignored.

    Parameters
    ----------
    cord, high, reference
        Words, each matched against the whole words of a name.
    """

    cord: tuple[str, ...] = CORD_WORDS
    high: tuple[str, ...] = HIGH_WORDS
    reference: tuple[str, ...] = REFERENCE_WORDS

    def __post_init__(self) -> None:
        groups = [("cord", self.cord), ("high", self.high), ("reference", self.reference)]
        seen: dict[str, str] = {}
        for role, words in groups:
            for word in words:
                if not _WORD.fullmatch(word):
                    msg = f"the {role} word {word!r} is not a word; use letters alone"
                    raise ParameterError(msg)
                other = seen.setdefault(word.lower(), role)
                if other != role:
                    msg = f"the word {word!r} stands for {other} and for {role}; choose one"
                    raise ParameterError(msg)


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
    >>> role_of(Roi("0007-0012", RoiType.RECT, 0, 0, 5, 5, group=1)).value
    'cord'
    """
    words = {word.lower() for word in _WORD.findall(roi.name)}
    found = [
        role
        for role, names in (
            (Role.CORD, patterns.cord),
            (Role.HIGH, patterns.high),
            (Role.REFERENCE, patterns.reference),
        )
        if any(name.lower() in words for name in names)
    ]
    if len(found) > 1:
        both = " and ".join(role.value for role in found)
        msg = f"the name of ROI {roi.name!r} says {both}; rename it so that it says one"
        raise RoleError(msg)
    return found[0] if found else GROUPS.get(roi.group, Role.OTHER)


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
    """
    found = {match.upper() for match in _LEVEL.findall(name)}
    return "-".join(level for level in LEVELS if level in found)


def check_some_role(rois: Iterable[Roi], roles: Iterable[Role], /) -> None:
    """Raise where no ROI is a cord, listing the names and saying how to name them.

    Raises
    ------
    RoleError
        If no ROI has the role cord.
    """
    roles = list(roles)
    if Role.CORD in roles:
        return
    names = ", ".join(repr(roi.name) for roi in rois) or "none"
    msg = (
        f"no cord ROI among {names}; name the whole cord 'cord' and the high-intensity area "
        "'high' (with a level where there are several: 'cord L2', 'high L2'), "
        "or give them the ROI groups 1 and 2"
    )
    raise RoleError(msg)
