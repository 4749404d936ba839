"""RHI of one image: pairing of cord and high area, and ROIs without a role or a slice."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from rigs.rois import measured, rect
from rigs.tables import rhi_of

from pyrhi.batch.plan import find_tasks
from pyrhi.errors import RoiError, RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.rhi.high import parse_high

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
    ("rois", "message"),
    [
        ([CORD, rect("lesio", 2, 2, 5, 5)], ONE),
        ([CORD, *(rect(str(i), 2, 2, 5, 5, position=2) for i in range(8))], MANY),
    ],
)
def test_a_roi_without_role_may_be_the_high_one(rois, message: str):
    with pytest.raises(RoleError) as error:
        measured(rois, slices=2)
    assert str(error.value) == message
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


def test_cord_and_high_of_one_level_make_a_row():
    rows = measured(
        [
            rect("cord L2", 0, 0, 10, 10),
            rect("cord L3", 20, 0, 10, 20),
            rect("high-L3-1", 20, 0, 5, 5),
            rect("high-L3-2", 22, 2, 5, 5),
            rect("high L2", 0, 0, 2, 5),
        ]
    ).rhi
    assert [(r.level, r.cord_area, r.high_area, r.rhi) for r in rows] == [
        ("L2", 100.0, 10.0, 10.0),
        ("L3", 200.0, 41.0, 20.5),
    ]


def test_union_counts_overlap_once_and_regions_by_eight():
    (row,) = measured(
        [rect("cord", 0, 0, 20, 20), rect("high", 0, 0, 4, 4), rect("high-2", 4, 4, 4, 4)]
    ).rhi
    assert row.high_area == 32
    assert row.high_count == 1


def test_no_high_is_a_true_zero():
    (row,) = measured([rect("cord", 0, 0, 20, 20)]).rhi
    assert (row.high_area, row.rhi, row.high_count) == (0.0, 0.0, 0)
    assert math.isnan(row.high_mean)
    assert math.isnan(row.high_outside_percent)
    assert row.method == "drawn"


def test_outside_is_warned_about_and_never_changed():
    rois = [rect("cord", 0, 0, 10, 10), rect("high", 5, 0, 10, 10)]
    (row,) = measured(rois).rhi
    assert (row.high_area, row.rhi, row.high_outside_percent) == (100.0, 100.0, 50.0)
    assert any("50.0 % of the high area lies outside" in w for w in row.warnings)
    (clipped,) = measured(rois, clip=True).rhi
    assert (clipped.high_area, clipped.rhi) == (50.0, 50.0)
    assert "high area clipped to the cord" in clipped.warnings


def test_rhi_over_100_is_warned_about():
    (row,) = measured([rect("cord", 0, 0, 10, 10), rect("high", 0, 0, 20, 10)]).rhi
    assert row.rhi == 200.0
    assert "RHI is over 100" in row.warnings


def test_clipping_leaves_a_true_zero():
    rois = [rect("cord", 0, 0, 10, 10), rect("high", 30, 30, 5, 5)]
    (row,) = measured(rois, clip=True).rhi
    assert (row.high_area, row.rhi, row.high_count) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("rois", "message"),
    [
        ([rect("a", 0, 0, 5, 5), rect("b", 0, 0, 5, 5)], "no cord ROI among 'a', 'b'"),
        ([rect("cord", 0, 0, 5, 5), rect("cord-2", 0, 0, 5, 5)], "two cord ROIs"),
        ([rect("cord L2", 0, 0, 5, 5), rect("body L2", 0, 0, 5, 5)], "of level L2"),
        ([rect("cord L2", 0, 0, 5, 5), rect("high L3", 0, 0, 5, 5)], "no cord of level L3"),
        (
            [rect("cord L2", 0, 0, 5, 5), rect("cord L3", 9, 0, 5, 5), rect("high", 0, 0, 5, 5)],
            "no cord of its own",
        ),
    ],
)
def test_what_cannot_be_paired_is_refused_and_never_guessed(rois, message: str):
    with pytest.raises(RoleError, match=message):
        measured(rois)


def test_high_on_a_slice_without_cord():
    rois = [rect("cord", 0, 0, 5, 5, position=1), rect("high", 0, 0, 5, 5, position=2)]
    with pytest.raises(RoleError, match="'high' on slice 2 has no cord"):
        measured(rois, np.zeros((2, 64, 64), np.uint16))


@pytest.mark.parametrize("name", ["cord", "high"])
def test_a_roi_without_pixels_is_refused_and_never_a_zero(name: str):
    rois = [rect("cord", 0, 0, 5, 5)] if name == "high" else []
    with pytest.raises(RoiError, match=f"'{name}' covers no pixel"):
        measured([*rois, rect(name, 100, 100, 5, 5)])


def test_line_as_cord_is_refused_and_named():
    with pytest.raises(RoiError, match="'cord' is a line selection and cannot be a cord"):
        measured([Roi("cord", RoiType.LINE, 0, 0, 5, 5)])


def test_other_lines_are_left_out_and_said():
    result = measured([rect("cord", 0, 0, 5, 5), Roi("scale", RoiType.LINE, 0, 0, 5, 5)])
    assert result.notes == ("ROI 'scale' is a line selection and was not measured",)


def test_position_0_means_every_slice():
    rows = measured([rect("cord", 0, 0, 5, 5)], np.zeros((3, 64, 64), np.uint16)).rhi
    assert [row.slice for row in rows] == [1, 2, 3]


def test_high_above_the_reference_is_what_numpy_finds():
    pixels = np.zeros((20, 20), np.uint16)
    pixels[:10] = np.arange(200).reshape(10, 20) % 7
    pixels[15, 3:6] = 100
    rois = [rect("cord", 0, 12, 20, 8), rect("ref", 0, 0, 20, 10)]
    (row,) = measured(rois, pixels, high=parse_high("ref+3sd")).rhi
    assert (row.high_area, row.method) == (3.0, "ref+3sd")


def test_reference_mode_needs_a_reference():
    with pytest.raises(RoleError, match="needs a reference ROI"):
        measured([rect("cord", 0, 0, 9, 9)], high=parse_high("ref+3sd"))


def test_drawn_high_wins_over_finding():
    pixels = np.full((20, 20), 50, np.uint16)
    rois = [rect("cord", 0, 0, 10, 10), rect("high", 0, 0, 2, 2)]
    (row,) = measured(rois, pixels, high=parse_high("10")).rhi
    assert (row.high_area, row.method) == (4.0, "drawn")


def test_fixed_value_is_calibrated():
    pixels = np.full((20, 20), -5, np.int16)
    pixels[0, :3] = 7
    (row,) = measured([rect("cord", 0, 0, 10, 10)], pixels, high=parse_high("7")).rhi
    assert (row.high_area, row.high_mean, row.method) == (3.0, 7.0, "fixed 7")


@pytest.mark.parametrize("folder", ["axial_slices", "sagittal_stack"])
def test_rhi_of_the_sample_is_that_of_imagej(folder: str, sample: Path, tmp_path: Path):
    rows = rhi_of(find_tasks(sample / folder))
    ours = {(cells["Image"], cells["Slice"]): cells for cells in rows}
    with (sample / folder / "expected_rhi_imagej.csv").open(newline="") as stream:
        theirs = list(csv.DictReader(stream))
    assert len(ours) == len(theirs) > 0
    for expected in theirs:
        got = ours[expected["Image"], expected["Slice"]]
        for heading in ("CordArea", "HighArea", "RHI", "CordMean", "HighMean"):
            a, b = float(got[heading]), float(expected[heading])
            assert a == b or (math.isnan(a) and math.isnan(b)), (heading, expected["Image"])
