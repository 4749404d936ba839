"""On which slices of an image a ROI lies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyrhi.errors import RoiError

if TYPE_CHECKING:
    from pyrhi.imagej.roi import Roi

# Labels of old ROI sets, such as 0003-0123-0456: slice, y, x (RoiManager.getSliceNumber).
OLD_LABEL = re.compile(r"(\d{4,6})-\d{4,6}-\d{4,6}")

MOVED = (
    "ROI {name} has the position {position}, and the image one slice: it was measured there, as"
    " ImageJ does"
)


def slices_of(roi: Roi, n_slices: int, dimensions: tuple[int, int, int], /) -> tuple[int, ...]:
    """Return the 1-based stack slices on which a ROI lies; without a position, all of them.

    Parameters
    ----------
    roi
        The ROI.
    n_slices
        Slices of the whole stack.
    dimensions
        Channels, slices and frames of a hyperstack.

    Raises
    ------
    RoiError
        If the position lies beyond the stack.

    Notes
    -----
    Source: ``ij.plugin.frame.RoiManager.restore`` and ``getSliceNumber``. In a hyperstack with
    several channels or frames, a 0 among channel, slice and frame means every one. ImageJ measures
    a ROI of any position on an image of one slice, where there is nowhere else to go.
    """
    if n_slices == 1:
        return (1,)
    channels, slices, frames = dimensions
    position = roi.position or (roi.slice if slices == n_slices else 0)
    if position == 0 and (roi.channel or roi.slice or roi.frame):
        for value, size, what in (
            (roi.channel, channels, "channel"),
            (roi.slice, slices, "slice"),
            (roi.frame, frames, "frame"),
        ):
            _check(roi, value, size, what)
        return tuple(
            (t * slices + z) * channels + c + 1
            for t in _chosen(roi.frame, frames)
            for z in _chosen(roi.slice, slices)
            for c in _chosen(roi.channel, channels)
        )
    if position == 0 and (label := OLD_LABEL.match(roi.name)):
        position = int(label[1])
        if position > n_slices:
            position = 0
    if position == 0:
        return tuple(range(1, n_slices + 1))
    _check(roi, position, n_slices, "slice")
    return (position,)


def moved_from(roi: Roi, n_slices: int, /) -> int:
    """Return the position of a ROI that lies elsewhere than on an image's only slice, else 0.

    Examples
    --------
    >>> from pyrhi.imagej.roi import Roi, RoiType
    >>> moved_from(Roi("a", RoiType.RECT, 0, 0, 5, 5, position=7), 1)
    7
    """
    stated = max(roi.position, roi.channel, roi.slice, roi.frame)
    return stated if n_slices == 1 and stated > 1 else 0


def _chosen(value: int, size: int) -> range:
    return range(value - 1, value) if value else range(size)


def _check(roi: Roi, value: int, size: int, what: str) -> None:
    if value > size:
        msg = (
            f"ROI {roi.name!r} lies on {what} {value}, but the image has {size}; "
            "check that the ROI set belongs to this image"
        )
        raise RoiError(msg)
