"""Pictures of measured slices: true grey values in a PNG, and outlines along pixel edges."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.batch.measure import open_task
from pyrhi.engines.numpy_engine import NumpyMeasurer
from pyrhi.errors import PyrhiError
from pyrhi.imagej.mask import Region
from pyrhi.io.rois.encode import outline_paths
from pyrhi.rhi.measure import measure_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.batch.measure import Item
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RhiRow

MAX_WHOLE_PIXELS = 640 * 640
"""Larger slices are shown around the cord only."""

MARGIN_PIXELS, MARGIN_SHARE = 24, 0.25
"""What is shown around the cord: so many pixels, or this share of its size if that is more."""

WINDOW_PERCENTILES = (1.0, 99.8)
"""First window of the grey values that are shown."""

GONE = "the {what} is no longer where it was when this slice was measured"

LEVELS_8, LEVELS_16 = 2**8 - 1, 2**16 - 1
PNG_LEVEL = 6


@dataclass(frozen=True)
class PictureOptions:
    """How slices are shown.

    Parameters
    ----------
    work
        What they were measured with.
    whole
        True shows whole slices up to `MAX_WHOLE_PIXELS`, False the part around the cord.
    """

    work: WorkOptions
    whole: bool


def pictures_of(options: PictureOptions, item: Item, /) -> str:
    """Read and measure an image again and return a picture of each row as JSON.

    Parameters
    ----------
    options
        How slices are shown.
    item
        The image.

    Returns
    -------
    record : str
        ``pictures``: for each row its key, numbers and picture; ``error`` where the image
        cannot be read or measured any more.
    """
    task = item.task
    try:
        image, rois = open_task(task, options.work)
        with image:
            measurer = NumpyMeasurer(image)
            measured = measure_image(
                image, rois, measurer, options.work.parameters, reference=item.reference
            )
            pictures = [_picture(image, measurer, row, options.whole) for row in measured.rhi]
    except PyrhiError:
        return json.dumps({"error": _why(task)})
    except Exception as error:  # one file must not end a report, whatever is wrong with it
        return json.dumps({"error": f"the image cannot be shown ({type(error).__name__})"})
    return json.dumps({"pictures": pictures})


def _why(task: Task) -> str:
    """Say why there is no picture; never a path, which may hold what the tables hide."""
    if not Path(task.image).exists():
        return GONE.format(what="image")
    if any(p and not Path(p).exists() for p in (task.rois, task.cord_mask, task.high_mask)):
        return GONE.format(what="ROI file or mask")
    return "the image or its ROIs can no longer be read or measured as they were"


def _picture(image: Image, measurer: NumpyMeasurer, row: RhiRow, whole: bool) -> dict[str, Any]:
    box = shown_box(image.width, image.height, row, whole)
    x, y, width, height = box
    values = measurer.values(Region(x, y, width, height, None), row.slice)
    png, offset, step = encode_values(values)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, WINDOW_PERCENTILES) if finite.size else (0.0, 1.0)
    return {
        "slice": row.slice,
        "level": row.level,
        "rhi": row.rhi,
        "cord_area": row.cord_area,
        "high_area": row.high_area,
        "cord_mean": row.cord_mean,
        "high_mean": None if math.isnan(row.high_mean) else row.high_mean,
        "width": width,
        "height": height,
        "x": x,
        "y": y,
        "part": (width, height) != (image.width, image.height),
        "aspect": image.calibration.pixel_height / image.calibration.pixel_width,
        "offset": offset,
        "step": step,
        "low": float(low),
        "high": float(high),
        "cord": svg_path(_cut(row.cord, image, box)),
        "lesion": svg_path(_cut(row.high, image, box)),
        "png": base64.b64encode(png).decode("ascii"),
    }


def shown_box(width: int, height: int, row: RhiRow, whole: bool, /) -> tuple[int, int, int, int]:
    """Return x, y, width and height of what is shown of a slice.

    Parameters
    ----------
    width, height
        Size of the slice in pixels.
    row
        The row, whose cord and high area are in the box.
    whole
        True shows all of a slice that is not too large.
    """
    if whole and width * height <= MAX_WHOLE_PIXELS:
        return 0, 0, width, height
    regions = [r for r in (row.cord, row.high) if r.pixel_count]
    left, top = min(r.x for r in regions), min(r.y for r in regions)
    right = max(r.x + r.width for r in regions)
    bottom = max(r.y + r.height for r in regions)
    margin = max(MARGIN_PIXELS, int(MARGIN_SHARE * max(right - left, bottom - top)))
    left, top = max(left - margin, 0), max(top - margin, 0)
    return left, top, min(right + margin, width) - left, min(bottom + margin, height) - top


def encode_values(values: NDArray[np.float64], /) -> tuple[bytes, float, float]:
    """Encode grey values as a PNG that a browser decodes without loss.

    Parameters
    ----------
    values
        Calibrated grey values, shape ``(height, width)``; NaN and infinity are shown as the
        lowest value.

    Returns
    -------
    png : bytes
        8-bit grey for up to 256 levels; else RGB with the high byte in red and the low byte in
        green, because browsers reduce 16-bit PNG to 8 bits.
    offset, step
        Value = offset + step * stored number. Whole numbers within a range of 65,535 are exact;
        others are rounded to 65,536 levels.
    """
    import imagecodecs

    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    whole = bool((finite == np.floor(finite)).all()) and high - low <= LEVELS_16
    step = 1.0 if whole else (high - low) / LEVELS_16 or 1.0
    filled = np.where(np.isfinite(values), values, low)
    stored = np.rint((filled - low) / step).astype(np.uint16)
    if stored.max(initial=0) <= LEVELS_8:
        pixels = stored.astype(np.uint8)
    else:
        pixels = np.zeros((*stored.shape, 3), np.uint8)
        pixels[..., 0], pixels[..., 1] = stored >> 8, stored & LEVELS_8
    return bytes(imagecodecs.png_encode(pixels, level=PNG_LEVEL)), low, step


def _cut(region: Region, image: Image, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    x, y, width, height = box
    return region.pixels(image.height, image.width)[y : y + height, x : x + width]


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
