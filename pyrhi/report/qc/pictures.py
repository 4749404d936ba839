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
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import PyrhiError
from pyrhi.imagej.mask import Region
from pyrhi.rhi.measure import measure_image
from pyrhi.rhi.picture import frame_of, shown_box, svg_path, window_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Item, Task
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RhiRow

MAX_WHOLE_PIXELS = 640 * 640
"""Larger slices are shown around the cord only."""

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
        image, outlines = open_task(task, options.work)
        with image:
            engine = NumpyEngine(image)
            measured = measure_image(
                image, outlines.rois, engine, options.work.parameters, reference=item.reference
            )
            pictures = [_picture(image, engine, row, options.whole) for row in measured.rhi]
    except PyrhiError:
        return json.dumps({"error": _reason_without_path(task)})
    except Exception as error:  # one file must not end a report, whatever is wrong with it
        return json.dumps({"error": f"the image cannot be shown ({type(error).__name__})"})
    return json.dumps({"pictures": pictures})


def _reason_without_path(task: Task) -> str:
    """Say why there is no picture; never a path, which may hold what the tables hide."""
    if not Path(task.image).exists():
        return GONE.format(what="image")
    if any(
        p and not Path(p).exists() for p in (task.rois, task.cord_mask, task.high_mask, task.masks)
    ):
        return GONE.format(what="ROI file or mask")
    return "the image or its ROIs can no longer be read or measured as they were"


def _picture(image: Image, engine: NumpyEngine, row: RhiRow, whole: bool) -> dict[str, Any]:
    frame = frame_of(image)
    turn = frame.display.picture
    box = _box(image, row, whole)
    x, y, width, height = box
    values = turn(engine.values(Region(x, y, width, height, None), row.slice))
    png, offset, step = encode_values(values)
    low, high = window_of(values)
    return {
        "slice": row.slice,
        "level": row.level,
        "rhi": row.rhi,
        "cord_area": row.cord_area,
        "high_area": row.high_area,
        "cord_mean": row.cord_mean,
        "high_mean": None if math.isnan(row.high_mean) else row.high_mean,
        "width": values.shape[1],
        "height": values.shape[0],
        "x": x,
        "y": y,
        "part": (width, height) != (image.width, image.height),
        "aspect": frame.pixel_height / frame.pixel_width,
        "pixel": frame.pixel_width if frame.unit else None,
        "unit": frame.unit,
        "marks": frame.letters or None,
        "offset": offset,
        "step": step,
        "low": low,
        "high": high,
        "cord": svg_path(turn(_cut(row.cord, image, box))),
        "lesion": svg_path(turn(_cut(row.high, image, box))),
        "png": base64.b64encode(png).decode("ascii"),
    }


def _box(image: Image, row: RhiRow, whole: bool) -> tuple[int, int, int, int]:
    """Return x, y, width and height of what is shown of a slice."""
    if whole and image.width * image.height <= MAX_WHOLE_PIXELS:
        return 0, 0, image.width, image.height
    return shown_box(image.width, image.height, (row.cord, row.high))


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
