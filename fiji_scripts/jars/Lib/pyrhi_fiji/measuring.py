"""RHI of one image: ROIs to roles, roles to slices and levels, ImageJ's areas to RHI."""

from __future__ import division, unicode_literals

from pyrhi_fiji import high as ways
from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.pictures import MAX_PLANE_PIXELS
from pyrhi_fiji.regions import (
    Region,
    count_regions,
    intersection,
    mean_of,
    processor_in,
    region_of,
    union,
    unsigned,
    values_of,
    without,
)
from pyrhi_fiji.roles import (
    CORD,
    EXCLUDE,
    HIGH,
    OTHER,
    REFERENCE,
    check_some_cord,
    level_of,
    listed,
    moved_from,
    role_of,
    slices_of,
)
from pyrhi_fiji.text import quoted

OUTSIDE_WARNING_PERCENT = 1.0
"""A larger share of the high area outside the cord is a warning in the row."""


class RhiRow(object):
    """RHI of one slice and level: the cells of ``rhi.csv`` after Patient, and the outlines."""

    def __init__(self, **cells):
        self.__dict__.update(cells)


class _Placed(object):
    """A ROI on a slice: its pixels, and `kept`, those that no exclude ROI takes away."""

    def __init__(self, roi, role, level, region, cut):
        self.roi = roi
        self.role = role
        self.level = level
        self.region = region
        self.kept = region
        self.cut = cut


class Measured(object):
    """All that was measured on one image.

    Parameters
    ----------
    rows
        One `RhiRow` for each slice and level with a cord.
    notes
        What was left out, one sentence each.
    """

    def __init__(self, rows, notes):
        self.rows = rows
        self.notes = notes


def measure(picture, rois, mode=None, clip=False, reference=None, ignore=False):
    """Measure RHI on every slice and level of an image that has a cord.

    Parameters
    ----------
    picture
        The image.
    rois
        Its ROIs.
    mode
        How to find the high area where none is drawn; None leaves it 0.
    clip
        True cuts the high area to the cord.
    reference
        Centre and spread of the patient's cord for the mode ``auto``; None takes this image's.
    ignore
        True counts a ROI without a role as nothing where it might be the high area.
    """
    roles = [role_of(roi) for roi in rois]
    check_some_cord(rois, roles)
    notes = []
    placed = {}
    for roi, role in zip(rois, roles):
        if not roi.is_area:
            _refuse_line(roi, role)
            notes.append(
                messages.ROI_NOT_MEASURED.format(name=quoted(roi.name), kind=roi.kind)
            )
            continue
        for number, item in _on_slices(picture, roi, role):
            if role != OTHER and item.region.pixel_count == 0:
                raise RhiError(messages.ROI_NO_PIXEL.format(name=quoted(roi.name), slice=number))
            placed.setdefault(number, []).append(item)
    _take_excluded(placed)
    if mode is not None and mode.kind == ways.METHOD and picture.kind == "RGB":
        raise RhiError(messages.RGB_METHOD.format(mode=mode.text))
    if mode is not None and mode.kind == ways.BY_REFERENCE:
        values = _values_of_role(picture, placed, REFERENCE)
        if not values:
            raise RhiError(messages.NO_REFERENCE.format(mode=mode.text))
        reference = ways.reference_of(values, mode)
    elif mode is not None and mode.kind == ways.AUTO and reference is None:
        reference = ways.reference_of(_values_of_role(picture, placed, CORD), mode)
    rows = []
    for number in sorted(placed):
        rows += _rows_of_slice(picture, number, placed[number], mode, clip, reference, ignore)
    return Measured(rows, notes)


def _rows_of_slice(picture, number, items, mode, clip, reference, ignore):
    pairs = _paired(items, number)
    unnamed = [item.roi.name for item in items if item.role == OTHER]
    if pairs and unnamed and not ignore and not any(highs for _, highs in pairs):
        raise _no_role(unnamed, number)
    unnamed = [messages.NO_ROLE.format(name=name) for name in unnamed]
    excluding = [item for item in items if item.role == EXCLUDE]
    excluded = union([item.region for item in excluding])
    rows = []
    for cord, highs in pairs:
        row = _row(picture, number, cord, highs, mode, clip, reference)
        if excluded.pixel_count:
            touched = union([cord.region] + [h.region for h in highs])
            row.excluded_pixels = intersection(touched, excluded).pixel_count
        moved = _moved(picture, [cord] + highs + excluding)
        row.warnings = _unique(row.warnings + moved + unnamed + picture.warnings)
        rows.append(row)
    return rows


def _moved(picture, items):
    """Say which ROIs lie elsewhere than on the image's only slice."""
    said = [(item.roi.name, moved_from(item.roi, picture.n_slices)) for item in items]
    return [messages.MOVED.format(name=name, position=at) for name, at in said if at]


def _no_role(names, number):
    sentence = messages.UNNAMED if len(names) == 1 else messages.SOME_UNNAMED
    shown = quoted(names[0]) if len(names) == 1 else listed(names)
    return RhiError(sentence.format(names=shown, slice=number))


def _take_excluded(placed):
    """Take the pixels of each slice's exclude ROIs out of its cord, high and reference ROIs."""
    for number, items in placed.items():
        excluded = union([item.region for item in items if item.role == EXCLUDE])
        if not excluded.pixel_count:
            continue
        for item in items:
            if item.role not in (EXCLUDE, OTHER):
                item.kept = without(item.region, excluded)
            if item.role == CORD and not item.kept.pixel_count:
                name = quoted(item.roi.name)
                raise RhiError(messages.COVERED.format(slice=number, name=name))


def cord_values(picture, rois):
    """Return the calibrated values of all cord pixels of an image, for the mode ``auto``."""
    roles = [role_of(roi) for roi in rois]
    check_some_cord(rois, roles)
    placed = {}
    for roi, role in zip(rois, roles):
        if role not in (CORD, EXCLUDE):
            continue
        if not roi.is_area:
            _refuse_line(roi, role)
        for number, item in _on_slices(picture, roi, role):
            placed.setdefault(number, []).append(item)
    _take_excluded(placed)
    return _values_of_role(picture, placed, CORD)


def _unique(texts):
    return [text for i, text in enumerate(texts) if text not in texts[:i]]


def _refuse_line(roi, role):
    if role != OTHER:
        raise RhiError(
            messages.ROI_LINE.format(name=quoted(roi.name), kind=roi.kind, role=role)
        )


def _on_slices(picture, roi, role):
    """Return the pixels of a ROI on every slice on which it lies."""
    placed = []
    level = level_of(roi.name)
    numbers = slices_of(roi, picture.n_slices, picture.dimensions)
    bounds = roi.roi.getBounds()
    if bounds.width == 0 and bounds.height == 0:
        raise RhiError(messages.ROI_NO_AREA.format(name=quoted(roi.name)))
    if bounds.width * bounds.height > MAX_PLANE_PIXELS:
        size = {"width": bounds.width, "height": bounds.height}
        raise RhiError(messages.ROI_HUGE.format(limit=MAX_PLANE_PIXELS, **size))
    for number in numbers:
        region, is_cut = region_of(picture, roi.roi, number)
        placed.append((number, _Placed(roi, role, level, region, is_cut)))
    return placed


def _values_of_role(picture, placed, role):
    found = []
    for number, items in placed.items():
        for item in items:
            if item.role == role:
                values = values_of(picture, item.kept, number)
                inside = item.kept.mask.getPixels()
                found += [v for v, m in zip(values, inside) if m]
    return found


def _paired(items, number):
    """Pair each cord of a slice with its high ROIs, by level where levels are named."""
    cords = []
    for item in items:
        if item.role != CORD:
            continue
        for other in cords:
            if other.level == item.level:
                of_level = " of level " + item.level if item.level else ""
                raise RhiError(
                    messages.TWO_CORDS.format(
                        slice=number,
                        of_level=of_level,
                        first=quoted(other.roi.name),
                        second=quoted(item.roi.name),
                    )
                )
        cords.append(item)
    pairs = [(cord, []) for cord in cords]
    by_level = dict((cord.level, highs) for cord, highs in pairs)
    for item in items:
        if item.role != HIGH:
            continue
        if item.level in by_level:
            by_level[item.level].append(item)
        elif len(cords) == 1 and (not item.level or "" in by_level):
            pairs[0][1].append(item)
        else:
            own = " of level " + item.level if item.level else " of its own"
            names = ", ".join(cord.roi.name for cord in cords)
            raise RhiError(
                messages.NO_CORD_FOR_HIGH.format(
                    name=quoted(item.roi.name),
                    slice=number,
                    own=own,
                    cords=" (cords: " + names + ")" if names else "",
                )
            )
    return pairs


def _row(picture, number, cord, highs, mode, clip, reference):
    warnings = []
    level = cord.level or ([h.level for h in highs if h.level] or [""])[0]
    if highs or mode is None:
        method = ways.DRAWN
        high = union([h.kept for h in highs if h.kept.pixel_count])
    else:
        method = mode.text
        high = _found(picture, cord.kept, number, mode, reference)
    high_pixels = high.pixel_count
    inside = intersection(high, cord.kept)
    outside = high_pixels - inside.pixel_count
    outside_percent = 100.0 * outside / high_pixels if high_pixels else float("nan")
    if clip and outside:
        high, high_pixels, outside_percent = inside, high_pixels - outside, 0.0
        if not high_pixels:
            outside_percent = float("nan")
        warnings.append(messages.CLIPPED)
    width, height = picture.pixel_width, picture.pixel_height
    cord_pixels = cord.kept.pixel_count
    cord_area, high_area = cord_pixels * width * height, high_pixels * width * height
    rhi = 100.0 * high_area / cord_area
    if outside_percent > OUTSIDE_WARNING_PERCENT:
        warnings.append(messages.OUTSIDE.format(percent="%.1f" % outside_percent))
    if rhi > 100.0:
        warnings.append(messages.OVER_100)
    warnings += [
        messages.PARTLY_OUTSIDE.format(name=item.roi.name) for item in [cord] + highs if item.cut
    ]
    if picture.is_micron:
        warnings.append(messages.MICRON)
    image_pixels = picture.width * picture.height
    return RhiRow(
        slice=number,
        level=level,
        cord_area=cord_area,
        high_area=high_area,
        unit=(picture.unit.strip() or "pixel") + "^2",
        cord_percent=100.0 * cord_pixels / image_pixels,
        high_percent=100.0 * high_pixels / image_pixels,
        rhi=rhi,
        high_count=count_regions(high),
        high_outside_percent=outside_percent,
        cord_mean=mean_of(picture, cord.kept, number),
        high_mean=mean_of(picture, high, number) if high_pixels else float("nan"),
        excluded_pixels=0,
        method=method,
        warnings=warnings,
        cord=cord,
        highs=highs,
        high=high,
    )


def _found(picture, cord, number, mode, reference):
    """Find the high area inside a cord by a threshold, a fixed value or a reference."""
    if mode.kind == ways.METHOD:
        processor = processor_in(picture, cord, number)
        processor.setAutoThreshold(mode.method + " dark")
        lower, upper = processor.getMinThreshold(), processor.getMaxThreshold()
        taken = [lower <= value <= upper for value in unsigned(processor.crop())]
    elif mode.kind == ways.FIXED:
        taken = [value >= mode.value for value in values_of(picture, cord, number)]
    else:
        limit = reference.center + mode.spreads * reference.spread
        taken = [value > limit for value in values_of(picture, cord, number)]
    mask = cord.mask.duplicate()
    pixels = mask.getPixels()
    for i, is_high in enumerate(taken):
        if not is_high:
            pixels[i] = 0
    return Region(cord.x, cord.y, mask)
