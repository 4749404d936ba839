"""Writing ROIs that open in ImageJ and Fiji: masks become traced or composite ROIs."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.io.atomic import writing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from numpy.typing import NDArray

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""One date for all entries, so that the same ROIs give the same bytes."""


def outline_paths(mask: NDArray[np.bool_], /) -> list[NDArray[np.int64]]:
    """Trace the pixel edges around all regions and holes of a mask.

    Parameters
    ----------
    mask
        Boolean image, shape ``(height, width)``.

    Returns
    -------
    paths : list of int64 arrays, shape (n, 2)
        Closed polygons as x, y corners, without the repeated last corner. Even-odd filling of
        all of them together gives the mask back, pixel for pixel.
    """
    padded = np.pad(mask, 1).astype(np.int8)
    # Directed unit edges with the region on their right: each corner knows where to go next.
    down = np.diff(padded, axis=1)
    right = np.diff(padded, axis=0)
    nexts: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for y, x in np.argwhere(down != 0).tolist():
        a, b = (x, y - 1), (x, y)
        start, end = (b, a) if down[y, x] > 0 else (a, b)
        nexts.setdefault(start, []).append(end)
    for y, x in np.argwhere(right != 0).tolist():
        a, b = (x - 1, y), (x, y)
        start, end = (a, b) if right[y, x] > 0 else (b, a)
        nexts.setdefault(start, []).append(end)
    paths = []
    # Walks only take corners away, so one pass from the top finds the first corner of each path.
    for first in sorted(nexts, key=lambda p: (p[1], p[0])):
        while first in nexts:
            paths.append(_walk(nexts, first))
    return paths


def _walk(
    nexts: dict[tuple[int, int], list[tuple[int, int]]], first: tuple[int, int]
) -> NDArray[np.int64]:
    corners = [first]
    previous, at = None, first
    while True:
        choices = nexts[at]
        following = choices[0]
        if len(choices) > 1 and previous is not None:
            # Where two regions touch at a corner, turn so that each keeps its own outline.
            dx, dy = at[0] - previous[0], at[1] - previous[1]
            turn = (at[0] - dy, at[1] + dx)
            following = turn if turn in choices else choices[0]
        choices.remove(following)
        if not choices:
            del nexts[at]
        previous, at = at, following
        if at == first:
            break
        corners.append(at)
    path = np.array(corners, np.int64)
    before, after = np.roll(path, 1, axis=0), np.roll(path, -1, axis=0)
    straight = ((path - before) == (after - path)).all(axis=1)
    kept: NDArray[np.int64] = path[~straight]
    return kept


def encode_mask(
    mask: NDArray[np.bool_], /, *, name: str, position: int = 0, group: int = 0, color: int = 0
) -> bytes:
    """Encode a mask as a ROI: traced where it is one region, composite otherwise.

    Parameters
    ----------
    mask
        Boolean image with at least one True pixel, shape ``(height, width)``.
    name
        Name of the ROI.
    position
        1-based stack position; 0 means every slice.
    group
        ROI group.
    color
        Stroke colour as 0xAARRGGBB; 0 means none.

    Returns
    -------
    data : bytes
        A ``.roi`` file; ImageJ counts exactly the pixels of `mask` in it.
    """
    import roifile

    paths = outline_paths(mask)
    roi = roifile.ImagejRoi()
    corners = np.concatenate(paths)
    roi.left, roi.top = (int(v) for v in corners.min(axis=0))
    roi.right, roi.bottom = (int(v) for v in corners.max(axis=0))
    if len(paths) == 1:
        roi.roitype = roifile.ROI_TYPE.TRACED
        roi.n_coordinates = len(corners)
        roi.integer_coordinates = (corners - [roi.left, roi.top]).astype(np.int32)
    else:
        roi.roitype = roifile.ROI_TYPE.RECT
        segments: list[float] = []
        for path in paths:
            for i, (x, y) in enumerate(path.tolist()):
                segments += [0.0 if i == 0 else 1.0, x, y]
            segments.append(4.0)
        roi.multi_coordinates = np.array(segments, np.float32)
        roi.shape_roi_size = len(segments)
    roi.version = 228
    roi.name = name
    roi.position = position
    roi.group = group
    roi.stroke_color = color.to_bytes(4, "big")
    return bytes(roi.tobytes())


def write_roiset(path: str | os.PathLike[str], rois: Iterable[tuple[str, bytes]], /) -> None:
    """Write a RoiSet that the ROI Manager opens; an old file is replaced whole or not at all.

    Parameters
    ----------
    path
        The ``.zip`` to write.
    rois
        Name and encoded bytes of each ROI; a repeated name gets a number, as in ImageJ.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    buffer = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in rois:
            unique, n = name, 1
            while unique in used:
                unique, n = f"{name}-{n}", n + 1
            used.add(unique)
            entry = zipfile.ZipInfo(f"{unique}.roi", _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    with writing(path) as stream:
        stream.write(buffer.getvalue())
