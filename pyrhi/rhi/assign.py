"""Roles for ROIs whose names say none: by a rule that the user chose (``--roles``)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from pyrhi.errors import ParameterError, RoleError
from pyrhi.imagej.particles import intersection_of
from pyrhi.rhi.roles import Role, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.imagej.mask import Region

HELD_PERCENT = 90
"""Share of a ROI's pixels that must lie in another for that one to hold it: a lesion at the rim of
a cord, drawn by hand, reaches over it by a pixel or two."""

ALONE = "ROI {name} is alone on its slice and was taken as the cord"


class RoleRule(str, Enum):
    """How area ROIs whose names say no role get one, slice by slice."""

    LARGER = "larger=cord"
    FIRST = "first=cord"
    ALL_HIGH = "all=high"


RULES = tuple(rule.value for rule in RoleRule)
OFFER = "or use --roles larger=cord, --roles first=cord, or --roles all=high with --cord-mask"
"""What a message about ROIs without roles offers."""


def parse_rule(text: str, /) -> RoleRule:
    """Return the rule of a text.

    Raises
    ------
    ParameterError
        If there is no such rule; the message lists them.

    Examples
    --------
    >>> parse_rule("larger=cord").name
    'LARGER'
    """
    try:
        return RoleRule(text.strip().lower())
    except ValueError:
        msg = f"--roles {text!r} is not known; use {', '.join(RULES[:-1])} or {RULES[-1]}"
        raise ParameterError(msg) from None


def holds(region: Region, other: Region, /) -> bool:
    """Say whether a region holds another one.

    Parameters
    ----------
    region, other
        Regions of one slice, clipped to the image.

    Returns
    -------
    held : bool
        True where `region` has more pixels than `other`, and at least `HELD_PERCENT` of the pixels
        of `other` are its own.

    Examples
    --------
    >>> from pyrhi.imagej.mask import Region
    >>> cord, lesion = Region(0, 0, 20, 20, None), Region(10, 10, 5, 11, None)
    >>> holds(cord, lesion), holds(lesion, cord)
    (True, False)
    """
    pixels = other.pixel_count
    if region.pixel_count <= pixels:
        return False
    return 100 * intersection_of(other, region).pixel_count >= HELD_PERCENT * pixels


def assigned_roles(
    names: Sequence[str],
    roles: Sequence[Role],
    regions: Sequence[Region],
    rule: RoleRule,
    number: int,
    /,
) -> list[Role]:
    """Return the roles of the area ROIs of a slice after a rule has given the missing ones.

    Parameters
    ----------
    names, roles, regions
        Of each area ROI of the slice, in the order of the set.
    rule
        The rule. It changes nothing where a ROI is named as the cord, except ``all=high``.
    number
        Slice, for messages.

    Raises
    ------
    RoleError
        If ``larger=cord`` cannot tell the cord.
    """
    unnamed = [i for i, role in enumerate(roles) if role is Role.OTHER]
    if not unnamed or (rule is not RoleRule.ALL_HIGH and Role.CORD in roles):
        return list(roles)
    cord = -1
    if rule is RoleRule.FIRST:
        cord = unnamed[0]
    elif rule is RoleRule.LARGER:
        others = [i for i, role in enumerate(roles) if role in (Role.OTHER, Role.HIGH)]
        cord = _outermost(names, regions, unnamed, others, number)
    given = {i: Role.CORD if i == cord else Role.HIGH for i in unnamed}
    return [given.get(i, role) for i, role in enumerate(roles)]


def _outermost(
    names: Sequence[str],
    regions: Sequence[Region],
    unnamed: Sequence[int],
    others: Sequence[int],
    number: int,
) -> int:
    """Return which of the unnamed ROIs holds all the others."""
    cord = next(
        (i for i in unnamed if all(holds(regions[i], regions[j]) for j in others if j != i)), None
    )
    if cord is None:
        shown = listed([names[i] for i in others])
        msg = (
            f"slice {number}: none of the ROIs {shown} holds the others, so --roles larger=cord"
            " cannot tell the cord; name them 'cord' and 'high'"
        )
        raise RoleError(msg)
    rest = [i for i in others if i != cord]
    for i in unnamed:
        inner = next((j for j in rest if i != cord and holds(regions[i], regions[j])), None)
        if inner is not None:
            msg = (
                f"slice {number}: ROI {names[i]!r} lies in {names[cord]!r} and holds"
                f" {names[inner]!r}, so --roles larger=cord cannot tell which is the cord; name"
                " them 'cord' and 'high'"
            )
            raise RoleError(msg)
    return cord
