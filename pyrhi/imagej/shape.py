"""An area ROI as ImageJ holds it after decoding: one form for all of its ROI classes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pyrhi.imagej import curves
    from pyrhi.imagej.roi import RoiType


class Kind(Enum):
    """Which of ImageJ's ROI classes an outline follows."""

    RECTANGLE = "rectangle"
    OVAL = "oval"
    POLYGON = "polygon"
    ELLIPSE = "ellipse"
    ROTATED_RECTANGLE = "rotated rectangle"
    COMPOSITE = "composite"


@dataclass(frozen=True, eq=False)
class Outline:
    """An area ROI as ImageJ holds it after decoding.

    Parameters
    ----------
    kind
        Class of the ROI.
    type
        Type code; polygons, freehand and traced outlines differ in their perimeter.
    x, y, width, height
        Integer bounds in pixels.
    x_base, y_base
        What the relative vertices are added to (``getXBase``): sub-pixel or integer bounds.
    xi, yi
        Integer vertices relative to the base, int32; None where ImageJ has none.
    xf, yf
        Float vertices relative to the base, float32; None where ImageJ has none.
    xs, ys
        Points of the spline relative to the base, float32; None without spline.
    float_bounds
        Bounds of a sub-pixel rectangle.
    arc_size
        Corner diameter of a rounded rectangle.
    path
        Path of a composite, relative to the base.
    parameter
        Aspect ratio of an ellipse or width of a rotated rectangle.
    """

    kind: Kind
    type: RoiType
    x: int
    y: int
    width: int
    height: int
    x_base: float
    y_base: float
    xi: NDArray[np.int32] | None = None
    yi: NDArray[np.int32] | None = None
    xf: NDArray[np.float32] | None = None
    yf: NDArray[np.float32] | None = None
    xs: NDArray[np.float32] | None = None
    ys: NDArray[np.float32] | None = None
    float_bounds: tuple[float, float, float, float] | None = None
    arc_size: int = 0
    path: curves.Path | None = None
    parameter: float = 0.0
