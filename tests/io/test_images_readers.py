"""Readers: round trips through other writers, series, OME, damaged files, and memory."""

import gzip
import io
import subprocess
import sys
import warnings
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
    generate_uid,
)

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.limits import MAX_PLANE_PIXELS

DATA = Path(__file__).parents[1] / "data"
SIGNED = 32768
MR = UID("1.2.840.10008.5.1.4.1.1.4")
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIXELS = st.sampled_from(["u1", "u2", "i2", "f4"]).flatmap(
    lambda dtype: hnp.arrays(dtype, st.tuples(*[st.integers(1, 3)] + [st.integers(2, 9)] * 2))
)


def raw(image, signed):
    planes = np.stack([image.plane(n + 1) for n in range(image.n_slices)])
    if signed:
        return (planes.astype(np.int32) - SIGNED).astype(np.int16)
    return planes


def dicom(path, pixels, *, frames=None, syntax=ExplicitVRLittleEndian, remove=(), **tags):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MR
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    header.SOPClassUID = MR
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    header.SeriesInstanceUID = "1.2.3"
    header.SeriesNumber = 1
    header.PatientID = "made-up"
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = pixels.shape[-2:]
    header.BitsAllocated = header.BitsStored = pixels.dtype.itemsize * 8
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    header.PixelSpacing = ["0.9", "0.4"]
    if frames:
        header.NumberOfFrames = frames
    header.PixelData = pixels.tobytes()
    header["PixelData"].VR = "OW"
    for key, value in tags.items():
        setattr(header, key, value)
    for key in remove:
        delattr(header, key)
    if syntax != ExplicitVRLittleEndian:
        header.compress(syntax)
    header.save_as(path, enforce_file_format=True)
    return path


def ramp(dtype="u2", shape=(6, 8), start=0):
    return (np.arange(np.prod(shape)).reshape(shape) + start).astype(dtype)


# ------------------------------------------------------------------ round trips


@QUICK
@given(
    data=PIXELS,
    order=st.sampled_from("<>"),
    big=st.booleans(),
    compression=st.sampled_from([None, "lzw", "zlib", "packbits"]),
    tiled=st.booleans(),
)
def test_tiff_round_trip(tmp_path, data, order, big, compression, tiled):
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
def test_imagej_tiff_round_trip(tmp_path, data, width, depth):
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


@QUICK
@given(data=PIXELS, packed=st.booleans(), units=st.sampled_from(["mm", "micron", "meter"]))
def test_nifti_round_trip(tmp_path, data, packed, units):
    path = tmp_path / ("x.nii.gz" if packed else "x.nii")
    volume = nibabel.Nifti1Image(data.transpose(2, 1, 0), np.diag([0.5, 2.0, 3.0, 1.0]))
    volume.header.set_xyzt_units(units)
    nibabel.save(volume, path)
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, data.dtype.kind == "i"), data)
        c = image.calibration
    factor = {"mm": 1.0, "micron": 1e-3, "meter": 1e3}[units]
    assert (c.pixel_width, c.pixel_height, c.pixel_depth) == (0.5 * factor, 2 * factor, 3 * factor)
    assert c.unit == "mm"


@QUICK
@given(data=PIXELS.filter(lambda a: a.dtype.kind in "ui"))
def test_dicom_round_trip(tmp_path, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd lengths of 8-bit pixels are padded by the writer
        path = dicom(tmp_path / "x", data, frames=len(data))
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, data.dtype.kind == "i"), data)
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.4, 0.9)


# ------------------------------------------------------------------ damaged files


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


# ------------------------------------------------------------------ TIFF


def test_dicom_whose_preamble_starts_as_a_tiff_does():
    """pydicom's own sample of such a file, an MR slice."""
    path = get_testdata_file("MR_small.dcm")
    assert Path(path).read_bytes().startswith(b"II*\0")
    with read_image(path) as image:
        plane = image.plane(1)
    # ImageJ holds signed pixels 32768 higher.
    assert np.array_equal(plane - 32768.0, pydicom.dcmread(path).pixel_array)


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


def test_ome_tiff_gives_pixel_size_and_imagejs_order(tmp_path):
    path = tmp_path / "x.ome.tif"
    data = ramp(shape=(2, 3, 2, 6, 8))  # T, C, Z
    sizes = {"PhysicalSizeX": 250.0, "PhysicalSizeY": 0.5, "PhysicalSizeZ": 3.0}
    units = {"PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "mm", "PhysicalSizeZUnit": "mm"}
    tifffile.imwrite(
        path, data, photometric="minisblack", metadata={"axes": "TCZYX"} | sizes | units
    )
    with read_image(path) as image:
        assert image.dimensions == (3, 2, 2)
        planes = raw(image, False).reshape(2, 2, 3, 6, 8)  # T, Z, C: channel fastest
        np.testing.assert_array_equal(planes, data.transpose(0, 2, 1, 3, 4))
        c = image.calibration
    assert (c.pixel_width, c.unit) == (250.0, "µm")
    assert c.pixel_height == pytest.approx(500.0, rel=1e-12)
    assert c.pixel_depth == pytest.approx(3000.0, rel=1e-12)


def test_ome_tiff_without_pixel_size_warns(tmp_path):
    path = tmp_path / "x.ome.tif"
    tifffile.imwrite(path, ramp(), metadata={"axes": "YX"})
    with read_image(path) as image:
        assert image.calibration.unit == "pixel"
        assert image.warnings == ("no pixel size: areas are in pixel^2",)


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


# ------------------------------------------------------------------ DICOM

AXIAL = ["1", "0", "0", "0", "1", "0"]


def make_series(folder, positions, **tags):
    for i, z in enumerate(positions):
        options = {"ImageOrientationPatient": AXIAL, "ImagePositionPatient": ["0", "0", str(z)]}
        dicom(folder / f"im{i}", ramp(start=100 * i), InstanceNumber=i + 1, **(options | tags))


def test_a_series_is_sorted_along_its_normal(tmp_path):
    make_series(tmp_path, [7.0, -5.0, 1.0])
    (tmp_path / "notes.txt").write_text("no image")
    with read_image(tmp_path) as image:
        assert [int(image.plane(n)[0, 0]) for n in (1, 2, 3)] == [100, 200, 0]
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.pixel_depth, c.unit) == (0.4, 0.9, 6.0, "mm")
        assert image.name == tmp_path.name
        assert image.patient_id == "made-up"
        assert "made-up" not in repr(image)
        assert image.warnings == ()


def test_a_series_without_positions_is_sorted_by_number_with_a_warning(tmp_path):
    for i, number in enumerate([3, 1, 2]):
        dicom(tmp_path / f"im{i}", ramp(start=100 * i), InstanceNumber=number)
    with read_image(tmp_path) as image:
        assert [int(image.plane(n)[0, 0]) for n in (1, 2, 3)] == [100, 200, 0]
        assert "InstanceNumber" in image.warnings[0]


def test_several_series_are_listed_and_one_can_be_chosen(tmp_path):
    make_series(tmp_path, [0, 1])
    dicom(tmp_path / "z", ramp(start=7), SeriesInstanceUID="1.2.4", SeriesNumber=2)
    with pytest.raises(ImageError, match=r"series 1 \(2 slices\), series 2 \(1 slices\)") as caught:
        read_image(tmp_path)
    assert "1.2.4" not in str(caught.value)
    for chosen in ("2", "1.2.4"):
        with read_image(tmp_path, series=chosen) as image:
            assert image.n_slices == 1
            assert image.plane(1)[0, 0] == 7
    with pytest.raises(ImageError, match="there is no such series"):
        read_image(tmp_path, series="9")


def test_slices_that_do_not_belong_together_are_refused(tmp_path):
    make_series(tmp_path, [0, 1])
    odd = tmp_path / "odd"
    dicom(odd, ramp(shape=(5, 8)))
    with pytest.raises(ImageError, match="odd: the slice is 8 x 5 pixels"):
        read_image(tmp_path)
    sagittal = ["0", "1", "0", "0", "0", "-1"]
    dicom(odd, ramp(), ImageOrientationPatient=sagittal, ImagePositionPatient=["0", "0", "2"])
    with pytest.raises(ImageError, match="odd: the slice lies in another direction"):
        read_image(tmp_path)
    odd.write_bytes((tmp_path / "im0").read_bytes()[:-30])
    with pytest.raises(ImageError, match="odd: the header promises"):
        read_image(tmp_path)


def test_missing_and_doubled_slices_are_told(tmp_path):
    make_series(tmp_path, [0, 1, 2, 4, 4])
    with read_image(tmp_path) as image:
        assert image.calibration.pixel_depth == 1.0
        assert image.warnings == (
            "several slices share one position",
            "slices are not evenly spaced: one may be missing",
        )


def test_spacing_of_an_enhanced_file_comes_from_its_functional_groups(tmp_path):
    def measures(rows, columns):
        inner = Dataset()
        inner.PixelSpacing = [rows, columns]
        inner.SpacingBetweenSlices = "5.5"
        outer = Dataset()
        outer.PixelMeasuresSequence = Sequence([inner])
        return outer

    data = ramp(shape=(2, 6, 8))
    shared = Sequence([measures("0.3", "0.2")])
    path = dicom(tmp_path / "x", data, frames=2, SharedFunctionalGroupsSequence=shared)
    with read_image(path) as image:
        c = image.calibration
        assert (c.pixel_width, c.pixel_height, c.pixel_depth) == (0.2, 0.3, 5.5)
    frames = Sequence([measures("0.6", "0.5"), measures("0.6", "0.5")])
    both = {"SharedFunctionalGroupsSequence": shared, "PerFrameFunctionalGroupsSequence": frames}
    with read_image(dicom(tmp_path / "y", data, frames=2, **both)) as image:
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.5, 0.6)
    frames[1] = measures("0.7", "0.5")
    path = dicom(tmp_path / "z", data, frames=2, **both)
    with pytest.raises(ImageError, match="pixel size differs"):
        read_image(path)


def test_imager_pixel_spacing_only_when_asked_for(tmp_path):
    path = dicom(tmp_path / "x", ramp(), remove=["PixelSpacing"], ImagerPixelSpacing=["0.2", "0.1"])
    with read_image(path) as image:
        assert image.calibration.unit == "pixel"
        assert "no pixel size: areas are in pixel^2" in image.warnings
    with read_image(path, imager_pixel_spacing=True) as image:
        assert (image.calibration.pixel_width, image.calibration.pixel_height) == (0.1, 0.2)


@pytest.mark.parametrize("spacing", [["0", "0"], ["-1", "1"]])
def test_a_useless_dicom_spacing_gives_pixels_and_a_warning(tmp_path, spacing):
    with read_image(dicom(tmp_path / "x", ramp(), PixelSpacing=spacing)) as image:
        assert image.calibration.unit == "pixel"
        assert image.warnings[0].endswith("cannot be used: areas are in pixel^2")


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=["RLE", "JPEG 2000"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2"])
def test_lossless_transfer_syntaxes_hold_the_values(tmp_path, syntax, dtype):
    data = np.random.default_rng(3).integers(0, 200, (2, 64, 64)).astype(dtype)
    path = dicom(tmp_path / "x", data, frames=2, syntax=syntax)
    with read_image(path) as image:
        np.testing.assert_array_equal(raw(image, dtype == "i2"), data)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)


def test_jpeg_lossless_holds_the_values(tmp_path):
    import imagecodecs

    data = np.random.default_rng(3).integers(0, 4000, (16, 16)).astype("u2")
    from pydicom.encaps import encapsulate

    path = dicom(tmp_path / "x", data)
    import pydicom

    header = pydicom.dcmread(path)
    header.PixelData = encapsulate([imagecodecs.ljpeg_encode(data, bitspersample=16)])
    header["PixelData"].is_undefined_length = True
    header.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    header.save_as(path)
    with read_image(path) as image:
        np.testing.assert_array_equal(image.plane(1), data)


def test_signed_32_bit_dicom_is_refused(tmp_path):
    path = dicom(tmp_path / "x", ramp("i4"))
    with pytest.raises(ImageError, match="32-bit signed"):
        read_image(path)


# ------------------------------------------------------------------ NIfTI


def test_scaled_nifti_is_float(tmp_path):
    path = tmp_path / "x.nii"
    volume = nibabel.Nifti1Image(ramp("i2", (8, 6, 2)), np.eye(4))
    volume.header.set_slope_inter(0.25, -3.0)
    nibabel.save(volume, path)
    with read_image(path) as image:
        assert image.kind == "32-bit"
        expected = np.asarray(nibabel.load(path).dataobj).astype(np.float32)
        np.testing.assert_array_equal(raw(image, False), expected.transpose(2, 1, 0))
        assert "mm is taken" in image.warnings[0]


def test_nifti_with_zero_pixel_size_and_frames(tmp_path):
    path = tmp_path / "x.nii"
    volume = nibabel.Nifti1Image(ramp("u1", (4, 3, 2, 2)), np.eye(4))
    volume.header["pixdim"][1] = 0
    volume.to_filename(path)
    content = bytearray(path.read_bytes())
    content[80:84] = np.float32(0).tobytes()
    path.write_bytes(bytes(content))
    with read_image(path) as image:
        assert image.dimensions == (1, 2, 2)
        assert image.calibration.unit == "pixel"
        assert image.warnings[0].endswith("cannot be used: areas are in pixel^2")


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(tmp_path):
    path = tmp_path / "x.nii.gz"
    content = nibabel.Nifti1Image(ramp("u1", (4, 3, 2)), np.eye(4)).to_bytes()
    path.write_bytes(gzip.compress(content + bytes(50_000_000)))
    with read_image(path) as image:
        assert image.n_slices == 2
        assert image.plane(1).shape == (3, 4)


# ------------------------------------------------------------------ memory and start-up

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


def test_importing_the_readers_loads_no_format_library():
    code = (
        "import sys, pyrhi.io.images\n"
        "print([m for m in ('tifffile','pydicom','nibabel','imagecodecs','pandas','skimage')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
