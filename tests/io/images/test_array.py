"""Pixels in memory as the image that ImageJ would have of them."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import table
from pyrhi.io.images.array import array_image, volume_image


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [("u1", "8-bit"), ("?", "8-bit"), ("u2", "16-bit"), ("f4", "32-bit"), ("f8", "32-bit"),
     ("i4", "32-bit")],
)  # fmt: skip
def test_grey_values_are_kept(dtype: str, kind: str):
    pixels = np.arange(24).reshape(2, 3, 4).astype(dtype)
    with array_image(pixels) as image:
        assert (image.kind, image.n_slices, image.height, image.width) == (kind, 2, 3, 4)
        assert np.array_equal(image.plane(2), pixels[1])


def test_signed_values_are_raised_as_in_imagej_and_calibrated_back():
    pixels = np.array([[-32768, -1], [0, 32767]], np.int16)
    with array_image(pixels) as image:
        raw = image.plane(1)
        assert raw.tolist() == [[0, 32767], [32768, 65535]]
        values = table(image.calibration, image.kind)
    assert values is not None
    assert np.array_equal(values[raw], pixels)


def test_the_callers_pixels_are_never_written_to():
    pixels = np.zeros((3, 4), np.uint16)
    pixels.setflags(write=False)
    with array_image(pixels) as image:
        image.plane(1)
    assert not pixels.any()


@pytest.mark.parametrize(
    "pixels",
    [np.zeros(3), np.zeros((2, 0)), np.zeros((1, 2, 3, 4)), np.zeros((2, 2), complex),
     np.array([["a"]])],
)  # fmt: skip
def test_what_is_no_image_is_refused(pixels: np.ndarray):
    with pytest.raises(ImageError, match="are no image; give"):
        array_image(pixels)


@pytest.mark.parametrize("size", [(0.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_a_pixel_size_that_is_none_is_refused(size: tuple[float, float]):
    with pytest.raises(ImageError, match="must be two positive numbers"):
        array_image(np.zeros((2, 2)), pixel_size=size)


def test_frames_of_a_volume_lie_one_after_another():
    values = np.arange(48, dtype=np.uint8).reshape(2, 3, 2, 4)
    with volume_image(values, name="v", spacing=(0.5, 0.7, 3.0), geometry=None) as image:
        assert image.dimensions == (1, 3, 2)
        assert np.array_equal(image.plane(5), values[1, 1])
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.pixel_depth, c.unit) == (0.5, 0.7, 3.0, "mm")
