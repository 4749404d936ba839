"""Label and mask images as ROIs: any pixel that is not 0 belongs to the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.encode import encode_mask

if TYPE_CHECKING:
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image


def rois_of_mask(
    image: Image, mask: Image, name: str, /, *, may_be_empty: bool = False
) -> list[Roi]:
    """Return one ROI for each slice of a mask image that has pixels.

    Parameters
    ----------
    image
        The image that the mask belongs to.
    mask
        The mask image, of the same width, height and number of slices.
    name
        Name of the ROIs.
    may_be_empty
        True where a mask without pixels is a true zero: there is nothing of the kind.

    Raises
    ------
    RoiError
        If the mask has another shape, or no pixel at all and may not be empty.
    """
    ours = (image.width, image.height, image.n_slices)
    theirs = (mask.width, mask.height, mask.n_slices)
    if ours != theirs:
        msg = (
            f"{mask.path}: the mask has {_size(theirs)}, but {image.name} has {_size(ours)}; "
            "use a mask drawn on this image"
        )
        raise RoiError(msg)
    # Signed 16-bit pixels are stored with an offset: 0 lies where the calibration says so.
    zero = 32768 if mask.kind == "16-bit" and mask.calibration.function == 0 else 0
    rois = []
    for number in range(1, mask.n_slices + 1):
        plane = mask.plane(number)
        pixels = plane.any(axis=2) if plane.ndim == 3 else plane != zero
        if plane.dtype.kind == "f":
            pixels &= np.isfinite(plane)
        if pixels.any():
            data = encode_mask(np.asarray(pixels, bool), name=name, position=number)
            rois.append(decode_roi(data, name=name, source=str(mask.path)))
    if not rois and not may_be_empty:
        msg = f"{mask.path}: the mask has no pixel that is not 0"
        raise RoiError(msg)
    return rois


def _size(shape: tuple[int, int, int]) -> str:
    return f"{shape[0]} x {shape[1]} pixels on {shape[2]} slices"
