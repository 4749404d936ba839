"""The compiled call for polygons against the way of all outlines, cell by cell, to the bit."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrhi.engines.kernels import Kernels, find_kernels
from pyrhi.errors import RoiError
from pyrhi.imagej.calibration import Calibration, table
from pyrhi.imagej.mask import region_of
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.polygons import Plane, is_simple, mean_of, measure_polygon, rows_of
from pyrhi.imagej.results import geometry_of, measure_region
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.imagej.statistics import statistics_of

HEIGHT, WIDTH = 40, 48
KINDS = {"8-bit": np.uint8, "16-bit": np.uint16, "32-bit": np.float32}
CALIBRATIONS = (
    Calibration(),
    Calibration(0.5, 0.3125, unit="mm", x_origin=3, y_origin=2, invert_y=True),
    Calibration(0.7, 0.7, function=1, coefficients=(1.5, -0.7, 3.0)),
)
POINTS = st.lists(
    st.tuples(st.floats(-6, 52, width=32), st.floats(-6, 46, width=32)), min_size=1, max_size=40
) | st.lists(
    # In few places: vertices that repeat, lie on one line or on the hull's edges.
    st.tuples(st.sampled_from([3.0, 4.0, 7.0, 8.0]), st.sampled_from([2.0, 3.0, 5.0])),
    min_size=1,
    max_size=12,
)
TYPES = st.sampled_from([RoiType.POLYGON, RoiType.FREEHAND, RoiType.TRACED])


def outline(points: list[tuple[float, float]], kind: RoiType, sub_pixel: bool) -> Roi:
    xf, yf = (np.array(values, np.float32) for values in zip(*points, strict=True))
    x, y = np.floor(xf).astype(np.int32), np.floor(yf).astype(np.int32)
    size = int(np.ptp(x)), int(np.ptp(y))
    floats = {"xf": xf, "yf": yf} if sub_pixel else {}
    return Roi("cord", kind, int(x.min()), int(y.min()), *size, x=x, y=y, **floats)


def plane_of(pixels: np.ndarray, kind: str, calibration: Calibration, first: int = 0) -> Plane:
    values = None if kind == "32-bit" else table(calibration, kind)
    geometry = geometry_of(calibration, HEIGHT)
    return Plane(pixels, first, HEIGHT, 7, calibration, values, geometry)


def pixels_of(kind: str) -> np.ndarray:
    values = np.random.default_rng(5).integers(0, 250, (HEIGHT, WIDTH)).astype(KINDS[kind])
    if kind == "32-bit":
        values[::7] = np.nan
        values[1::9] *= np.float32(1.37)
    return values


def bits(row: tuple[float, ...]) -> list[str]:
    return [float(v).hex() for v in row]


@settings(max_examples=300, deadline=None)
@given(POINTS, TYPES, st.booleans(), st.sampled_from(sorted(KINDS)), st.integers(0, 2))
def test_a_polygon_measures_as_every_outline_does(points, type_, sub_pixel, kind, number):
    roi, calibration, pixels = (
        outline(points, type_, sub_pixel),
        CALIBRATIONS[number],
        pixels_of(kind),
    )
    assert is_simple(roi)
    expected_region = region_of(outline_of(roi), HEIGHT, WIDTH)
    values = None if kind == "32-bit" else table(calibration, kind)
    with np.errstate(all="ignore"):
        expected = measure_region(pixels, outline_of(roi), expected_region, calibration, values, 7)
    first, last = rows_of(roi, HEIGHT)
    part = np.ascontiguousarray(pixels[first:last])
    for plane in (plane_of(pixels, kind, calibration), plane_of(part, kind, calibration, first)):
        row, region = measure_polygon(roi, plane)
        assert bits(row) == bits(expected)
        assert (region.x, region.y, region.width, region.height) == (
            *(expected_region.x, expected_region.y),
            *(expected_region.width, expected_region.height),
        )
        np.testing.assert_array_equal(region.cropped(), expected_region.cropped())
        if region.pixel_count:
            mean = statistics_of(pixels, region, calibration, values).mean
            assert mean_of(region, plane).hex() == float(mean).hex()


def test_rows_that_are_not_there_are_refused():
    roi = outline([(1, 5), (30, 5), (30, 30)], RoiType.POLYGON, sub_pixel=False)
    short = plane_of(np.zeros((10, WIDTH), np.uint8), "8-bit", Calibration())
    with pytest.raises(ValueError, match="rows 5 to 30"):
        measure_polygon(roi, short)


def test_a_polygon_larger_than_any_slice_is_refused():
    roi = outline([(0, 0), (30000, 0), (30000, 30000)], RoiType.POLYGON, sub_pixel=False)
    with pytest.raises(RoiError, match="larger than pyrhi measures"):
        measure_polygon(roi, plane_of(pixels_of("8-bit"), "8-bit", Calibration()))


def test_threads_do_not_share_memory():
    """Each thread measures its own polygon again and again beside the other."""
    rounds = 400 if find_kernels() is Kernels.COMPILED else 20
    pixels = pixels_of("16-bit")
    plane = plane_of(pixels, "16-bit", Calibration())
    angles = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    rois = [
        outline(
            [(20 + r * math.cos(a), 20 + r * math.sin(a)) for a in angles], RoiType.FREEHAND, True
        )
        for r in (6, 9, 13, 17)
    ]
    expected = [bits(measure_polygon(roi, plane)[0]) for roi in rois]
    wrong: list[int] = []

    def work(index: int) -> None:
        wrong.extend(
            index
            for _ in range(rounds)
            if bits(measure_polygon(rois[index], plane)[0]) != expected[index]
        )

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(rois))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
