"""PNG as Pillow writes it; what ImageJ would change is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image

RNG = np.random.default_rng(4)
GREY_8 = RNG.integers(0, 256, (7, 11), np.uint8)
GREY_16 = RNG.integers(0, 65536, (7, 11), np.uint16)


@pytest.mark.parametrize(("pixels", "kind"), [(GREY_8, "8-bit"), (GREY_16, "16-bit")])
def test_grey_values_are_those_that_were_written(tmp_path: Path, pixels: np.ndarray, kind: str):
    Pillow.fromarray(pixels).save(tmp_path / "a.png")
    with read_image(tmp_path / "a.png") as image:
        assert (image.kind, image.width, image.height, image.n_slices) == (kind, 11, 7, 1)
        assert np.array_equal(image.plane(1), pixels)
        assert any("no pixel size" in warning for warning in image.warnings)


def test_a_palette_gives_its_indices_and_says_so(tmp_path: Path):
    picture = Pillow.fromarray(GREY_8 % 4, "P")
    picture.putpalette((RNG.permutation(768) % 256).tolist())
    picture.save(tmp_path / "p.png", bits=8)
    with read_image(tmp_path / "p.png") as image:
        assert np.array_equal(image.plane(1), GREY_8 % 4)
        assert any("colour table" in warning for warning in image.warnings)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "1"])
def test_transparency_and_fewer_bits_are_refused(tmp_path: Path, mode: str):
    Pillow.fromarray(GREY_8).convert(mode).save(tmp_path / "t.png")
    with pytest.raises(ImageError, match="save it as 8- or 16-bit grey"):
        read_image(tmp_path / "t.png")


@pytest.mark.parametrize("at", [20, 45, -6])
def test_a_flipped_byte_is_damage_and_never_another_picture(tmp_path: Path, at: int):
    path = tmp_path / "a.png"
    Pillow.fromarray(GREY_8).save(path)
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(ImageError):
        read_image(path)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError):
        read_image(path)
