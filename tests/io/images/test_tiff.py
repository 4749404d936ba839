"""TIFF: round trips through another writer, what lies inside, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from rigs.images import PIXELS, QUICK, ramp, raw

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.limits import MAX_PLANE_PIXELS


@QUICK
@given(
    data=PIXELS,
    order=st.sampled_from("<>"),
    big=st.booleans(),
    compression=st.sampled_from([None, "lzw", "zlib", "packbits"]),
    tiled=st.booleans(),
)
def test_tiff_keeps_every_value_however_it_is_packed(
    tmp_path, data, order, big, compression, tiled
):
    path = tmp_path / "x.tif"
    tifffile.imwrite(
        path,
        data,
        byteorder=order,
        bigtiff=big,
        compression=compression,
        tile=(16, 16) if tiled else None,
        photometric="minisblack",
        metadata=None,
        rowsperstrip=None if tiled else 2,
    )
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, data.dtype.kind == "i"), data)


@QUICK
@given(data=PIXELS, width=st.floats(0.01, 50), depth=st.floats(0.1, 20))
def test_an_imagej_tiff_keeps_pixels_size_and_display_range(tmp_path, data, width, depth):
    data = data.view(np.uint16) if data.dtype == np.int16 else data
    path = tmp_path / "x.tif"
    tifffile.imwrite(
        path,
        data,
        imagej=True,
        resolution=(1 / width, 2 / width),
        metadata={"unit": "mm", "spacing": depth, "axes": "ZYX", "min": 1.0, "max": 9.0},
    )
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, False), data)
        assert image.dimensions == (1, len(data), 1)
        c = image.calibration
    assert c.unit == "mm"
    assert c.pixel_width == pytest.approx(width, rel=1e-6)
    assert c.pixel_height == pytest.approx(width / 2, rel=1e-6)
    assert c.pixel_depth == depth


def test_a_stack_that_promises_more_than_the_file_holds_is_refused_at_open(tmp_path):
    path = tmp_path / "x.tif"
    text = "ImageJ=1.54p\nimages=90000000000\nunit=mm\n"
    tifffile.imwrite(path, ramp(), description=text, metadata=None)
    with pytest.raises(ImageError, match="the header promises"):
        read_image(path)


@pytest.mark.parametrize("rows", [60, 16_000_000])
def test_missing_strips_are_refused_not_measured_as_black(tmp_path, rows):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, ramp(), compression="lzw", rowsperstrip=2, metadata=None)
    with tifffile.TiffFile(path, mode="r+b") as tif:
        tif.pages[0].tags[257].overwrite(rows)
    with pytest.raises(ImageError, match="strips or tiles are missing"):
        read_image(path)


def test_an_absurd_size_is_refused_before_anything_is_read(tmp_path):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, ramp(), metadata=None)
    with tifffile.TiffFile(path, mode="r+b") as tif:
        tif.pages[0].tags[256].overwrite(2**31)
        tif.pages[0].tags[257].overwrite(2**31)
    with pytest.raises(ImageError, match=f"more than pyrhi reads .{MAX_PLANE_PIXELS} pixels"):
        read_image(path)


@pytest.mark.parametrize(
    "options",
    [
        {"data": ramp("f2")},
        {"data": ramp("f8")},
        {"data": ramp("i1")},
        {"data": ramp("u1", (6, 8, 4)), "photometric": "separated"},
    ],
    ids=["half", "double", "signed byte", "cmyk"],
)
def test_pixels_that_imagej_does_not_measure_are_refused(tmp_path, options):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, options.pop("data"), metadata=None, **options)
    with pytest.raises(ImageError, match="of this kind"):
        read_image(path)


@pytest.mark.parametrize("width", [7, 8, 19])
@pytest.mark.parametrize("compression", [None, "zlib", "packbits"])
def test_one_bit_pixels_are_0_and_255(tmp_path, width, compression):
    bits = np.random.default_rng(width).random((6, width)) > 0.5
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, bits, metadata=None, compression=compression)
    with read_image(path) as image:
        assert image.kind == "8-bit"
        assert np.array_equal(image.plane(1), np.where(bits, 255, 0))


def test_rois_overlay_and_labels_inside_an_imagej_tiff(tmp_path):
    path = tmp_path / "x.tif"
    roi, first, second = b"Iout-roi", b"Iout-1", b"Iout-2"
    tifffile.imwrite(
        path,
        ramp(shape=(2, 6, 8)),
        imagej=True,
        metadata={
            "axes": "ZYX",
            "Labels": ["L1", "größe"],
            "ROI": roi,
            "Overlays": [first, second],
        },
    )
    with read_image(path) as image:
        assert image.slice_labels == ("L1", "größe")
        assert image.embedded_rois == roi
        assert image.overlay == (first, second)


def test_jpeg_tiff_holds_what_the_codec_gives(tmp_path):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, ramp("u1", (16, 16)), compression="jpeg", metadata=None)
    with read_image(path) as image:
        np.testing.assert_array_equal(image.plane(1), tifffile.imread(path))


@pytest.mark.parametrize("cf", ["22", "5.0\nc0=1\nc1=2\ncf=3"])
def test_an_unusable_calibration_function_is_refused(tmp_path, cf):
    path = tmp_path / "x.tif"
    text = f"ImageJ=1.54p\nunit=mm\nc0=1\nc1=2\ncf={cf}\nvunit=v\n"
    tifffile.imwrite(path, ramp(), description=text, metadata=None)
    with pytest.raises(ImageError, match=r"x\.tif: calibration function"):
        read_image(path)


@pytest.mark.parametrize(
    ("x", "y"), [((0, 1), (1, 1)), ((1, 1), (1, 0)), ((0, 0), (0, 0))], ids=["0/1", "1/0", "0/0"]
)
def test_a_useless_pixel_size_gives_pixels_and_a_warning(tmp_path, x, y):
    path = tmp_path / "x.tif"
    text = "ImageJ=1.54p\nunit=mm\n"
    tifffile.imwrite(path, ramp(), description=text, metadata=None, resolution=(1, 1))
    with tifffile.TiffFile(path, mode="r+b") as tif:
        tif.pages[0].tags[282].overwrite(x)
        tif.pages[0].tags[283].overwrite(y)
    with read_image(path) as image:
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.unit) == (1.0, 1.0, "pixel")
        assert len(image.warnings) == 1
        assert image.warnings[0].endswith("cannot be used: areas are in pixel^2")


WALK = """
import re, sys
from pathlib import Path
from pyrhi.io.images import read_image
with read_image(sys.argv[1]) as image:
    total = sum(int(image.plane(n + 1)[0, 0]) for n in range(image.n_slices))
# Not ru_maxrss: that also remembers the process that was forked to start this one.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(image.n_slices, int(peak[1]) // 1024)
"""


@pytest.mark.slow
def test_a_2_gib_stack_is_read_in_little_memory(tmp_path):
    path = tmp_path / "big.tif"
    planes, side = 1024, 1024
    text = f"ImageJ=1.54p\nimages={planes}\nslices={planes}\nunit=mm\n"
    tifffile.imwrite(
        path, np.zeros((side, side), "u2"), description=text, metadata=None, resolution=(1, 1)
    )
    with open(path, "r+b") as file:  # a sparse file: no disk is used
        file.truncate(path.stat().st_size + (planes - 1) * side * side * 2)
    assert path.stat().st_size > 2**31
    done = subprocess.run(
        [sys.executable, "-c", WALK, str(path)], capture_output=True, text=True, check=True
    )
    n, megabytes = (int(word) for word in done.stdout.split())
    assert n == planes
    assert megabytes < 250
