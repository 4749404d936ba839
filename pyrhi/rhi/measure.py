"""RHI of one image: ROIs to roles, roles to slices and levels, areas to RHI."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from pyrhi.errors import RoleError, ThresholdError
from pyrhi.imagej.calibration import NO_UNIT
from pyrhi.imagej.mask import Region
from pyrhi.imagej.particles import intersection_of, label_regions, union_of
from pyrhi.io.geometry import plane_of
from pyrhi.rhi.assign import ALONE, parse_rule
from pyrhi.rhi.exclude import count_excluded
from pyrhi.rhi.high import (
    DRAWN,
    HighKind,
    HighMode,
    Reference,
    above_reference,
    parse_high,
    reference_of,
)
from pyrhi.rhi.lengths import MICRON, is_micron, pixel_size
from pyrhi.rhi.placing import Placed, place_rois, regions_of
from pyrhi.rhi.position import MOVED, moved_from
from pyrhi.rhi.roles import Role, RolePatterns, listed, role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.assign import RoleRule
    from pyrhi.rhi.engine import Engine

OUTSIDE_WARNING_PERCENT = 1.0
"""A larger share of the high area outside the cord is a warning in the row."""

CLIPPED = "high area clipped to the cord"
OVER_100 = "RHI is over 100"
OUTSIDE = "{percent:.1f} % of the high area lies outside the cord"
NO_ROLE = "ROI {name} has no role and was not counted"
PARTLY_OUTSIDE = "ROI {name} reaches outside the image; the part inside is measured"


@dataclass(frozen=True)
class RhiParameters:
    """What decides the numbers of a run.

    Parameters
    ----------
    patterns
        Words that give ROIs their role.
    high
        How to find the high area where none is drawn; None leaves it 0.
    clip
        True cuts the high area to the cord.
    rule
        How area ROIs whose names say no role get one; None leaves them without.
    ignore_unnamed
        True counts area ROIs without role as nothing, also where no ROI of the slice is high.
    """

    patterns: RolePatterns = field(default_factory=RolePatterns)
    high: HighMode | None = None
    clip: bool = False
    rule: RoleRule | None = None
    ignore_unnamed: bool = False

    @classmethod
    def of(
        cls,
        *,
        find_high: str | None = None,
        roles: str | None = None,
        patterns: RolePatterns | None = None,
        clip: bool = False,
        ignore_unnamed: bool = False,
    ) -> RhiParameters:
        """Return the parameters that a user wrote.

        Parameters
        ----------
        find_high
            Text of `high`, as `pyrhi.rhi.high.parse_high` reads it.
        roles
            Text of `rule`, as `pyrhi.rhi.assign.parse_rule` reads it.
        patterns, clip, ignore_unnamed
            As of `RhiParameters`; without patterns the words that are known.

        Raises
        ------
        ParameterError
            If a text is not known.

        Examples
        --------
        >>> RhiParameters.of(find_high="1200", roles="larger=cord").high.text
        'fixed 1200'
        """
        return cls(
            patterns=patterns or RolePatterns(),
            high=parse_high(find_high) if find_high else None,
            clip=clip,
            rule=parse_rule(roles) if roles else None,
            ignore_unnamed=ignore_unnamed,
        )


@dataclass(frozen=True)
class RoiRow:
    """One ROI on one slice: a row of ``rois.csv`` (values in the order of HEADINGS)."""

    image: str
    slice: int
    roi: str
    role: Role
    level: str
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class RhiNumbers:
    """RHI of one slice and level: a row of ``rhi.csv``, whose columns these fields are, in order.

    Parameters
    ----------
    image, slice, level
        Where it was measured; `slice` counts from 1.
    rhi
        100 * high_area / cord_area.
    cord_area, high_area
        Areas in the square of `unit`.
    unit
        Unit of the areas, such as ``mm^2``.
    cord_percent, high_percent
        Share of the image, in percent.
    high_count
        8-connected regions of the high area.
    high_outside_percent
        Share of the high area outside the cord; NaN without high area.
    cord_mean, high_mean
        Calibrated means; NaN without pixels.
    excluded_pixels
        Pixels of the cord or the drawn high area that exclude ROIs took away.
    plane
        Plane of the slice in the patient, or an empty text where it is not known.
    method
        How the high area came about.
    warnings
        What a reader of the row has to know.
    """

    image: str
    slice: int
    level: str
    rhi: float
    cord_area: float
    high_area: float
    unit: str
    cord_percent: float
    high_percent: float
    high_count: int
    high_outside_percent: float
    cord_mean: float
    high_mean: float
    excluded_pixels: int
    plane: str
    method: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RhiRow(RhiNumbers):
    """A row of ``rhi.csv`` with the pixels that it was counted from.

    Parameters
    ----------
    cord, high
        Pixels of both.
    reading
        How masks were read where that needs saying.
    """

    cord: Region
    high: Region
    reading: str = ""

    @property
    def how(self) -> str:
        """What the column Method says: how the high area came about and masks were read."""
        return "; ".join(part for part in (self.method, self.reading) if part)

    def numbers(self, image: str, image_warnings: Sequence[str], /) -> RhiNumbers:
        """Return the row without its pixels.

        Parameters
        ----------
        image
            What the column Image says.
        image_warnings
            Warnings of the image, which follow those of the row, each once.
        """
        cells = {name: getattr(self, name) for name in RhiNumbers.__dataclass_fields__}
        cells["image"], cells["method"] = image, self.how
        cells["warnings"] = tuple(dict.fromkeys((*self.warnings, *image_warnings)))
        return RhiNumbers(**cells)


@dataclass(frozen=True, eq=False)
class ImageMeasurement:
    """All that was measured on one image.

    Parameters
    ----------
    rois, rhi
        Rows of the two tables.
    found
        Cord and high region of each slice and level whose high area was found, not drawn.
    notes
        What was left out, one sentence each.
    """

    rois: tuple[RoiRow, ...]
    rhi: tuple[RhiRow, ...]
    found: tuple[RhiRow, ...]
    notes: tuple[str, ...]


def area_unit(unit: str, /) -> str:
    """Return the unit of an area: ``mm`` gives ``mm^2``."""
    return f"{unit.strip() or NO_UNIT}^2"


def measure_image(
    image: Image,
    rois: Sequence[Roi],
    engine: Engine,
    parameters: RhiParameters,
    /,
    *,
    reference: Reference | None = None,
) -> ImageMeasurement:
    """Measure RHI on every slice and level of an image that has a cord.

    Parameters
    ----------
    image
        The image.
    rois
        Its ROIs.
    engine
        Engine that measures them.
    parameters
        What decides the numbers.
    reference
        Centre and spread of the patient's cord, for the mode ``auto``; None takes this image's.

    Raises
    ------
    RoleError
        If the roles cannot be told or paired.
    RoiError
        If a cord, high or reference ROI encloses no area, covers no pixel of the image or lies
        beyond the stack.
    ThresholdError
        If a threshold method is asked for on an RGB image.
    """
    placed, notes = place_rois(image, rois, engine, parameters)
    rhi: list[RhiRow] = []
    found: list[RhiRow] = []
    mode = parameters.high
    if mode is not None and mode.kind is HighKind.METHOD and image.kind == "RGB":
        msg = f"--high {mode.text}: ImageJ does not threshold RGB images; convert it to 8-bit"
        raise ThresholdError(msg)
    if mode is not None and mode.kind is HighKind.REFERENCE:
        reference = _drawn_reference(placed, engine, mode)
    elif mode is not None and mode.kind is HighKind.AUTO and reference is None:
        reference = reference_of(cord_values(placed, engine), mode)
    for number in sorted(placed):
        excluded = regions_of(placed[number], Role.EXCLUDE)
        pairs = paired(placed[number], number)
        unnamed = _unnamed(placed[number], number, parameters) if pairs else []
        for cord, highs in pairs:
            row = _rhi_row(image, number, cord, highs, engine, parameters, reference)
            touched = [cord.region, *(h.region for h in highs)]
            remarks = [*_remarks_on_rois(image, cord, highs, placed[number], parameters), *unnamed]
            row = replace(
                row,
                excluded_pixels=count_excluded(touched, excluded),
                warnings=(*row.warnings, *remarks),
            )
            rhi.append(row)
            if row.method != DRAWN:
                found.append(row)
    rows = tuple(
        RoiRow(image.name, number, p.roi.name, p.role, p.level, p.values)
        for number in sorted(placed)
        for p in placed[number]
    )
    return ImageMeasurement(rows, tuple(rhi), tuple(found), tuple(notes))


def _unnamed(items: list[Placed], number: int, parameters: RhiParameters) -> list[str]:
    """Return what a slice's rows say of area ROIs without role; refuse one that may be high."""
    names = [p.roi.name for p in items if p.role is Role.OTHER]
    if names and not parameters.ignore_unnamed and not regions_of(items, Role.HIGH):
        one = len(names) == 1
        msg = (
            f"{'ROI' if one else 'ROIs'} {listed(names)} on slice {number}"
            f" {'has' if one else 'have'} no role, and no ROI of that slice is high: name"
            f" {'it' if one else 'them'} 'high', or 'exclude' to leave"
            f" {'its' if one else 'their'} pixels out, or delete {'it' if one else 'them'}, or use"
            f" --ignore-unnamed to count {'it' if one else 'them'} as nothing"
        )
        raise RoleError(msg)
    return [NO_ROLE.format(name=name) for name in names]


def _remarks_on_rois(
    image: Image,
    cord: Placed,
    highs: list[Placed],
    items: list[Placed],
    parameters: RhiParameters,
) -> list[str]:
    """Return what a row says of ROIs whose place or role is not what their file says."""
    remarks = [
        MOVED.format(name=p.roi.name, position=position)
        for p in (cord, *highs, *(p for p in items if p.role is Role.EXCLUDE))
        if (position := moved_from(p.roi, image.n_slices))
    ]
    by_rule = role_of(cord.roi, parameters.patterns) is Role.OTHER
    if by_rule and not regions_of(items, Role.HIGH):
        remarks.append(ALONE.format(name=cord.roi.name))
    return remarks


def cord_values(
    placed: dict[int, list[Placed]], engine: Engine, /, role: Role = Role.CORD
) -> NDArray[np.float64]:
    """Return the calibrated values of all pixels of a role, over all slices."""
    values = [
        engine.values(p.kept, number)[p.kept.cropped() != 0]
        for number, items in placed.items()
        for p in items
        if p.role is role
    ]
    return np.concatenate(values) if values else np.zeros(0)


def cord_values_of_image(
    image: Image, rois: Sequence[Roi], engine: Engine, parameters: RhiParameters, /
) -> NDArray[np.float64]:
    """Return the calibrated values of all cord pixels of an image, for the mode ``auto``.

    Raises
    ------
    RoleError, RoiError
        As `measure_image` does.
    """
    only = frozenset({Role.CORD, Role.EXCLUDE})
    placed, _ = place_rois(image, rois, engine, parameters, only=only)
    return cord_values(placed, engine)


def _drawn_reference(placed: dict[int, list[Placed]], engine: Engine, mode: HighMode) -> Reference:
    values = cord_values(placed, engine, Role.REFERENCE)
    if values.size == 0:
        msg = (
            f"--high {mode.text} needs a reference ROI (named normal, reference or ref, or in "
            "ROI group 3) and there is none; draw one, or use --high auto"
        )
        raise RoleError(msg)
    return reference_of(values, mode)


def paired(items: Sequence[Placed], number: int, /) -> list[tuple[Placed, list[Placed]]]:
    """Pair each cord of a slice with its high ROIs, by level where levels are named.

    Parameters
    ----------
    items
        The ROIs of the slice.
    number
        Slice, for messages.

    Raises
    ------
    RoleError
        If that cannot be told.
    """
    cords: dict[str, Placed] = {}
    for item in items:
        if item.role is not Role.CORD:
            continue
        if item.level in cords:
            of_level = f" of level {item.level}" if item.level else ""
            msg = (
                f"slice {number} has two cord ROIs{of_level} ({cords[item.level].roi.name!r}, "
                f"{item.roi.name!r}); delete one or name their levels ('cord L2', 'cord L3')"
            )
            raise RoleError(msg)
        cords[item.level] = item
    pairs: dict[str, list[Placed]] = {level: [] for level in cords}
    for item in items:
        if item.role is not Role.HIGH:
            continue
        if item.level in cords:
            level = item.level
        elif len(cords) == 1 and (not item.level or "" in cords):
            level = next(iter(cords))
        else:
            msg = (
                f"high ROI {item.roi.name!r} on slice {number} has no cord"
                + (f" of level {item.level}" if item.level else " of its own")
                + (f" (cords: {', '.join(c.roi.name for c in cords.values())})" if cords else "")
                + "; draw the cord there, or name the level of both"
            )
            raise RoleError(msg)
        pairs[level].append(item)
    return [(cords[level], pairs[level]) for level in cords]


def _rhi_row(
    image: Image,
    number: int,
    cord: Placed,
    highs: list[Placed],
    engine: Engine,
    parameters: RhiParameters,
    reference: Reference | None,
) -> RhiRow:
    warnings: list[str] = []
    level = cord.level or next((h.level for h in highs if h.level), "")
    if highs or parameters.high is None:
        method = DRAWN
        high = union_of([h.kept for h in highs])
    else:
        method = parameters.high.text
        high = _found(cord.kept, number, engine, parameters.high, reference)
    high_pixels = high.pixel_count
    inside = intersection_of(high, cord.kept)
    outside = high_pixels - inside.pixel_count
    if parameters.clip and outside:
        high, high_pixels, outside = inside, high_pixels - outside, 0
        warnings.append(CLIPPED)
    areas, remarks = areas_of(image, cord.kept.pixel_count, high_pixels, outside)
    warnings += remarks
    warnings += [
        PARTLY_OUTSIDE.format(name=p.roi.name) for p in (cord, *highs) if _reaches_outside(p)
    ]
    if is_micron(image.calibration.unit):
        warnings.append(MICRON)
    return RhiRow(
        image=image.name,
        slice=number,
        level=level,
        high_count=label_regions(high.cropped())[1] if high_pixels else 0,
        cord_mean=cord.values[1] if cord.kept is cord.region else engine.mean(cord.kept, number),
        high_mean=engine.mean(high, number) if high_pixels else math.nan,
        excluded_pixels=0,
        plane=plane_of(image.geometry),
        method=method,
        warnings=tuple(warnings),
        cord=cord.kept,
        high=high,
        **areas,
    )


class Areas(TypedDict):
    """What numbers of pixels make together: the fields of `RhiNumbers` of the same names."""

    cord_area: float
    high_area: float
    unit: str
    cord_percent: float
    high_percent: float
    rhi: float
    high_outside_percent: float


def areas_of(
    image: Image, cord_pixels: int, high_pixels: int, outside: int, /
) -> tuple[Areas, list[str]]:
    """Return areas, shares and RHI, and what has to be said of them.

    Parameters
    ----------
    image
        Gives the size of a pixel and of a slice.
    cord_pixels, high_pixels, outside
        Pixels of the cord, of the high area, and of the part of it outside the cord.
    """
    outside_percent = 100.0 * outside / high_pixels if high_pixels else math.nan
    pw, ph, unit = pixel_size(image.calibration)
    cord_area, high_area = cord_pixels * pw * ph, high_pixels * pw * ph
    rhi = 100.0 * high_area / cord_area
    image_pixels = image.width * image.height
    warnings = []
    if outside_percent > OUTSIDE_WARNING_PERCENT:
        warnings.append(OUTSIDE.format(percent=outside_percent))
    if rhi > 100.0:
        warnings.append(OVER_100)
    areas = Areas(
        cord_area=cord_area,
        high_area=high_area,
        unit=area_unit(unit),
        cord_percent=100.0 * cord_pixels / image_pixels,
        high_percent=100.0 * high_pixels / image_pixels,
        rhi=rhi,
        high_outside_percent=outside_percent,
    )
    return areas, warnings


def _reaches_outside(item: Placed) -> bool:
    """True where the box of a ROI was clipped to the image."""
    region = item.region
    if region.mask is not None:
        return region.mask.shape != (region.height, region.width)
    roi = item.roi
    bounds = roi.float_bounds
    width, height = (
        (math.ceil(bounds[2]), math.ceil(bounds[3]))
        if bounds
        else (
            roi.width,
            roi.height,
        )
    )
    return (max(width, 1), max(height, 1)) != (region.width, region.height)


def _found(
    cord: Region, number: int, engine: Engine, mode: HighMode, reference: Reference | None
) -> Region:
    """Find the high area inside a cord by a threshold, a fixed value or a reference."""
    if mode.kind is HighKind.METHOD:
        taken = engine.above_threshold(cord, number, mode.method)
    elif mode.kind is HighKind.FIXED:
        taken = engine.values(cord, number) >= mode.value
    else:
        assert reference is not None
        taken = above_reference(engine.values(cord, number), reference, mode)
    mask = np.where(taken, cord.cropped(), np.uint8(0))
    return Region(cord.x, cord.y, cord.width, cord.height, mask)
