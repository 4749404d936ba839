"""A TIFF in a zip; its values are ImageJ's (see ``imagej.jsonl``)."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image, zipped

IMAGES = Path(__file__).parents[2] / "data/images"
TIFF = (IMAGES / "ij_stack_i16.tif").read_bytes()


def packed(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ImageError) as error:
        read_image(path)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("in_memory", [zipped.IN_MEMORY, 0])
def test_what_imagej_saved_is_the_tiff(monkeypatch: pytest.MonkeyPatch, in_memory: int):
    monkeypatch.setattr(zipped, "IN_MEMORY", in_memory)
    with (
        read_image(IMAGES / "saved_by_imagej.zip") as image,
        read_image(IMAGES / "ij_stack_i16.tif") as tiff,
    ):
        assert (image.name, image.n_slices) == ("saved_by_imagej.zip", tiff.n_slices)
        # ImageJ writes the resolution with seven digits; the rest is the same.
        assert image.calibration.pixel_height == pytest.approx(0.9, rel=1e-6)
        assert replace(image.calibration, pixel_height=tiff.calibration.pixel_height) == (
            tiff.calibration
        )
        for number in range(1, tiff.n_slices + 1):
            np.testing.assert_array_equal(image.plane(number), tiff.plane(number))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            [("cord.roi", b"Iout"), ("a.tif", TIFF)],
            "is a set of ROIs, not an image; give it as --rois of its image",
        ),
        (
            [("readme.txt", b"a"), ("a.tif", TIFF)],
            "a zip without a TIFF as its first entry; unpack it, or save it as TIFF",
        ),
        ([("a.tif", b"no tiff")], "cannot be read as an image (not a TIFF file b'no t')"),
        ([], "a zip without a TIFF as its first entry; unpack it, or save it as TIFF"),
    ],
)
def test_other_zips_are_refused(tmp_path: Path, entries, message: str):
    path = packed(tmp_path / "x.zip", *entries)
    if not entries:
        assert refusal(path).startswith("this is no TIFF")
    else:
        assert refusal(path).startswith(message[:40])


def test_a_damaged_zip_is_refused(tmp_path: Path):
    path = packed(tmp_path / "x.zip", ("a.tif", TIFF))
    whole = path.read_bytes()
    for end in range(4, len(whole)):
        path.write_bytes(whole[:end])
        assert "\n" not in refusal(path)
    broken = bytearray(whole)
    broken[40:60] = bytes(20)
    path.write_bytes(broken)
    assert refusal(path) == "the zip is damaged or locked; save it again in ImageJ"


def test_a_zip_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = packed(tmp_path / "x.zip", ("a.tif", bytes(10**6)))
    monkeypatch.setattr(zipped, "MAX_UNPACKED_BYTES", 10**5)
    assert "unpacks to 1000000 bytes, more than pyrhi reads" in refusal(path)
