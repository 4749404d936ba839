"""A ROI as ImageJ stores it: geometry, position and group, before any pixel is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RoiType(IntEnum):
    """Type codes of the ``.roi`` format (``ij.io.RoiDecoder``)."""

    POLYGON = 0
    RECT = 1
    OVAL = 2
    LINE = 3
    FREELINE = 4
    POLYLINE = 5
    NO_ROI = 6
    FREEHAND = 7
    TRACED = 8
    ANGLE = 9
    POINT = 10


class RoiSubtype(IntEnum):
    """Subtype codes of the ``.roi`` format (``ij.io.RoiDecoder``)."""

    NONE = 0
    TEXT = 1
    ARROW = 2
    ELLIPSE = 3
    IMAGE = 4
    ROTATED_RECT = 5


AREA_TYPES = frozenset(
    {RoiType.POLYGON, RoiType.RECT, RoiType.OVAL, RoiType.FREEHAND, RoiType.TRACED}
)


@dataclass(frozen=True, eq=False, repr=False)
class Roi:
    """One ROI: what its file says, in ImageJ's own terms.

    Parameters
    ----------
    name
        Name as the ROI Manager shows it.
    type, subtype
        Codes of the ``.roi`` format.
    left, top, width, height
        Integer bounds in pixels.
    float_bounds
        x, y, width, height of a sub-pixel rectangle or oval; otherwise None.
    x, y
        Absolute integer vertices, int32, shape ``(n,)``; None for a ROI without vertices.
    xf, yf
        Absolute sub-pixel vertices, float32, shape ``(n,)``; None without sub-pixel resolution.
    ends
        x1, y1, x2, y2 and the parameter of an ellipse (aspect ratio) or rotated rectangle (width).
    shape
        Segments of a composite ROI as ``ShapeRoi`` stores them, float32; otherwise None.
    arc_size
        Corner diameter of a rounded rectangle in pixels.
    spline
        True where the outline is a spline through the vertices.
    position
        1-based position in the stack; 0 means every slice.
    channel, slice, frame
        1-based hyperstack position; 0 means every one.
    group
        ROI group, 0 to 255; 0 means none.
    stroke_color
        Colour as 0xAARRGGBB; 0 means none.
    data
        Bytes of the ``.roi`` file, to write the ROI again unchanged; empty for one made here.
    """

    name: str
    type: RoiType
    left: int
    top: int
    width: int
    height: int
    subtype: RoiSubtype = RoiSubtype.NONE
    float_bounds: tuple[float, float, float, float] | None = None
    x: NDArray[np.int32] | None = None
    y: NDArray[np.int32] | None = None
    xf: NDArray[np.float32] | None = None
    yf: NDArray[np.float32] | None = None
    ends: tuple[float, float, float, float, float] | None = None
    shape: NDArray[np.float32] | None = None
    arc_size: int = 0
    spline: bool = False
    position: int = 0
    channel: int = 0
    slice: int = 0
    frame: int = 0
    group: int = 0
    stroke_color: int = 0
    data: bytes = b""

    def __repr__(self) -> str:
        kind = self.subtype.name if self.subtype else self.type.name
        what = "composite" if self.shape is not None else kind.lower().replace("_", " ")
        place = self.position or self.slice
        where = f", slice {place}" if place else ""
        return (
            f"Roi({self.name!r}, {what}, {self.width} x {self.height} at ({self.left}, {self.top})"
            f"{where})"
        )

    @property
    def is_area(self) -> bool:
        """True where the ROI encloses an area (not a line, point or text)."""
        return self.type in AREA_TYPES and self.subtype not in (
            RoiSubtype.TEXT,
            RoiSubtype.ARROW,
            RoiSubtype.IMAGE,
        )
