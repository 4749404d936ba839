"""Reading ROIs: as ImageJ decodes them, and whatever a damaged file may hold."""

from __future__ import annotations

import base64
import contextlib
import os
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import roifile
from hypothesis import given, settings
from hypothesis import strategies as st
from rigs.places import DATA

from pyrhi.errors import RoiError
from pyrhi.imagej.mask import roi_mask
from pyrhi.imagej.roi import RoiType
from pyrhi.io.images import read_image
from pyrhi.io.rois import decode_roi, encode_mask, find_rois, read_rois, write_roiset
from pyrhi.io.rois.files import embedded_rois, entry_name, is_zipped_image

ONE = encode_mask(np.ones((4, 5), bool), name="cord")


@pytest.mark.parametrize("path", sorted(DATA.glob("golden/*.zip")), ids=lambda p: p.stem)
def test_fields_are_roifiles(path: Path):
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


def test_bytes_are_kept(tmp_path: Path):
    path = tmp_path / "a.zip"
    write_roiset(path, [("cord", ONE)])
    assert read_rois(path)[0].data == ONE


def test_same_rois_same_bytes(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        write_roiset(tmp_path / name, [("cord", ONE)])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_written_roi_is_roifiles_too():
    theirs = roifile.ImagejRoi.frombytes(ONE)
    assert theirs.name == "cord"
    assert (theirs.left, theirs.top, theirs.right, theirs.bottom) == (0, 0, 5, 4)


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
def test_damaged_zip(tmp_path: Path, content: bytes, message: str):
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


def test_spline_whose_points_lie_far_apart():
    """Found by fuzzing: 137 bytes that took 20 GB and two minutes to be refused."""
    data = base64.b64decode(
        "SW91dADkAAAAR//+AFUAJwAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgQAAAAAtAEACAAAAcAAP"
        "APb/AAAJAAUADAAFAABBYAAAQP///7+AAANA////QpoAAM7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs5CkAAAAABA"
        "aQBuAGU="
    )
    with pytest.raises(RoiError, match=r"a spline of \d+ points is more than pyrhi measures"):
        roi_mask(decode_roi(data), (256, 256))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_that_imagej_could_not_unpack(tmp_path: Path, packing: int):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", packing) as archive:
        archive.writestr("cord.roi", ONE)
    with pytest.raises(RoiError, match="packed in a way that ImageJ does not know"):
        read_rois(tmp_path / "a.zip")


def test_zip_without_rois(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(RoiError, match=r"holds no \.roi files"):
        read_rois(path)


def test_missing_file(tmp_path: Path):
    with pytest.raises(RoiError, match=r"none.roi: no such ROI file"):
        read_rois(tmp_path / "none.roi")


def test_point_count_is_limited():
    bad = bytearray(decode_source("poly"))
    bad[16:18] = b"\0\0"
    bad[18:22] = struct.pack(">i", 2**30)
    with pytest.raises(RoiError, match="claims 1073741824 points"):
        decode_roi(bytes(bad), name="x")


def decode_source(kind: str) -> bytes:
    with zipfile.ZipFile(DATA / "golden/t2_sagittal_16bit.RoiSet.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(f"-{kind}.roi"))
        return archive.read(name)


def test_wrapped_and_negative_coordinates_as_in_imagej():
    """``RoiDecoder.getShort``: below -5000 unsigned, else negative, and negative becomes 0."""
    data = bytearray(decode_source("poly"))
    n = struct.unpack_from(">H", data, 16)[0]
    data[64:66] = struct.pack(">h", -3)
    data[66:68] = struct.pack(">h", -6000)
    roi = decode_roi(bytes(data), name="x")
    left = struct.unpack_from(">h", data, 10)[0]
    assert n > 2
    assert roi.x is not None
    assert roi.x[0] == left
    assert roi.x[1] == left + 65536 - 6000


KINDS = ("rect", "rectf", "rrect", "ovalf", "poly", "polyf", "ellipse", "composite", "mask")


def refusal(data: bytes) -> str | None:
    try:
        decode_roi(data, name="cut")
    except RoiError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_truncation_at_every_byte(kind: str):
    data = decode_source(kind)
    for end in range(len(data)):
        message = refusal(data[:end])
        # A ROI may end before its name and still be whole.
        assert message is None or ("cut" in message and "\n" not in message)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_damaged_bytes_never_give_anything_else(kind, data):
    raw = bytearray(decode_source(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    message = refusal(bytes(raw))
    assert message is None or "\n" not in message
    if message is None:
        roi = decode_roi(bytes(raw), name="bad")
        if roi.is_area and roi.width * roi.height < 10**6:
            with contextlib.suppress(RoiError):
                roi_mask(roi, (32, 32))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(raw):
    with pytest.raises(RoiError):
        decode_roi(b"Xo" + raw, name="any")


def test_unknown_type():
    data = bytearray(ONE)
    data[6] = 99
    with pytest.raises(RoiError, match="unknown type"):
        decode_roi(bytes(data), name="x")


def test_line_type_is_read():
    roi = roifile.ImagejRoi()
    roi.roitype = roifile.ROI_TYPE.LINE
    roi.version = 228
    assert decode_roi(roi.tobytes(), name="l").type is RoiType.LINE


@pytest.mark.parametrize("name", ["x.zip", "x.RoiSet.zip", "x_RoiSet.zip", "x.roi", "RoiSet.zip"])
def test_rois_beside_an_image(tmp_path: Path, name: str):
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
def test_spellings_of_public_macros(tmp_path: Path, name: str):
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


def test_rois_inside_a_tiff(tmp_path: Path):
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


def test_write_is_whole_or_not_at_all(tmp_path: Path):
    from pyrhi.errors import OutputError

    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_roiset(target, [("cord", ONE)])
    assert list(target.iterdir()) == []
