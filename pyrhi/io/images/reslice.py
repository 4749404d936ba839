"""A volume cut along another of its axes: the same voxels, other slices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.io.geometry import (
    ACQUIRED,
    PLANE_CHOICES,
    acquired_axis,
    axis_of_plane,
    usable_geometry,
)
from pyrhi.limits import MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.images.image import Image


def in_plane(image: Image, plane: str, /, *, as_stored: bool = False) -> Image:
    """Return an image whose slices are those of a plane.

    Parameters
    ----------
    image
        The image; it belongs to the returned one from then on.
    plane
        ``"sagittal"``, ``"axial"``, ``"coronal"``, or ``"acquired"``: across the axis whose
        spacing is clearly the largest (`pyrhi.io.geometry.CLEARLY_LARGER`), else the third. The
        slices of a DICOM series or frames are the acquired ones.
    as_stored
        True refuses every plane but that of the slices in the file: ROIs were drawn on them.

    Returns
    -------
    image : Image
        The same voxels; rows and columns keep the order of the file's axes, nothing is turned
        over. The image itself where its slices are those already.

    Raises
    ------
    ImageError
        If there is no such plane, or the image does not say how it lies in the patient.
    """
    if plane not in PLANE_CHOICES:
        msg = f"there is no plane {plane!r}; take one of {', '.join(PLANE_CHOICES)}"
        raise ImageError(msg)
    if plane == ACQUIRED:
        calibration = image.calibration
        spacing = (calibration.pixel_width, calibration.pixel_height, calibration.pixel_depth)
        volume = image.is_volume and image.dimensions[1] > 1 and not as_stored
        return across(image, acquired_axis(spacing) if volume else 2)
    if image.geometry is None:
        msg = (
            f"{image.name}: does not say how it lies in the patient, so that --plane {plane} "
            "cannot be told; leave --plane out"
        )
        raise ImageError(msg)
    axis = axis_of_plane(image.geometry, plane)
    if as_stored and axis != 2:
        msg = (
            f"{image.name}: its ROIs lie on the slices of the file, which are not {plane}; leave "
            "--plane out, or give masks"
        )
        raise ImageError(msg)
    return across(image, axis)


def across(image: Image, axis: int, /) -> Image:
    """Return an image whose slices are cut across an axis of its voxels.

    Parameters
    ----------
    image
        An image whose slices are cut across the third axis.
    axis
        0 for columns, 1 for rows, 2 for slices.

    Raises
    ------
    ImageError
        If the image is a hyperstack with channels, or too large to be held in memory.
    """
    if axis == 2:
        return image
    channels, slices, frames = image.dimensions
    if channels > 1 or image.kind == "RGB":
        msg = f"{image.name}: has several channels and can be measured on its own slices alone"
        raise ImageError(msg)
    if image.width * image.height * image.n_slices * 4 > MAX_UNPACKED_BYTES:
        msg = f"{image.name}: is too large to be cut another way; leave --plane out"
        raise ImageError(msg)

    @cache
    def volume(frame: int) -> NDArray[np.generic]:
        first = frame * slices
        return np.stack([image.plane(first + n + 1) for n in range(slices)])

    size = (image.width, image.height, slices)
    count = size[axis]
    across_columns = axis == 0

    def read(index: int) -> NDArray[np.generic]:
        frame, number = divmod(index, count)
        values = volume(frame)
        plane = values[:, :, number] if across_columns else values[:, number, :]
        return np.ascontiguousarray(plane)

    a, b = (i for i in range(3) if i != axis)
    calibration = image.calibration
    sizes = (calibration.pixel_width, calibration.pixel_height, calibration.pixel_depth)
    geometry = image.geometry
    if geometry is not None:
        if geometry.origins is not None:
            msg = (
                f"{image.name}: its slices are not evenly spaced and cannot be cut another way; "
                "leave --plane out"
            )
            raise ImageError(msg)
        shape = (size[a], size[b], count)
        geometry = usable_geometry(geometry.affine[:, [a, b, axis, 3]], shape)
    return replace(
        image,
        width=size[a],
        height=size[b],
        n_slices=count * frames,
        dimensions=(1, count, frames),
        calibration=replace(
            calibration, pixel_width=sizes[a], pixel_height=sizes[b], pixel_depth=sizes[axis]
        ),
        slice_labels=("",) * (count * frames),
        geometry=geometry,
        slice_axis=axis,
        reader=read,
    )
