"""Outlines from bytes to rows in one call, against decoding and measuring each by itself."""

from __future__ import annotations

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrhi.errors import RoiError
from pyrhi.imagej.calibration import Calibration, table
from pyrhi.imagej.drawn import MAX_OUTLINES, Drawing, measure_all
from pyrhi.imagej.mask import Region
from pyrhi.imagej.particles import intersection_of, label_regions, union_of
from pyrhi.imagej.polygons import Plane, is_simple, mean_of, measure_polygon
from pyrhi.imagej.results import geometry_of
from pyrhi.imagej.runs import unpack_runs
from pyrhi.io.rois.decode import decode_roi

HEIGHT, WIDTH = 40, 48
KINDS = {"8-bit": np.uint8, "16-bit": np.uint16, "32-bit": np.float32}
POINTS = st.lists(
    st.tuples(st.floats(0, 46, width=32), st.floats(0, 38, width=32)), min_size=3, max_size=30
)
TYPES = (roifile.ROI_TYPE.POLYGON, roifile.ROI_TYPE.FREEHAND, roifile.ROI_TYPE.TRACED)


def to_bytes(points: list[tuple[float, float]], kind: roifile.ROI_TYPE, sub_pixel: bool) -> bytes:
    xy = np.array(points, np.float32)
    roi = roifile.ImagejRoi.frompoints(xy if sub_pixel else xy.astype(np.int32), name="a")
    roi.roitype = kind
    return roi.tobytes()


def plane_of(kind: str) -> Plane:
    calibration = Calibration(0.5, 0.3125, unit="mm", x_origin=3, y_origin=2)
    values = np.random.default_rng(5).integers(0, 250, (HEIGHT, WIDTH)).astype(KINDS[kind])
    if kind == "32-bit":
        values[::7] = np.nan
    geometry = geometry_of(calibration, HEIGHT)
    return Plane(values, 0, HEIGHT, 1, calibration, table(calibration, kind), geometry)


def measured(found: Drawing, plane: Plane, pairs: list) -> bool:
    found.pair(pairs)
    # Another slice before it leaves nothing behind.
    other = Drawing()
    other.add(to_bytes(SQUARE, TYPES[0], True), False)
    other.place(WIDTH, HEIGHT)
    other.pair([(0, (0,))])
    measure_all([other, found, other], [plane] * 3)
    return bool(found.done)


def bits(row) -> list[str]:
    return [float(v).hex() for v in row]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(POINTS, st.sampled_from(TYPES), st.booleans()), min_size=1, max_size=4),
    st.sampled_from(sorted(KINDS)),
)
def test_outlines_measure_as_each_by_itself(outlines, kind: str):
    files = [to_bytes(*outline) for outline in outlines]
    plane = plane_of(kind)
    singly = [measure_polygon(decode_roi(data), plane) for data in files]
    found = Drawing()
    assert [found.add(data, False) for data in files] == [0] * len(files)
    rows = found.place(WIDTH, HEIGHT)
    if rows is None:
        assert any(0 in _sizes(region) for _, region in singly)
        return
    boxes = [region for _, region in singly]
    assert rows == (min(r.y for r in boxes), max(r.y + r.height for r in boxes))
    pairs = [(0, tuple(range(1, len(files))))]
    if not measured(found, plane, pairs):
        assert 0 in [region.pixel_count for region in boxes]
        return
    for i, (row, _) in enumerate(singly):
        assert bits(found.row_array[i]) == bits(row)
    check_pair(found, boxes, plane)


def _sizes(region: Region) -> tuple[int, int]:
    return region.width, region.height


def check_pair(found: Drawing, regions: list[Region], plane: Plane) -> None:
    """The first region is the cord, the others are its high areas."""
    cord, highs = regions[0], regions[1:]
    union = union_of(highs)
    labels, count = label_regions(union.cropped())
    inside = intersection_of(union, cord).pixel_count
    assert found.pixel_counts(0) == (cord.pixel_count, union.pixel_count, inside, count)
    if highs:
        assert found.high_box(0) == (union.x, union.y, union.width, union.height)
        assert found.high_mean(0).hex() == mean_of(union, plane).hex()
        assert np.array_equal(unpack_runs(found.high_runs(0), *labels.shape)[0], labels)
    else:
        assert np.isnan(found.high_mean(0))
        assert found.high_runs(0) == b""


SQUARE = [(3, 3), (20, 3), (20, 20), (3, 21)]


def test_pairs_do_not_mix():
    files = [to_bytes([(x + dx, y) for x, y in SQUARE], TYPES[0], False) for dx in (0, 5, 22, 24)]
    plane, found = plane_of("16-bit"), Drawing()
    assert [found.add(data, False) for data in files] == [0] * 4
    assert found.place(WIDTH, HEIGHT) == (3, 21)
    assert measured(found, plane, [(0, (1,)), (2, (3,))])
    for pair in range(2):
        region = measure_polygon(decode_roi(files[2 * pair + 1]), plane)[1]
        assert found.high_box(pair) == (region.x, region.y, region.width, region.height)
        assert found.high_runs(pair) == found.high_runs(0)
        assert found.pixel_counts(pair)[1] == region.pixel_count


@pytest.mark.parametrize(
    "points", [[(x - 5, y) for x, y in SQUARE], [(30, 30), (49, 30), (40, 39)]]
)
def test_what_reaches_outside_goes_the_general_way(points):
    found = Drawing()
    assert found.add(to_bytes(points, TYPES[1], False), False) == 0
    assert found.place(WIDTH, HEIGHT) is None


def test_other_rois_go_the_general_way():
    good = to_bytes(SQUARE, TYPES[1], True)
    others = {"oval": roifile.ROI_TYPE.OVAL, "line": roifile.ROI_TYPE.LINE}
    for kind in others.values():
        roi = roifile.ImagejRoi(roitype=kind, left=2, top=2, right=9, bottom=9)
        assert Drawing().add(roi.tobytes(), False) == -1
    for at, value in ((0, 0), (48, 3), (51, 1), (59, 7), (39, 1)):
        changed = bytearray(good)
        changed[at] |= value
        changed[at] = 0 if at == 0 else changed[at]
        assert Drawing().add(bytes(changed), False) == -1
    assert Drawing().add(good[:70], False) == -1
    found = Drawing()
    assert [found.add(good, False) for _ in range(MAX_OUTLINES + 1)] == [0] * MAX_OUTLINES + [-1]


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 130), st.integers(0, 255), st.booleans())
def test_a_changed_byte_gives_the_vertices_of_the_decoder_or_none(
    at: int, value: int, floats: bool
):
    data = bytearray(to_bytes([(x + 0.5 * floats, y) for x, y in SQUARE], TYPES[1], floats))
    data[min(at, len(data) - 1)] = value
    found = Drawing()
    group = found.add(bytes(data), False)
    if group < 0:
        return
    roi = decode_roi(bytes(data))
    assert is_simple(roi)
    assert group == roi.group
    assert max(roi.position, roi.channel, roi.slice, roi.frame) <= 1
    if found.place(WIDTH, HEIGHT) is None:
        return
    plane = plane_of("16-bit")
    try:
        row, region = measure_polygon(roi, plane)
    except RoiError:
        pytest.fail("the general way refuses it")
    done = measured(found, plane, [(0, ())])
    assert done == (region.pixel_count > 0)
    if done:
        assert bits(found.row_array[0]) == bits(row)


def test_a_cleared_drawing_has_no_numbers():
    found = Drawing()
    assert found.add(to_bytes(SQUARE, TYPES[0], False), False) == 0
    assert found.place(WIDTH, HEIGHT) is not None
    assert not found.done
    assert measured(found, plane_of("8-bit"), [(0, ())])
    found.clear()
    assert not found.done


def test_each_drawing_has_its_plane():
    with pytest.raises(ValueError, match=r"argument 2 is shorter|1 drawings and 0 planes"):
        measure_all([Drawing()], [])
