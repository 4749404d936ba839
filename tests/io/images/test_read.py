"""Whatever a file is called and however it is damaged: an image, or one line."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys

import nibabel
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rigs.images import ramp
from rigs.places import DATA

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


def whole_files():
    tif = io.BytesIO()
    tifffile.imwrite(tif, ramp(shape=(3, 6, 8)), imagej=True, metadata={"unit": "mm"})
    lzw = io.BytesIO()
    tifffile.imwrite(lzw, ramp(shape=(3, 6, 8)), compression="lzw", photometric="minisblack")
    nifti = nibabel.Nifti1Image(ramp(shape=(6, 8, 3)), np.eye(4)).to_bytes()
    return {
        "imagej": tif.getvalue(),
        "lzw": lzw.getvalue(),
        "png": (DATA / "images/png_grey16.png").read_bytes(),
        "nifti": nifti,
        "nifti_gz": gzip.compress(nifti),
        "dicom": (DATA / "images/dicom_i16_intercept.dcm").read_bytes(),
    }


WHOLE = whole_files()


def opens_or_refuses(path):
    """Read everything: an Image or a one-line ImageError, never another exception."""
    refusal = ""
    try:
        with read_image(path) as image:
            for n in range(min(image.n_slices, 20)):
                assert image.plane(n + 1).shape == (image.height, image.width)
    except ImageError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert not refusal or path.name in refusal
    return not refusal


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_file_cut_short_anywhere_is_refused(tmp_path, kind, capfd):
    content = WHOLE[kind]
    path = tmp_path / "müde schnitte.img"
    for end in range(0, len(content), max(1, len(content) // 150)):
        path.write_bytes(content[:end])
        opens_or_refuses(path)
    # tifffile writes further IFDs behind the pixels of an ImageJ stack, which nobody needs
    end = (
        len(content) - 20
        if kind != "imagej"
        else content.index(ramp(shape=(3, 6, 8)).tobytes()) + 280
    )
    path.write_bytes(content[:end])
    assert opens_or_refuses(path) is False
    path.write_bytes(content)
    assert opens_or_refuses(path) is True
    assert capfd.readouterr().err == ""


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_flipped_bytes_never_end_in_a_traceback(tmp_path, kind, data):
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, min(len(content), 700) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(content))
    opens_or_refuses(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"not an image at all" * 40, "no TIFF, DICOM, NIfTI or PNG"),
        (b"II*\0" + b"\xff" * 400, "cannot be read"),
        (b"II*\0", "cannot be read"),
        # tifffile's whole message is the number of the page.
        (b"II*\0aaaa", r"cannot be read as an image \(damaged: IndexError 0\)"),
    ],
)
def test_what_is_no_image_is_named(tmp_path, content, reason):
    path = tmp_path / "fake é.tif"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=reason) as caught:
        read_image(path)
    assert "fake é.tif" in str(caught.value)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"gone\.tif: cannot be read as an image \(No such"):
        read_image(tmp_path / "gone.tif")
    with pytest.raises(ImageError, match="holds no DICOM image"):
        read_image(tmp_path)


def test_a_plane_beyond_the_stack_and_a_closed_image_are_refused(tmp_path):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, ramp())
    image = read_image(path)
    with pytest.raises(ImageError, match="there is no slice 2; the image has 1"):
        image.plane(2)
    image.close()
    with pytest.raises(ImageError, match="cannot be read"):
        image.plane(1)


def test_content_decides_not_the_extension(tmp_path):
    path = tmp_path / "really a png.tif"
    path.write_bytes((DATA / "images/png_rgb.png").read_bytes())
    with read_image(path) as image:
        assert image.kind == "RGB"
        assert image.warnings == ("no pixel size: areas are in pixel^2",)


def test_importing_the_readers_loads_no_format_library():
    code = (
        "import sys, pyrhi.io.images\n"
        "print([m for m in ('tifffile','pydicom','nibabel','imagecodecs','pandas','skimage')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
