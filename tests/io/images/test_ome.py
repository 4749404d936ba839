"""OME-TIFF: pixel size and the order of planes."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from rigs.images import ramp, raw

from pyrhi.io.images import read_image


def test_ome_tiff_gives_pixel_size_and_imagejs_order(tmp_path):
    path = tmp_path / "x.ome.tif"
    data = ramp(shape=(2, 3, 2, 6, 8))  # T, C, Z
    sizes = {"PhysicalSizeX": 250.0, "PhysicalSizeY": 0.5, "PhysicalSizeZ": 3.0}
    units = {"PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "mm", "PhysicalSizeZUnit": "mm"}
    tifffile.imwrite(
        path, data, photometric="minisblack", metadata={"axes": "TCZYX"} | sizes | units
    )
    with read_image(path) as image:
        assert image.dimensions == (3, 2, 2)
        planes = raw(image, False).reshape(2, 2, 3, 6, 8)  # T, Z, C: channel fastest
        np.testing.assert_array_equal(planes, data.transpose(0, 2, 1, 3, 4))
        c = image.calibration
    assert (c.pixel_width, c.unit) == (250.0, "µm")
    assert c.pixel_height == pytest.approx(500.0, rel=1e-12)
    assert c.pixel_depth == pytest.approx(3000.0, rel=1e-12)


def test_ome_tiff_without_pixel_size_warns(tmp_path):
    path = tmp_path / "x.ome.tif"
    tifffile.imwrite(path, ramp(), metadata={"axes": "YX"})
    with read_image(path) as image:
        assert image.calibration.unit == "pixel"
        assert image.warnings == ("no pixel size: areas are in pixel^2",)
