"""Masks of Slicer and other NRRD files, against pynrrd and SimpleITK."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from rigs.mask_files import AFFINE, LPS, SHAPE, expected, volume

from pyrhi.errors import ImageError, RoiError
from pyrhi.io.masks import read_mask


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


def test_a_damaged_nrrd_says_so(tmp_path: Path, image, values):
    path = tmp_path / "mask.nrrd"
    sitk.WriteImage(volume(values), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImageError, match=r"mask.nrrd: is damaged or no volume") as caught:
        read_mask(image, path)
    assert "\n" not in str(caught.value)
