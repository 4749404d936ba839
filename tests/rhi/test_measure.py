"""What becomes of ROIs without a role, and of ROIs on a slice that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.engines.numpy_engine import NumpyMeasurer
from pyrhi.errors import RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.images.array import array_image
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters, measure_image


def rect(name: str, x: int, y: int, w: int, h: int, **more) -> Roi:
    return Roi(name, RoiType.RECT, x, y, w, h, **more)


def measured(rois, slices: int = 1, **parameters):
    image = array_image(np.zeros((slices, 64, 64), np.uint16), name="i.tif")
    return measure_image(image, rois, NumpyMeasurer(image), RhiParameters(**parameters))


CORD = rect("cord", 0, 0, 20, 20)
ONE = (
    "ROI 'lesio' on slice 1 has no role, and no ROI of that slice is high: name it 'high', or"
    " 'exclude' to leave its pixels out, or delete it, or use --ignore-unnamed to count it as"
    " nothing"
)
MANY = (
    "ROIs '0', '1', '2', '3', '4' and 3 more on slice 2 have no role, and no ROI of that slice is"
    " high: name them 'high', or 'exclude' to leave their pixels out, or delete them, or use"
    " --ignore-unnamed to count them as nothing"
)


@pytest.mark.parametrize(
    ("rois", "said"),
    [
        ([CORD, rect("lesio", 2, 2, 5, 5)], ONE),
        ([CORD, *(rect(str(i), 2, 2, 5, 5, position=2) for i in range(8))], MANY),
    ],
)
def test_a_roi_without_role_may_be_the_high_one(rois, said: str):
    with pytest.raises(RoleError) as error:
        measured(rois, slices=2)
    assert str(error.value) == said
    with pytest.raises(RoleError):
        measured(rois, slices=2, high=parse_high("12"))
    rows = measured(rois, slices=2, ignore_unnamed=True).rhi
    assert {row.rhi for row in rows} == {0.0}
    assert "has no role and was not counted" in "; ".join(w for row in rows for w in row.warnings)


def test_beside_a_high_roi_it_is_a_warning():
    (row,) = measured([CORD, rect("high", 0, 0, 4, 5), rect("cyst", 9, 9, 5, 5)]).rhi
    assert (row.rhi, row.warnings) == (5.0, ("ROI cyst has no role and was not counted",))


def test_on_a_slice_without_cord_it_is_nothing():
    rois = [rect("cord", 0, 0, 20, 20, position=1), rect("a", 2, 2, 5, 5, position=2)]
    (row,) = measured(rois, slices=2).rhi
    assert (row.slice, row.rhi, row.warnings) == (1, 0.0, ())


def test_lines_and_points_without_role_are_notes():
    result = measured([CORD, Roi("scale bar", RoiType.LINE, 0, 0, 5, 5)])
    assert (len(result.rhi), result.notes) == (
        1,
        ("ROI 'scale bar' is a line selection and was not measured",),
    )


def test_a_position_on_one_slice_is_taken_as_imagej_takes_it():
    rois = [rect("cord", 0, 0, 20, 20, position=7), rect("high", 0, 0, 4, 5, slice=3)]
    (row,) = measured(rois).rhi
    assert (row.slice, row.rhi) == (1, 5.0)
    assert row.warnings == (
        "ROI cord has the position 7, and the image one slice: it was measured there, as ImageJ"
        " does",
        "ROI high has the position 3, and the image one slice: it was measured there, as ImageJ"
        " does",
    )
    (row,) = measured([rect("cord", 0, 0, 20, 20, position=1)]).rhi
    assert row.warnings == ()
