"""Every kind of file that ImageJ opens: pixel values and calibration are ImageJ's, bit for bit."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
import tifffile
from rigs.places import DATA

from pyrhi.imagej.calibration import table
from pyrhi.io.images import read_image

ANSWERS = [json.loads(line) for line in (DATA / "images/imagej.jsonl").read_text().splitlines()]
ZERO_RESOLUTION = {"plain_u8_le.tif", "plain_u8_be.tif"}
SIGNED = 32768


def crc(values):
    values = values.copy()
    if values.dtype.kind == "f":
        values[np.isnan(values)] = np.float32(np.nan)
    return zlib.crc32(values.astype(values.dtype.newbyteorder(">")).tobytes())


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer["file"])
def test_values_and_calibration_are_imagejs(answer):
    with read_image(DATA / "images" / answer["file"]) as image:
        c = image.calibration
        seen = {
            "kind": image.kind,
            "width": image.width,
            "height": image.height,
            "n_slices": image.n_slices,
            "dimensions": list(image.dimensions),
            "pixel_width": c.pixel_width,
            "pixel_height": c.pixel_height,
            "pixel_depth": c.pixel_depth,
            "unit": c.unit,
            "x_origin": c.x_origin,
            "y_origin": c.y_origin,
            "z_origin": c.z_origin,
            "invert_y": c.invert_y,
            "function": int(c.function),
            "coefficients": list(c.coefficients),
            "value_unit": c.value_unit,
            "inverted_lut": c.inverted_lut,
            "planes": [crc(image.plane(n + 1)) for n in range(image.n_slices)],
            "moments": crc(image.moments_plane(1).astype(np.float32)),
        }
        values = table(c, image.kind)
        seen["table"] = None if values is None else crc(values)
        if image.display_range is not None:
            seen["display_range"] = list(image.display_range)
    expected = {key: answer[key] for key in seen}
    if answer["file"] in ZERO_RESOLUTION:
        assert expected.pop("unit") == "inch"
        assert seen.pop("unit") == "pixel"
        assert image.warnings == ("pixel size 0 x 0 cannot be used: areas are in pixel^2",)
    assert seen == expected


def test_every_made_file_has_an_answer():
    kinds = (".tif", ".png", ".dcm", ".jpg", ".zip")
    names = {p.name for p in (DATA / "images").iterdir() if p.suffix in kinds}
    assert names == {answer["file"] for answer in ANSWERS}
    assert len(names) > 100


@pytest.mark.parametrize("path", sorted((DATA / "golden").glob("*.tif")), ids=lambda p: p.stem)
def test_golden_images_hold_tifffiles_pixels(path):
    expected = tifffile.imread(path)
    with read_image(path) as image:
        planes = np.stack([image.plane(n + 1) for n in range(image.n_slices)])
    if expected.dtype.kind == "i":
        expected = (expected.astype(np.int32) + SIGNED).astype(np.uint16)
    np.testing.assert_array_equal(planes, expected)
    assert image.slice_labels[0] == "slice 1"
    assert image.warnings == ()


def test_the_anisotropic_golden_image_has_imagejs_pixel_size():
    with read_image(DATA / "golden/t2_sagittal_anisotropic.tif") as image:
        c = image.calibration
    assert (c.pixel_width, c.pixel_height, c.pixel_depth) == (0.5, 1 / (1111111 / 1000000), 4.0)


def test_nifti_is_the_sagittal_stack_upside_down():
    with (
        read_image(DATA / "sample/nifti/t2.nii.gz") as volume,
        read_image(DATA / "sample/sagittal_stack/t2_sagittal.tif") as stack,
    ):
        assert volume.n_slices == stack.n_slices == 29
        for n in range(1, 30):
            mirrored = stack.plane(n)[::-1].astype(np.int32)
            np.testing.assert_array_equal(volume.plane(n).astype(np.int32) - SIGNED, mirrored)
        assert volume.calibration.unit == "mm"
        assert volume.calibration.pixel_width == float(np.float32(0.8))
