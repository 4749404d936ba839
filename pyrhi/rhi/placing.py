"""ROIs on the slices of an image, with their roles, levels and pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyrhi.errors import RoiError
from pyrhi.imagej.outline import describe
from pyrhi.imagej.particles import union_of
from pyrhi.rhi.assign import OFFER, assigned_roles
from pyrhi.rhi.exclude import without
from pyrhi.rhi.position import slices_of
from pyrhi.rhi.roles import Role, check_some_role, level_of, role_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyrhi.imagej.mask import Region
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.assign import RoleRule
    from pyrhi.rhi.engine import Engine
    from pyrhi.rhi.measure import RhiParameters

COVERED = "slice {number}: the exclude ROIs cover the whole cord ROI {name!r}; make them smaller"


@dataclass(frozen=True, eq=False)
class Placed:
    """A ROI on a slice, measured.

    Parameters
    ----------
    roi, role, level
        The ROI, and what its name, group or rule says of it.
    region, values
        Its pixels as drawn, and ImageJ's values in the order of HEADINGS.
    kept
        The region without the pixels of exclude ROIs; `region` itself where they take none.
    """

    roi: Roi
    role: Role
    level: str
    region: Region
    values: tuple[float, ...]
    kept: Region


def place_rois(
    image: Image,
    rois: Sequence[Roi],
    engine: Engine,
    parameters: RhiParameters,
    /,
    *,
    only: frozenset[Role] = frozenset(Role),
) -> tuple[dict[int, list[Placed]], list[str]]:
    """Measure the area ROIs of an image on their slices.

    Parameters
    ----------
    image, rois, engine, parameters
        As in `pyrhi.rhi.measure.measure_image`.
    only
        Roles that are wanted.

    Returns
    -------
    placed : dict
        The ROIs of each slice that has some, in their order, by its number from 1.
    notes : list of str
        What was left out, one sentence each.

    Raises
    ------
    RoleError
        If the roles cannot be told, or no ROI is a cord.
    RoiError
        If a ROI with a role has no area or no pixel, or lies beyond the stack.
    """
    roles = [role_of(roi, parameters.patterns) for roi in rois]
    if parameters.rule is None:
        check_some_role(rois, roles, OFFER)
    else:
        only = frozenset(Role)
    notes: list[str] = []
    placed: dict[int, list[Placed]] = {}
    for roi, role in zip(rois, roles, strict=True):
        if role not in only:
            continue
        if not roi.is_area:
            _refuse_line(roi, role)
            notes.append(f"ROI {roi.name!r} is a {describe(roi)} and was not measured")
            continue
        for number, item in _on_slices(image, roi, role, engine):
            placed.setdefault(number, []).append(item)
    if parameters.rule is not None:
        placed = {n: _assigned(items, n, parameters.rule) for n, items in placed.items()}
        check_some_role(rois, [p.role for items in placed.values() for p in items], OFFER)
    for number, items in placed.items():
        for p in items:
            if p.role is not Role.OTHER and p.region.pixel_count == 0:
                msg = f"ROI {p.roi.name!r} covers no pixel of slice {number}; draw it on the image"
                raise RoiError(msg)
    return {n: _without_excluded(items, n) for n, items in placed.items()}, notes


def _assigned(items: list[Placed], number: int, rule: RoleRule) -> list[Placed]:
    roles = assigned_roles(
        [p.roi.name for p in items],
        [p.role for p in items],
        [p.region for p in items],
        rule,
        number,
    )
    return [replace(p, role=role) for p, role in zip(items, roles, strict=True)]


def _on_slices(image: Image, roi: Roi, role: Role, engine: Engine) -> Iterator[tuple[int, Placed]]:
    """Measure a ROI on every slice on which it lies."""
    for number in slices_of(roi, image.n_slices, image.dimensions):
        values, region = engine.measure(roi, number)
        yield number, Placed(roi, role, level_of(roi.name), region, values, region)


def _without_excluded(items: list[Placed], number: int) -> list[Placed]:
    """Take the pixels of a slice's exclude ROIs out of its cord, high and reference ROIs."""
    excluded = union_of(regions_of(items, Role.EXCLUDE))
    if excluded.pixel_count == 0:
        return items
    kept = [
        p if p.role in (Role.EXCLUDE, Role.OTHER) else replace(p, kept=without(p.region, excluded))
        for p in items
    ]
    for p in kept:
        if p.role is Role.CORD and p.kept.pixel_count == 0:
            msg = COVERED.format(number=number, name=p.roi.name)
            raise RoiError(msg)
    return kept


def regions_of(items: Sequence[Placed], role: Role, /) -> list[Region]:
    """Return the regions of the ROIs of a role, as drawn."""
    return [p.region for p in items if p.role is role]


def _refuse_line(roi: Roi, role: Role) -> None:
    if role is not Role.OTHER:
        article = "an" if role is Role.EXCLUDE else "a"
        msg = (
            f"ROI {roi.name!r} is a {describe(roi)} and cannot be {article} {role.value} ROI; "
            "draw an area (polygon, freehand, oval, rectangle)"
        )
        raise RoiError(msg)
