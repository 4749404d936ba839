"""NRRD masks, and the segments of 3D Slicer's ``.seg.nrrd``.

Source: Slicer's developer guide, "Segmentations": ``SegmentN_Name``, ``SegmentN_LabelValue`` and
``SegmentN_Layer`` in the header; overlapping segments lie in layers; the voxels are those of the
segmented image, cropped to the segments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.io.images.itk import read_volume
from pyrhi.io.masks.placed import PlacedMask, Segment, lay

if TYPE_CHECKING:
    from pathlib import Path

    from pyrhi.io.images import Image

_SEGMENT = re.compile(r"Segment(\d+)_(Name|LabelValue|Layer|Tags)")


def read_nrrd_mask(
    image: Image, path: Path, head: bytes, /, *, resample: bool = False
) -> PlacedMask:
    """Read a NRRD mask and lay it on the grid of its image.

    Parameters
    ----------
    image
        The image.
    path
        The file.
    head
        Its first bytes.
    resample
        True takes the nearest voxel where the grids differ.

    Raises
    ------
    ImageError
        If the file is damaged.
    RoiError
        If its voxels are not those of the image, or it has layers without segments.
    """
    volume = read_volume(path, head)
    fields: dict[int, dict[str, str]] = {}
    for key, value in volume.metadata.items():
        if match := _SEGMENT.fullmatch(key):
            fields.setdefault(int(match[1]), {})[match[2]] = value
    layers = volume.values if volume.values.ndim == 4 else volume.values[..., None]
    if not fields:
        if layers.shape[3] != 1:
            msg = f"{path}: its voxels have several values and no segments; save one mask in a file"
            raise RoiError(msg)
        laid = lay(image, str(path), layers[..., 0], volume.geometry, resample=resample)
        return PlacedMask(str(path), laid.values, resampled=laid.resampled, notes=laid.notes)
    segments = []
    notes: list[str] = []
    resampled = False
    for number in sorted(fields):
        of = fields[number]
        layer = int(of.get("Layer", "0") or 0)
        if layer >= layers.shape[3]:
            msg = f"{path}: segment {of.get('Name', number)!r} lies in a layer that is not there"
            raise RoiError(msg)
        values = np.asarray(layers[..., layer] == int(of.get("LabelValue", "1")))
        if values.size == 1:  # Slicer's way to save segments that are all empty
            shape = (image.n_slices, image.height, image.width)
            segments.append(Segment(of.get("Name", f"Segment_{number}"), np.zeros(shape, bool)))
            continue
        laid = lay(image, str(path), values, volume.geometry, part=True, resample=resample)
        notes += laid.notes
        resampled = laid.resampled or resampled
        types, regions = _codes(of.get("Tags", ""))
        title = of.get("Name", f"Segment_{number}")
        segments.append(Segment(title, laid.values, types, regions))
    return PlacedMask(
        str(path),
        None,
        tuple(segments),
        resampled=resampled,
        notes=tuple(dict.fromkeys(notes)),
    )


def _codes(tags: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Codes of type and region in Slicer's terminology entry.

    Notes
    -----
    Its parts are context, category, type, modifier, context of the region, region, modifier, each
    ``SCHEME^VALUE^MEANING``.
    """
    found = re.search(r"TerminologyEntry:([^|]*)", tags)
    parts = (found[1] if found else "").split("~")

    def code(at: int) -> tuple[tuple[str, str], ...]:
        scheme, _, rest = (parts[at] if at < len(parts) else "").partition("^")
        value = rest.partition("^")[0]
        return ((scheme, value),) if scheme and value else ()

    return code(2), code(5)
