"""DICOM segmentations (SEG), by highdicom: each frame lies where its own position says."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.extras import need
from pyrhi.io.geometry import difference, from_lps, nearest
from pyrhi.io.masks.placed import REMEDY, PlacedMask, Segment, add_slice
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry
    from pyrhi.io.images import Image


def read_seg(image: Image, header: Any, name: str, /, *, resample: bool = False) -> PlacedMask:
    """Lay the segments of a DICOM segmentation on the grid of an image.

    Parameters
    ----------
    image
        The image.
    header
        The data set, as pydicom reads it.
    name
        Its name, for messages.
    resample
        True takes the nearest voxel where the grids differ.

    Returns
    -------
    mask : PlacedMask
        One segment for each of its own; what no frame holds is 0. Fractional ones are floats.

    Raises
    ------
    RoiError
        If it is damaged, or its pixels are not voxels of the image.
    PyrhiError
        If highdicom is not installed.
    """
    hd: Any = need("highdicom", "masks")
    if image.geometry is None or image.dimensions[2] != 1:
        msg = (
            f"{name}: a DICOM segmentation needs an image that says where it lies, and "
            f"{image.name} does not; name its DICOM series"
        )
        raise RoiError(msg)
    seg, frames = _opened(hd, header, name)
    kind = str(seg.SegmentationType)
    laid = _lay_frames(image, seg, name, frames, kind)
    resampled = laid is None
    if laid is None:
        if not resample:
            off = _volume_geometry(seg)
            how = difference(image.geometry, off) if off is not None else "other voxels"
            msg = f"{name}: not on the grid of {image.name}: {how}; {REMEDY}"
            raise RoiError(msg)
        laid = _nearest(image, seg, name, kind)
    segments = []
    for item in seg.SegmentSequence:
        number = int(item.SegmentNumber)
        if kind == "LABELMAP" and number == 0:
            continue
        types = _codes(item, "SegmentedPropertyTypeCodeSequence")
        regions = _codes(item, "AnatomicRegionSequence")
        segments.append(Segment(str(item.SegmentLabel), laid[number], types, regions))
    return PlacedMask(name, None, tuple(segments), resampled=resampled)


def _opened(hd: Any, header: Any, name: str) -> tuple[Any, NDArray[Any]]:
    """The segmentation of a data set, and its frames, shape ``(frames, rows, columns)``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seg = hd.seg.Segmentation.from_dataset(header, copy=True)
            frames = np.asarray(seg.pixel_array)
    except Exception as error:  # highdicom raises nearly anything on damaged headers
        msg = f"{name}: the DICOM segmentation cannot be read ({one_line(error)}); export it again"
        raise RoiError(msg) from error
    return seg, frames[None] if frames.ndim == 2 else frames


def _codes(item: Any, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(c.get("CodingSchemeDesignator", "")), str(c.get("CodeValue", "")))
        for c in item.get(name) or ()
    )


def _numbers(seg: Any) -> list[int]:
    return [int(item.SegmentNumber) for item in seg.SegmentSequence]


def _empty(image: Image, seg: Any, kind: str) -> dict[int, NDArray[Any]]:
    shape = (image.n_slices, image.height, image.width)
    dtype = np.float32 if kind == "FRACTIONAL" else np.bool_
    return {number: np.zeros(shape, dtype) for number in _numbers(seg)}


def _lay_frames(
    image: Image, seg: Any, name: str, frames: NDArray[Any], kind: str
) -> dict[int, NDArray[Any]] | None:
    """Values of each segment on the grid of the image; None where a frame does not fit it."""
    out = _empty(image, seg, kind)
    for index, plane in enumerate(frames):
        geometry = _frame_geometry(seg, index, plane.shape)
        if geometry is None:
            msg = f"{name}: frame {index + 1} does not say where it lies; export it again"
            raise RoiError(msg)
        for number, values in _of_segments(seg, index, plane, kind, out):
            if not add_slice(image, name, values, geometry, out[number]):
                return None
    return out


def _of_segments(
    seg: Any, index: int, plane: NDArray[Any], kind: str, numbers: dict[int, NDArray[Any]]
) -> list[tuple[int, NDArray[Any]]]:
    """Segment numbers of a frame with the values of each."""
    if kind == "LABELMAP":
        return [(int(n), plane == n) for n in np.unique(plane) if n and int(n) in numbers]
    number = _group(seg, index, "SegmentIdentificationSequence").ReferencedSegmentNumber
    if kind == "FRACTIONAL":
        whole = float(seg.MaximumFractionalValue)
        return [(int(number), (plane / whole).astype(np.float32))]
    return [(int(number), plane != 0)]


def _group(seg: Any, index: int, name: str) -> Any:
    """A functional group of a frame: its own, else the shared one."""
    for item in (
        seg.PerFrameFunctionalGroupsSequence[index],
        seg.SharedFunctionalGroupsSequence[0],
    ):
        found = item.get(name)
        if found:
            return found[0]
    return {}


def _frame_geometry(seg: Any, index: int, shape: tuple[int, ...]) -> Geometry | None:
    position = _group(seg, index, "PlanePositionSequence").get("ImagePositionPatient")
    direction = _group(seg, index, "PlaneOrientationSequence").get("ImageOrientationPatient")
    measures = _group(seg, index, "PixelMeasuresSequence")
    spacing = measures.get("PixelSpacing")
    if position is None or direction is None or spacing is None:
        return None
    row, column = np.asarray(direction[:3], float), np.asarray(direction[3:], float)
    affine = np.eye(4)
    affine[:3, 0] = row * float(spacing[1])
    affine[:3, 1] = column * float(spacing[0])
    affine[:3, 2] = np.cross(row, column) * float(measures.get("SliceThickness") or 1.0)
    affine[:3, 3] = np.asarray(position, float)
    return from_lps(affine, (shape[1], shape[0], 1))


def _volume_geometry(seg: Any) -> Geometry | None:
    """The grid of all frames together, where they are evenly spaced."""
    found = seg.get_volume_geometry(allow_missing_positions=True)
    if found is None:
        return None
    slices, rows, columns = found.spatial_shape
    return from_lps(found.affine[:, [2, 1, 0, 3]], (columns, rows, slices))


def _nearest(image: Image, seg: Any, name: str, kind: str) -> dict[int, NDArray[Any]]:
    assert image.geometry is not None
    geometry = _volume_geometry(seg)
    if geometry is None:
        msg = f"{name}: its frames are not evenly spaced, so that no nearest voxel can be told"
        raise RoiError(msg)
    out = _empty(image, seg, kind)
    for number in out:
        volume = seg.get_volume(segment_numbers=[number], allow_missing_positions=True)
        out[number] = nearest(volume.array[..., 0], geometry, image.geometry)
        if kind != "FRACTIONAL":
            out[number] = out[number] != 0
    return out
