"""DICOM RT structure sets (RTSTRUCT): closed contours in the planes of an image, by pydicom.

A contour becomes pixels as a polygon selection of the same points does in ImageJ: a pixel belongs
where its centre lies inside (``ij.process.PolygonFiller``); DICOM's point (0, 0) is the centre of
the first pixel (PS3.3 C.7.6.2.1.1), which ImageJ calls (0.5, 0.5). Several contours of one region
on one slice are taken even-odd, so that an inner contour is a hole (PS3.3 C.8.8.6.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.imagej.filler import fill_polygon
from pyrhi.io.masks.placed import PlacedMask, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.images import Image

IN_PLANE_MM = 0.06
"""Largest distance of a contour's points from their slice: some files hold one decimal of a mm."""

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
FRAME_OF_REFERENCE = "RTSTRUCT {name} names another frame of reference than {image}"


def read_rtstruct(image: Image, header: Any, name: str, /) -> PlacedMask:
    """Fill the contours of a structure set on the slices of an image.

    Parameters
    ----------
    image, header, name
        As of `pyrhi.io.masks.seg.read_seg`.

    Returns
    -------
    mask : PlacedMask
        One segment for each region with contours.

    Raises
    ------
    RoiError
        If a contour is not closed, does not lie in a slice, or lies outside the image.
    """
    if image.geometry is None or image.dimensions[2] != 1:
        msg = (
            f"{name}: contours in mm need an image that says where it lies, and {image.name} "
            "does not; name its DICOM series"
        )
        raise RoiError(msg)
    names = {
        int(item.ROINumber): str(item.get("ROIName", ""))
        for item in header.get("StructureSetROISequence") or ()
    }
    segments = []
    for item in header.get("ROIContourSequence") or ():
        contours = item.get("ContourSequence") or ()
        number = int(item.ReferencedROINumber)
        title = names.get(number) or f"ROI {number}"
        if contours:
            segments.append(Segment(title, _filled(image, contours, name, title)))
    return PlacedMask(name, None, tuple(segments), notes=_notes(image, header, name))


def _notes(image: Image, header: Any, name: str) -> tuple[str, ...]:
    frames = {
        str(item.get("FrameOfReferenceUID", ""))
        for item in header.get("ReferencedFrameOfReferenceSequence") or ()
    }
    ours = "" if image.header is None else str(image.header.get("FrameOfReferenceUID", ""))
    if ours and frames and ours not in frames:
        return (FRAME_OF_REFERENCE.format(name=name, image=image.name),)
    return ()


def _filled(image: Image, contours: Any, name: str, title: str) -> NDArray[np.bool_]:
    assert image.geometry is not None
    out = np.zeros((image.n_slices, image.height, image.width), bool)
    for contour in contours:
        kind = str(contour.get("ContourGeometricType", ""))
        if kind not in CLOSED:
            if kind == "POINT":
                continue
            msg = f"{name}: region {title!r} has a contour of the type {kind}; close it"
            raise RoiError(msg)
        points = np.asarray([float(v) for v in contour.ContourData]).reshape(-1, 3)
        voxels = image.geometry.to_voxels(points * [-1.0, -1.0, 1.0])
        number = round(float(np.median(voxels[:, 2])))
        apart = float(np.abs(voxels[:, 2] - number).max()) * image.geometry.spacing[2]
        if apart > IN_PLANE_MM:
            msg = (
                f"{name}: region {title!r} has a contour that lies {apart:.3g} mm off the slices "
                f"of {image.name}; export contours that were drawn on this series"
            )
            raise RoiError(msg)
        if not 0 <= number < image.n_slices:
            msg = f"{name}: region {title!r} has a contour beyond the slices of {image.name}"
            raise RoiError(msg)
        out[number] ^= polygon_pixels(voxels[:, 0], voxels[:, 1], image.height, image.width)
    return out


def polygon_pixels(
    x: NDArray[np.float64], y: NDArray[np.float64], height: int, width: int, /
) -> NDArray[np.bool_]:
    """Return the pixels whose centres lie inside a polygon.

    Parameters
    ----------
    x, y
        Corners, in voxels: 0 is the centre of the first pixel.
    height, width
        Size of the image.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([0.6, 3.4, 3.4, 0.6]), np.array([0.6, 0.6, 2.4, 2.4])
    >>> polygon_pixels(*corners, 4, 5).astype(int).tolist()
    [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    """
    mask = fill_polygon(
        np.asarray(x, np.float64) + 0.5, np.asarray(y, np.float64) + 0.5, 0.0, 0.0, width, height
    )
    pixels: NDArray[np.bool_] = mask != 0
    return pixels
