"""Roles, levels, positions, pairing, lesions and summaries."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from rigs.tables import rhi_of

from pyrhi.batch.plan import find_tasks
from pyrhi.engines.numpy_engine import NumpyMeasurer
from pyrhi.errors import ParameterError, RoiError, RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.imagej.thresholds import METHODS
from pyrhi.io.images.array import array_image
from pyrhi.rhi.high import HighKind, HighMode, parse_high, reference_of
from pyrhi.rhi.lesions import LabelledSlice, count_joined
from pyrhi.rhi.measure import RhiNumbers, RhiParameters, measure_image
from pyrhi.rhi.position import slices_of
from pyrhi.rhi.summary import PatientTotals, Summary


def rect(name: str, x: int, y: int, w: int, h: int, **more) -> Roi:
    return Roi(name, RoiType.RECT, x, y, w, h, **more)


@pytest.mark.parametrize(
    ("roi", "n", "dimensions", "slices"),
    [
        (rect("a", 0, 0, 1, 1), 3, (1, 3, 1), (1, 2, 3)),
        (rect("a", 0, 0, 1, 1, position=2), 3, (1, 3, 1), (2,)),
        (rect("a", 0, 0, 1, 1, slice=2), 3, (1, 3, 1), (2,)),
        (rect("0002-0040-0050", 0, 0, 1, 1), 3, (1, 3, 1), (2,)),
        (rect("a", 0, 0, 1, 1, slice=2, channel=1, frame=1), 12, (2, 3, 2), (3,)),
        (rect("a", 0, 0, 1, 1, slice=2), 12, (2, 3, 2), (3, 4, 9, 10)),
    ],
)
def test_slices(roi: Roi, n: int, dimensions, slices):
    assert slices_of(roi, n, dimensions) == slices


def test_position_beyond_the_stack():
    with pytest.raises(RoiError, match="'a' lies on slice 5, but the image has 3"):
        slices_of(rect("a", 0, 0, 1, 1, position=5), 3, (1, 3, 1))


def measured(rois, pixels=None, **parameters):
    image = array_image(np.zeros((64, 64), np.uint16) if pixels is None else pixels, name="i.tif")
    return measure_image(image, rois, NumpyMeasurer(image), RhiParameters(**parameters))


def test_levels_pair():
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
    ("rois", "said"),
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
def test_what_cannot_be_paired(rois, said: str):
    with pytest.raises(RoleError, match=said):
        measured(rois)


def test_high_on_a_slice_without_cord():
    rois = [rect("cord", 0, 0, 5, 5, position=1), rect("high", 0, 0, 5, 5, position=2)]
    with pytest.raises(RoleError, match="'high' on slice 2 has no cord"):
        measured(rois, np.zeros((2, 64, 64), np.uint16))


@pytest.mark.parametrize("name", ["cord", "high"])
def test_roi_without_pixels(name: str):
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


@pytest.mark.parametrize("method", METHODS)
def test_method_names(method: str):
    assert parse_high(method.lower()).text == method


@pytest.mark.parametrize("text", ["otsuu", "nan", "inf", "ref", "ref+3", "ref+sd", ""])
def test_unknown_modes_list_the_known(text: str):
    with pytest.raises(ParameterError, match="Otsu"):
        parse_high(text)


def test_reference_is_numpys():
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, math.nan])
    mean = reference_of(values, HighMode(HighKind.REFERENCE, "ref+3sd", spreads=3))
    assert (mean.center, mean.spread) == (values[:6].mean(), values[:6].std(ddof=1))
    robust = reference_of(values, HighMode(HighKind.REFERENCE, "ref+3mad", robust=True))
    assert (robust.center, robust.spread) == (3.5, 1.4826 * 2.0)


def test_reference_mode():
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


def test_lesions_join_through_neighbouring_slices():
    block = np.ones((3, 3), np.int32)
    two = np.array([[1, 0, 2]], np.int32)
    assert count_joined([]) == 0
    assert count_joined([LabelledSlice.of("a", 1, 0, 0, two)]) == 2
    joined = [LabelledSlice.of("a", 1, 0, 0, two), LabelledSlice.of("a", 2, 0, 0, block)]
    assert count_joined(joined) == 1
    apart = [LabelledSlice.of("a", 1, 0, 0, two), LabelledSlice.of("b", 2, 0, 0, block)]
    assert count_joined(apart) == 3


def row(level: str, cord: float, high: float, unit: str = "mm^2", slice_: int = 1) -> RhiNumbers:
    return RhiNumbers(
        image="a.tif",
        slice=slice_,
        level=level,
        cord_area=cord,
        high_area=high,
        unit=unit,
        cord_percent=math.nan,
        high_percent=math.nan,
        rhi=100.0 * high / cord,
        high_count=int(high > 0),
        high_outside_percent=math.nan,
        cord_mean=math.nan,
        high_mean=math.nan,
        excluded_pixels=0,
        plane="",
        method="drawn",
        warnings=(),
    )


def totals_of(rows: list[RhiNumbers], location: str = "") -> PatientTotals:
    totals = PatientTotals("p")
    totals.add(rows, [], location=location)
    return totals


def test_summary():
    rows = [row("L2", 100.0, 10.0), row("L3", 300.0, 90.0, slice_=2), row("T1", 50.0, 0.0)]
    result = totals_of(rows).row(Summary.MAX)
    assert (result.rhi, result.rhi_max, result.rhi_mean) == (30.0, 30.0, 40.0 / 3)
    assert result.rhi_pooled == 100.0 * 100.0 / 450.0
    assert (result.images, result.slices, result.lesions) == (1, 2, 2)
    assert result.location == "lumbar"
    assert totals_of(rows).row(Summary.POOLED).rhi == result.rhi_pooled
    assert totals_of(rows, "sacral").row(Summary.MEAN).location == "sacral"


def test_pooled_needs_one_unit():
    rows = [row("", 100.0, 10.0), row("", 100.0, 10.0, "pixel^2")]
    assert math.isnan(totals_of(rows).row(Summary.MAX).rhi_pooled)


@pytest.mark.parametrize("folder", ["axial_slices", "sagittal_stack"])
def test_expected_rhi_of_imagej(folder: str, sample: Path, tmp_path: Path):
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
