"""Laying a mask on the grid of an image: the same voxels exactly, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.io.geometry import Fit, difference, fit_grids, nearest, turn
from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry
    from pyrhi.io.images import Image

BY_SHAPE = "mask {mask} says nothing of its place: it was laid on {image} pixel by pixel"
BY_SHAPE_IMAGE = "{image} says nothing of its place: mask {mask} was laid on it pixel by pixel"
REMEDY = (
    "export the mask on the grid of the image, or take its nearest voxels with --resample-masks"
)


@dataclass(frozen=True, eq=False)
class Segment:
    """One named part of a mask file, on the grid of the image.

    Parameters
    ----------
    name
        As the file names it.
    values
        Bool, or float from 0 to 1 where it is a probability; shape ``(slices, rows, columns)``.
    types, regions
        Scheme and value of the codes that say what it is and where it lies, such as
        ``("SCT", "2748008")``.
    """

    name: str
    values: NDArray[Any]
    types: tuple[tuple[str, str], ...] = ()
    regions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class PlacedMask:
    """A mask on the grid of its image.

    Parameters
    ----------
    name
        Name of the file, for messages.
    values
        Its numbers, shape ``(slices, rows, columns)``; None where it has segments instead.
    segments
        Named parts.
    label_names
        What the file calls its values, where it does.
    resampled
        True where the nearest voxels were taken.
    notes
        What a reader of the numbers has to know, one sentence each.
    """

    name: str
    values: NDArray[Any] | None
    segments: tuple[Segment, ...] = ()
    label_names: Mapping[int, str] = field(default_factory=dict)
    resampled: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Laid:
    """Values on the grid of an image, and how they came there."""

    values: NDArray[Any]
    resampled: bool = False
    notes: tuple[str, ...] = ()


def lay(
    image: Image,
    name: str,
    values: NDArray[Any],
    geometry: Geometry | None,
    /,
    *,
    part: bool = False,
    resample: bool = False,
) -> Laid:
    """Lay the values of a mask on the grid of an image.

    Parameters
    ----------
    image
        The image.
    name
        Name of the mask, for messages.
    values
        Shape ``(slices, rows, columns)``, frames one after another.
    geometry
        Where its voxels lie; None lays it down by shape.
    part
        True where the format may hold a part of the grid alone; what it leaves out is 0.
    resample
        True takes the nearest voxel where the grids differ.

    Returns
    -------
    laid : Laid
        Values of shape ``(image.n_slices, image.height, image.width)``.

    Raises
    ------
    RoiError
        If the voxels of the mask are not those of the image; the message says by how many mm.
    """
    if geometry is None or image.geometry is None:
        return _by_shape(image, name, values, geometry)
    frames = image.dimensions[2]
    slices = geometry.shape[2]
    if values.shape[0] != frames * slices:
        held = values.shape[0] // slices
        msg = f"{name}: the mask holds {held} volumes and {image.name} has {frames}; give one mask"
        raise RoiError(msg)
    stacks = [values[n * slices : (n + 1) * slices] for n in range(frames)]
    fit = fit_grids(image.geometry, geometry)
    if fit is not None and (_covers(image.geometry, geometry, fit) or part):
        return Laid(
            np.concatenate([_copied_into(image.geometry, name, turn(s, fit), fit) for s in stacks])
        )
    if not resample:
        msg = f"{name}: not on the grid of {image.name}: {difference(image.geometry, geometry)}; "
        raise RoiError(msg + REMEDY)
    return Laid(np.concatenate([nearest(s, geometry, image.geometry) for s in stacks]), True)


def _covers(image: Geometry, mask: Geometry, fit: Fit) -> bool:
    return fit.start == (0, 0, 0) and tuple(mask.shape[a] for a in fit.axes) == image.shape


def _copied_into(image: Geometry, name: str, values: NDArray[Any], fit: Fit) -> NDArray[Any]:
    """Copy values that are turned already to where they start; nothing may lie outside."""
    columns, rows, slices = image.shape
    out = np.zeros((slices, rows, columns), values.dtype)
    to, of = [], []
    for start, size, whole in zip(reversed(fit.start), values.shape, out.shape, strict=True):
        first, last = max(start, 0), min(start + size, whole)
        to.append(slice(first, max(last, first)))
        of.append(slice(first - start, max(last, first) - start))
    out[tuple(to)] = values[tuple(of)]
    lost = np.count_nonzero(values) - np.count_nonzero(out)
    if lost:
        msg = (
            f"{name}: {lost} of its {np.count_nonzero(values)} pixels lie outside the image; "
            "check that the mask belongs to this image"
        )
        raise RoiError(msg)
    return out


def add_slice(
    image: Image, name: str, plane: NDArray[Any], geometry: Geometry, out: NDArray[Any], /
) -> bool:
    """Write a single slice into values on the grid of an image, the larger value winning.

    Parameters
    ----------
    image
        The image, which has a geometry.
    name
        Name of the mask, for messages.
    plane
        Values of the slice, shape ``(rows, columns)``.
    geometry
        Where they lie: a grid of one slice.
    out
        Values on the grid of the image; changed.

    Returns
    -------
    fits : bool
        False where its pixels are not voxels of the image, and nothing was written.
    """
    assert image.geometry is not None
    fit = fit_grids(image.geometry, geometry)
    if fit is None:
        return False
    np.maximum(out, _copied_into(image.geometry, name, turn(plane[None], fit), fit), out=out)
    return True


def _by_shape(image: Image, name: str, values: NDArray[Any], geometry: Geometry | None) -> Laid:
    """Lay a mask down pixel by pixel; one in the order of the file is cut like the image."""
    a, b = (i for i in range(3) if i != image.slice_axis)
    frames = image.dimensions[2]
    ours = (image.width, image.height, image.dimensions[1])
    of_file = [0, 0, 0]
    for size, axis in zip(ours, (a, b, image.slice_axis), strict=True):
        of_file[axis] = size
    theirs = (values.shape[2], values.shape[1], values.shape[0])
    laid = values
    if theirs == (*of_file[:2], of_file[2] * frames):
        fit = Fit((a, b, image.slice_axis), (False, False, False), (0, 0, 0))
        stacks = np.split(values, frames)
        laid = np.concatenate([turn(stack, fit) for stack in stacks])
    elif theirs != (*ours[:2], image.n_slices):
        msg = (
            f"{name}: the mask has {_size(theirs)}, but {image.name} has"
            f" {_size((image.width, image.height, image.n_slices))}; "
            "use a mask drawn on this image"
        )
        raise RoiError(msg)
    notes: list[str] = []
    if image.geometry is not None:
        notes.append(BY_SHAPE.format(mask=Path(name).name, image=image.name))
    elif geometry is not None:
        notes.append(BY_SHAPE_IMAGE.format(mask=Path(name).name, image=image.name))
    return Laid(laid, notes=tuple(notes))


def _size(shape: Sequence[int]) -> str:
    return f"{shape[0]} x {shape[1]} pixels on {counted(shape[2], 'slice')}"
