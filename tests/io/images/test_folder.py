"""Which files below a folder are images, and which only look like them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from rigs.dicom_files import write_dicom

from pyrhi.io.images.folder import images_below


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def zipped(path: Path, entry: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, b"1")


def test_in_the_order_of_a_file_browser(tmp_path: Path):
    touch(tmp_path, "s10.tif", "s9.TIF", "a/b.png", "t2.nii.gz", "notes.txt", ".s1.tif", "._s9.tif")
    assert images_below(tmp_path) == ["s9.TIF", "s10.tif", "t2.nii.gz", "a/b.png"]


def test_what_macos_adds_is_passed_over(tmp_path: Path):
    touch(tmp_path, "x/s1.tif", "__MACOSX/x/s1.tif", "x/__MACOSX/s1.tif")
    assert images_below(tmp_path) == ["x/s1.tif"]


def test_a_picture_of_an_image_is_none(tmp_path: Path):
    """A macro saves a JPEG of each image that it has analysed; a JPEG with ROIs is measured."""
    touch(tmp_path, "a.tif", "a.jpg", "a_ROIs.zip", "a_analyzed.jpg", "b.JPG", "b_ROIs.zip")
    assert images_below(tmp_path) == ["a.tif", "b.JPG"]


def test_a_folder_of_jpegs_alone(tmp_path: Path):
    touch(tmp_path, "a.jpg", "b.jpeg")
    assert images_below(tmp_path) == ["a.jpg", "b.jpeg"]


def test_rois_of_a_jpeg_in_a_folder_of_their_own(tmp_path: Path):
    touch(tmp_path / "in", "a.tif", "b.jpg", "c.jpg")
    touch(tmp_path / "rois", "b.zip")
    assert images_below(tmp_path / "in") == ["a.tif"]
    assert images_below(tmp_path / "in", rois=tmp_path / "rois") == ["a.tif", "b.jpg"]


def test_two_rois_of_a_jpeg_are_told_about_where_it_is_measured(tmp_path: Path):
    touch(tmp_path, "a.tif", "b.jpg", "b.zip", "b.roi")
    assert images_below(tmp_path) == ["a.tif", "b.jpg"]


def test_a_tiff_in_a_zip_is_an_image_and_a_roi_set_is_none(tmp_path: Path):
    touch(tmp_path, "a.tif")
    for name in ("a.zip", "b_RoiSet.zip", "RoiSet.zip", "ROIs/c.zip"):
        zipped(tmp_path / name, "cord.roi")
    zipped(tmp_path / "b.zip", "b.tif")
    assert images_below(tmp_path) == ["a.tif", "b.zip"]


def test_a_folder_with_dicom_is_one_image(tmp_path: Path):
    write_dicom(tmp_path / "p" / "s1" / "IM1", np.zeros((4, 4), np.uint16))
    write_dicom(tmp_path / "p" / "s2" / "IM1.dcm", np.zeros((4, 4), np.uint16))
    assert images_below(tmp_path) == ["p/s1", "p/s2"]
    assert images_below(tmp_path / "p" / "s1") == [""]


def test_volumes_are_images_and_segments_of_slicer_are_none(tmp_path: Path):
    volume = sitk.GetImageFromArray(np.zeros((2, 4, 4), np.uint8))
    for name in ("a.nrrd", "b.mha", "c.mhd", "d.nhdr", "a.seg.nrrd"):
        sitk.WriteImage(volume, tmp_path / name)
    volume.SetMetaData("Segment0_Name", "cord")
    volume.SetMetaData("Segment0_LabelValue", "1")
    sitk.WriteImage(volume, tmp_path / "renamed.nrrd")
    assert b"Segment0_Name:=cord" in (tmp_path / "renamed.nrrd").read_bytes()
    assert images_below(tmp_path) == ["a.nrrd", "b.mha", "c.mhd", "d.nhdr"]


def test_a_link_to_a_folder_above_finds_no_image_twice(tmp_path: Path):
    (tmp_path / "study" / "p1").mkdir(parents=True)
    (tmp_path / "p2").mkdir()
    for folder in ("study/p1", "p2"):
        (tmp_path / folder / "a.tif").touch()
    (tmp_path / "study" / "p1" / "up").symlink_to("..")
    (tmp_path / "study" / "here").symlink_to(tmp_path / "study")
    (tmp_path / "study" / "p2").symlink_to(tmp_path / "p2")
    assert images_below(tmp_path / "study") == ["p1/a.tif", "p2/a.tif"]
