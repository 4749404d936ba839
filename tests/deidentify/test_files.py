"""TIFF, PNG and NIfTI without texts: the same numbers, and no text of the old file."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
import roifile
import tifffile
from rigs.places import DATA

from pyrhi.batch.identifiers import Identifiers
from pyrhi.batch.results import results_table
from pyrhi.deidentify.files import clean_nifti, clean_png, clean_tiff
from pyrhi.io.images import read_image
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.io.rois.decode import decode_roi
from pyrhi.rhi.roles import RolePatterns

PATTERNS = RolePatterns()

SECRET = "Musterfrau"

INFO = f"0010,0010  Patient's Name: {SECRET}^Erika\n0010,0020  Patient ID: ID-4711-XYZ\n"


def tiff(source: Path, target: Path) -> dict[str, int]:
    return clean_tiff(source, target, PATTERNS, Identifiers())


def tables(image: Path, rois: Path) -> list[str]:
    """ImageJ's Results table without the names of ROIs."""
    table = results_table(image, rois)
    assert not table.errors
    return [line.split(",", 1)[1] for line in table.lines]


IMAGES = sorted((DATA / "images").glob("*.tif"))


@pytest.mark.parametrize("path", IMAGES, ids=lambda p: p.name)
def test_every_tiff_measures_as_before(path: Path, tmp_path: Path):
    with read_image(path) as image:
        mask = np.zeros((image.height, image.width), bool)
        mask[1 : image.height - 1, 2 : image.width - 1] = True
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(mask, name="cord"))])
    tiff(path, tmp_path / "a.tif")
    assert tables(path, tmp_path / "r.zip") == tables(tmp_path / "a.tif", tmp_path / "r.zip")


def test_texts_of_a_tiff_are_left_out_and_its_rois_kept(tmp_path: Path):
    mask = np.zeros((20, 30), bool)
    mask[3:9, 4:12] = True
    roi = encode_mask(mask, name=f"cord L2 {SECRET}", position=2)
    text = roifile.ImagejRoi.frompoints([[1, 1], [5, 5]], name="t")
    text.roitype, text.subtype = roifile.ROI_TYPE.RECT, roifile.ROI_SUBTYPE.TEXT
    text.text, text.text_name, text.text_size = SECRET, "SansSerif", 12
    stack = np.arange(3 * 20 * 30, dtype=np.uint16).reshape(3, 20, 30)
    tifffile.imwrite(
        tmp_path / "in.tif",
        stack,
        imagej=True,
        resolution=(1 / 0.7, 1 / 0.7),
        metadata={
            "axes": "ZYX",
            "unit": "mm",
            "spacing": 3.3,
            "min": 12,
            "max": 900,
            "Info": INFO,
            "Labels": [f"{SECRET} {i}" for i in range(3)],
            "Properties": {"Patient": SECRET},
            "Overlays": [roi, text.tobytes()],
            "ROI": roi,
        },
        extratags=[(315, "s", 0, SECRET, True), (316, "s", 0, f"pc-{SECRET}", True)],
        datetime=True,
    )
    found = Identifiers()
    actions = clean_tiff(tmp_path / "in.tif", tmp_path / "out.tif", PATTERNS, found)
    assert actions["texts drawn"] == 1
    assert actions["labels left out"] == 3
    assert {SECRET, "Erika", "ID-4711-XYZ"} <= set(found.kind_of)
    data = (tmp_path / "out.tif").read_bytes()
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert SECRET.encode(encoding) not in data
    with read_image(tmp_path / "in.tif") as a, read_image(tmp_path / "out.tif") as b:
        assert b.slice_labels == ("", "", "")
        assert (b.calibration, b.display_range) == (a.calibration, a.display_range)
        assert b.display_range == (12.0, 900.0)
        assert b.dimensions == a.dimensions == (1, 3, 1)
        (kept,) = [decode_roi(d) for d in b.overlay]
        assert kept.name == "cord L2"
        assert kept.position == 2
        assert np.array_equal(b.plane(2), stack[1])
    with tifffile.TiffFile(tmp_path / "out.tif") as tif:
        texts = {t.name: t.value for t in tif.pages[0].tags if isinstance(t.value, str)}
        assert set(texts) == {"ImageDescription"}
        lines = texts["ImageDescription"].splitlines()
        kept = {"images=3", "slices=3", "unit=mm", "spacing=3.3", "min=12", "max=900"}
        assert kept | {"hyperstack=true", "mode=grayscale"} >= set(lines[1:]) >= kept


def test_ome_tiff_has_new_xml(tmp_path: Path):
    stack = np.arange(2 * 4 * 20 * 30, dtype=np.uint16).reshape(2, 4, 20, 30)
    tifffile.imwrite(
        tmp_path / "in.ome.tif",
        stack,
        ome=True,
        metadata={
            "axes": "CZYX",
            "Name": SECRET,
            "Description": SECRET,
            "PhysicalSizeX": 0.3,
            "PhysicalSizeXUnit": "mm",
            "PhysicalSizeY": 0.3,
            "PhysicalSizeYUnit": "mm",
            "PhysicalSizeZ": 3.3,
            "PhysicalSizeZUnit": "mm",
        },
    )
    tiff(tmp_path / "in.ome.tif", tmp_path / "out.tif")
    assert SECRET.encode() in (tmp_path / "in.ome.tif").read_bytes()
    assert SECRET.encode() not in (tmp_path / "out.tif").read_bytes()
    with read_image(tmp_path / "in.ome.tif") as a, read_image(tmp_path / "out.tif") as b:
        assert (a.calibration, a.dimensions) == (b.calibration, b.dimensions)
        assert b.calibration.pixel_depth == 3.3


def test_png_keeps_its_pixels_and_no_text(data: Path, tmp_path: Path):
    for source in sorted((data / "images").glob("*.png")):
        plain = source.read_bytes()
        text = b"tEXt" + b"Author\0" + SECRET.encode()
        chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
        at = plain.index(b"IDAT") - 4
        (tmp_path / "in.png").write_bytes(plain[:at] + chunk + plain[at:] + SECRET.encode())
        clean_png(tmp_path / "in.png", tmp_path / "out.png")
        assert SECRET.encode() not in (tmp_path / "out.png").read_bytes()
        with read_image(source) as a, read_image(tmp_path / "out.png") as b:
            assert np.array_equal(a.plane(1), b.plane(1))


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_nifti_keeps_its_values_and_no_text(name: str, kind, tmp_path: Path):
    values = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)
    image = kind(values, np.diag([0.5, 0.5, 3.0, 1.0]))
    for field in ("descrip", "aux_file", "intent_name"):
        image.header[field] = SECRET.encode()
    image.header["scl_slope"], image.header["scl_inter"] = 2.0, 1.0
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", SECRET.encode()))
    nibabel.save(image, tmp_path / name)
    actions = clean_nifti(tmp_path / name, tmp_path / f"out-{name}", Identifiers())
    assert actions == {"texts emptied": 3, "extensions left out": 1}
    out = (tmp_path / f"out-{name}").read_bytes()
    assert SECRET.encode() not in (gzip.decompress(out) if name.endswith("gz") else out)
    a, b = nibabel.load(tmp_path / name), nibabel.load(tmp_path / f"out-{name}")
    assert np.array_equal(a.get_fdata(), b.get_fdata())
    assert np.array_equal(a.affine, b.affine)
    assert type(b) is type(a)
