"""Rectangles as ROIs, and RHI on an image that is nothing but zeros unless pixels are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.images.array import array_image
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.rhi.measure import RhiParameters, measure_image


def rect(name: str, x: int, y: int, w: int, h: int, **more) -> Roi:
    """Return a rectangle with its upper left corner at x, y."""
    return Roi(name, RoiType.RECT, x, y, w, h, **more)


def box(name: str, x: int, y: int, w: int, h: int, position: int = 0) -> tuple[str, bytes]:
    """Return name and bytes of a box on 64 x 64 pixels, for a RoiSet."""
    mask = np.zeros((64, 64), bool)
    mask[y : y + h, x : x + w] = True
    return name, encode_mask(mask, name=name, position=position)


def measured(rois, pixels=None, *, slices: int = 1, **parameters):
    """Measure ROIs on 64 x 64 pixels a slice."""
    pixels = np.zeros((slices, 64, 64), np.uint16) if pixels is None else pixels
    image = array_image(pixels, name="i.tif")
    return measure_image(image, rois, NumpyEngine(image), RhiParameters(**parameters))


GOOD = [box("cord", 0, 0, 20, 20), box("high", 0, 0, 5, 8)]
"""RHI 10."""


def make(folder: Path, name: str, rois, pixels=None) -> Path:
    """Write a TIFF of 64 x 64 pixels of half a millimetre, and its ROI set beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tif"
    pixels = np.arange(4096, dtype=np.uint16).reshape(64, 64) if pixels is None else pixels
    tifffile.imwrite(path, pixels, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "mm"})
    if rois:
        write_roiset(folder / f"{name}.zip", rois)
    return path
