"""Roles by rule for sets whose names are only ImageJ's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ParameterError, RoiError, RoleError
from pyrhi.imagej.mask import Region
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.images import read_image
from pyrhi.io.images.array import array_image
from pyrhi.io.rois.files import read_rois
from pyrhi.rhi.assign import ALONE, RoleRule, assigned_roles, holds, parse_rule
from pyrhi.rhi.measure import RhiParameters, measure_image
from pyrhi.rhi.roles import Role

LARGER, FIRST, ALL_HIGH = RoleRule.LARGER, RoleRule.FIRST, RoleRule.ALL_HIGH
OPEN, CORD, HIGH = Role.OTHER, Role.CORD, Role.HIGH


def box(name: str, x: int, y: int, w: int, h: int, **more) -> Roi:
    return Roi(name, RoiType.RECT, x, y, w, h, **more)


def measured(rois, rule: RoleRule | None, slices: int = 1, **more):
    image = array_image(np.zeros((slices, 64, 64), np.uint16), name="i.tif")
    return measure_image(image, rois, NumpyEngine(image), RhiParameters(rule=rule, **more))


def test_a_rule_is_known_by_name_and_an_unknown_one_lists_them():
    assert [parse_rule(t) for t in ("larger=cord", "First=Cord", " all=high ")] == list(RoleRule)
    with pytest.raises(ParameterError) as error:
        parse_rule("larger=high")
    assert str(error.value) == (
        "--roles 'larger=high' is not known; use larger=cord, first=cord or all=high"
    )


@pytest.mark.parametrize(
    ("width", "held"),
    [(10, True), (11, True), (12, False), (20, False)],
)
def test_nine_tenths_are_held(width: int, held: bool):
    """The lesion starts in the last 10 columns of the cord: 10 of its `width` lie in it."""
    cord, lesion = Region(0, 0, 20, 20, None), Region(10, 5, width, 10, None)
    assert holds(cord, lesion) is held
    assert holds(lesion, cord) is False


def test_the_same_pixels_hold_neither():
    a = Region(0, 0, 9, 9, None)
    assert not holds(a, Region(0, 0, 9, 9, np.ones((9, 9), np.uint8)))


SETS = {
    "cord first": ([OPEN, OPEN], [(0, 0, 30, 30), (5, 5, 4, 4)], [CORD, HIGH], [CORD, HIGH]),
    "cord last": ([OPEN, OPEN], [(5, 5, 4, 4), (0, 0, 30, 30)], [HIGH, CORD], [CORD, HIGH]),
    "two lesions": (
        [OPEN] * 3,
        [(5, 5, 4, 4), (0, 0, 30, 30), (15, 15, 4, 4)],
        [HIGH, CORD, HIGH],
        [CORD, HIGH, HIGH],
    ),
    "named high": ([HIGH, OPEN], [(5, 5, 4, 4), (0, 0, 30, 30)], [HIGH, CORD], [HIGH, CORD]),
    "named cord": ([CORD, OPEN], [(0, 0, 5, 5), (0, 0, 30, 30)], [CORD, OPEN], [CORD, OPEN]),
    "others aside": (
        [Role.EXCLUDE, Role.REFERENCE, OPEN],
        [(0, 0, 60, 60), (0, 0, 50, 50), (0, 0, 5, 5)],
        [Role.EXCLUDE, Role.REFERENCE, CORD],
        [Role.EXCLUDE, Role.REFERENCE, CORD],
    ),
}


@pytest.mark.parametrize("case", SETS)
def test_each_rule_gives_the_role_that_it_says(case: str):
    roles, boxes, larger, first = SETS[case]
    names = [f"{i:04d}" for i in range(len(roles))]
    regions = [Region(*b, None) for b in boxes]
    assert assigned_roles(names, roles, regions, LARGER, 1) == larger
    assert assigned_roles(names, roles, regions, FIRST, 1) == first
    high = [HIGH if role is OPEN else role for role in roles]
    assert assigned_roles(names, roles, regions, ALL_HIGH, 1) == high


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        (
            [(0, 0, 9, 9), (20, 20, 5, 5)],
            "slice 4: none of the ROIs 'a', 'b' holds the others, so --roles larger=cord cannot"
            " tell the cord; name them 'cord' and 'high'",
        ),
        (
            [(0, 0, 30, 30), (5, 5, 15, 15), (8, 8, 3, 3)],
            "slice 4: ROI 'b' lies in 'a' and holds 'c', so --roles larger=cord cannot tell which"
            " is the cord; name them 'cord' and 'high'",
        ),
    ],
)
def test_where_the_cord_cannot_be_told(boxes, message: str):
    regions = [Region(*b, None) for b in boxes]
    with pytest.raises(RoleError) as error:
        assigned_roles(list("abc")[: len(boxes)], [OPEN] * len(boxes), regions, LARGER, 4)
    assert str(error.value) == message


def test_roles_are_given_on_each_slice_by_itself():
    rois = [
        box("0001", 5, 5, 4, 4, position=1),
        box("0002", 0, 0, 20, 20, position=1),
        box("0003", 0, 0, 10, 20, position=2),
        box("0004", 0, 0, 5, 20, position=2),
        box("0005", 0, 0, 10, 10, position=3),
    ]
    result = measured(rois, LARGER, slices=3)
    assert [(r.slice, r.cord_area, r.high_area, r.rhi) for r in result.rhi] == [
        (1, 400.0, 16.0, 4.0),
        (2, 200.0, 100.0, 50.0),
        (3, 100.0, 0.0, 0.0),
    ]
    assert [r.warnings for r in result.rhi] == [(), (), (ALONE.format(name="0005"),)]
    assert [r.role.value for r in result.rois] == ["high", "cord", "cord", "high", "cord"]


@pytest.mark.parametrize("rule", [LARGER, FIRST])
@pytest.mark.parametrize("folder", ["axial_slices", "sagittal_stack"])
def test_numbers_are_those_of_the_named_set(rule: RoleRule, folder: str, sample: Path):
    """The sample's sets, cord before high, with the names that ImageJ gives by itself."""
    count = 0
    for path in sorted((sample / folder).glob("*.zip")):
        image_path = path.with_name(path.name.replace(".RoiSet", "").replace(".zip", ".tif"))
        rois = read_rois(path)
        unnamed = [
            replace(roi, name=f"{roi.position:04d}-{roi.top:04d}-{roi.left:04d}", group=0)
            for roi in rois
        ]
        with read_image(image_path) as image:
            engine = NumpyEngine(image)
            named = measure_image(image, rois, engine, RhiParameters()).rhi
            found = measure_image(image, unnamed, engine, RhiParameters(rule=rule)).rhi
            with pytest.raises(RoleError, match=r"no cord ROI .*; or use --roles larger=cord"):
                measure_image(image, unnamed, engine, RhiParameters())
        assert [(r.slice, r.cord_area, r.high_area, r.rhi, r.cord_mean) for r in found] == [
            (r.slice, r.cord_area, r.high_area, r.rhi, r.cord_mean) for r in named
        ]
        alone = [r.slice for r in found if "is alone on its slice" in "; ".join(r.warnings)]
        assert alone == [r.slice for r in named if r.high_area == 0]
        count += len(found)
    assert count > 10


def test_all_high_beside_a_named_cord():
    (row,) = measured([box("cord", 0, 0, 10, 10), box("x", 0, 0, 5, 5)], ALL_HIGH).rhi
    assert (row.rhi, row.warnings) == (25.0, ())


def test_all_high_without_a_cord_is_refused():
    with pytest.raises(RoleError, match="no cord ROI among 'x'"):
        measured([box("x", 0, 0, 5, 5)], ALL_HIGH)


def test_a_roi_outside_the_image_gets_no_role():
    rois = [box("a", 0, 0, 10, 10), box("b", 99, 99, 5, 5)]
    with pytest.raises(RoiError, match="ROI 'b' covers no pixel of slice 1"):
        measured(rois, LARGER)
