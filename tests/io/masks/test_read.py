"""Masks of every format on the grid of their image, against nibabel, pynrrd and SimpleITK."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
import tifffile
from rigs.images import itk_image

from pyrhi.errors import ImageError, PyrhiError, RoiError
from pyrhi.io.images import read_image
from pyrhi.io.images.array import array_image
from pyrhi.io.images.reslice import in_plane
from pyrhi.io.masks import read_mask

AFFINE = np.array([[0, 0, 3.0, -30], [-0.7, 0, 0, 20], [0, 0.9, 0, 5], [0, 0, 0, 1]])
SHAPE = (12, 9, 5)
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def save(path: Path, values: np.ndarray, affine=AFFINE) -> Path:
    nib.save(nib.Nifti1Image(values, affine), path)
    return path


@pytest.fixture
def image(tmp_path: Path):
    path = save(tmp_path / "t2.nii.gz", np.zeros(SHAPE, np.int16))
    with read_image(path) as opened:
        yield opened


@pytest.fixture
def values() -> np.ndarray:
    out = np.zeros(SHAPE, np.uint8)
    out[3:8, 2:6, 1:4] = np.random.default_rng(3).integers(0, 4, (5, 4, 3))
    return out


def volume(values: np.ndarray, affine=AFFINE) -> sitk.Image:
    return itk_image(values.transpose(2, 1, 0), LPS @ affine)


def expected(values: np.ndarray) -> np.ndarray:
    return values.transpose(2, 1, 0)


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd", "seg.nrrd"])
def test_values_of_a_volume(tmp_path: Path, image, values, ending: str):
    path = tmp_path / f"mask.{ending}"
    sitk.WriteImage(volume(values), path, useCompression=ending != "mhd")
    mask = read_mask(image, path)
    assert np.array_equal(mask.values, expected(values))
    assert (mask.notes, mask.resampled) == ((), False)


def test_nrrd_as_pynrrd_writes_and_reads_it(tmp_path: Path, image, values):
    path = tmp_path / "mask.nrrd"
    ras = AFFINE.T
    header = {"space": "right-anterior-superior", "space directions": ras[:3, :3],
              "space origin": AFFINE[:3, 3]}  # fmt: skip
    nrrd.write(str(path), values, header)
    mask = read_mask(image, path)
    read, _ = nrrd.read(str(path))
    assert np.array_equal(mask.values, expected(read))


def test_nrrd_that_says_no_place_is_laid_down_by_shape(tmp_path: Path, image, values):
    path = tmp_path / "mask.nrrd"
    nrrd.write(str(path), values, {"spacings": [0.7, 0.9, 3.0]})
    mask = read_mask(image, path)
    assert np.array_equal(mask.values, expected(values))
    assert mask.notes == (
        "mask mask.nrrd says nothing of its place: it was laid on t2.nii.gz pixel by pixel",
    )


def segments(values: np.ndarray, start=(0, 0, 0), **fields) -> dict:
    lps = LPS @ AFFINE
    origin = lps[:3, :3] @ np.array(start) + lps[:3, 3]
    return {"space": "left-posterior-superior", "space directions": lps[:3, :3].T,
            "space origin": origin, **fields}  # fmt: skip


def test_segments_of_slicer_are_cropped_and_named(tmp_path: Path, image, values):
    path = tmp_path / "Segmentation.seg.nrrd"
    cropped = values[3:8, 2:6, 1:4]
    tags = (
        "Segmentation.Status:completed|TerminologyEntry:Segmentation category and type - 3D Slicer "
        "General Anatomy list~SCT^123037004^Anatomical Structure~SCT^2748008^Spinal cord~^^~"
        "Anatomic codes - DICOM master list~SCT^14293000^L1 vertebra~^^|"
    )
    header = segments(cropped, (3, 2, 1), Segment0_Name="cord", Segment0_LabelValue="1",
                      Segment0_Layer="0", Segment1_Name="Segment_2", Segment1_LabelValue="3",
                      Segment1_Layer="0", Segment1_Tags=tags)  # fmt: skip
    nrrd.write(str(path), cropped, header)
    mask = read_mask(image, path)
    assert mask.values is None
    assert [s.name for s in mask.segments] == ["cord", "Segment_2"]
    assert np.array_equal(mask.segments[0].values, expected(values) == 1)
    assert np.array_equal(mask.segments[1].values, expected(values) == 3)
    assert mask.segments[1].types == (("SCT", "2748008"),)
    assert mask.segments[1].regions == (("SCT", "14293000"),)


def test_segments_of_slicer_that_overlap_lie_in_layers(tmp_path: Path, image):
    path = tmp_path / "two.seg.nrrd"
    layers = np.zeros((2, *SHAPE), np.uint8)
    layers[0, 2:8, 2:7, 2] = 1
    layers[1, 3:5, 3:5, 2] = 1
    header = segments(layers, Segment0_Name="cord", Segment0_LabelValue="1", Segment0_Layer="0",
                      Segment1_Name="high", Segment1_LabelValue="1",
                      Segment1_Layer="1")  # fmt: skip
    directions = np.vstack([np.full(3, np.nan), header["space directions"]])
    header |= {"space directions": directions, "kinds": ["list", "domain", "domain", "domain"]}
    nrrd.write(str(path), layers, header)
    mask = read_mask(image, path)
    for segment, layer in zip(mask.segments, layers, strict=True):
        assert np.array_equal(segment.values, expected(layer) != 0)


def test_segments_that_are_all_empty_are_a_single_voxel(tmp_path: Path, image):
    path = tmp_path / "empty.seg.nrrd"
    one = np.zeros((1, 1, 1), np.uint8)
    nrrd.write(str(path), one, segments(one, Segment0_Name="high", Segment0_LabelValue="1"))
    mask = read_mask(image, path)
    assert mask.segments[0].values.shape == (5, 9, 12)
    assert not mask.segments[0].values.any()


def test_segments_beyond_the_image_are_refused(tmp_path: Path, image):
    path = tmp_path / "beyond.seg.nrrd"
    ones = np.ones((4, 4, 2), np.uint8)
    nrrd.write(str(path), ones, segments(ones, (10, 0, 0), Segment0_Name="cord"))
    with pytest.raises(RoiError, match="16 of its 32 pixels lie outside the image"):
        read_mask(image, path)


def test_a_tiff_is_laid_down_by_shape_with_a_note(tmp_path: Path, image, values):
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, expected(values))
    mask = read_mask(image, path)
    assert np.array_equal(mask.values, expected(values))
    assert "says nothing of its place" in mask.notes[0]


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


def test_a_shift_is_refused_with_its_mm(tmp_path: Path, image, values):
    moved = AFFINE.copy()
    moved[0, 3] += 6.0  # two whole slices: the same lattice, another place
    path = save(tmp_path / "m.nii.gz", values, moved)
    with pytest.raises(RoiError, match=r"m.nii.gz: not on the grid of t2.nii.gz: it lies 6 mm"):
        read_mask(image, path)
    laid = read_mask(image, path, resample=True)
    assert laid.resampled
    assert np.array_equal(laid.values[2:], expected(values)[:-2])
    assert not laid.values[:2].any()


def test_a_part_of_the_grid_is_refused_where_the_format_should_hold_all(
    tmp_path: Path, image, values
):
    path = save(tmp_path / "m.nii.gz", values[:, :, :4])
    with pytest.raises(RoiError, match="it has 12 x 9 x 4 voxels, not 12 x 9 x 5"):
        read_mask(image, path)
    laid = read_mask(image, path, resample=True)
    assert np.array_equal(laid.values[:4], expected(values)[:4])


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


def test_a_damaged_nrrd_says_so(tmp_path: Path, image, values):
    path = tmp_path / "mask.nrrd"
    sitk.WriteImage(volume(values), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImageError, match=r"mask.nrrd: is damaged or no volume") as caught:
        read_mask(image, path)
    assert "\n" not in str(caught.value)


def test_without_simpleitk_the_remedy_is_named(tmp_path: Path, image, values, monkeypatch):
    path = tmp_path / "mask.nrrd"
    sitk.WriteImage(volume(values), path)
    monkeypatch.setitem(__import__("sys").modules, "SimpleITK", None)
    with pytest.raises(PyrhiError, match=r'pip install "pyrhi\[masks\]"'):
        read_mask(image, path)


def test_a_mask_of_another_shape_is_refused():
    picture = array_image(np.zeros((8, 9), np.uint8), name="x.tif")
    mask = array_image(np.ones((9, 8), np.uint8), name="m.tif")
    with pytest.raises(RoiError, match=r"8 x 9 pixels on 1 slices, but x.tif has 9 x 8"):
        read_mask(picture, mask)
