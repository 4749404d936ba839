"""JPEG: values are ImageJ's (see ``imagej.jsonl``); what ImageJ may turn is refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.io.images.jpeg import LOSSY

IMAGES = Path(__file__).parents[2] / "data/images"
GREY = np.add.outer(np.arange(0, 120, 5), np.arange(0, 80, 4)).astype(np.uint8)


def saved(path: Path, image: Pillow.Image, **options) -> Path:
    image.save(path, "JPEG", **options)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ImageError) as error:
        read_image(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_a_jpeg_is_said_to_be_lossy():
    with read_image(IMAGES / "jpeg_grey.jpg") as image:
        assert image.warnings[-1] == LOSSY
        assert (image.calibration.unit, image.n_slices) == ("pixel", 1)


@pytest.mark.parametrize("turn", [2, 3, 6, 8])
def test_a_jpeg_that_is_to_be_turned_is_refused(tmp_path: Path, turn: int):
    exif = Pillow.Exif()
    exif[274] = turn
    path = saved(tmp_path / "a.jpg", Pillow.fromarray(GREY), exif=exif)
    assert refusal(path) == (
        "its EXIF orientation turns the JPEG, which not every ImageJ does; open it in ImageJ and"
        " save it as TIFF"
    )
    exif[274] = 1
    with read_image(saved(path, Pillow.fromarray(GREY), exif=exif)) as image:
        assert (image.width, image.height) == (20, 24)


def test_four_channels_are_refused(tmp_path: Path):
    path = saved(tmp_path / "a.jpg", Pillow.fromarray(np.dstack([GREY] * 4), "CMYK"))
    assert "8 bits and 4 channels, which ImageJ does not open" in refusal(path)


def test_cut_anywhere_it_is_refused(tmp_path: Path):
    whole = (IMAGES / "jpeg_420.jpg").read_bytes()
    path = tmp_path / "cut.jpg"
    for end in range(4, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert refusal(path) == "the JPEG is truncated or damaged; export it again"


def test_a_huge_header_is_refused(tmp_path: Path):
    raw = io.BytesIO()
    Pillow.fromarray(GREY).save(raw, "JPEG")
    data = raw.getvalue()
    at = data.index(b"\xff\xc0") + 5
    path = tmp_path / "huge.jpg"
    path.write_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    assert "a slice of 65535 x 65535 pixels is more than pyrhi reads" in refusal(path)


def test_no_file_stays_open(tmp_path: Path):
    path = saved(tmp_path / "a.jpg", Pillow.fromarray(GREY))
    before = len(os.listdir("/proc/self/fd"))
    image = read_image(path)
    assert len(os.listdir("/proc/self/fd")) == before
    np.testing.assert_array_equal(image.plane(1), np.asarray(Pillow.open(path)))
