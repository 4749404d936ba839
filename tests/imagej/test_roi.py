"""What ROIs and images say of themselves in a notebook: one line, no arrays."""

from __future__ import annotations

from pathlib import Path

import pyrhi
from pyrhi.imagej.roi import Roi, RoiSubtype, RoiType


def test_a_roi_is_one_short_line(sample: Path):
    for path in sample.rglob("*.zip"):
        for roi in pyrhi.read_rois(path):
            text = repr(roi)
            assert text.startswith(f"Roi({roi.name!r}, ")
            assert len(text) < 100
            assert "\n" not in text
            assert "array" not in text
    turned = Roi("a", RoiType.FREEHAND, 1, 2, 3, 4, subtype=RoiSubtype.ROTATED_RECT, position=7)
    assert repr(turned) == "Roi('a', rotated rect, 3 x 4 at (1, 2), slice 7)"


def test_an_image_is_one_short_line(axial: Path, sagittal: Path):
    with pyrhi.read_image(axial / "t2_axial_022.tif") as image:
        assert repr(image) == "Image('t2_axial_022.tif', 16-bit, 29 x 99, pixel 0.8 x 0.8 mm)"
    with pyrhi.read_image(sagittal / "t2_sagittal.tif") as image:
        assert repr(image) == (
            "Image('t2_sagittal.tif', 16-bit, 99 x 99 x 29 slices, pixel 0.8 x 0.8 mm)"
        )
