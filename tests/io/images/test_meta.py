"""Damaged MetaImages, which ITK would read as other values."""

from __future__ import annotations

from pathlib import Path

import pytest
import SimpleITK as sitk  # noqa: N813

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.io.images.meta import check_meta


def test_flipped_bytes_of_compressed_pixels_are_found(tmp_path: Path, values):
    path = tmp_path / "x.mha"
    sitk.WriteImage(sitk.GetImageFromArray(values), path, useCompression=True)
    data = path.read_bytes()
    start = data.index(b"\n", data.index(b"ElementDataFile")) + 1
    # Of all 723, three change nothing that Adler-32, the checksum of zlib, sees.
    for at in range(start, len(data), 11):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        with pytest.raises(ImageError, match="compressed pixels are truncated or damaged"):
            read_image(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[:-9], "the header promises"),
        (lambda d: d.replace(b"ElementType = MET_UCHAR\n", b""), "the header lacks ElementType"),
        (lambda d: d.replace(b"MET_UCHAR", b"MET_OTHER"), "is no volume of numbers"),
        (lambda d: d.replace(b"DimSize = 20", b"DimSize = -2"), "is no volume of numbers"),
        (lambda d: d.replace(b"= LOCAL", b"= LIST 2"), "lie in several files"),
        (
            lambda d: d.replace(b"= LOCAL", b"= y.raw"),
            "its pixels are in y.raw, which is not there",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, values, change, message: str):
    path = tmp_path / "x.mha"
    sitk.WriteImage(sitk.GetImageFromArray(values), path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ImageError) as caught:
        check_meta(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
