"""Masks to ROIs and back, pixel for pixel, and ROI sets that Fiji opens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ParameterError, RoiError
from pyrhi.imagej.mask import roi_mask
from pyrhi.imagej.outline import describe
from pyrhi.io.atomic import writing
from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.encode import encode_mask, write_roiset
from pyrhi.rhi.position import slices_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from pyrhi.imagej.roi import Roi

_SINGLE = ".roi"


def mask_to_roi(
    mask: NDArray[np.bool_], name: str, position: int = 0, /, *, group: int = 0, color: int = 0
) -> Roi:
    """Return the ROI of a mask of one slice.

    Parameters
    ----------
    mask, name, position, group, color
        As of `pyrhi.io.rois.encode.encode_mask`, which writes it.
    """
    data = encode_mask(mask, name=name, position=position, group=group, color=color)
    return decode_roi(data, name=name)


def mask_to_rois(
    mask: ArrayLike, name: str = "mask", /, *, group: int = 0, color: int = 0
) -> list[Roi]:
    """Return the ROIs of a mask: one for each slice that has a pixel.

    Parameters
    ----------
    mask
        What is not 0 belongs to the region; shape ``(height, width)`` or
        ``(slices, height, width)``.
    name
        Name of the ROIs, such as ``"cord"`` or ``"high L2"``; `pyrhi.measure` takes the role
        from it.
    group
        ROI group, 0 to 255.
    color
        Stroke colour as 0xAARRGGBB.

    Returns
    -------
    rois : list of Roi
        Traced or composite ROIs in which ImageJ counts exactly the pixels of the mask; the
        position is the slice, from 1, or 0 for a mask without slices.

    Raises
    ------
    ParameterError
        If the mask is no image or stack.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.zeros((2, 32, 32), bool)
    >>> mask[1, 4:9, 5:20] = True
    >>> (roi,) = mask_to_rois(mask, "cord")
    >>> roi.name, roi.position, bool((rois_to_mask([roi], mask.shape) == mask).all())
    ('cord', 2, True)
    """
    stack, flat = _stack(mask, "mask")
    return [
        mask_to_roi(plane != 0, name, 0 if flat else number, group=group, color=color)
        for number, plane in enumerate(stack, start=1)
        if plane.any()
    ]


def labels_to_rois(labels: ArrayLike, /, *, names: dict[int, str] | None = None) -> list[Roi]:
    """Return the ROIs of a label image: one for each label and slice.

    Parameters
    ----------
    labels
        Whole numbers, 0 outside; shape ``(height, width)`` or ``(slices, height, width)``.
    names
        Name of the ROIs of a label; by default the label itself, such as ``"7"``.

    Returns
    -------
    rois : list of Roi
        As `mask_to_rois` makes them, by slice and label.

    Raises
    ------
    ParameterError
        If the labels are no image or stack of whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> [roi.name for roi in labels_to_rois(np.eye(3, dtype=int) * [1, 2, 7])]
    ['1', '2', '7']
    """
    stack, flat = _stack(labels, "labels")
    if not np.issubdtype(stack.dtype, np.integer) and stack.dtype != bool:
        if not np.array_equal(stack, np.rint(stack)):
            msg = f"labels of type {stack.dtype} are not whole numbers; round or threshold them"
            raise ParameterError(msg)
        stack = stack.astype(np.int64)
    return [
        mask_to_roi(plane == label, (names or {}).get(label, str(label)), 0 if flat else number)
        for number, plane in enumerate(stack, start=1)
        for label in np.unique(plane).tolist()
        if label != 0
    ]


def rois_to_mask(rois: Iterable[Roi], shape: tuple[int, ...], /) -> NDArray[np.bool_]:
    """Return the pixels of ROIs, exactly as ImageJ counts them.

    Parameters
    ----------
    rois
        Area ROIs. One without a position lies on every slice.
    shape
        ``(height, width)`` or ``(slices, height, width)``.

    Returns
    -------
    mask : bool, shape `shape`
        True where a pixel belongs to any of the ROIs.

    Raises
    ------
    RoiError
        If a ROI encloses no area or lies beyond the stack.
    ParameterError
        If `shape` is none of the two.
    """
    out = np.zeros(shape, bool)
    stack = _stack(out, "shape")[0]
    for roi in rois:
        pixels = _pixels(roi, stack.shape[1:])
        for number in slices_of(roi, len(stack), (1, len(stack), 1)):
            stack[number - 1] |= pixels
    return out


def rois_to_labels(rois: Sequence[Roi], shape: tuple[int, ...], /) -> NDArray[np.int32]:
    """Return a label image of ROIs, the counterpart of `labels_to_rois`.

    Parameters
    ----------
    rois
        Area ROIs that do not overlap.
    shape
        ``(height, width)`` or ``(slices, height, width)``.

    Returns
    -------
    labels : int32, shape `shape`
        0 outside. The label of a ROI is its name where all names are whole numbers above 0, else
        its place in `rois`, from 1.

    Raises
    ------
    RoiError
        If a ROI encloses no area, lies beyond the stack or shares a pixel with another one.
    ParameterError
        If `shape` is none of the two.
    """
    out = np.zeros(shape, np.int32)
    stack = _stack(out, "shape")[0]
    numbered = all(roi.name.isdecimal() and int(roi.name) > 0 for roi in rois)
    for place, roi in enumerate(rois, start=1):
        label = int(roi.name) if numbered else place
        pixels = _pixels(roi, stack.shape[1:])
        for number in slices_of(roi, len(stack), (1, len(stack), 1)):
            plane = stack[number - 1]
            if (taken := plane[pixels & (plane != 0) & (plane != label)]).size:
                msg = (
                    f"ROI {roi.name!r} shares {taken.size} pixels of slice {number} with label "
                    f"{taken[0]}; a label image has one number for each pixel"
                )
                raise RoiError(msg)
            plane[pixels] = label
    return out


def write_rois(path: str | os.PathLike[str], rois: Iterable[Roi], /) -> None:
    """Write ROIs as a file that ImageJ and Fiji open.

    Parameters
    ----------
    path
        ``.zip`` for a ROI set; ``.roi`` for one ROI.
    rois
        ROIs that were read (`pyrhi.read_rois`) or made of masks (`mask_to_rois`); their bytes are
        written as they are.

    Raises
    ------
    RoiError
        If a ROI was changed or made by hand, so that there are no bytes that say what it is.
    ParameterError
        If the file's name ends otherwise, or a ``.roi`` would hold several.
    OutputError
        If the file cannot be written.
    """
    rois = list(rois)
    for roi in rois:
        _check_bytes(roi)
    suffix = Path(path).suffix.lower()
    if suffix == ".zip":
        write_roiset(path, ((roi.name, roi.data) for roi in rois))
    elif suffix == _SINGLE and len(rois) == 1:
        with writing(path) as stream:
            stream.write(rois[0].data)
    else:
        many = f"{len(rois)} ROIs" if suffix == _SINGLE else f"a file that ends with {suffix!r}"
        msg = f"{path}: {many}; write a .zip, or one ROI as .roi"
        raise ParameterError(msg)


def _check_bytes(roi: Roi) -> None:
    if not roi.data:
        msg = f"ROI {roi.name!r} was made by hand; make it of a mask (mask_to_rois) to write it"
        raise RoiError(msg)
    decoded = decode_roi(roi.data, name=roi.name)
    for field in ("type", "left", "top", "width", "height", "position", "slice", "group"):
        if getattr(decoded, field) != getattr(roi, field):
            msg = (
                f"ROI {roi.name!r}: its {field} was changed after it was read; make it of a mask "
                "(mask_to_rois) to write it"
            )
            raise RoiError(msg)


def _stack(values: ArrayLike, what: str) -> tuple[NDArray[np.generic], bool]:
    """Return a view with slices, and whether there were none."""
    array = np.asarray(values)
    if array.ndim not in (2, 3) or 0 in array.shape:
        msg = f"{what} {array.shape}: give (height, width) or (slices, height, width)"
        raise ParameterError(msg)
    return (array[None], True) if array.ndim == 2 else (array, False)


def _pixels(roi: Roi, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if not roi.is_area:
        msg = f"ROI {roi.name!r} is a {describe(roi)} and encloses no pixels; leave it out"
        raise RoiError(msg)
    height, width = shape
    return roi_mask(roi, (height, width))
