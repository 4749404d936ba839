"""Rectangles as ROIs, and RHI on an image that is nothing but zeros unless pixels are given."""

from __future__ import annotations

import numpy as np

from pyrhi.engines.numpy_engine import NumpyMeasurer
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.images.array import array_image
from pyrhi.rhi.measure import RhiParameters, measure_image


def rect(name: str, x: int, y: int, w: int, h: int, **more) -> Roi:
    """Return a rectangle with its upper left corner at x, y."""
    return Roi(name, RoiType.RECT, x, y, w, h, **more)


def measured(rois, pixels=None, *, slices: int = 1, **parameters):
    """Measure ROIs on 64 x 64 pixels a slice."""
    pixels = np.zeros((slices, 64, 64), np.uint16) if pixels is None else pixels
    image = array_image(pixels, name="i.tif")
    return measure_image(image, rois, NumpyMeasurer(image), RhiParameters(**parameters))
