"""ROIs that pyrhi writes: roifile reads them, and the same ROIs give the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import roifile

from pyrhi.io.rois import encode_mask, read_rois, write_roiset

ONE = encode_mask(np.ones((4, 5), bool), name="cord")


def test_a_set_holds_each_roi_byte_for_byte(tmp_path: Path):
    path = tmp_path / "a.zip"
    write_roiset(path, [("cord", ONE)])
    assert read_rois(path)[0].data == ONE


def test_same_rois_same_bytes(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        write_roiset(tmp_path / name, [("cord", ONE)])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_written_roi_is_roifiles_too():
    theirs = roifile.ImagejRoi.frombytes(ONE)
    assert theirs.name == "cord"
    assert (theirs.left, theirs.top, theirs.right, theirs.bottom) == (0, 0, 5, 4)


def test_write_is_whole_or_not_at_all(tmp_path: Path):
    from pyrhi.errors import OutputError

    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_roiset(target, [("cord", ONE)])
    assert list(target.iterdir()) == []
