"""How a measured slice is shown: the right way up, around its cord, with its outlines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.calibration import NO_UNIT
from pyrhi.io.geometry import Display, display_of
from pyrhi.io.rois.encode import outline_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pyrhi.imagej.mask import Region
    from pyrhi.io.images import Image

CORD_COLOR, HIGH_COLOR = "#56b4e9", "#f5a300"
"""Sky blue and orange: people with any of the common colour blindnesses tell them apart."""

MARGIN_PIXELS, MARGIN_SHARE = 24, 0.25
"""What is shown around the cord: so many pixels, or this share of its size if that is more."""

WINDOW_PERCENTILES = (1.0, 99.8)
"""First window of the grey values that are shown."""

AS_STORED = Display(False, False, False, "", "", "", "")
"""A slice of which nobody knows how it lies in the patient: as it is, without letters."""


@dataclass(frozen=True)
class Frame:
    """How the slices of an image are shown.

    Parameters
    ----------
    display
        How they are turned, and the letters at their edges.
    pixel_width, pixel_height
        Size of a pixel as it is shown, in `unit`; both 1 without a unit.
    unit
        Unit of the sizes, or an empty text.
    """

    display: Display
    pixel_width: float
    pixel_height: float
    unit: str

    @property
    def letters(self) -> dict[str, str]:
        """Letters at the left, right, top and bottom; empty where they are not known."""
        d = self.display
        sides = {"left": d.left, "right": d.right, "top": d.top, "bottom": d.bottom}
        return sides if any(sides.values()) else {}


def frame_of(image: Image, /) -> Frame:
    """Return how the slices of an image are shown.

    Parameters
    ----------
    image
        The image.

    Notes
    -----
    Head or front up, the patient's right on the left, where the file says how the slices lie in
    the patient (DICOM, NIfTI, NRRD, MHA); else as they are stored.
    """
    display = AS_STORED if image.geometry is None else display_of(image.geometry)
    calibration = image.calibration
    width, height = calibration.pixel_width, calibration.pixel_height
    if display.transpose:
        width, height = height, width
    unit = calibration.unit.strip()
    return Frame(display, width, height, "" if unit in ("", NO_UNIT, "pixels") else unit)


def shown_box(width: int, height: int, regions: Sequence[Region], /) -> tuple[int, int, int, int]:
    """Return x, y, width and height of the part of a slice around regions.

    Parameters
    ----------
    width, height
        Size of the slice in pixels.
    regions
        What has to be in the box; at least one has a pixel.
    """
    left, top, right, bottom = bounds_of(regions)
    margin = max(MARGIN_PIXELS, int(MARGIN_SHARE * max(right - left, bottom - top)))
    return box_with_margin((left, top, right, bottom), margin, width, height)


def bounds_of(regions: Iterable[Region], /) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of regions together, the latter two just outside.

    Parameters
    ----------
    regions
        At least one has a pixel.
    """
    seen = [r for r in regions if r.pixel_count]
    return (
        min(r.x for r in seen),
        min(r.y for r in seen),
        max(r.x + r.width for r in seen),
        max(r.y + r.height for r in seen),
    )


def box_with_margin(
    bounds: tuple[int, int, int, int], margin: int, width: int, height: int, /
) -> tuple[int, int, int, int]:
    """Return x, y, width and height of bounds with a margin, as far as the slice reaches.

    Parameters
    ----------
    bounds
        As of `bounds_of`.
    margin
        Pixels on each side.
    width, height
        Size of the slice in pixels.

    Examples
    --------
    >>> box_with_margin((2, 10, 20, 30), 5, 64, 32)
    (0, 5, 25, 27)
    """
    left, top = max(bounds[0] - margin, 0), max(bounds[1] - margin, 0)
    return left, top, min(bounds[2] + margin, width) - left, min(bounds[3] + margin, height) - top


def bar_length(available: float, /) -> float:
    """Return the length of a scale bar: the largest of 1, 2 and 5 times a power of ten that fits.

    Parameters
    ----------
    available
        Length at hand, in the unit of the image, above 0.

    Examples
    --------
    >>> bar_length(12.8), bar_length(9.99), bar_length(0.3)
    (10.0, 5.0, 0.2)
    """
    power = math.floor(math.log10(available))
    # Negative powers of ten are no doubles: a text gives the nearest one.
    lengths = [float(f"{digit}e{power}") for digit in (1, 2, 5)]
    fitting = [length for length in lengths if length <= available]
    return fitting[-1] if fitting else float(f"5e{power - 1}")


def window_of(values: NDArray[np.float64], /) -> tuple[float, float]:
    """Return the grey values that are shown black and white; NaN and infinity do not count."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, WINDOW_PERCENTILES).tolist()
    return low, high


def svg_path(mask: NDArray[np.bool_], /) -> str:
    """Return the outline of a mask along its pixel edges as the data of an SVG path.

    Parameters
    ----------
    mask
        Shape ``(height, width)``. Filled by the even-odd rule, the path covers exactly its pixels.

    Examples
    --------
    >>> svg_path(np.array([[False, True], [False, False]]))
    'M1 0H2V1H1Z'
    """
    out = []
    for path in outline_paths(mask):
        (x, y), *rest = path.tolist()
        out.append(f"M{x} {y}")
        for px, py in rest:
            out.append(f"V{py}" if px == x else f"H{px}")
            x, y = px, py
        out.append("Z")
    return "".join(out)
