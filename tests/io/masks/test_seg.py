"""DICOM segmentations, against highdicom's own reading and SimpleITK's."""

from __future__ import annotations

import warnings
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from pyrhi.errors import RoiError
from pyrhi.io.images import read_image
from pyrhi.io.masks import read_mask
from pyrhi.rhi.masks import rois_of_masks


@pytest.fixture
def series(tmp_path: Path, series_of, sagittal: Path):
    """A DICOM series of three slices; its sources in the order of their places."""
    folder = tmp_path / "series"
    sources = series_of(sagittal / "t2_sagittal.tif", folder, numbers=range(3))
    return folder, sources


def masks_of(sources) -> np.ndarray:
    """Two segments that overlap, on two of three slices; shape (slices, rows, columns, 2)."""
    out = np.zeros((len(sources), sources[0].Rows, sources[0].Columns, 2), bool)
    rng = np.random.default_rng(5)
    out[:2, 5:20, 4:12, 0] = True
    out[:2, 8:15, 6:14, 1] = rng.random((2, 7, 8)) > 0.4
    return out


def write(path: Path, sources, pixels, kind="BINARY", names=("cord L2", "Lesion"), **options):
    described = [
        hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=codes.SCT.SpinalCord if number == 1 else codes.SCT.Lesion,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            anatomic_regions=[codes.SCT.L2Vertebra] if number == 2 else None,
        )
        for number, name in enumerate(names, 1)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seg = hd.seg.Segmentation(
            sources, pixels, kind, described,
            series_instance_uid=hd.UID(), series_number=9, sop_instance_uid=hd.UID(),
            instance_number=1, manufacturer="Maker", manufacturer_model_name="Model",
            software_versions="1", device_serial_number="1", **options,
        )  # fmt: skip
    seg.save_as(path)
    return path


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_segments_are_those_that_highdicom_reads(tmp_path: Path, series, order):
    folder, sources = series
    sources = [sources[i] for i in order]
    pixels = masks_of(sources)
    path = write(tmp_path / "seg.dcm", sources, pixels)
    with read_image(folder) as image:
        mask = read_mask(image, path)
    read = hd.seg.segread(path)
    by_place = sorted(sources, key=lambda s: s.ImagePositionPatient[2])
    expected = read.get_pixels_by_source_instance(
        [s.SOPInstanceUID for s in by_place], assert_missing_frames_are_empty=True
    )
    assert [s.name for s in mask.segments] == ["cord L2", "Lesion"]
    for number, segment in enumerate(mask.segments):
        assert np.array_equal(segment.values, expected[..., number] != 0)
    assert mask.segments[1].types == (("SCT", "52988006"),)
    assert mask.segments[1].regions == (("SCT", codes.SCT.L2Vertebra.value),)


def test_probabilities_are_fractions(tmp_path: Path, series):
    folder, sources = series
    pixels = np.where(masks_of(sources)[..., :1], np.float32(0.6), np.float32(0.2))
    path = write(
        tmp_path / "seg.dcm", sources, pixels, "FRACTIONAL", ("cord",),
        fractional_type="PROBABILITY",
    )  # fmt: skip
    with read_image(folder) as image:
        mask = read_mask(image, path)
        rois = rois_of_masks(image, cord=path)
    values = mask.segments[0].values
    assert values.dtype == np.float32
    assert np.allclose(np.unique(values), [0.2, 0.6], atol=1 / 255)
    assert rois.reading == "cord >= 0.5"
    assert len(rois.rois) == 2


def test_a_label_map_has_its_segments(tmp_path: Path, series):
    folder, sources = series
    pixels = masks_of(sources)
    values = pixels[..., 0].astype(np.uint8)
    values[pixels[..., 1]] = 2
    path = write(tmp_path / "seg.dcm", sources, values, "LABELMAP")
    with read_image(folder) as image:
        mask = read_mask(image, path)
    for number, segment in enumerate(mask.segments, 1):
        assert np.array_equal(segment.values, values == number)


def test_a_segmentation_of_another_place_is_refused_in_mm(tmp_path: Path, series):
    folder, sources = series
    path = write(tmp_path / "seg.dcm", sources, masks_of(sources))
    data = pydicom.dcmread(path)
    for frame in data.PerFrameFunctionalGroupsSequence:
        place = frame.PlanePositionSequence[0]
        x, y, z = place.ImagePositionPatient
        place.ImagePositionPatient = [x + 0.3, y, z]
    data.save_as(path)
    with read_image(folder) as image:
        with pytest.raises(RoiError, match=r"seg.dcm: not on the grid of series: .*0.3 mm"):
            read_mask(image, path)
        near = read_mask(image, path, resample=True)
    assert near.resampled
    assert np.array_equal(near.segments[0].values, masks_of(sources)[..., 0])


def test_an_image_without_a_place_is_refused(tmp_path: Path, series, sagittal: Path):
    _, sources = series
    path = write(tmp_path / "seg.dcm", sources, masks_of(sources))
    with (
        read_image(sagittal / "t2_sagittal.tif") as image,
        pytest.raises(RoiError, match="name its DICOM series"),
    ):
        read_mask(image, path)


def test_roles_and_levels_come_from_codes_where_names_say_none(tmp_path: Path, series):
    folder, sources = series
    path = write(tmp_path / "seg.dcm", sources, masks_of(sources), names=("A", "B"))
    with read_image(folder) as image:
        rois = rois_of_masks(image, masks=path).rois
    assert {roi.name for roi in rois} == {"cord", "high L2"}


def test_a_segmentation_beside_its_series_is_no_image(tmp_path: Path, series):
    folder, sources = series
    write(folder / "seg.dcm", sources, masks_of(sources))
    with read_image(folder) as image:
        assert image.n_slices == 3
        assert len(read_mask(image, folder / "seg.dcm").segments) == 2
