"""Grids in space, against nibabel and SimpleITK."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from hypothesis import given, settings
from hypothesis import strategies as st
from nibabel.affines import from_matvec
from nibabel.eulerangles import euler2mat
from nibabel.orientations import aff2axcodes, apply_orientation, inv_ornt_aff
from rigs.images import itk_image

from pyrhi.io.geometry import (
    Geometry,
    acquired_axis,
    axis_of_plane,
    difference,
    display_of,
    fit_grids,
    from_lps,
    nearest,
    plane_of,
    turn,
    usable_geometry,
)

TURNS = [
    (axes, flips)
    for axes in itertools.permutations(range(3))
    for flips in itertools.product((1, -1), repeat=3)
]
turns = st.sampled_from(TURNS)
# Denormal numbers upset the singular values that ITK takes of a direction.
angles = st.tuples(*[st.floats(-3.1, 3.1).map(lambda a: round(a, 3))] * 3)
spacings = st.tuples(*[st.floats(0.3, 5.0)] * 3)
shapes = st.tuples(*[st.integers(1, 7)] * 3)


def affine_of(angle, spacing, origin=(-31.0, 12.5, 800.25)) -> np.ndarray:
    return from_matvec(euler2mat(*angle) * np.asarray(spacing), origin)


def turned(values: np.ndarray, affine: np.ndarray, turn_):
    """Turn values of shape (columns, rows, slices) and their affine, by nibabel."""
    ornt = np.array(list(zip(*turn_, strict=True)))
    return apply_orientation(values, ornt), affine @ inv_ornt_aff(ornt, values.shape)


@settings(deadline=None, max_examples=150)
@given(turns, angles, spacings, shapes, st.integers(0, 2**32 - 1))
def test_a_turned_mask_comes_back_exactly(turn_, angle, spacing, shape, seed):
    values = np.random.default_rng(seed).integers(0, 5, shape)
    affine = affine_of(angle, spacing)
    other, other_affine = turned(values, affine, turn_)
    image, mask = Geometry(affine, shape), Geometry(other_affine, other.shape)
    fit = fit_grids(image, mask)
    assert fit is not None
    assert fit.start == (0, 0, 0)
    back = turn(other.transpose(2, 1, 0), fit)
    assert np.array_equal(back, values.transpose(2, 1, 0))


@settings(deadline=None, max_examples=50)
@given(turns, angles, st.floats(0.002, 0.4), st.sampled_from(range(3)))
def test_a_part_of_a_voxel_away_is_another_grid(turn_, angle, off, axis):
    shape = (6, 5, 4)
    affine = affine_of(angle, (0.7, 0.9, 3.0))
    moved = affine.copy()
    moved[:3, 3] += off * affine[:3, axis]
    values, other = turned(np.zeros(shape), moved, turn_)
    assert fit_grids(Geometry(affine, shape), Geometry(other, values.shape)) is None


def test_digits_that_a_header_rounds_are_the_same_grid():
    affine = affine_of((0.1, 0.2, 0.3), (0.7, 0.9, 3.0))
    shape = (60, 55, 52)
    assert fit_grids(Geometry(affine, shape), Geometry(affine.round(6), shape)) is not None
    assert fit_grids(Geometry(affine, shape), Geometry(affine.round(2), shape)) is None


def test_a_part_of_the_grid_says_where_it_starts():
    affine = affine_of((0.1, 0.2, 0.3), (0.7, 0.9, 3.0))
    part = affine.copy()
    part[:3, 3] = (affine @ [2, 3, 1, 1])[:3]
    fit = fit_grids(Geometry(affine, (9, 9, 5)), Geometry(part, (4, 2, 1)))
    assert fit is not None
    assert fit.start == (2, 3, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a + _shift(7.0), "it lies 7 mm away"),
        (lambda a: a * [1.25, 1.25, 1.25, 1.0], "its voxels are 0.875 x 1.125 x 3.75 mm"),
        (lambda a: _rotated(5.0) @ a, "its grid is turned by 5.0 degrees"),
    ],
)
def test_a_difference_is_said_in_mm(change, message):
    affine = np.diag([0.7, 0.9, 3.0, 1.0])
    text = difference(Geometry(affine, (60, 55, 52)), Geometry(change(affine), (60, 55, 52)))
    assert message in text
    assert "mm" in text


def _shift(mm: float) -> np.ndarray:
    out = np.zeros((4, 4))
    out[0, 3] = mm
    return out


def _rotated(degrees: float) -> np.ndarray:
    return from_matvec(euler2mat(0, 0, np.radians(degrees)), [0, 0, 0])


@settings(deadline=None, max_examples=40)
@given(angles, st.tuples(*[st.integers(-4, 4)] * 3), st.integers(0, 2**32 - 1))
def test_the_nearest_voxel_is_that_of_simpleitk(angle, origin, seed):
    values = np.random.default_rng(seed).integers(0, 200, (5, 6, 7)).astype(np.uint8)
    mask = from_lps(affine_of(angle, (0.81, 0.93, 1.7), origin), (7, 6, 5))
    image = from_lps(affine_of((0.3, 0.1, 0.2), (0.5, 0.6, 2.0), (-1, 0, 1)), (8, 9, 4))
    assert mask is not None
    assert image is not None
    moving = itk_image(values, affine_of(angle, (0.81, 0.93, 1.7), origin))
    fixed = itk_image(
        np.zeros((4, 9, 8), np.uint8), affine_of((0.3, 0.1, 0.2), (0.5, 0.6, 2.0), (-1, 0, 1))
    )
    expected = sitk.Resample(moving, fixed, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    assert np.array_equal(nearest(values, mask, image), sitk.GetArrayFromImage(expected))


@settings(deadline=None, max_examples=100)
@given(turns)
def test_planes_and_marks_are_those_of_nibabel_codes(turn_):
    shape = (6, 5, 4)
    _, affine = turned(np.zeros(shape), np.diag([0.7, 0.9, 3.0, 1.0]), turn_)
    geometry = Geometry(affine, shape)
    x, y, z = aff2axcodes(affine)
    assert plane_of(geometry) == {"R": "sagittal", "L": "sagittal", "A": "coronal",
                                  "P": "coronal", "S": "axial", "I": "axial"}[z]  # fmt: skip
    shown = display_of(geometry)
    opposite = dict(zip("RLAPSI", "LRPAIS", strict=True))
    # nibabel names where an axis goes to: right and bottom of a slice as the file has it.
    right, bottom = (y, x) if shown.transpose else (x, y)
    assert shown.right == (opposite[right] if shown.flip_x else right)
    assert shown.bottom == (opposite[bottom] if shown.flip_y else bottom)
    assert (shown.left, shown.top) == (opposite[shown.right], opposite[shown.bottom])
    assert (shown.left, shown.top) in {("R", "A"), ("R", "S"), ("A", "S")}
    for plane in ("sagittal", "coronal", "axial"):
        axis = axis_of_plane(geometry, plane)
        assert (
            aff2axcodes(affine)[axis] in {"sagittal": "RL", "coronal": "AP", "axial": "SI"}[plane]
        )


@given(turns)
def test_a_point_moves_with_the_picture(turn_):
    _, affine = turned(np.zeros((6, 5, 4)), np.diag([0.7, 0.9, 3.0, 1.0]), turn_)
    shown = display_of(Geometry(affine, (6, 5, 4)))
    plane = np.arange(30).reshape(5, 6)
    picture = shown.picture(plane)
    for row, column in itertools.product(range(5), range(6)):
        x, y = shown.point(column + 0.5, row + 0.5, 5, 6)
        assert picture[int(y), int(x)] == plane[row, column]


def test_an_axial_slice_that_leans_far_is_oblique():
    for degrees, plane in ((20, "axial"), (36, "axial"), (38, "oblique"), (45, "oblique")):
        affine = from_matvec(euler2mat(np.radians(degrees)), [0, 0, 0])
        leaning = from_matvec(euler2mat(0, np.radians(degrees), 0) @ np.diag([1, 1, 4]), [0, 0, 0])
        assert plane_of(Geometry(affine, (3, 3, 3))) == "axial"
        assert plane_of(Geometry(leaning, (3, 3, 3))) == plane
    assert plane_of(None) == ""


def test_slices_that_are_not_evenly_spaced_keep_their_places():
    affine = affine_of((0.1, 0.2, 0.3), (0.5, 0.6, 3.0), (1, 2, 3))
    normal = affine[:3, 2] / 3.0
    origins = affine[:3, 3] + np.outer([0.0, 3.0, 9.0, 12.0], normal)
    uneven = usable_geometry(affine, (5, 4, 4), origins)
    assert uneven is not None
    voxels = np.array([[0, 0, 0], [4, 3, 3], [2, 1, 2], [1.5, 0.25, 1]], np.float64)
    points = uneven.to_world(voxels)
    assert np.allclose(points[2], affine[:3, 3] + 9.0 * normal + affine[:3, :2] @ [2, 1])
    assert np.allclose(uneven.to_voxels(points), voxels, atol=1e-9)
    beyond = uneven.to_voxels(affine[:3, 3][None] - 3.0 * normal)
    assert np.allclose(beyond, [[0, 0, -1]], atol=1e-9)
    even = usable_geometry(affine_of((0.1, 0.2, 0.3), (0.5, 0.6, 4.0), (1, 2, 3)), (5, 4, 4))
    assert even is not None
    assert fit_grids(uneven, even) is None
    assert fit_grids(uneven, uneven) is not None
    one = usable_geometry(from_matvec(affine[:3, :3], origins[2]), (5, 4, 1))
    assert one is not None
    fit = fit_grids(uneven, one)
    assert fit is not None
    assert fit.start == (0, 0, 2)


def test_what_is_no_grid_has_no_geometry():
    assert usable_geometry(np.diag([1, 1, 0, 1]), (2, 2, 2)) is None
    assert usable_geometry(np.full((4, 4), np.nan), (2, 2, 2)) is None
    assert usable_geometry(np.ones((4, 4)), (2, 2, 2)) is None


def test_slices_lie_across_the_axis_that_is_clearly_the_widest():
    assert acquired_axis((3.0, 0.9, 0.7)) == 0
    assert acquired_axis((0.7, 3.0, 0.9)) == 1
    assert acquired_axis((0.9, 0.7, 0.8)) == 2
    assert acquired_axis((1.0, 1.0, 1.0)) == 2
    assert acquired_axis((1.0, 0.8, 0.8)) == 0
