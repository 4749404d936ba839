"""Make the small images in this folder; see README.md. Run: python make.py FOLDER."""

import sys
import zipfile
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

OUT = Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
RNG = np.random.default_rng(2024)
H, W = 11, 14


def values(dtype, shape=(H, W)):
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def tiff(name, data, **options):
    tifffile.imwrite(OUT / f"{name}.tif", data, **options)


def described(name, data, lines, order="<", **options):
    text = "ImageJ=1.54p\n" + "\n".join(lines) + "\n"
    tifffile.imwrite(
        OUT / f"{name}.tif", data, description=text, metadata=None, byteorder=order, **options
    )


# plain TIFF: every pixel type, byte order, compression and resolution unit
for order, letter in (("<", "le"), (">", "be")):
    options = {"byteorder": order, "metadata": None}
    tiff(f"plain_u8_{letter}", values("u1"), resolution=(0, 0), **options)
    tiff(
        f"plain_u16_{letter}",
        values("u2"),
        resolution=(12.5, 10.0),
        resolutionunit="CENTIMETER",
        **options,
    )
    tiff(f"plain_i16_{letter}", values("i2"), resolution=(96, 96), resolutionunit="INCH", **options)
    tiff(f"plain_i32_{letter}", values("i4"), resolution=(72, 72), resolutionunit="INCH", **options)
    floats = RNG.normal(0, 1e3, (H, W)).astype("f4")
    floats[0, :3] = np.nan, np.inf, -np.inf
    tiff(f"plain_f32_{letter}", floats, resolution=(3, 7), resolutionunit="NONE", **options)
    tiff(
        f"plain_rgb_{letter}",
        values("u1", (H, W, 3)),
        photometric="rgb",
        resolution=(25000, 20000),
        resolutionunit="CENTIMETER",
        **options,
    )
    tiff(
        f"plain_rgb_planar_{letter}",
        values("u1", (3, H, W)),
        photometric="rgb",
        planarconfig="separate",
        **options,
    )
    tiff(f"plain_rgb48_{letter}", values("u2", (H, W, 3)), photometric="rgb", **options)
    for compression in ("lzw", "adobe_deflate", "packbits"):
        for dtype in ("u1", "u2", "i2", "f4"):
            data = floats if dtype == "f4" else values(dtype)
            tiff(
                f"{compression}_{dtype}_{letter}",
                data,
                compression=compression,
                rowsperstrip=4,
                **options,
            )
    tiff(f"lzw_predictor_u2_{letter}", values("u2"), compression="lzw", predictor=2, **options)
    tiff(f"stack_u16_{letter}", values("u2", (4, H, W)), photometric="minisblack", **options)
    tiff(
        f"stack_deflate_i16_{letter}",
        values("i2", (3, H, W)),
        photometric="minisblack",
        compression="adobe_deflate",
        **options,
    )
    tiff(f"strips_u16_{letter}", values("u2"), rowsperstrip=3, **options)
tiff("white_is_zero_u8", values("u1"), photometric="miniswhite", metadata=None)
tiff("white_is_zero_u16", values("u2"), photometric="miniswhite", metadata=None)
tiff(
    "palette_u8",
    values("u1"),
    photometric="palette",
    colormap=values("u2", (3, 256)),
    metadata=None,
)
with tifffile.TiffWriter(OUT / "different_sizes.tif") as writer:
    writer.write(values("u2"), metadata=None)
    writer.write(values("u2", (5, 6)), metadata=None)

# ImageJ TIFF: units, calibration functions, display range, axes
mm = {"resolution": ((1250000, 1000000), (1000000, 900000)), "resolutionunit": 1}
described(
    "ij_mm",
    values("u2"),
    ["unit=mm", "spacing=-3.3", "xorigin=2.5", "yorigin=-1", "zorigin=1", "min=12.5", "max=999.4"],
    **mm,
)
described("ij_um", values("u1"), ["unit=um"], **mm)
described("ij_micro", values("u1"), ["unit=\\u00B5m", "inverty=true"], **mm)
described("ij_no_unit", values("u2"), ["min=0.0", "max=0.0"], **mm)
described(
    "ij_inch",
    values("u2"),
    ["unit=inch"],
    resolution=(300, 300),
    resolutionunit=2,
)
described(
    "ij_cm_small", values("u2"), ["unit=cm"], resolution=(123456.5, 100000.25), resolutionunit=3
)
described("ij_cm_um", values("u2"), ["unit=um"], resolution=(12500, 25000), resolutionunit=3)
described("ij_angstrom", values("u2"), ["unit=A"], **mm)
described(
    "ij_float_range", floats, ["unit=mm", "vunit=T2 (ms)", "min=0.1", "max=812.7"], order=">", **mm
)
stack = values("u2", (12, H, W))
described(
    "ij_hyperstack",
    stack,
    [
        "images=12",
        "channels=2",
        "slices=3",
        "frames=2",
        "hyperstack=true",
        "mode=grayscale",
        "unit=mm",
        "spacing=4.0",
    ],
    photometric="minisblack",
    **mm,
)
described(
    "ij_stack_i16",
    values("i2", (3, H, W)),
    ["images=3", "slices=3", "unit=mm", "cf=0", "c0=-32768.0", "c1=1.0", "vunit=Gray Value"],
    photometric="minisblack",
    **mm,
)
functions = {
    0: (10.5, -0.25),
    1: (1.0, 0.5, -0.001),
    2: (1.0, 0.5, -0.001, 1e-6),
    3: (1.0, 0.5, -0.001, 1e-6, 1e-9),
    4: (2.5, 0.01),
    5: (1.7, 0.6),
    6: (3.0, 0.7),
    7: (0.1, 1.3, 120.0, 5.0),
    8: (3.0, 0.2, 1.4, 40.0),
    9: (1.0, 2.0, 9.5),
    10: (-1.0, 0.8, 60.0, 290.0),
    11: (30.0, 0.02, 1.5),
    12: (1.0, 9.0, 128.0, 33.0),
    13: (7.0, 0.015, -2.0),
    21: (),
}
for function, coefficients in functions.items():
    lines = ["unit=mm", f"cf={function}"]
    lines += [f"c{i}={c!r}" for i, c in enumerate(coefficients)] + ["vunit=value"]
    described(f"cf{function:02}_u8", values("u1"), lines, **mm)
    if function in (0, 2, 4, 7, 10):
        described(f"cf{function:02}_u16", values("u2"), lines, **mm)
described(
    "cf00_clip_u8",
    values("u1"),
    ["unit=mm", "cf=0", "c0=-100.5", "c1=1.25", "vunit=v", "zeroclip=true"],
    **mm,
)
described(
    "cf21_inverted_u8",
    values("u1"),
    ["unit=mm", "cf=21", "vunit=Uncalibrated OD"],
    photometric="miniswhite",
    **mm,
)

# PNG
for name, data in {
    "grey8": values("u1"),
    "grey16": values("u2"),
    "rgb": values("u1", (H, W, 3)),
}.items():
    (OUT / f"png_{name}.png").write_bytes(imagecodecs.png_encode(data))
palette = Image.fromarray(values("u1"), "P")
palette.putpalette(values("u1", (768,)).tobytes())
palette.save(OUT / "png_palette.png")


# DICOM
def dicom(name, data, syntax=ExplicitVRLittleEndian, **tags):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.4")
    meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.3680043.8.498.1")
    meta.TransferSyntaxUID = syntax
    header = FileDataset(
        name,
        {},
        file_meta=meta,
        preamble=b"\0" * 128,
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
    )
    header.SOPClassUID = meta.MediaStorageSOPClassUID
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    header.Modality = "MR"
    header.PatientID = "made-up"
    header.SamplesPerPixel = 3 if "PlanarConfiguration" in tags else 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = H, W
    header.BitsAllocated = header.BitsStored = data.dtype.itemsize * 8
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(data.dtype.kind == "i")
    header.SliceThickness = "3.5"
    header.PixelSpacing = ["0.7", "0.3125"]
    for key, value in tags.items():
        setattr(header, key, value)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    header.PixelData = data.astype(data.dtype.newbyteorder(order)).tobytes()
    header["PixelData"].VR = "OW" if data.dtype.itemsize > 1 else "OB"
    header.save_as(OUT / f"{name}.dcm", enforce_file_format=True)


twelve = values("u2") & 0xFFF
dicom("dicom_u16", twelve)
dicom("dicom_u16_be", twelve, ExplicitVRBigEndian)
dicom("dicom_u16_implicit", twelve, ImplicitVRLittleEndian, WindowCenter="600", WindowWidth="1201")
dicom("dicom_i16", values("i2"))
dicom(
    "dicom_i16_intercept",
    values("i2"),
    RescaleSlope="1",
    RescaleIntercept="-1024",
    WindowCenter="40",
    WindowWidth="400",
)
dicom(
    "dicom_u16_intercept",
    twelve,
    RescaleSlope="1",
    RescaleIntercept="-1024",
    WindowCenter="40",
    WindowWidth="401",
)
dicom(
    "dicom_u16_slope",
    twelve,
    RescaleSlope="2.34567891",
    RescaleIntercept="-3.3",
    WindowCenter=["1", "700.5"],
    WindowWidth=["2", "300"],
)
dicom("dicom_i16_slope", values("i2"), RescaleSlope="0.1", RescaleIntercept="0")
dicom("dicom_u8", values("u1"), RescaleSlope="1", RescaleIntercept="5", BitsStored=8)
dicom("dicom_u8_slope", values("u1"), RescaleSlope="1.5", RescaleIntercept="5")
dicom("dicom_mono1", twelve, PhotometricInterpretation="MONOCHROME1")
dicom(
    "dicom_mono1_slope",
    twelve,
    PhotometricInterpretation="MONOCHROME1",
    RescaleSlope="3",
    RescaleIntercept="1",
)
dicom(
    "dicom_frames",
    (values("u2", (3, H, W)) & 0xFFF),
    NumberOfFrames="3",
    SpacingBetweenSlices="4.25",
)
dicom(
    "dicom_frames_slope",
    (values("i2", (3, H, W))),
    NumberOfFrames="3",
    RescaleSlope="0.37",
    RescaleIntercept="11.1",
)
dicom("dicom_rgb", values("u1", (H, W, 3)), PlanarConfiguration=0, PhotometricInterpretation="RGB")
dicom(
    "dicom_rgb_planar",
    values("u1", (3, H, W)),
    PlanarConfiguration=1,
    PhotometricInterpretation="RGB",
)
dicom("dicom_u32", RNG.integers(0, 2**32 - 1, (H, W), dtype="u4"))

# JPEG: grey, colour with every subsampling, progressive, and a colour file that is all grey
smooth = np.asarray(
    Image.fromarray(values("u1", (5, 6))).resize((37, 29), Image.Resampling.BICUBIC)
)
colours = np.stack([smooth, np.roll(smooth, 5, 0), 255 - smooth], -1)
Image.fromarray(smooth).save(OUT / "jpeg_grey.jpg", quality=90, dpi=(300, 300))
Image.fromarray(smooth).save(OUT / "jpeg_progressive.jpg", quality=40, progressive=True)
Image.fromarray(np.stack([smooth] * 3, -1)).save(OUT / "jpeg_all_grey.jpg", quality=85)
for subsampling, name in enumerate(("444", "422", "420")):
    Image.fromarray(colours).save(OUT / f"jpeg_{name}.jpg", quality=85, subsampling=subsampling)

# a TIFF in a zip; saved_by_imagej.zip is ij_stack_i16.tif, saved by ImageJ itself
for name in ("cf21_u8", "ij_hyperstack"):
    with zipfile.ZipFile(OUT / f"zip_{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(OUT / f"{name}.tif", f"{name}.tif")
        archive.writestr("notes.txt", "only the first entry is opened")
