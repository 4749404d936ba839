"""Reading ROIs: as ImageJ decodes them, and whatever a damaged file may hold."""

from __future__ import annotations

import base64
import os
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import roifile
from rigs.places import DATA

from pyrhi.errors import RoiError
from pyrhi.io.images import read_image
from pyrhi.io.rois import encode_mask, find_rois, read_rois, write_roiset
from pyrhi.io.rois.files import embedded_rois, entry_name, is_zipped_image

ONE = encode_mask(np.ones((4, 5), bool), name="cord")


@pytest.mark.parametrize("path", sorted(DATA.glob("golden/*.zip")), ids=lambda p: p.stem)
def test_every_golden_roi_has_the_fields_that_roifile_reads(path: Path):
    ours = read_rois(path)
    theirs = roifile.roiread(str(path))
    assert len(ours) == len(theirs) == 280
    for a, b in zip(ours, theirs, strict=True):
        assert int(a.type) == int(b.roitype)
        assert (a.left, a.top, a.width, a.height) == (
            b.left,
            b.top,
            b.right - b.left,
            b.bottom - b.top,
        )
        assert a.position == b.position
        if a.xf is not None and a.yf is not None:
            assert np.array_equal(np.stack([a.xf, a.yf], 1), b.subpixel_coordinates)
        elif a.x is not None and a.y is not None:
            corner = [b.left, b.top]
            assert np.array_equal(np.stack([a.x, a.y], 1), b.integer_coordinates + corner)
        if a.shape is not None:
            assert np.array_equal(a.shape, b.multi_coordinates)


def test_name_is_the_zip_entrys(tmp_path: Path):
    path = tmp_path / "a.zip"
    write_roiset(path, [("high L2", ONE), ("high L2", ONE)])
    assert [roi.name for roi in read_rois(path)] == ["high L2", "high L2-1"]


@pytest.mark.parametrize("name", ["../../etc/x.roi", "/abs/cord.roi", "..\\up\\cord.roi"])
def test_paths_in_a_zip_are_only_names(tmp_path: Path, name: str):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, ONE)
    (roi,) = read_rois(path)
    assert roi.name in ("x", "cord")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_zip_bomb_is_refused(tmp_path: Path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cord.roi", ONE + bytes(80 * 2**20))
    with pytest.raises(RoiError, match=r"bomb.zip.*unpacks to more than"):
        read_rois(path)


def test_zip_that_lies_about_its_size(tmp_path: Path):
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cord.roi", ONE + bytes(2**20))
    data = path.read_bytes().replace(struct.pack("<I", len(ONE) + 2**20), struct.pack("<I", 64))
    path.write_bytes(data)
    with pytest.raises(RoiError, match=r"liar.zip"):
        read_rois(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a readable"), (b"PK\x03\x04rest", "not a readable"), (b"II*\0", "not a readable")],
)
def test_a_damaged_zip_is_named(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(RoiError, match=f"a.zip.*{message}"):
        read_rois(path)


def test_zip_whose_directory_points_before_its_start(tmp_path: Path):
    """Found by fuzzing: zipfile's own ``ValueError: negative seek value``."""
    path = tmp_path / "a.zip"
    damaged = base64.b64decode(
        "UEsDBBQAAAAIABcYd12Mt9pEUAAAANgAAAAIAAAAY29yZC5yb2nzzC8tYXjCwcBgycDJ4MQgzCDCQAqYwMAOhJxA"
        "yAWEIJoDCBmBEARANBMQsgAhRFYNCEEiMBUgNkgMZAqXnhOLHReAmIVoFyUz5DMUMaQAAFBLAQIUAxQAAAAIABcY"
        "d12Mt9pEUAAAANgAAAAIAAAAAAAAAAAAAACAAQAAAABjb3JkLnJvaVBLBQYAAAAA+f8BADYAAAB2AIQAAAAA"
    )
    path.write_bytes(damaged)
    with pytest.raises(RoiError, match=r"a\.zip: is not a readable RoiSet \(negative seek"):
        read_rois(path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_that_imagej_could_not_unpack(tmp_path: Path, packing: int):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", packing) as archive:
        archive.writestr("cord.roi", ONE)
    with pytest.raises(RoiError, match="packed in a way that ImageJ does not know"):
        read_rois(tmp_path / "a.zip")


def test_a_zip_without_rois_is_no_empty_set(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(RoiError, match=r"holds no \.roi files"):
        read_rois(path)


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path):
    with pytest.raises(RoiError, match=r"none.roi: no such ROI file"):
        read_rois(tmp_path / "none.roi")


@pytest.mark.parametrize("name", ["x.zip", "x.RoiSet.zip", "x_RoiSet.zip", "x.roi", "RoiSet.zip"])
def test_the_roi_file_of_its_name_is_an_images_and_a_common_one_is_not(tmp_path: Path, name: str):
    image = tmp_path / "x.tif"
    image.touch()
    assert find_rois(image) is None
    (tmp_path / name).touch()
    assert find_rois(image) == tmp_path / name
    if name == "RoiSet.zip":
        (tmp_path / "other.tif").touch()
        assert find_rois(image) is None


# Spellings of public macros: name, word and case as they write them.
SPELLINGS = """
    x_RoiSet.zip x_ROIset.zip x_roiset.zip x-RoiSet.zip x.RoiSet.zip xRoiSet.zip x_ROISET.ZIP
    x_ROIs.zip x_Rois.zip x__rois.zip x-rois.zip x.ROIs.zip xROIs.zip x_roi.roi x_ROI.zip x.ZIP
    x.tif.zip x.tif_RoiSet.zip x.tif.roi x_RoiSets.zip
    ROI/x.zip ROIs/x_ROIs.zip RoiSet/x.roi rois/x_RoiSet.zip ROIS/x.tif.zip
"""


@pytest.mark.parametrize("name", [*SPELLINGS.split(), "x RoiSet.zip"])
def test_roi_files_as_public_macros_spell_them_are_found(tmp_path: Path, name: str):
    for image in ("x.tif", "y.tif", "xx.tif", "x_1.tif"):
        (tmp_path / image).touch()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert find_rois(tmp_path / "x.tif") == tmp_path / name
    for other in ("y.tif", "xx.tif", "x_1.tif"):
        assert find_rois(tmp_path / other) is None


@pytest.mark.parametrize(
    "name", ["RoiSet.zip", "ROIset.zip", "rois.zip", "ROI.roi", "ROIs/RoiSet.zip"]
)
def test_the_set_of_a_folder_is_for_its_only_image(tmp_path: Path, name: str):
    image = tmp_path / "x.tif"
    image.touch()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert find_rois(image) == tmp_path / name
    (tmp_path / "scan.jpg").touch()
    (tmp_path / "._y.tif").touch()
    assert find_rois(image) == tmp_path / name
    (tmp_path / "y.nii.gz").touch()
    assert find_rois(image) is None


def test_the_set_inside_a_dicom_folder(tmp_path: Path):
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan2").mkdir()
    (tmp_path / "scan" / "ROIset.zip").touch()
    assert find_rois(tmp_path / "scan") == tmp_path / "scan" / "ROIset.zip"
    (tmp_path / "RoiSet.zip").touch()
    assert find_rois(tmp_path / "scan2") is None
    (tmp_path / "scan2_ROIs.zip").touch()
    assert find_rois(tmp_path / "scan2") == tmp_path / "scan2_ROIs.zip"


@pytest.mark.parametrize("second", ["x.roi", "x_RoiSet.zip", "ROIs/x.zip", "x.tif.zip"])
def test_two_files_that_may_be_the_rois_are_refused(tmp_path: Path, second: str):
    image = tmp_path / "x.tif"
    for name in ("x.tif", "x.zip", "RoiSet.zip", second):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(RoiError) as error:
        find_rois(image)
    message = str(error.value).removeprefix(f"{image}: ")
    both, _, what = message.partition(" may both be its ROIs; ")
    assert set(both.split(" and ")) == {"x.zip", second}
    assert what == "move or delete one, or name the right one by --rois"


def test_two_sets_of_a_folder_are_refused(tmp_path: Path):
    for name in ("x.tif", "RoiSet.zip", "rois.zip"):
        (tmp_path / name).touch()
    with pytest.raises(RoiError, match=r"RoiSet.zip and rois.zip may both be its ROIs"):
        find_rois(tmp_path / "x.tif")


def test_a_roi_file_called_as_another_image_is_that_ones(tmp_path: Path):
    for name in ("a.tif", "a_roi.tif", "a_roi.zip"):
        (tmp_path / name).touch()
    assert find_rois(tmp_path / "a_roi.tif") == tmp_path / "a_roi.zip"
    assert find_rois(tmp_path / "a.tif") is None


def test_a_tiff_in_a_zip_is_no_roi_file(tmp_path: Path):
    for name in ("x.tif", "x_ROIs.zip"):
        (tmp_path / name).touch()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.tif", b"II*")
    assert is_zipped_image(tmp_path / "x.zip")
    assert find_rois(tmp_path / "x.tif") == tmp_path / "x_ROIs.zip"
    assert find_rois(tmp_path / "x.zip") == tmp_path / "x_ROIs.zip"


def test_a_folder_that_changes_is_looked_at_again(tmp_path: Path):
    """A long session: the folder is looked through once, and again when something was added."""
    image = tmp_path / "x.tif"
    image.touch()
    long_ago = time.time_ns() - 60 * 10**9
    os.utime(tmp_path, ns=(long_ago, long_ago))
    assert find_rois(image) is None
    (tmp_path / "x_ROIs.zip").touch()
    assert find_rois(image) == tmp_path / "x_ROIs.zip"
    os.utime(tmp_path, ns=(long_ago + 1, long_ago + 1))
    assert find_rois(image) == tmp_path / "x_ROIs.zip"


def test_what_macos_adds_to_a_zip_is_passed_over(tmp_path: Path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set/", b"")
        archive.writestr("set/cord.roi", ONE)
        archive.writestr("__MACOSX/set/._cord.roi", b"Mac OS X")
        archive.writestr("__MACOSX/cord.roi", b"Mac OS X")
        archive.writestr("set/._high.roi", b"Mac OS X")
    assert [roi.name for roi in read_rois(path)] == ["cord"]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("cord", "cord"),
        ("set/cord", "cord"),
        ("high L5/S1", "high L5/S1"),
        ("sets/high L5/S1", "high L5/S1"),
        ("cord C5/6", "cord C5/6"),
        ("L5/1", "1"),
        ("T2/cord", "cord"),
        ("L4/high L5/S1/x", "x"),
        ("a\\cord Th12/L1", "cord Th12/L1"),
        ("xL5/S1", "S1"),
    ],
)
def test_the_slash_between_two_levels_belongs_to_the_name(entry: str, name: str):
    assert entry_name(entry + ".roi") == name


def test_rois_inside_a_tiff_are_found(tmp_path: Path):
    import tifffile

    path = tmp_path / "x.tif"
    tifffile.imwrite(
        path,
        np.zeros((20, 20), np.uint16),
        imagej=True,
        metadata={"ROI": ONE, "Overlays": [encode_mask(np.eye(6) > 0, name="high")]},
    )
    with read_image(path) as image:
        assert [roi.name for roi in embedded_rois(image)] == ["high", "cord"]
