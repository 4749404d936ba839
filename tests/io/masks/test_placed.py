"""A mask on another grid than its image: refused, or laid where it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.mask_files import AFFINE, expected, save

from pyrhi.errors import RoiError
from pyrhi.io.images.array import array_image
from pyrhi.io.masks import read_mask


def test_a_tiff_is_laid_down_by_shape_with_a_note(tmp_path: Path, image, values):
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, expected(values))
    mask = read_mask(image, path)
    assert np.array_equal(mask.values, expected(values))
    assert "says nothing of its place" in mask.notes[0]


def test_a_shift_is_refused_with_its_mm(tmp_path: Path, image, values):
    moved = AFFINE.copy()
    moved[0, 3] += 6.0  # two whole slices: the same lattice, another place
    path = save(tmp_path / "m.nii.gz", values, moved)
    with pytest.raises(RoiError, match=r"m.nii.gz: not on the grid of t2.nii.gz: it lies 6 mm"):
        read_mask(image, path)
    laid = read_mask(image, path, resample=True)
    assert laid.resampled
    assert np.array_equal(laid.values[2:], expected(values)[:-2])
    assert not laid.values[:2].any()


def test_a_part_of_the_grid_is_refused_where_the_format_should_hold_all(
    tmp_path: Path, image, values
):
    path = save(tmp_path / "m.nii.gz", values[:, :, :4])
    with pytest.raises(RoiError, match="it has 12 x 9 x 4 voxels, not 12 x 9 x 5"):
        read_mask(image, path)
    laid = read_mask(image, path, resample=True)
    assert np.array_equal(laid.values[:4], expected(values)[:4])


def test_a_mask_of_another_shape_is_refused():
    picture = array_image(np.zeros((8, 9), np.uint8), name="x.tif")
    mask = array_image(np.ones((9, 8), np.uint8), name="m.tif")
    with pytest.raises(RoiError, match=r"8 x 9 pixels on 1 slice, but x.tif has 9 x 8"):
        read_mask(picture, mask)
