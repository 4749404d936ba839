"""Reading a mask, whatever its format: the content decides, not the extension."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import PyrhiError, RoiError
from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET, Function
from pyrhi.io.images import Image, read_image
from pyrhi.io.masks.placed import PlacedMask, lay
from pyrhi.wording import one_line

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

DICOM_MARK = b"DICM"
SEGMENTATIONS = {
    "1.2.840.10008.5.1.4.1.1.66.4": "seg",
    "1.2.840.10008.5.1.4.1.1.66.7": "seg",
    "1.2.840.10008.5.1.4.1.1.481.3": "rtstruct",
}
"""SOP classes of Segmentation, Label Map Segmentation and RT Structure Set Storage."""

HEAD_BYTES = 352


def read_mask(
    image: Image,
    source: str | os.PathLike[str] | Image | Any,
    /,
    *,
    resample: bool = False,
) -> PlacedMask:
    """Read a mask and lay it on the grid of its image.

    Parameters
    ----------
    image
        The image that the mask belongs to.
    source
        A file or folder, an image in memory, or a pydicom data set that is a segmentation.
    resample
        True takes the nearest voxel where the grids differ.

    Returns
    -------
    mask : PlacedMask
        Values or segments on the grid of the image.

    Raises
    ------
    ImageError
        If it cannot be read.
    RoiError
        If its voxels are not those of the image.
    PyrhiError
        If a library for its format is not installed.
    """
    if isinstance(source, Image):
        return _of_image(image, source, resample)
    if not isinstance(source, (str, Path)) and not hasattr(source, "__fspath__"):
        return _of_dicom(image, source, "data set", resample)
    path = _only_file(Path(source))
    if path.is_file():
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if head[128:132] == DICOM_MARK and (header := _segmentation(path)) is not None:
            return _of_dicom(image, header, path.name, resample)
        if head.startswith(b"NRRD"):
            from pyrhi.io.masks.nrrd import read_nrrd_mask

            return read_nrrd_mask(image, path, head, resample=resample)
    with read_image(path) as mask:
        placed = _of_image(image, mask, resample)
    names = _label_names(path)
    return placed if not names else _named(placed, names)


def _only_file(path: Path) -> Path:
    """The segmentation of a folder that holds one and nothing else, as PACS and XNAT export it."""
    if path.is_dir():
        files = [f for f in sorted(path.iterdir()) if f.is_file() and f.name[0] != "."]
        if len(files) == 1:
            return files[0]
    return path


def _segmentation(path: Path) -> Any:
    """The header of a DICOM file that holds segments; None for any other."""
    import pydicom

    try:
        found = pydicom.dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True)
        if str(found.get("SOPClassUID", "")) not in SEGMENTATIONS:
            return None
        return pydicom.dcmread(path)
    except Exception as error:  # pydicom raises nearly anything on damaged headers
        msg = f"{path}: the DICOM file is damaged ({one_line(error)}); export it again"
        raise RoiError(msg) from error


def _of_dicom(image: Image, header: Any, name: str, resample: bool) -> PlacedMask:
    kind = SEGMENTATIONS.get(str(header.get("SOPClassUID", "")))
    try:
        if kind == "rtstruct":
            from pyrhi.io.masks.rtstruct import read_rtstruct

            return read_rtstruct(image, header, name)
        from pyrhi.io.masks.seg import read_seg

        return read_seg(image, header, name, resample=resample)
    except PyrhiError:
        raise
    except Exception as error:  # damaged headers lack nearly anything
        msg = f"{name}: the DICOM object is damaged ({one_line(error)}); export it again"
        raise RoiError(msg) from error


def _of_image(image: Image, mask: Image, resample: bool) -> PlacedMask:
    name = str(mask.path or mask.name)
    laid = lay(image, name, stack_of(mask), mask.geometry, resample=resample)
    return PlacedMask(name=name, values=laid.values, resampled=laid.resampled, notes=laid.notes)


def stack_of(mask: Image, /) -> NDArray[Any]:
    """Return the values of all slices, shape ``(slices, rows, columns)``, as the file has them."""
    stack = np.stack([mask.plane(n) for n in range(1, mask.n_slices + 1)])
    # ImageJ holds signed 16-bit pixels raised by 32768.
    if mask.kind == "16-bit" and mask.calibration.function == Function.STRAIGHT_LINE:
        offset = int(mask.calibration.coefficients[0])
        if offset <= -SIGNED_16BIT_OFFSET:
            return stack.astype(np.int32) + offset
    return stack


def _label_names(path: Path) -> dict[int, str]:
    """Names of the values in a NIfTI file's header extension, as TotalSegmentator writes them."""
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        return {}
    import nibabel

    names: dict[int, str] = {}
    try:
        extensions = getattr(nibabel.load(path).header, "extensions", ())
    except Exception as error:  # nibabel raises nearly anything on damaged headers
        msg = f"{path}: the NIfTI header is damaged ({one_line(error)}); export it again"
        raise RoiError(msg) from error
    for extension in extensions:
        content = extension.get_content()
        text = content if isinstance(content, bytes) else str(content).encode()
        for key, name in re.findall(rb'<Label Key="(\d+)"[^>]*><!\[CDATA\[(.*?)\]\]>', text):
            names[int(key)] = name.decode("utf-8", "replace").strip()
    return names


def _named(placed: PlacedMask, names: dict[int, str]) -> PlacedMask:
    from dataclasses import replace

    return replace(placed, label_names=names)
