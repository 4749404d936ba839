"""From masks to ROIs: which pixels are the cord, which are high, and of which level."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import RoiError, RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.masks import read_mask
from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.encode import encode_mask
from pyrhi.rhi import labels as tables
from pyrhi.rhi.codes import level_of_codes, role_of_codes
from pyrhi.rhi.labels import BINARY, listed_values
from pyrhi.rhi.mask_options import MaskOptions
from pyrhi.rhi.roles import GROUPS, LEVELS, Role, RolePatterns, level_of, listed, role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pyrhi.io.images import Image
    from pyrhi.io.masks import PlacedMask, Segment
    from pyrhi.rhi.measure import ImageMeasurement

ROUNDING = 1e-6
"""How far a probability may lie outside 0 and 1 for the digits of its file."""

BOTH = "masks"
STRAY = (
    "high-intensity pixels {where} were not counted: {count} ({percent:.2g} % of all), on {slices}"
)
NO_CORD = "on slices without a cord"
NO_LEVEL = "in no level"
NAN = "{mask}: {count} pixels are NaN and belong to nothing"
UNUSED = "{mask}: segments {names} have no role and were not counted"
GAPS = "{mask}: under {table} it has levels with gaps between ({missing}); check --labels"
WHOLE = "{mask}: the whole is the {whole} labels (--whole takes others)"

_CODES = {role: group for group, role in GROUPS.items()}


@dataclass(frozen=True, eq=False)
class Outlines:
    """ROIs of an image, drawn or of masks, and what has to be said of them.

    Parameters
    ----------
    rois
        One for each slice, role and level.
    reading
        How the masks were read where that needs saying; goes into the column Method.
    notes
        What was left out, one sentence each.
    warnings
        What a reader of every row has to know.
    """

    rois: tuple[Roi, ...]
    reading: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def on(self, image: Image) -> Image:
        """Return the image with the warnings of its masks."""
        return replace(image, warnings=tuple(dict.fromkeys([*image.warnings, *self.warnings])))

    def with_remarks(self, measured: ImageMeasurement) -> ImageMeasurement:
        """Return what was measured with these ROIs, saying how the masks were read."""
        if not self.reading and not self.notes:
            return measured
        rhi = tuple(replace(row, reading=self.reading) for row in measured.rhi)
        found = tuple(replace(row, reading=self.reading) for row in measured.found)
        notes = tuple(dict.fromkeys([*self.notes, *measured.notes]))
        return replace(measured, rhi=rhi, found=found, notes=notes)


@dataclass(eq=False)
class _Layers:
    """Pixels by role and level, shape ``(slices, rows, columns)``, and what is to be said."""

    cords: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    highs: list[tuple[str, NDArray[np.bool_]]] = field(default_factory=list)
    others: list[tuple[Role, NDArray[np.bool_]]] = field(default_factory=list)
    reading: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)
    """Name of the mask of each purpose."""


def rois_of_masks(
    image: Image,
    /,
    *,
    cord: Any = None,
    high: Any = None,
    masks: Any = None,
    options: MaskOptions | None = None,
    patterns: RolePatterns | None = None,
) -> Outlines:
    """Return the ROIs that masks of an image stand for.

    Parameters
    ----------
    image
        The image.
    cord, high, masks
        Mask of the cord, mask of the high area, or one file that holds both: each as
        `pyrhi.io.masks.read_mask` takes it. A high mask without pixels is a true zero.
    options
        How masks are read; None as `MaskOptions` alone does.
    patterns
        Words that give segments their role.

    Raises
    ------
    ImageError, RoiError, RoleError, ParameterError, TableError
        If a mask cannot be read, does not lie on the image or cannot be told.
    """
    options = options or MaskOptions()
    layers = _Layers()
    for purpose, source in ((BOTH, masks), ("cord", cord), ("high", high)):
        if source is None:
            continue
        mask = read_mask(image, source, resample=options.resample)
        layers.source[purpose] = mask.name
        layers.notes += mask.notes
        if mask.resampled:
            layers.reading.append(f"{purpose} mask: nearest voxel")
        if mask.values is None:
            _add_segments(layers, mask, purpose, options, patterns or RolePatterns())
        else:
            _add_values(layers, mask, mask.values, purpose, options)
    _check_cord(layers)
    return _rois(layers)


def _check_cord(layers: _Layers) -> None:
    where = layers.source.get("cord") or layers.source.get(BOTH)
    if where is not None and not any(pixels.any() for pixels in layers.cords.values()):
        msg = f"{where}: the mask has no pixel of a cord; RHI needs one"
        raise RoiError(msg)


def _add_values(
    layers: _Layers, mask: PlacedMask, values: NDArray[Any], purpose: str, options: MaskOptions
) -> None:
    """Take the values of a mask as plain, soft or labelled."""
    values = _finite(layers, mask, values)
    convention = options.convention(purpose)
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        _add_soft(layers, mask, values, purpose, options)
        return
    found = [int(v) for v in np.unique(values) if v != 0]
    if found and found[0] < 0:
        msg = f"{mask.name}: holds the values {listed_values(found)}; labels are above 0"
        raise RoiError(msg)
    # A high mask of one value is what its option says, whatever that value is for the cord.
    needs_none = convention is None or purpose == "high" or not found
    if convention == BINARY or (len(found) <= 1 and needs_none):
        _add_plain(layers, mask, values, purpose, len(found) > 1)
    elif convention is None:
        msg = (
            f"{mask.name}: holds the values {listed_values(found)}; say what they mean with "
            f"--labels ({', '.join(tables.CONVENTIONS)} or a CSV file), or take all of them with "
            "--labels binary"
        )
        raise RoiError(msg)
    else:
        table = tables.table_for(convention, found, mask.label_names, mask.name)
        _add_labels(layers, mask, values, table, found, purpose, options)


def _add_plain(
    layers: _Layers, mask: PlacedMask, values: NDArray[Any], purpose: str, melted: bool
) -> None:
    if purpose == BOTH:
        msg = (
            f"{mask.name}: holds one region alone, so that it cannot be cord and high area; "
            "give --cord-mask and --high-mask"
        )
        raise RoiError(msg)
    if melted:
        layers.reading.append(f"{purpose} labels melted")
    _add(layers, purpose, "", np.asarray(values != 0))


def _name_without_folder(mask: PlacedMask) -> str:
    """Name of a mask for notes, which go where folders are nobody's business."""
    return Path(mask.name).name


def _finite(layers: _Layers, mask: PlacedMask, values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "f":
        return values
    nan = int(np.count_nonzero(np.isnan(values)))
    if nan:
        layers.notes.append(NAN.format(mask=_name_without_folder(mask), count=nan))
        values = np.where(np.isnan(values), values.dtype.type(0), values)
    if not np.isfinite(values).all():
        msg = f"{mask.name}: holds infinite values; export it again"
        raise RoiError(msg)
    return values


def _add_soft(
    layers: _Layers, mask: PlacedMask, values: NDArray[Any], purpose: str, options: MaskOptions
) -> None:
    low, high = float(values.min()), float(values.max())
    if low < -ROUNDING or high > 1.0 + ROUNDING:
        msg = (
            f"{mask.name}: holds fractions from {low:.4g} to {high:.4g}, which are neither "
            "probabilities from 0 to 1 nor labels; export a mask"
        )
        raise RoiError(msg)
    labelled = options.convention(purpose) not in (None, BINARY)
    if purpose == BOTH or (purpose == "cord" and labelled):
        msg = f"{mask.name}: holds probabilities, which have no labels; leave --labels out"
        raise RoiError(msg)
    layers.reading.append(f"{purpose} mask >= {options.threshold:g}")
    _add(layers, purpose, "", np.asarray(values >= options.threshold))


def _add(layers: _Layers, purpose: str, level: str, pixels: NDArray[np.bool_]) -> None:
    if purpose == "high":
        layers.highs.append((level, pixels))
    else:
        layers.cords[level] = pixels


def _add_labels(
    layers: _Layers,
    mask: PlacedMask,
    values: NDArray[Any],
    table: tables.LabelTable,
    found: Sequence[int],
    purpose: str,
    options: MaskOptions,
) -> None:
    """Take what each value means under a convention."""
    held = {value: table.labels[value] for value in found}
    high = {value: label for value, label in held.items() if label.role == tables.HIGH}
    if purpose == "high" and not high:
        msg = (
            f"{mask.name}: holds the values {listed_values(found)}, and none is high-intensity in "
            f"{table.name}; take all of them with --labels high=binary"
        )
        raise RoiError(msg)
    if purpose == BOTH and all(label.role != tables.HIGH for label in table.labels.values()):
        msg = (
            f"{mask.name}: {table.name} has no high-intensity labels; give --high-mask, or a table "
            "with the role high"
        )
        raise RoiError(msg)
    if purpose != "cord":
        layers.highs += [(label.level, np.asarray(values == v)) for v, label in high.items()]
    if purpose == "high":
        layers.reading.append(f"high labels {table.name}")
        return
    whole = tables.choose_whole(held.values(), options.whole, mask.name)
    # The canal is labelled around the cord, and holds it.
    roles = (tables.CANAL, tables.CORD) if whole == tables.CANAL else (whole,)
    by_level: dict[str, list[int]] = {}
    for value, label in held.items():
        if label.role in roles:
            by_level.setdefault(label.level, []).append(value)
    for level, of in by_level.items():
        layers.cords[level] = np.isin(values, of)
    layers.reading.append(f"labels {table.name}, whole {whole}")
    if missing := tables.gaps(by_level):
        remarks = GAPS.format(mask=_name_without_folder(mask), table=table.name, missing=missing)
        layers.warnings.append(remarks)
    if (
        options.whole is None
        and len({x.role for x in held.values() if x.role in tables.WHOLES}) > 1
    ):
        layers.notes.append(WHOLE.format(mask=_name_without_folder(mask), whole=whole))


def _add_segments(
    layers: _Layers,
    mask: PlacedMask,
    purpose: str,
    options: MaskOptions,
    patterns: RolePatterns,
) -> None:
    """Take segments by their names, else by their codes."""
    roles = [_role(segment, patterns) for segment in mask.segments]
    names = [segment.name for segment in mask.segments]
    if not names:
        msg = f"{mask.name}: holds no segments; draw the cord and the high-intensity area"
        raise RoleError(msg)
    wanted = {"cord": (Role.CORD,), "high": (Role.HIGH,)}.get(purpose, (Role.CORD, Role.HIGH))
    if purpose != BOTH and len(roles) == 1 and roles[0] is Role.OTHER:
        roles = [wanted[0]]
    elif purpose != BOTH and options.convention(purpose) == BINARY:
        roles = [wanted[0]] * len(roles)
    missing = [role.value for role in wanted if role not in roles]
    no_role = [n for n, role in zip(names, roles, strict=True) if role is Role.OTHER]
    # A file of both without a high segment is a true zero, unless one could be it.
    if missing and (Role.CORD.value in missing or purpose == "high" or no_role):
        msg = (
            f"{mask.name}: no segment of {listed(names)} is named as {' or as '.join(missing)}; "
            "name them 'cord' and 'high' (with a level where there are several: 'cord L2')"
        )
        raise RoleError(msg)
    if no_role:
        layers.notes.append(UNUSED.format(mask=_name_without_folder(mask), names=listed(no_role)))
    items = list(zip(mask.segments, roles, strict=True))
    if purpose != "high":
        _add_whole(layers, mask, [s for s, role in items if role is Role.CORD], options)
    if purpose != "cord":
        for segment in (s for s, role in items if role is Role.HIGH):
            pixels = _pixels(layers, segment, options)
            layers.highs.append((_level(segment), pixels))
    for segment, role in items:
        if role in (Role.REFERENCE, Role.EXCLUDE):
            layers.others.append((role, _pixels(layers, segment, options)))


def _add_whole(
    layers: _Layers, mask: PlacedMask, segments: Sequence[Segment], options: MaskOptions
) -> None:
    labels = [tables.Label(tables.whole_of_name(s.name), _level(s), s.name) for s in segments]
    whole = tables.choose_whole(labels, options.whole, mask.name)
    taken = [s for s, label in zip(segments, labels, strict=True) if label.role == whole]
    if options.whole is None and len(taken) < len(segments):
        layers.notes.append(WHOLE.format(mask=_name_without_folder(mask), whole=whole))
    first: dict[str, str] = {}
    for segment in taken:
        level = _level(segment)
        if level in first and options.convention("cord") != BINARY:
            of_level = f" of level {level}" if level else ""
            msg = (
                f"{mask.name}: segments {first[level]!r} and {segment.name!r} are both the "
                f"{whole}{of_level}; delete one or name their levels ('cord L2', 'cord L3')"
            )
            raise RoleError(msg)
        pixels = _pixels(layers, segment, options)
        layers.cords[level] = layers.cords[level] | pixels if level in first else pixels
        first[level] = segment.name


def _pixels(layers: _Layers, segment: Segment, options: MaskOptions) -> NDArray[np.bool_]:
    if segment.values.dtype.kind != "f":
        return np.asarray(segment.values, bool)
    reading = f"{segment.name} >= {options.threshold:g}"
    if reading not in layers.reading:
        layers.reading.append(reading)
    return np.asarray(segment.values >= options.threshold)


def _role(segment: Segment, patterns: RolePatterns) -> Role:
    named = role_of(Roi(segment.name, RoiType.RECT, 0, 0, 1, 1), patterns)
    return named if named is not Role.OTHER else role_of_codes(segment.types)


def _level(segment: Segment) -> str:
    return level_of(segment.name) or level_of_codes((*segment.types, *segment.regions))


@dataclass(eq=False)
class _Stray:
    """High pixels that belong to no cord."""

    count: int = 0
    slices: list[int] = field(default_factory=list)

    def add(self, number: int, pixels: int) -> None:
        if pixels:
            self.count += pixels
            self.slices.append(number)

    def sentence(self, where: str, total: int) -> str:
        shown = ("slice " if len(self.slices) == 1 else "slices ") + listed_values(self.slices)
        percent = 100.0 * self.count / total
        return STRAY.format(count=self.count, percent=percent, where=where, slices=shown)


def _rois(layers: _Layers) -> Outlines:
    """Make one ROI for each slice, role and level; high pixels without a cord are counted."""
    rois: list[Roi] = []
    no_cord, no_level = _Stray(), _Stray()
    total = 0
    stacks = [*layers.cords.values(), *(p for _, p in layers.highs), *(p for _, p in layers.others)]
    count = stacks[0].shape[0] if stacks else 0
    order = sorted(layers.cords, key=_from_the_head)
    for number in range(1, count + 1):
        cords = {level: cord for level in order if (cord := layers.cords[level][number - 1]).any()}
        highs = [(level, p[number - 1]) for level, p in layers.highs if p[number - 1].any()]
        all_high = _union([p for _, p in highs])
        here = 0 if all_high is None else int(np.count_nonzero(all_high))
        total += here
        if layers.cords and not cords:
            no_cord.add(number, here)
            continue
        pairs = _paired(cords, highs) if layers.cords else dict(highs)
        kept = _union(list(pairs.values()))
        no_level.add(number, here - (0 if kept is None else int(np.count_nonzero(kept))))
        rois += [_roi(Role.CORD, level, pixels, number) for level, pixels in cords.items()]
        rois += [_roi(Role.HIGH, level, pixels, number) for level, pixels in pairs.items()]
        rois += [
            _roi(r, "", p[number - 1], number) for r, p in layers.others if p[number - 1].any()
        ]
    remarks = layers.warnings
    if no_cord.count:
        remarks.append(no_cord.sentence(NO_CORD, total))
    if no_level.count:
        remarks.append(no_level.sentence(NO_LEVEL, total))
    if total and no_cord.count + no_level.count == total:
        where = layers.source.get("high") or layers.source.get(BOTH)
        msg = (
            f"{where}: none of its {total} high-intensity pixels lies on a slice and level with a "
            "cord; check that the masks belong together"
        )
        raise RoiError(msg)
    return Outlines(
        tuple(rois),
        "; ".join(dict.fromkeys(layers.reading)),
        tuple(dict.fromkeys([*layers.notes, *remarks])),
        tuple(remarks),
    )


def _from_the_head(level: str) -> int:
    first = level.partition("-")[0]
    return LEVELS.index(first) if first in LEVELS else -1


def _paired(
    cords: dict[str, NDArray[np.bool_]], highs: Sequence[tuple[str, NDArray[np.bool_]]]
) -> dict[str, NDArray[np.bool_]]:
    """High pixels of a slice by level: those of its name, and of no name those inside its cord."""
    out: dict[str, NDArray[np.bool_]] = {}
    for level, pixels in highs:
        if level in cords or list(cords) == [""]:
            shares = {level: pixels}
        elif not level:
            shares = {of: pixels & cord for of, cord in cords.items()}
        else:
            continue
        for of, share in shares.items():
            if share.any():
                out[of] = out[of] | share if of in out else share
    return out


def _union(planes: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_] | None:
    return np.logical_or.reduce(planes) if planes else None


def _roi(role: Role, level: str, pixels: NDArray[np.bool_], number: int) -> Roi:
    name = f"{role.value} {level}".rstrip()
    data = encode_mask(pixels, name=name, position=number, group=_CODES.get(role, 0))
    return decode_roi(data, name=name, source="mask")
