"""The ROIs of an image with the high regions that were found, as a set that Fiji opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.io.rois.encode import encode_mask
from pyrhi.rhi.convert import mask_to_roi
from pyrhi.rhi.roles import Role, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RhiParameters, RhiRow

HIGH_COLOR = 0xFFFF4040
HIGH_GROUP = 2

FILE_SLICES = 2
"""Axis across which the slices of a file lie that ImageJ shows."""

NOT_SHOWN = (
    "{image}: was measured on slices across axis {axis} of the file, which ImageJ does not show; "
    "measure the acquired plane for a ROI set"
)


def roi_set(
    image: Image, rois: Sequence[Roi], found: Sequence[RhiRow], parameters: RhiParameters, /
) -> list[tuple[str, bytes]]:
    """Return name and ``.roi`` bytes of every ROI with a role and of every found high region.

    Parameters
    ----------
    image
        The image.
    rois
        ROIs that were read; their bytes stay as they are.
    found
        Rows whose high area was found (`ImageMeasurement.found`).
    parameters
        What the roles came from; where a rule gave some, all ROIs are kept.
    """
    out = [
        (roi.name, roi.data)
        for roi in rois
        if parameters.rule is not None or role_of(roi, parameters.patterns) is not Role.OTHER
    ]
    for row in found:
        if row.high_count == 0:
            continue
        name = "high" + (f"-{row.level}" if row.level else "")
        if image.n_slices > 1:
            name += f"-{row.slice:03d}"
        data = encode_mask(
            row.high.pixels(image.height, image.width),
            name=name,
            position=row.slice if image.n_slices > 1 else 0,
            group=HIGH_GROUP,
            color=HIGH_COLOR,
        )
        out.append((name, data))
    return out


def measured_rois(
    rows: Iterable[tuple[int, str, NDArray[np.bool_], NDArray[np.bool_]]], /
) -> list[Roi]:
    """Return what was measured as ROIs: cord and high area of every row.

    Parameters
    ----------
    rows
        Slice, from 1, level, cord and high area of each; both masks of shape ``(height, width)``.
    """
    # Without a position a ROI of a stack lies on all its slices.
    return [
        mask_to_roi(mask, f"{role} {level}".rstrip(), number)
        for number, level, cord, high in rows
        for role, mask in (("cord", cord), ("high", high))
        if mask.any()
    ]
