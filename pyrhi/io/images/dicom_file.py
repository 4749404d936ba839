"""One DICOM file: its header, where its pixels lie, and ImageJ's view of their type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from pyrhi.errors import ImageError
from pyrhi.io.images.dicom_header import (
    careful,
    element,
    is_broken,
    number,
    quiet,
    whole_number,
)
from pyrhi.io.images.image import check_bytes, check_plane_size
from pyrhi.limits import MAX_COMPRESSION

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

PIXEL_TAGS = {(0x7FE0, 0x0010): "", (0x7FE0, 0x0008): "f"}
LONG_LENGTH_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
UNDEFINED_LENGTH = 0xFFFFFFFF
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")


@dataclass(frozen=True)
class DicomFile:
    """One DICOM file: its header, where its pixels lie, and ImageJ's view of their type."""

    path: Path
    header: Any
    width: int
    height: int
    frames: int
    samples: int
    dtype: np.dtype[Any] | None
    """Type of native pixels in the file; None for compressed ones."""
    offset: int
    planar: bool
    bits: int
    signed: bool
    slope: float
    intercept: float

    def raw(self, frame: int, stream: BinaryIO) -> NDArray[Any]:
        """Return the stored values of a frame, shape ``(h, w)`` or ``(h, w, 3)``."""
        if self.dtype is None:
            stream.seek(0)
            with quiet():
                if not is_broken(self.header, "NumberOfFrames"):
                    return pixel_array(stream, index=frame)
                header = pydicom.dcmread(stream)
                del header.NumberOfFrames
                return pixel_array(header)
        size = self.width * self.height * self.samples * self.dtype.itemsize
        stream.seek(self.offset + frame * size)
        data = stream.read(size)
        if len(data) != size:
            msg = "the file ends too early"
            raise ValueError(msg)
        values = np.frombuffer(data, self.dtype).astype(self.dtype.newbyteorder("="))
        if self.samples == 1:
            return values.reshape(self.height, self.width)
        if self.planar:
            return values.reshape(self.samples, self.height, self.width).transpose(1, 2, 0)
        return values.reshape(self.height, self.width, self.samples)


def looks_like_dicom(file: Path, /) -> bool:
    """Say whether a file may be DICOM, by its first bytes or its extension; a DICOMDIR is none."""
    if file.name.upper() == "DICOMDIR":
        return False
    with open(file, "rb") as stream:
        head = stream.read(132)
    bare = len(head) > 8 and head[0] in (2, 8) and head[1:2] == head[3:4] == b"\0"
    return head[128:] == b"DICM" or bare or file.suffix.lower() in DICOM_SUFFIXES


def open_file(path: Path, stream: BinaryIO, /, *, in_folder: bool = False) -> Any:
    """Read the header of a DICOM file and find its pixels.

    Parameters
    ----------
    path
        The file, for messages.
    stream
        The file, opened for reading.
    in_folder
        True where objects without pixels may lie among images.

    Returns
    -------
    file : DicomFile or None
        None for a DICOM object without pixels where `in_folder` allows it.

    Raises
    ------
    ImageError
        If an element is broken without which the pixels cannot be read, or there are none.
    """
    stream.seek(0)
    with careful(path):
        header = pydicom.dcmread(stream, stop_before_pixels=True, force=True)
        position = stream.tell()
        columns, rows = (whole_number(path, header, name, 0) for name in ("Columns", "Rows"))
        sop = UID(str(element(header, "SOPClassUID") or ""))
        if in_folder and sop and "Image" not in sop.name and (not columns or "Storage" in sop.name):
            return None
        if not columns or not rows:
            msg = f"{path}: the DICOM file has no image: it is damaged or holds something else"
            raise ImageError(msg)
        return _describe(path, stream, header, columns, rows, position)


def _describe(
    path: Path, stream: BinaryIO, header: Any, columns: int, rows: int, position: int
) -> DicomFile:
    check_plane_size(path, columns, rows)
    syntax = UID(str(header.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    samples = whole_number(path, header, "SamplesPerPixel", 1)
    bits = whole_number(path, header, "BitsAllocated", 16)
    signed = whole_number(path, header, "PixelRepresentation", 0) == 1
    photometric = str(element(header, "PhotometricInterpretation") or "MONOCHROME2").strip()
    little = syntax != ExplicitVRBigEndian
    tag, length, offset = _pixel_element(path, stream, position, syntax, little)
    _check_kind(path, samples, bits, photometric, signed=signed)
    is_float = PIXEL_TAGS[tag] == "f"
    compressed = syntax.is_compressed and not is_float
    decode = compressed or photometric.startswith("YBR")
    code = "f" if is_float else ("i" if signed else "u")
    dtype = None if decode else np.dtype(f"{'<' if little else '>'}{code}{bits // 8}")
    size = path.stat().st_size
    if is_broken(header, "NumberOfFrames"):
        plane = 0 if compressed else rows * columns * samples * (bits // 8)
        frames = _only_frame(path, stream, offset, length, plane)
    else:
        frames = max(whole_number(path, header, "NumberOfFrames", 1), 1)
    if not decode:
        check_bytes(path, offset + rows * columns * samples * (bits // 8) * frames, size)
    elif length != UNDEFINED_LENGTH:
        check_bytes(path, offset + length, size)
    else:
        stream.seek(offset)
        _check_closed(path, stream, size)
    if decode:
        needed = rows * columns * samples * (bits // 8)
        check_bytes(path, needed, size * MAX_COMPRESSION)
    slope, intercept = _rescale(path, header, samples, bits)
    return DicomFile(
        path=path,
        header=header,
        width=columns,
        height=rows,
        frames=frames,
        samples=samples,
        dtype=dtype,
        offset=offset,
        planar=whole_number(path, header, "PlanarConfiguration", 0) == 1,
        bits=bits,
        signed=signed and not is_float,
        slope=slope,
        intercept=intercept,
    )


def _check_kind(path: Path, samples: int, bits: int, photometric: str, *, signed: bool) -> None:
    """Refuse pixels of a kind that ImageJ does not measure, or misreads."""
    allowed = (samples == 1 and bits in (8, 16, 32)) or (samples == 3 and bits == 8)
    grey_or_rgb = photometric.startswith(("MONOCHROME", "PALETTE", "RGB", "YBR"))
    misread = signed and bits != 16  # ImageJ takes every signed pixel for a 16-bit one
    if not allowed or not grey_or_rgb or misread:
        msg = (
            f"{path}: DICOM pixels of this kind ({bits}-bit{' signed' if signed else ''}, {samples}"
            f" samples, {photometric})"
            " are not measured; export them as 8- or 16-bit grey"
        )
        raise ImageError(msg)


def _rescale(path: Path, header: Any, samples: int, bits: int) -> tuple[float, float]:
    """Return slope and intercept of the grey values."""
    for name in ("RescaleSlope", "RescaleIntercept"):
        if is_broken(header, name):
            msg = f"{path}: {name} of the DICOM header cannot be read; export it again"
            raise ImageError(msg)
    slope, intercept = (number(header, name) for name in ("RescaleSlope", "RescaleIntercept"))
    slope = 1.0 if element(header, "RescaleSlope") is None else slope
    if samples == 3:
        slope, intercept = 1.0, 0.0
    if bits == 32 and slope == 1.0 and intercept != 0.0:
        msg = f"{path}: 32-bit pixels with an intercept, which ImageJ ignores; export as 16 bit"
        raise ImageError(msg)
    return slope, intercept


def _only_frame(path: Path, stream: BinaryIO, offset: int, length: int, plane: int) -> int:
    """Return 1 where the pixels are those of one frame, whatever NumberOfFrames was to say."""
    if length != UNDEFINED_LENGTH:
        held = length // plane if plane else 0
    else:
        stream.seek(offset)
        # The first item is the table of offsets.
        held = _check_closed(path, stream, path.stat().st_size) - 1
    if held != 1:
        msg = (
            f"{path}: NumberOfFrames of the DICOM header cannot be read, and the pixels are not"
            " those of one frame; export it again"
        )
        raise ImageError(msg)
    return 1


def _pixel_element(
    path: Path, stream: BinaryIO, position: int, syntax: UID, little: bool
) -> tuple[tuple[int, int], int, int]:
    """Return tag, length and position of the pixel data, which follow the header."""
    stream.seek(position)
    head = stream.read(12)
    order: Any = "little" if little else "big"
    tag = (int.from_bytes(head[:2], order), int.from_bytes(head[2:4], order))
    if tag not in PIXEL_TAGS or len(head) < 12 or syntax.is_deflated:
        msg = f"{path}: the DICOM file has no pixels that can be read: it is truncated or damaged"
        raise ImageError(msg)
    if head[4:6] in LONG_LENGTH_VRS and not syntax.is_implicit_VR:
        return tag, int.from_bytes(head[8:12], order), position + 12
    return tag, int.from_bytes(head[4:8], order), position + 8


def _check_closed(path: Path, stream: BinaryIO, size: int) -> int:
    """Walk the items of encapsulated pixels to their end mark, by their heads alone; count them."""
    at = stream.tell()
    items = 0
    while True:
        stream.seek(at)
        head = stream.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] == b"\xfe\xff\xdd\xe0":
            return items
        if head[:4] != b"\xfe\xff\x00\xe0" or len(head) < 8 or at + 8 + length > size:
            msg = f"{path}: the compressed pixels are truncated or damaged; export it again"
            raise ImageError(msg)
        at += 8 + length
        items += 1
