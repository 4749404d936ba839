"""ROIs without names of patients: role, level and geometry stay, every other text goes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyrhi.errors import RoiError
from pyrhi.imagej.roi import Roi, RoiSubtype
from pyrhi.io.rois.clean import clean_roi
from pyrhi.rhi.position import OLD_LABEL
from pyrhi.rhi.roles import Role, RolePatterns, level_of, role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_KEPT = (RoiSubtype.TEXT, RoiSubtype.IMAGE)
NO_ROLE = "roi"


def new_names(rois: Sequence[Roi], patterns: RolePatterns, /) -> list[str]:
    """Return names that say role and level and nothing else, each once.

    Parameters
    ----------
    rois
        The ROIs of a set.
    patterns
        Words that give a role; the new names use pyrhi's own.

    Examples
    --------
    >>> from pyrhi.imagej.roi import RoiType
    >>> names = ("Doe cord L2", "high-l2-1", "x")
    >>> new_names([Roi(n, RoiType.RECT, 0, 0, 5, 5) for n in names], RolePatterns())
    ['cord L2', 'high L2', 'roi']
    """
    plain = [_name(roi, patterns) for roi in rois]
    counts, seen = Counter(plain), Counter[str]()
    names = []
    for name in plain:
        seen[name] += 1
        names.append(f"{name}-{seen[name]:03d}" if counts[name] > 1 else name)
    return names


def _name(roi: Roi, patterns: RolePatterns) -> str:
    role = role_of(roi, patterns)
    label = match[0] + " " if (match := OLD_LABEL.match(roi.name)) else ""
    role_text = role.value if role is not Role.OTHER else NO_ROLE
    return f"{label}{role_text} {level_of(roi.name)}".rstrip()


def clean_set(
    rois: Sequence[Roi], patterns: RolePatterns, /, *, source: str
) -> tuple[list[tuple[str, bytes]], int]:
    """Return the ROIs of a set under new names, and how many held text or a picture and went.

    Raises
    ------
    RoiError
        If a ROI cannot be cleaned, or its role or level would be another.
    """
    kept = [roi for roi in rois if roi.subtype not in NOT_KEPT]
    names = new_names(kept, patterns)
    out = []
    for roi, name in zip(kept, names, strict=True):
        check_name(roi, name, patterns, source)
        out.append((name, clean_roi(roi.data, name, source=source)))
    return out, len(rois) - len(kept)


def check_name(roi: Roi, name: str, patterns: RolePatterns, source: str, /) -> None:
    """Raise where a ROI would have another role or level under a new name.

    Raises
    ------
    RoiError
        If it would.
    """
    renamed = Roi(name, roi.type, 0, 0, 1, 1, group=roi.group)
    same_role = role_of(renamed) is role_of(roi, patterns)
    if not same_role or level_of(name) != level_of(roi.name):
        msg = (
            f"{source}: a ROI would lose its role or level with its name; give it a ROI group"
            " (1 cord, 2 high) and a level in its name"
        )
        raise RoiError(msg)
