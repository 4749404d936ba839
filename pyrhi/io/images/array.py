"""Pixels that are already in memory, as an image that ImageJ would have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET, Calibration, Function
from pyrhi.io.images.image import NO_PIXEL_SIZE, Image, usable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

KINDS = {"uint8": "8-bit", "bool": "8-bit", "uint16": "16-bit", "int16": "16-bit"}
"""ImageJ's kind of each pixel type; every other type becomes 32-bit."""


def array_image(
    pixels: NDArray[np.generic],
    /,
    *,
    name: str = "array",
    pixel_size: tuple[float, float] | None = None,
    unit: str = "mm",
) -> Image:
    """Return an image of pixels in memory; they are never written to.

    Parameters
    ----------
    pixels
        Shape ``(height, width)`` or ``(slices, height, width)``. uint8, uint16 and int16 keep
        their depth, all else becomes 32-bit float.
    name
        Name for messages and tables.
    pixel_size
        Height and width of a pixel in `unit`; None measures in pixels.
    unit
        Unit of `pixel_size`.

    Raises
    ------
    ImageError
        If the array has another shape or cannot be an image, or the pixel size is not positive.
    """
    if pixels.ndim not in (2, 3) or 0 in pixels.shape:
        msg = f"{name}: pixels of shape {pixels.shape} are no image; give (slices,) height, width"
        raise ImageError(msg)
    if pixels.dtype.kind not in "buif":
        msg = f"{name}: pixels of type {pixels.dtype} are no image; give numbers"
        raise ImageError(msg)
    planes = pixels if pixels.ndim == 3 else pixels[None]
    kind = KINDS.get(pixels.dtype.name, "32-bit")
    calibration = Calibration()
    if pixel_size is not None:
        height, width = pixel_size
        if not usable(height, width):
            msg = f"{name}: pixel_size {pixel_size!r} must be two positive numbers"
            raise ImageError(msg)
        calibration = Calibration(float(width), float(height), 1.0, unit)
    if pixels.dtype == np.int16:
        calibration = Calibration(
            calibration.pixel_width,
            calibration.pixel_height,
            1.0,
            calibration.unit,
            function=Function.STRAIGHT_LINE,
            coefficients=(-float(SIGNED_16BIT_OFFSET), 1.0),
        )

    def read(index: int) -> NDArray[np.generic]:
        plane = planes[index]
        if plane.dtype == np.int16:
            raised = plane.astype(np.int32) + SIGNED_16BIT_OFFSET
            return np.asarray(raised, np.uint16)
        wanted = {"8-bit": np.uint8, "16-bit": np.uint16}.get(kind, np.float32)
        return np.asarray(plane, wanted, order="C")

    return Image(
        path=None,
        name=name,
        kind=kind,
        width=planes.shape[2],
        height=planes.shape[1],
        n_slices=planes.shape[0],
        dimensions=(1, planes.shape[0], 1),
        calibration=calibration,
        warnings=() if pixel_size is not None else (NO_PIXEL_SIZE,),
        reader=read,
        closer=lambda: None,
    )


def volume_image(
    values: NDArray[np.generic],
    /,
    *,
    name: str,
    spacing: tuple[float, float, float],
    geometry: Geometry | None,
    unit: str = "mm",
) -> Image:
    """Return an image of a volume in memory that knows its spacing and its place.

    Parameters
    ----------
    values
        Shape ``(slices, rows, columns)``, or ``(frames, slices, rows, columns)``.
    name
        Name for messages and tables.
    spacing
        Of columns, rows and slices, in `unit`.
    geometry
        Where the voxels lie; None where nothing says so.
    unit
        Unit of `spacing`.

    Raises
    ------
    ImageError
        As `array_image` does.
    """
    planes = values.reshape(-1, *values.shape[-2:]) if values.ndim == 4 else values
    frames = values.shape[0] if values.ndim == 4 else 1
    x, y, z = (float(size) for size in spacing)
    image = array_image(planes, name=name, pixel_size=(y, x), unit=unit)
    depth = z if usable(z) else 1.0
    return replace(
        image,
        calibration=replace(image.calibration, pixel_depth=depth),
        dimensions=(1, image.n_slices // frames, frames),
        geometry=geometry,
        is_volume=True,
    )
