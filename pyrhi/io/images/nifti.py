"""NIfTI by nibabel's headers; one slice is read at a time.

`plane(n)` is ``data[:, :, n - 1]`` transposed to rows and columns: x is the first axis of the
file, y the second, nothing is flipped, as Fiji's NIfTI reader shows it. The sample's
``sagittal_stack`` is that picture upside down (its row y is row ``height - 1 - y`` here), the same
slices in the same order; its ``axial_slices`` cut the volume along the second axis. Masks of the
volume agree with it whatever the orientation, and no area depends on it.
"""

from __future__ import annotations

import gzip
import math
import tempfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET, Calibration, Function
from pyrhi.io.geometry import usable_geometry
from pyrhi.io.images.image import (
    Image,
    bad_pixel_size,
    check_bytes,
    check_plane_size,
    depth_or_one,
    usable,
)
from pyrhi.limits import MAX_UNPACKED_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO, BinaryIO

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

HEADER_BYTES = 540
NIFTI2_HEADER = 540
CHUNK = 2**20
IN_MEMORY = 32 * 2**20
MILLIMETRES = {"mm": 1.0, "meter": 1000.0, "micron": 0.001}


def read(path: Path, stream: BinaryIO) -> Image:
    """Open a NIfTI-1 or NIfTI-2 file, ``.nii`` or ``.nii.gz``.

    A `StreamReader`: slices along the third axis, frames along the fourth, in file order; pixel
    size in mm. uint8 is 8-bit, uint16 16-bit, int16 signed 16-bit as ImageJ holds it; all other
    types and scaled values (scl_slope, scl_inter) are 32-bit float. Complex and RGB values are
    refused.
    """
    stream.seek(0)
    data: IO[bytes] = stream
    size = path.stat().st_size
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if packed:
        data = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    head = _read_head(path, data)
    header = _header(path, head)
    shape = tuple(int(n) for n in header.get_data_shape())
    dtype = header.get_data_dtype()
    if dtype.names is not None or dtype.kind not in "uif" or dtype.itemsize > 8:
        msg = f"{path}: NIfTI values of type {header['datatype']} are not measured"
        raise ImageError(msg)
    width, height, slices, frames = _sizes(path, shape)
    check_plane_size(path, width, height)
    n_slices = slices * frames
    plane_bytes = width * height * dtype.itemsize
    offset = float(header["vox_offset"])
    if not math.isfinite(offset) or offset < 0:
        msg = f"{path}: the header is damaged (data at {offset:g}); export it again"
        raise ImageError(msg)
    start = int(offset) or (len(head) if int(header["sizeof_hdr"]) == NIFTI2_HEADER else 352)
    needed = start + n_slices * plane_bytes
    if packed:
        if needed > MAX_UNPACKED_BYTES:
            msg = (
                f"{path}: unpacks to {needed} bytes, more than pyrhi reads ({MAX_UNPACKED_BYTES});"
                " save it as .nii"
            )
            raise ImageError(msg)
        data = _unpack(path, head, data, needed)
        stream.close()
    else:
        check_bytes(path, needed, size)
    warnings: list[str] = []
    slope, inter = _scaling(header)
    calibration = _calibration(header, warnings)
    scaled = (slope, inter) != (1.0, 0.0)
    kind = _kind(dtype, scaled)
    if kind == "16-bit" and dtype.kind == "i":
        calibration = _signed(calibration)
    return Image(
        path=path,
        name=path.name,
        kind=kind,
        width=width,
        height=height,
        n_slices=n_slices,
        dimensions=(1, slices, frames),
        calibration=calibration,
        slice_labels=("",) * n_slices,
        warnings=tuple(warnings),
        geometry=geometry_of(header, (width, height, slices)),
        is_volume=True,
        reader=_reader(data, start, (height, width), dtype, kind, slope, inter),
        closer=data.close,
    )


def _read_head(path: Path, data: IO[bytes]) -> bytes:
    try:
        return data.read(HEADER_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{path}: the gzip file is truncated or damaged, or holds no NIfTI; export it again"
        raise ImageError(msg) from error


def _header(path: Path, head: bytes) -> Any:
    from nibabel.nifti1 import Nifti1Header
    from nibabel.nifti2 import Nifti2Header

    if head[344:348] == b"n+1\0":
        return Nifti1Header(head[:348], check=False)
    if head[4:8] == b"n+2\0" and len(head) >= NIFTI2_HEADER:
        return Nifti2Header(head[:NIFTI2_HEADER], check=False)
    pair = head[344:348] == b"ni1\0" or head[4:8] == b"ni2\0"
    what = (
        "a .hdr of a NIfTI pair; save it as one .nii" if pair else "no NIfTI file, or a damaged one"
    )
    msg = f"{path}: {what}"
    raise ImageError(msg)


def _sizes(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    padded = (*shape, 1, 1, 1, 1)
    if len(shape) < 2 or math.prod(padded[4:]) != 1 or min(padded) < 1:
        msg = f"{path}: NIfTI data of the shape {shape} is no stack of slices"
        raise ImageError(msg)
    return padded[0], padded[1], padded[2], padded[3]


def _unpack(path: Path, head: bytes, packed: IO[bytes], needed: int) -> IO[bytes]:
    """Unpack to a temporary file, once and no more than the header promises."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (kept by the image)
    try:
        target.write(head)
        done = len(head)
        while done < needed:
            chunk = packed.read(min(CHUNK, needed - done))
            if not chunk:
                break
            target.write(chunk)
            done += len(chunk)
        check_bytes(path, needed, done)
        # The checksum stands at the very end: without it a damaged file gives other values.
        while done < MAX_UNPACKED_BYTES and (chunk := packed.read(CHUNK)):
            done += len(chunk)
    except BaseException as error:
        target.close()
        if isinstance(error, (OSError, EOFError, zlib.error)):
            msg = f"{path}: the gzip file is truncated or damaged; export it again"
            raise ImageError(msg) from error
        raise
    return target


def _scaling(header: Any) -> tuple[float, float]:
    slope, inter = header.get_slope_inter()
    return 1.0 if slope is None else float(slope), 0.0 if inter is None else float(inter)


def _calibration(header: Any, warnings: list[str]) -> Calibration:
    zooms = [float(zoom) for zoom in header["pixdim"][1:4]]
    if not usable(*zooms[:2]):
        warnings.append(bad_pixel_size(*zooms[:2]))
        return Calibration()
    unit = header.get_xyzt_units()[0]
    if unit not in MILLIMETRES:
        warnings.append("the NIfTI header names no unit of length: mm is taken")
    factor = MILLIMETRES.get(unit, 1.0)
    depth = zooms[2] if int(header["dim"][0]) > 2 else 1.0
    depth = depth_or_one(depth * factor, warnings)
    return Calibration(zooms[0] * factor, zooms[1] * factor, depth, "mm")


def geometry_of(header: Any, shape: tuple[int, int, int], /) -> Geometry | None:
    """Return where the voxels lie by sform or qform, as nibabel decides; None without either.

    Parameters
    ----------
    header
        NIfTI header of nibabel's.
    shape
        Number of columns, rows and slices.
    """
    from nibabel.spatialimages import HeaderDataError

    if int(header["sform_code"]) <= 0 and int(header["qform_code"]) <= 0:
        return None
    try:
        affine = np.array(header.get_best_affine(), np.float64)
    except (HeaderDataError, ValueError):  # a quaternion that is none
        return None
    affine[:3] *= MILLIMETRES.get(header.get_xyzt_units()[0], 1.0)
    return usable_geometry(affine, shape)


def _kind(dtype: np.dtype[Any], scaled: bool) -> str:
    if scaled:
        return "32-bit"
    if dtype.itemsize == 1 and dtype.kind == "u":
        return "8-bit"
    return "16-bit" if dtype.itemsize == 2 and dtype.kind in "ui" else "32-bit"


def _signed(calibration: Calibration) -> Calibration:
    return replace(
        calibration,
        function=Function.STRAIGHT_LINE,
        coefficients=(-float(SIGNED_16BIT_OFFSET), 1.0),
    )


def _reader(
    data: IO[bytes],
    start: int,
    shape: tuple[int, int],
    dtype: np.dtype[Any],
    kind: str,
    slope: float,
    inter: float,
) -> Callable[[int], NDArray[np.generic]]:
    plane_bytes = shape[0] * shape[1] * dtype.itemsize

    def read_plane(index: int) -> NDArray[np.generic]:
        data.seek(start + index * plane_bytes)
        buffer = data.read(plane_bytes)
        if len(buffer) != plane_bytes:
            msg = "the file ends too early"
            raise ValueError(msg)
        raw = np.frombuffer(buffer, dtype).reshape(shape).astype(dtype.newbyteorder("="))
        if (slope, inter) != (1.0, 0.0):
            return (inter + raw.astype(np.float64) * slope).astype(np.float32)
        if kind == "16-bit" and dtype.kind == "i":
            return raw.view(np.uint16) ^ np.uint16(SIGNED_16BIT_OFFSET)
        return raw.astype(np.float32) if kind == "32-bit" else raw

    return read_plane
