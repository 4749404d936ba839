"""Masks of every format on the grid of their image, against nibabel, pynrrd and SimpleITK."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
import tifffile
from rigs.mask_files import AFFINE, SHAPE, expected, save, volume

from pyrhi.errors import PyrhiError, RoiError
from pyrhi.io.images import read_image
from pyrhi.io.images.reslice import in_plane
from pyrhi.io.masks import read_mask


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd", "seg.nrrd"])
def test_every_value_of_a_volume_is_kept(tmp_path: Path, image, values, ending: str):
    path = tmp_path / f"mask.{ending}"
    sitk.WriteImage(volume(values), path, useCompression=ending != "mhd")
    mask = read_mask(image, path)
    assert np.array_equal(mask.values, expected(values))
    assert (mask.notes, mask.resampled) == ((), False)


def test_a_one_bit_tiff_is_a_mask(tmp_path: Path):
    bits = np.zeros((9, 16), bool)
    bits[2:5, 3:9] = True
    tifffile.imwrite(tmp_path / "mask.tif", bits, photometric="minisblack")
    tifffile.imwrite(tmp_path / "t2.tif", np.zeros((9, 16), np.uint8))
    with read_image(tmp_path / "t2.tif") as picture:
        mask = read_mask(picture, tmp_path / "mask.tif")
    assert np.array_equal(mask.values[0] != 0, bits)
    assert mask.notes == ()


def test_signed_values_are_those_of_the_file(tmp_path: Path, image):
    values = np.zeros(SHAPE, np.int16)
    values[2, 2, 2], values[3, 3, 3] = -2, 5
    assert np.array_equal(
        read_mask(image, save(tmp_path / "m.nii", values)).values, expected(values)
    )


def test_several_volumes_are_refused(tmp_path: Path, image, values):
    path = save(tmp_path / "m.nii.gz", np.stack([values, values], axis=3))
    with pytest.raises(RoiError, match=r"holds 2 volumes and t2.nii.gz has 1"):
        read_mask(image, path)
    one = save(tmp_path / "one.nii.gz", values[..., None])
    assert np.array_equal(read_mask(image, one).values, expected(values))


def test_sform_wins_over_qform_as_in_nibabel(tmp_path: Path, image, values):
    written = nib.Nifti1Image(values, AFFINE)
    other = AFFINE.copy()
    other[:3, 3] += 10.0
    written.set_qform(other, 1)
    written.set_sform(AFFINE, 2)
    nib.save(written, tmp_path / "m.nii")
    assert np.array_equal(read_mask(image, tmp_path / "m.nii").values, expected(values))
    written.set_sform(None, 0)
    nib.save(written, tmp_path / "q.nii")
    with pytest.raises(RoiError, match=r"it lies 17.3 mm away"):
        read_mask(image, tmp_path / "q.nii")


def test_a_volume_cut_another_way_takes_masks_in_the_order_of_the_file(
    tmp_path: Path, image, values
):
    path = save(tmp_path / "m.nii.gz", values)
    tiff = tmp_path / "m.tif"
    tifffile.imwrite(tiff, expected(values))
    axial = in_plane(image, "axial")
    cut = np.stack([values[:, j, :].T for j in range(SHAPE[1])])
    assert np.array_equal(read_mask(axial, path).values, cut)
    assert np.array_equal(read_mask(axial, tiff).values, cut)


def test_names_of_labels_in_a_nifti_header(tmp_path: Path, image, values):
    written = nib.Nifti1Image(values, AFFINE)
    xml = b'<LabelTable><Label Key="2" Red="1"><![CDATA[vertebrae_L5]]></Label></LabelTable>'
    written.header.extensions.append(nib.nifti1.Nifti1Extension(0, xml))
    nib.save(written, tmp_path / "m.nii.gz")
    assert read_mask(image, tmp_path / "m.nii.gz").label_names == {2: "vertebrae_L5"}


def test_a_nifti_header_that_nibabel_refuses_is_one_line(tmp_path: Path, image, values):
    """Found by fuzzing: the pixels were read, and nibabel's own error came of the names."""
    path = tmp_path / "m.nii"
    nib.save(nib.Nifti1Image(values, image.geometry.affine), path)
    data = bytearray(path.read_bytes())
    data[108:112] = b"\1\0\0\0"  # vox_offset, a number next to 0
    path.write_bytes(data)
    with pytest.raises(RoiError, match=r"m\.nii: the NIfTI header is damaged \(vox offset 0"):
        read_mask(image, path)


def test_without_simpleitk_the_remedy_is_named(tmp_path: Path, image, values, monkeypatch):
    path = tmp_path / "mask.nrrd"
    sitk.WriteImage(volume(values), path)
    monkeypatch.setitem(__import__("sys").modules, "SimpleITK", None)
    with pytest.raises(PyrhiError, match=r'pip install "pyrhi\[masks\]"'):
        read_mask(image, path)
