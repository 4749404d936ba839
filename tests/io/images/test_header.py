"""The header reader of plain TIFFs against tifffile: both give the same image, or it passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

import pyrhi
from pyrhi.errors import PyrhiError
from pyrhi.io.images import read_image, tiff
from pyrhi.io.images.header import plain_page

TESTS = Path(__file__).parents[2]
FILES = sorted(
    p
    for folder in (TESTS / "data", Path(pyrhi.__file__).parent / "sample")
    for p in folder.rglob("*.tif")
)


def is_plain(path: Path) -> bool:
    with path.open("rb") as stream:
        return plain_page(stream) is not None


def seen(path: Path) -> tuple[Any, ...] | str:
    """All that an image says of itself, and its planes; the message where it is refused."""
    try:
        with read_image(path) as image:
            planes = [image.plane(n + 1) for n in range(image.n_slices)]
            return (
                *(image.kind, image.width, image.height, image.dimensions, image.calibration),
                *(image.display_range, image.slice_labels, image.embedded_rois, image.overlay),
                *(image.warnings, [(p.dtype, p.tobytes()) for p in planes]),
            )
    except PyrhiError as error:
        return str(error)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_both_readers_see_the_same_image(path: Path, monkeypatch: pytest.MonkeyPatch):
    ours = seen(path)
    monkeypatch.setattr(tiff, "plain_page", lambda _: None)
    assert seen(path) == ours


def test_what_imagej_and_tifffile_write_is_plain(tmp_path: Path):
    names = {p.name for p in FILES if is_plain(p)}
    assert {"t2_sagittal_16bit.tif", "t2_sagittal_32bit.tif", "f_rgb.tif"} <= names
    for dtype in (np.uint8, np.uint16, np.float32):
        path = tmp_path / f"{np.dtype(dtype).name}.tif"
        tifffile.imwrite(path, np.zeros((3, 9, 8), dtype), imagej=True, resolution=(2, 2))
        assert is_plain(path)


@pytest.mark.parametrize("name", ["lzw_u2_le.tif", "adobe_deflate_u1_be.tif", "palette_u8.tif"])
def test_what_is_not_plain_is_left_to_tifffile(name: str):
    assert not is_plain(next(p for p in FILES if p.name == name))


GOLDEN = (TESTS / "data/images/ij_um.tif").read_bytes()


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_header_gives_what_tifffile_gives(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
):
    data = bytearray(GOLDEN)
    for at, value in changes:
        data[at % len(data)] = value
    path = tmp_path_factory.mktemp("damaged") / "image.tif"
    path.write_bytes(data)
    ours = seen(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiff, "plain_page", lambda _: None)
        assert seen(path) == ours


@pytest.mark.parametrize("length", range(0, len(GOLDEN), 7))
def test_a_truncated_file_is_never_plain(tmp_path: Path, length: int):
    path = tmp_path / "short.tif"
    path.write_bytes(GOLDEN[:length])
    assert not is_plain(path)


def test_rows_are_those_of_the_plane():
    for path in FILES:
        with read_image(path) as image:
            for number in {1, image.n_slices}:
                rows = image.rows(number, 1, image.height - 1)
                if rows is not None:
                    np.testing.assert_array_equal(rows, image.plane(number)[1:-1])
                    assert rows.dtype == image.plane(number).dtype
