"""NIfTI: round trips through nibabel, scaled values, and bombs."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rigs.images import PIXELS, QUICK, ramp, raw

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


@QUICK
@given(data=PIXELS, packed=st.booleans(), units=st.sampled_from(["mm", "micron", "meter"]))
def test_nifti_keeps_every_value_and_the_pixel_size(tmp_path, data, packed, units):
    path = tmp_path / ("x.nii.gz" if packed else "x.nii")
    volume = nibabel.Nifti1Image(data.transpose(2, 1, 0), np.diag([0.5, 2.0, 3.0, 1.0]))
    volume.header.set_xyzt_units(units)
    nibabel.save(volume, path)
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, data.dtype.kind == "i"), data)
        c = image.calibration
    factor = {"mm": 1.0, "micron": 1e-3, "meter": 1e3}[units]
    assert (c.pixel_width, c.pixel_height, c.pixel_depth) == (0.5 * factor, 2 * factor, 3 * factor)
    assert c.unit == "mm"


def test_scaled_nifti_is_float(tmp_path):
    path = tmp_path / "x.nii"
    volume = nibabel.Nifti1Image(ramp("i2", (8, 6, 2)), np.eye(4))
    volume.header.set_slope_inter(0.25, -3.0)
    nibabel.save(volume, path)
    with read_image(path) as image:
        assert image.kind == "32-bit"
        expected = np.asarray(nibabel.load(path).dataobj).astype(np.float32)
        np.testing.assert_array_equal(raw(image, False), expected.transpose(2, 1, 0))
        assert "mm is taken" in image.warnings[0]


def test_nifti_with_zero_pixel_size_and_frames(tmp_path):
    path = tmp_path / "x.nii"
    volume = nibabel.Nifti1Image(ramp("u1", (4, 3, 2, 2)), np.eye(4))
    volume.header["pixdim"][1] = 0
    volume.to_filename(path)
    content = bytearray(path.read_bytes())
    content[80:84] = np.float32(0).tobytes()
    path.write_bytes(bytes(content))
    with read_image(path) as image:
        assert image.dimensions == (1, 2, 2)
        assert image.calibration.unit == "pixel"
        assert image.warnings[0].endswith("cannot be used: areas are in pixel^2")


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(tmp_path):
    path = tmp_path / "x.nii.gz"
    content = nibabel.Nifti1Image(ramp("u1", (4, 3, 2)), np.eye(4)).to_bytes()
    path.write_bytes(gzip.compress(content + bytes(50_000_000)))
    with read_image(path) as image:
        assert image.n_slices == 2
        assert image.plane(1).shape == (3, 4)


def test_a_flipped_byte_of_a_packed_file_changes_no_value_without_a_word(
    tmp_path: Path, data: Path
):
    packed = (data / "masks" / "cord.nii.gz").read_bytes()
    values = np.asarray(nibabel.load(data / "masks" / "cord.nii.gz").dataobj).T
    path = tmp_path / "x.nii.gz"
    refused = 0
    for at in range(30, len(packed), 11):
        path.write_bytes(packed[:at] + bytes([packed[at] ^ 0x10]) + packed[at + 1 :])
        try:
            # Runs of zeros can be packed in many ways: some flips mean the same values.
            with read_image(path) as image:
                assert np.array_equal([image.plane(n + 1) for n in range(52)], values)
        except ImageError:
            refused += 1
    assert refused > 50
