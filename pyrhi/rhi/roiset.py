"""The ROIs of an image with the high regions that were found, as a set that Fiji opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.io.rois.encode import encode_mask
from pyrhi.rhi.roles import Role, role_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RhiParameters, RhiRow

HIGH_COLOR = 0xFFFF4040
HIGH_GROUP = 2


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
