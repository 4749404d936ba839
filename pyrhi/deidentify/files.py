"""TIFF, PNG and NIfTI without texts: written anew, and read again to see that nothing changed."""

from __future__ import annotations

import gzip
import io
import re
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from pyrhi.deidentify.rois import NO_ROLE, NOT_KEPT, new_names
from pyrhi.errors import ImageError
from pyrhi.io.images import read_image
from pyrhi.io.images.tiff import (
    BLACK_IS_ZERO,
    METADATA,
    PALETTE,
    RESOLUTION_UNIT,
    SIGNED,
    UNIT_INCH,
    WHITE_IS_ZERO,
    X_RESOLUTION,
    Y_RESOLUTION,
)
from pyrhi.io.rois.clean import clean_roi
from pyrhi.io.rois.decode import decode_roi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from pyrhi.batch.identifiers import Identifiers
    from pyrhi.io.images import Image
    from pyrhi.rhi.roles import RolePatterns

_KEYS = """images channels slices frames hyperstack mode unit spacing loop min max cf c0 c1 c2 c3 c4
xorigin yorigin zorigin inverty zeroclip"""
KEPT_KEYS = frozenset(_KEYS.split())
"""Keys of an ImageJ description that say how the image is; all others may say whose it is."""

VALUE_UNIT = "Gray Value"
KEPT_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"gAMA", b"sBIT", b"cHRM")
TEXT_FIELDS = ("descrip", "aux_file", "intent_name", "db_name", "data_type")
_VALUE = re.compile(r"[-+0-9.eE]+|true|false|composite|color|grayscale|gray|NaN|-?Infinity")
_UNIT = re.compile(r"(?:\\u[0-9a-fA-F]{4}|[A-Za-z^0-9µμÅ°/]){1,16}")
_VERSION = re.compile(r"ImageJ=?[0-9.a-z]*")


def clean_tiff(
    source: Path, target: Path, patterns: RolePatterns, identifiers: Identifiers, /
) -> dict[str, int]:
    """Write a TIFF anew: pixels, calibration, layout, display range and ROIs.

    Parameters
    ----------
    source, target
        The files.
    patterns
        Words that give ROIs their role.
    identifiers
        What its texts said is added to it.

    Returns
    -------
    actions : dict
        How many text tags, labels and drawn texts were left out.

    Raises
    ------
    ImageError
        If it cannot be read, or would not be the same image.
    """
    with tifffile.TiffFile(source) as tif, read_image(source) as image:
        page: Any = tif.pages.first
        text_tags = _texts_of(tif)
        for text in (*text_tags, *image.slice_labels):
            identifiers.add_info(text)
        tag = page.tags.get(METADATA)
        metadata: dict[str, Any] = tag.value if tag and isinstance(tag.value, dict) else {}
        rois, dropped = _rois(image, patterns, str(source))
        description = str(page.description or "")
        if page.is_ome:
            _write_ome(target, image, page)
        else:
            lines = _kept_lines(description)
            extra = {k: metadata[k] for k in ("Ranges", "LUTs") if k in metadata} | rois
            _write(target, image, page, lines, extra if lines else rois)
        with read_image(target) as written:
            check_same(source, image, written)
        labels = sum(bool(label) for label in image.slice_labels)
    return {"text tags left out": len(text_tags), "labels left out": labels, "texts drawn": dropped}


def _texts_of(tif: Any) -> list[str]:
    """Texts of all tags of all pages, and of ImageJ's own metadata."""
    found = []
    for page in tif.pages:
        for tag in getattr(page, "tags", ()):
            values = tag.value.values() if isinstance(tag.value, dict) else [tag.value]
            found += [v for v in values if isinstance(v, str) and v]
    return found


def _rois(image: Image, patterns: RolePatterns, source: str) -> tuple[dict[str, Any], int]:
    """Selection and overlay of an image, cleaned, and how many texts and pictures were drawn."""
    kept = [d for d in image.overlay if decode_roi(d, source=source).subtype not in NOT_KEPT]
    names = new_names([decode_roi(d, source=source) for d in kept], patterns)
    out: dict[str, Any] = {}
    if kept:
        out["Overlays"] = [clean_roi(d, n, source=source) for d, n in zip(kept, names, strict=True)]
    dropped = len(image.overlay) - len(kept)
    if image.embedded_rois:
        roi = decode_roi(image.embedded_rois, source=source)
        if roi.subtype in NOT_KEPT:
            dropped += 1
        else:
            (name,) = new_names([roi], patterns)
            out["ROI"] = clean_roi(
                image.embedded_rois, "" if name == NO_ROLE else name, source=source
            )
    return out, dropped


def _kept_lines(description: str) -> str:
    """Return an ImageJ description without free text; empty for another's description."""
    if not description.startswith("ImageJ"):
        return ""
    lines = description.splitlines()
    version = _VERSION.fullmatch(lines[0].strip())
    out = [version[0] if version else "ImageJ="]
    functional = False
    for line in lines[1:]:
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        functional = functional or key == "vunit"
        allowed = _UNIT if key == "unit" else _VALUE
        if equals and key in KEPT_KEYS and allowed.fullmatch(value):
            out.append(f"{key}={value}")
    if functional:
        out.append(f"vunit={VALUE_UNIT}")
    text = "\n".join(out) + "\n"
    return "".join(c if ord(c) < 128 else f"\\u{ord(c):04X}" for c in text)


def _raw_planes(image: Image, page: Any) -> Iterator[NDArray[Any]]:
    """Planes as they stood in the file, not as ImageJ holds them."""
    signed = image.kind == "16-bit" and page.sampleformat == SIGNED
    channels = int(page.samplesperpixel) if image.kind == "16-bit" else 1
    for first in range(0, image.n_slices, channels):
        planes = [np.asarray(image.reader(first + c)) for c in range(channels)]
        plane = planes[0] if channels == 1 else np.stack(planes, axis=-1)
        yield (plane ^ np.uint16(0x8000)).view(np.int16) if signed else plane


def _photometric(image: Image, page: Any) -> dict[str, Any]:
    if image.kind == "RGB" or int(page.samplesperpixel) > 1:
        return {"photometric": "rgb", "planarconfig": "contig"}
    if page.photometric == PALETTE and image.kind == "8-bit" and page.colormap is not None:
        return {"photometric": "palette", "colormap": page.colormap}
    if page.photometric == WHITE_IS_ZERO:
        return {"photometric": "miniswhite"}
    return {"photometric": tifffile.PHOTOMETRIC(BLACK_IS_ZERO)}


def _rational(page: Any, code: int) -> tuple[int, int]:
    """Return a resolution as the file has it; 0, which is none, where it has none or a broken one.

    tifffile writes 1 per unit where it is given none, and that would be a pixel size.
    """
    tag = page.tags.get(code)
    value = tag.value if tag is not None else None
    return tuple(value) if isinstance(value, tuple) and all(value) else (0, 1)


def _write(
    target: Path, image: Image, page: Any, description: str, metadata: dict[str, Any]
) -> None:
    planes = _raw_planes(image, page)
    first = np.asarray(next(planes))
    count = image.n_slices // (int(page.samplesperpixel) if image.kind == "16-bit" else 1)

    def each() -> Iterator[NDArray[Any]]:
        yield first
        yield from planes

    unit = page.tags.get(RESOLUTION_UNIT)
    options: dict[str, Any] = {
        "resolution": (_rational(page, X_RESOLUTION), _rational(page, Y_RESOLUTION)),
        "resolutionunit": UNIT_INCH if unit is None else int(unit.value),
    }
    if metadata:
        options["extratags"] = tifffile.imagej_metadata_tag(metadata, "<")
    with tifffile.TiffWriter(target, byteorder="<", bigtiff=False) as tif:
        tif.write(
            each(),
            shape=(count, *first.shape),
            dtype=first.dtype,
            description=description or None,
            metadata=None,
            software=False,
            **_photometric(image, page),
            **options,
        )


def _write_ome(target: Path, image: Image, page: Any) -> None:
    channels, slices, frames = image.dimensions
    calibration = image.calibration
    metadata: dict[str, Any] = {"axes": "TZCYX" + ("S" if image.kind == "RGB" else "")}
    if calibration.unit not in ("", "pixel"):
        sizes = (calibration.pixel_width, calibration.pixel_height, calibration.pixel_depth)
        for axis, size in zip("XYZ", sizes, strict=True):
            metadata[f"PhysicalSize{axis}"] = size
            metadata[f"PhysicalSize{axis}Unit"] = calibration.unit
    stack = np.stack(list(_raw_planes(image, page)))
    shaped = stack.reshape(frames, slices, channels, *stack.shape[1:])
    photometric = "rgb" if image.kind == "RGB" else "minisblack"
    tifffile.imwrite(
        target, shaped, ome=True, metadata=metadata, software=False, photometric=photometric
    )


def check_same(source: Path, image: Image, written: Image, /) -> None:
    """Raise unless a rewritten image measures as the one it was made of.

    Raises
    ------
    ImageError
        If pixels, calibration, stack layout or display range differ.
    """
    plain = replace(image.calibration, value_unit=written.calibration.value_unit)
    same = (
        (image.kind, image.width, image.height) == (written.kind, written.width, written.height)
        and image.n_slices == written.n_slices
        and image.dimensions == written.dimensions
        and plain == written.calibration
        and image.display_range == written.display_range
        and all(
            np.array_equal(image.reader(i), written.reader(i), equal_nan=image.kind == "32-bit")
            for i in range(image.n_slices)
        )
    )
    if not same:
        msg = (
            f"{source}: cannot be written without its texts and stay the same image; open it in"
            " ImageJ and save it as TIFF"
        )
        raise ImageError(msg)


def clean_png(source: Path, target: Path, /) -> dict[str, int]:
    """Copy a PNG's image chunks and leave out every other one.

    Raises
    ------
    ImageError
        If it cannot be read.
    """
    data = source.read_bytes()
    out = io.BytesIO()
    out.write(data[:8])
    at, dropped = 8, 0
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if kind in KEPT_CHUNKS:
            out.write(data[at : at + 12 + length])
        else:
            dropped += 1
        at += 12 + length
        if kind == b"IEND":
            break
    target.write_bytes(out.getvalue())
    with read_image(source) as image, read_image(target) as written:
        check_same(source, image, written)
    return {"chunks left out": dropped}


def clean_nifti(source: Path, target: Path, identifiers: Identifiers, /) -> dict[str, int]:
    """Write a NIfTI with the same pixels and without texts and extensions.

    Raises
    ------
    ImageError
        If it cannot be read.
    """
    import nibabel

    data = source.read_bytes()
    packed = data[:2] == b"\x1f\x8b"
    try:
        data = gzip.decompress(data) if packed else data
        kind: Any = nibabel.Nifti2Header if data[4:8] in (b"n+2\0",) else nibabel.Nifti1Header
        header = kind.from_fileobj(io.BytesIO(data), check=False)
        start = int(header["vox_offset"])
        names = [name for name in TEXT_FIELDS if name in header.keys()]  # noqa: SIM118 (no container)
        cleared = 0
        for name in names:
            text = bytes(header[name]).split(b"\0")[0].decode("latin-1")
            identifiers.add_info(text)
            cleared += bool(text)
            header[name] = b""
        extensions = len(header.extensions)
        header.extensions.clear()
        size = int(header["sizeof_hdr"]) + 4
        offset = -(-size // 16) * 16
        header["vox_offset"] = offset
        needed = int(np.prod(header.get_data_shape())) * header.get_data_dtype().itemsize
        block = header.binaryblock
    except Exception as error:  # nibabel raises nearly anything on damaged files
        msg = f"{source}: the NIfTI file is damaged and was not copied; export it again"
        raise ImageError(msg) from error
    content = block + bytes(offset - len(block)) + data[start : start + needed]
    if packed:
        content = gzip.compress(content, mtime=0)
    target.write_bytes(content)
    with read_image(source) as image, read_image(target) as written:
        check_same(source, image, written)
    return {"texts emptied": cleared, "extensions left out": extensions}
