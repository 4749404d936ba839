"""From an outline to the pixels that it covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoiError
from pyrhi.imagej import curves
from pyrhi.imagej.filler import fill_polygon
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.shape import Kind, Outline
from pyrhi.limits import MAX_PLANE_PIXELS

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi

_INSIDE = 255


@dataclass(frozen=True, eq=False)
class Region:
    """Pixels of a ROI on an image of a given size, as an ``ImageProcessor`` holds them.

    Parameters
    ----------
    x, y, width, height
        Box of the ROI clipped to the image; all 0 where nothing of it lies inside.
    mask
        Mask of the unclipped ROI, uint8, or None where all pixels of the box count.
    mask_x, mask_y
        Where the box starts in `mask`.
    """

    x: int
    y: int
    width: int
    height: int
    mask: NDArray[np.uint8] | None
    mask_x: int = 0
    mask_y: int = 0

    def pixels(self, height: int, width: int, /) -> NDArray[np.bool_]:
        """Return the region as a boolean image of shape ``(height, width)``."""
        out = np.zeros((height, width), bool)
        box = out[self.y : self.y + self.height, self.x : self.x + self.width]
        if self.mask is None:
            box[...] = True
        else:
            box[...] = self.cropped() != 0
        return out

    def cropped(self) -> NDArray[np.uint8]:
        """Return the mask of the box, uint8, shape ``(height, width)``; 255 inside."""
        if self.mask is None:
            return np.full((self.height, self.width), 255, np.uint8)
        return self.mask[
            self.mask_y : self.mask_y + self.height, self.mask_x : self.mask_x + self.width
        ]

    @property
    def pixel_count(self) -> int:
        """Number of pixels."""
        if self.mask is None:
            return self.width * self.height
        return int(np.count_nonzero(self.cropped()))


def _oval(mask: NDArray[np.uint8], width: int, height: int) -> None:
    """``OvalRoi.getMask``: pixel centres inside the ellipse of the integer box."""
    a = width / 2.0
    b = height / 2.0
    a2 = a * a
    b2 = b * b
    a -= 0.5
    b -= 0.5
    for y in range(height):
        yy = y - b
        for x in range(width):
            xx = x - a
            if xx * xx / a2 + yy * yy / b2 <= 1.0:
                mask[y * width + x] = _INSIDE


def _oval_mask(mask: NDArray[np.uint8], width: int, height: int) -> None:
    with cython.nogil:
        _oval(mask, width, height)


def outline_mask(outline: Outline, /) -> NDArray[np.uint8] | None:
    """Return the mask of an outline over its integer box, or None for a plain rectangle.

    Parameters
    ----------
    outline
        Any area outline.

    Returns
    -------
    mask : uint8, shape (outline.height, outline.width), or None
        255 inside, 0 outside.

    Notes
    -----
    Source: ``getMask`` of ``Roi``, ``OvalRoi``, ``PolygonRoi`` and ``ShapeRoi``. An oval ignores
    its sub-pixel position.
    """
    if outline.kind is Kind.RECTANGLE:
        return _rounded_mask(outline) if outline.arc_size > 0 else None
    if outline.kind is Kind.OVAL:
        mask = np.zeros((outline.height, outline.width), np.uint8)
        _oval_mask(mask.reshape(-1), outline.width, outline.height)
        return mask
    if outline.kind is Kind.COMPOSITE:
        assert outline.path is not None
        return _path_mask(outline.path, outline.width, outline.height)
    dx, dy = outline.x_base - outline.x, outline.y_base - outline.y
    if outline.xs is not None:
        x, y = outline.xs, outline.ys
    elif outline.xf is not None:
        x, y = outline.xf, outline.yf
    else:
        x, y = np.asarray(outline.xi), np.asarray(outline.yi)
    return fill_polygon(
        np.asarray(x, np.float64), np.asarray(y, np.float64), dx, dy, outline.width, outline.height
    )


def _path_mask(path: curves.Path, width: int, height: int) -> NDArray[np.uint8]:
    x, y = curves.flatten(path, curves.FILL_FLATNESS, separate=True)
    return fill_polygon(x.astype(np.float64), y.astype(np.float64), 0.0, 0.0, width, height)


def _rounded_mask(outline: Outline) -> NDArray[np.uint8]:
    """``Roi.getMask`` of a rounded rectangle: through a ShapeRoi of its curves."""
    x, y, width, height = outline.x, outline.y, outline.width, outline.height
    path = curves.round_rectangle_path(x, y, width, height, outline.arc_size)
    return _path_mask(curves.moved(path, -x, -y), width, height)


def check_size(width: int, height: int, /) -> None:
    """Raise RoiError for a ROI of more pixels than a slice can have."""
    if width * height > MAX_PLANE_PIXELS:
        msg = (
            f"a ROI of {width} x {height} pixels is larger than pyrhi measures "
            f"({MAX_PLANE_PIXELS} pixels); its file is probably damaged"
        )
        raise RoiError(msg)


def region_of(outline: Outline, image_height: int, image_width: int, /) -> Region:
    """Return the pixels of an outline on an image, clipped to it.

    Parameters
    ----------
    outline
        Any area outline.
    image_height, image_width
        Size of the image in pixels.

    Notes
    -----
    Source: ``ImageProcessor.setRoi(Roi)`` and ``setRoi(int, int, int, int)``.
    """
    check_size(outline.width, outline.height)
    x1, y1 = max(outline.x, 0), max(outline.y, 0)
    x2 = min(outline.x + outline.width, image_width)
    y2 = min(outline.y + outline.height, image_height)
    whole = (x2 - x1, y2 - y1) == (outline.width, outline.height)
    if (x2 <= x1 or y2 <= y1) and not whole:
        return Region(0, 0, 0, 0, None)
    mask = outline_mask(outline)
    return Region(x1, y1, x2 - x1, y2 - y1, mask, x1 - outline.x, y1 - outline.y)


def roi_mask(roi: Roi, shape: tuple[int, int], /) -> NDArray[np.bool_]:
    """Return the pixels of a ROI on an image, exactly as ImageJ counts them.

    Parameters
    ----------
    roi
        An area ROI.
    shape
        Height and width of the image in pixels.

    Returns
    -------
    mask : bool, shape `shape`
        True for the pixels that ImageJ measures; parts outside the image are cut off.

    Raises
    ------
    RoiError
        If the ROI encloses no area or is damaged.

    Examples
    --------
    >>> from pyrhi.imagej.roi import Roi, RoiType
    >>> oval = Roi("oval", RoiType.OVAL, left=-5, top=-5, width=20, height=20)
    >>> int(roi_mask(oval, (64, 64)).sum())
    200
    """
    height, width = shape
    return region_of(outline_of(roi), height, width).pixels(height, width)
