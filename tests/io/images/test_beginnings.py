"""Headers that are read once for all files that begin alike, against reading each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from pyrhi.io.images import read_image
from pyrhi.io.images.beginnings import KEPT, Beginnings
from pyrhi.io.images.header import HEAD_BYTES

TESTS = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((TESTS / "data").rglob("*.tif")), ids=lambda p: p.name)
def test_a_header_and_its_rows_are_those_of_the_image(path: Path):
    data = path.read_bytes()
    found = Beginnings().of(str(path), data[:HEAD_BYTES], len(data))
    if found is None:
        return
    with read_image(path) as image:
        assert found.image.dimensions == image.dimensions == (1, image.n_slices, 1)
        assert (found.image.kind, found.image.calibration) == (image.kind, image.calibration)
        assert found.image.warnings == image.warnings
        for number in range(1, image.n_slices + 1):
            first, after = found.place(number, 0), found.place(number + 1, 0)
            assert first + 2 * found.row_bytes == found.place(number, 2)
            values = found.values(data[first:after])
            assert np.array_equal(values, image.plane(number), equal_nan=True)
            assert values.dtype == image.plane(number).dtype


def write(path: Path, size: float, text: str = "ImageJ=1.54p\nunit=mm\n") -> bytes:
    tifffile.imwrite(
        path, np.full((9, 8), size, np.uint16), description=text, metadata=None,
        resolution=(size, size), resolutionunit="NONE",
    )  # fmt: skip
    return path.read_bytes()


def test_files_that_begin_alike_share_a_header_and_no_others(tmp_path: Path):
    known = Beginnings()
    seen = []
    for number in range(2 * KEPT):
        path = tmp_path / f"{number}.tif"
        data = write(path, 1.0 + number % (KEPT + 1))
        found = known.of(str(path), data[:HEAD_BYTES], len(data))
        assert found is not None
        assert found.image.calibration.pixel_width == 1.0 / (1.0 + number % (KEPT + 1))
        seen.append(found)
    data = write(path, 3.0)
    first = known.of(str(path), data, len(data))
    assert known.of("another, which is not opened", data, len(data)) is first
    assert known.of(str(path), data + b"0", len(data) + 1) is None


def test_a_file_that_changed_meanwhile_is_passed_on(tmp_path: Path):
    path = tmp_path / "a.tif"
    data = write(path, 2.0)
    write(path, 3.0)
    assert Beginnings().of(str(path), data[:HEAD_BYTES], len(data)) is None


def test_hyperstacks_and_what_is_not_plain_are_passed_on(tmp_path: Path):
    stack = np.zeros((3, 9, 8), np.uint16)
    for name, pixels, more in (
        ("channels", stack, {"imagej": True, "metadata": {"axes": "CYX"}}),
        ("frames", stack, {"imagej": True, "metadata": {"axes": "TYX"}}),
        ("pages", stack, {}),
        ("rgb", np.zeros((9, 8, 3), np.uint8), {"photometric": "rgb"}),
        ("whole", np.zeros((9, 8), np.uint32), {}),
        ("packed", np.zeros((9, 8), np.uint16), {"compression": "lzw"}),
    ):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, pixels, **more)
        data = path.read_bytes()
        assert Beginnings().of(str(path), data[:HEAD_BYTES], len(data)) is None
