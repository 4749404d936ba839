"""Areas of the tables are in mm^2 also where ImageJ or Bio-Formats gives micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

import pyrhi
from pyrhi.io.rois import decode_roi, encode_mask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("unit", ["micron", "um", "\\u00B5m", "microns"])
def test_micrometres_become_millimetres_and_it_is_said_once(tmp_path: Path, unit: str):
    path = tmp_path / "slice.tif"
    metadata = {"unit": unit}
    resolution = (1 / 500, 1 / 500)  # pixels of 500 micrometres
    tifffile.imwrite(
        path, np.ones((20, 20), np.uint16), imagej=True, resolution=resolution, metadata=metadata
    )
    mask = np.zeros((20, 20), bool)
    mask[2:12, 2:12] = True
    rois = [decode_roi(encode_mask(mask, name="cord"), name="cord")]
    (row,) = pyrhi.measure(path, rois).slices
    assert (row.cord_area, row.unit) == (25.0, "mm^2")
    assert [w for w in row.warnings if "micron" in w] == ["pixel size in micron: areas are in mm^2"]
