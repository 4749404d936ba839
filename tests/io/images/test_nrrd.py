"""Damaged compressed NRRDs, which ITK would read as other values."""

from __future__ import annotations

from pathlib import Path

import pytest
import SimpleITK as sitk  # noqa: N813

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


@pytest.mark.parametrize("ending", [".nrrd", ".nhdr"])
def test_flipped_bytes_of_compressed_pixels_are_found(tmp_path: Path, values, ending: str):
    path = tmp_path / f"x{ending}"
    sitk.WriteImage(sitk.GetImageFromArray(values), path, useCompression=True)
    (packed,) = [p for p in tmp_path.iterdir() if p.suffix != ".nhdr"]
    data = packed.read_bytes()
    start = data.index(b"\n\n") + 2 if ending == ".nrrd" else 0
    refused = 0
    # Of all 735, ITK gave other values for 92. The first ten bytes say nothing of the pixels.
    for at in range(start + 10, len(data), 11):
        packed.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        with pytest.raises(ImageError, match="compressed pixels are truncated or damaged"):
            read_image(path)
        refused += 1
    assert refused > 60
    packed.write_bytes(data[:-1])
    with pytest.raises(ImageError, match="truncated or damaged"):
        read_image(path)


def test_what_is_wrong_is_said(tmp_path: Path, values):
    path = tmp_path / "x.nhdr"
    sitk.WriteImage(sitk.GetImageFromArray(values), path, useCompression=True)
    (packed,) = [p for p in tmp_path.iterdir() if p.suffix != ".nhdr"]
    head = path.read_text()
    path.write_text(head.replace(packed.name, "x%d.raw.gz 1 4 1"))
    with pytest.raises(ImageError, match="lie in several files"):
        read_image(path)
    path.write_text(head.replace(packed.name, "none.raw.gz"))
    with pytest.raises(ImageError, match=r"are in none\.raw\.gz, which is not there"):
        read_image(path)


def test_a_field_whose_name_is_no_text_is_one_line(tmp_path: Path, values):
    """SimpleITK cannot ask for it: it answered with a TypeError (found by the fuzzer)."""
    path = tmp_path / "x.nrrd"
    volume = sitk.GetImageFromArray(values)
    volume.SetMetaData("Segment0_Name", "cord")
    sitk.WriteImage(volume, path)
    path.write_bytes(path.read_bytes().replace(b"Segment0_Name", b"\x83egment0_Name"))
    with pytest.raises(ImageError, match="a field's name is no text"):
        read_image(path)
