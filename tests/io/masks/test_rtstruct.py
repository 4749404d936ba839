"""Contours of RT structure sets, against scikit-image's polygons."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid
from skimage.draw import polygon2mask

from pyrhi.errors import RoiError
from pyrhi.io.images import read_image
from pyrhi.io.masks import read_mask
from pyrhi.io.masks.rtstruct import polygon_pixels


def structures(path: Path, sources, regions, kind="CLOSED_PLANAR", frame=None) -> Path:
    """Write regions: name to contours, each of points in mm."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = RTStructureSetStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
    data.Modality = "RTSTRUCT"
    reference = Dataset()
    reference.FrameOfReferenceUID = frame or sources[0].FrameOfReferenceUID
    data.ReferencedFrameOfReferenceSequence = [reference]
    data.StructureSetROISequence, data.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(regions.items(), 1):
        roi, item = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        item.ReferencedROINumber, item.ContourSequence = number, []
        for points in contours:
            contour = Dataset()
            contour.ContourGeometricType = kind
            contour.NumberOfContourPoints = len(points)
            contour.ContourData = [f"{v:.4f}" for v in np.asarray(points).ravel()]
            item.ContourSequence.append(contour)
        data.StructureSetROISequence.append(roi)
        data.ROIContourSequence.append(item)
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def series(tmp_path: Path, series_of, sagittal: Path):
    folder = tmp_path / "series"
    header = {"PatientID": "p"}
    return folder, series_of(sagittal / "t2_sagittal.tif", folder, numbers=range(3), **header)


def in_mm(voxels, number: int) -> np.ndarray:
    """Points of the slice as the series of conftest lies: 0.8 mm pixels, slices 3 mm apart."""
    x, y = np.asarray(voxels, float).T
    return np.column_stack([0.8 * x, 0.8 * y, np.full(x.size, 3.0 * number)])


STAR = [(3.3, 4.4), (20.7, 6.1), (12.2, 11.9), (21.4, 19.6), (9.1, 15.3), (4.8, 22.2)]
HOLE = [(10.3, 9.4), (13.8, 9.7), (11.6, 12.1)]


def filled(polygon, shape) -> np.ndarray:
    return polygon2mask(shape, np.asarray(polygon)[:, ::-1])


def test_contours_are_the_pixels_whose_centres_lie_inside(tmp_path: Path, series):
    folder, sources = series
    regions = {"cord": [in_mm(STAR, 1), in_mm(HOLE, 1), in_mm(HOLE, 2)]}
    path = structures(tmp_path / "rt.dcm", sources, regions)
    with read_image(folder) as image:
        mask = read_mask(image, path)
        shape = (image.height, image.width)
    values = mask.segments[0].values
    assert mask.segments[0].name == "cord"
    assert not values[0].any()
    assert np.array_equal(values[1], filled(STAR, shape) & ~filled(HOLE, shape))
    assert np.array_equal(values[2], filled(HOLE, shape))
    assert mask.notes == ()


@settings(deadline=None, max_examples=100)
@given(st.integers(3, 9), st.integers(0, 2**32 - 1))
def test_any_polygon_has_the_pixels_of_scikit_image(corners: int, seed: int):
    # Corners off the pixel centres and off their middles: no rule for ties is at work.
    x, y = np.random.default_rng(seed).uniform(-4, 30, (2, corners))
    found = polygon_pixels(x, y, 24, 26)
    assert np.array_equal(found, polygon2mask((24, 26), np.column_stack([y, x])))


def test_contours_off_the_slices_are_refused_in_mm(tmp_path: Path, series):
    folder, sources = series
    off = in_mm(STAR, 1) + np.array([0, 0, 1.2])
    path = structures(tmp_path / "rt.dcm", sources, {"cord": [off]})
    with read_image(folder) as image, pytest.raises(RoiError, match=r"'cord' .* 1.2 mm off"):
        read_mask(image, path)


def test_contours_of_another_plane_are_refused(tmp_path: Path, series):
    folder, sources = series
    path = structures(tmp_path / "rt.dcm", sources, {"cord": [in_mm(STAR, 1)[:, [2, 0, 1]]]})
    with read_image(folder) as image, pytest.raises(RoiError, match="off the slices of series"):
        read_mask(image, path)


def test_contours_beyond_the_stack_and_open_ones_are_refused(tmp_path: Path, series):
    folder, sources = series
    beyond = structures(tmp_path / "a.dcm", sources, {"cord": [in_mm(STAR, 7)]})
    opened = structures(tmp_path / "b.dcm", sources, {"cord": [in_mm(STAR, 1)]}, "OPEN_PLANAR")
    with read_image(folder) as image:
        with pytest.raises(RoiError, match="beyond the slices of series"):
            read_mask(image, beyond)
        with pytest.raises(RoiError, match="type OPEN_PLANAR; close it"):
            read_mask(image, opened)


def test_the_pixels_are_those_of_dcmrtstruct2nii(tmp_path: Path, data: Path, series_of, sagittal):
    folder = tmp_path / "series"
    sources = series_of(sagittal / "t2_sagittal.tif", folder)
    contours = [in_mm(STAR, 1), in_mm(HOLE, 1), in_mm(STAR, 4)]
    path = structures(tmp_path / "rt.dcm", sources, {"cord": contours})
    golden = nib.load(data / "masks" / "rtstruct_cord_dcmrtstruct2nii.nii.gz")
    with read_image(folder) as image:
        values = read_mask(image, path).segments[0].values
        # The mask as a mask of the series: another program's grid in another file format.
        same = read_mask(image, data / "masks" / "rtstruct_cord_dcmrtstruct2nii.nii.gz")
    assert np.array_equal(values, np.asarray(golden.dataobj).T != 0)
    assert np.array_equal(same.values != 0, values)


def test_a_damaged_object_says_so(tmp_path: Path, series):
    folder, sources = series
    path = structures(tmp_path / "rt.dcm", sources, {"cord": [in_mm(STAR, 1)]})
    data = dcmread(path)
    del data.ROIContourSequence[0].ReferencedROINumber
    data.save_as(path)
    with read_image(folder) as image, pytest.raises(RoiError, match=r"^rt.dcm: .* is damaged"):
        read_mask(image, path)


def test_the_only_file_of_a_folder_is_the_mask(tmp_path: Path, series):
    folder, sources = series
    (tmp_path / "export").mkdir()
    structures(tmp_path / "export" / "rt.dcm", sources, {"cord": [in_mm(STAR, 1)]})
    with read_image(folder) as image:
        assert read_mask(image, tmp_path / "export").segments[0].values[1].any()


def test_another_frame_of_reference_is_said(tmp_path: Path, series):
    folder, sources = series
    path = structures(
        tmp_path / "rt.dcm", sources, {"cord": [in_mm(STAR, 1)]}, frame=generate_uid()
    )
    with read_image(folder) as image:
        assert "another frame of reference" in read_mask(image, path).notes[0]
