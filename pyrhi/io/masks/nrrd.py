"""NRRD masks, and the segments of 3D Slicer's ``.seg.nrrd``.

Source: Slicer's developer guide, "Segmentations": ``SegmentN_Name``, ``SegmentN_LabelValue`` and
``SegmentN_Layer`` in the header; overlapping segments lie in layers; the voxels are those of the
segmented image, cropped to the segments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.io.images.itk import read_volume
from pyrhi.io.masks.placed import Laid, PlacedMask, Segment, lay

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pyrhi.io.images import Image
    from pyrhi.io.images.itk import Volume

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
    found = [_segment(image, path, n, fields[n], layers, volume, resample) for n in sorted(fields)]
    return PlacedMask(
        str(path),
        None,
        tuple(segment for segment, _ in found),
        resampled=any(laid.resampled for _, laid in found),
        notes=tuple(dict.fromkeys(note for _, laid in found for note in laid.notes)),
    )


def _segment(
    image: Image,
    path: Path,
    number: int,
    of: dict[str, str],
    layers: NDArray[Any],
    volume: Volume,
    resample: bool,
) -> tuple[Segment, Laid]:
    """One segment, by the fields of the header that begin with its number."""
    title = of.get("Name", f"Segment_{number}")
    try:
        layer, label = int(of.get("Layer", "0") or 0), int(of.get("LabelValue", "1"))
    except ValueError:
        layer, label = -1, 0
    if not 0 <= layer < layers.shape[3]:
        msg = f"{path}: segment {title!r} lies in a layer that is not there; save it again"
        raise RoiError(msg)
    values = np.asarray(layers[..., layer] == label)
    if values.size == 1:  # Slicer's way to save segments that are all empty
        laid = Laid(np.zeros((image.n_slices, image.height, image.width), bool))
    else:
        laid = lay(image, str(path), values, volume.geometry, part=True, resample=resample)
    return Segment(title, laid.values, *_codes(of.get("Tags", ""))), laid


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
