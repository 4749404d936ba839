"""DICOM by pydicom: one file, a multi-frame file, or a folder holding a series.

Values are ImageJ's (``ij.plugin.DICOM``): a slope other than 1 gives 32-bit float, an intercept
alone a calibration function, and MONOCHROME1 inverts the display only: measured values stay.
Spacing goes further than ImageJ: per-frame, then shared PixelMeasures, then PixelSpacing.
"""

from __future__ import annotations

import warnings as python_warnings
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET, Calibration, Function
from pyrhi.io.geometry import from_lps
from pyrhi.io.images.image import (
    NO_PIXEL_SIZE,
    Image,
    bad_pixel_size,
    check_bytes,
    check_plane_size,
    depth_or_one,
    one_line,
    usable,
)
from pyrhi.limits import MAX_COMPRESSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

PIXEL_TAGS = {(0x7FE0, 0x0010): "", (0x7FE0, 0x0008): "f"}
LONG_LENGTH_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
UNDEFINED_LENGTH = 0xFFFFFFFF
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
SAME_DIRECTION = 1e-3
SAME_POSITION = 1e-3
SAME_SPACING = 1e-2
SAME_PIXEL_SIZE = 1e-5


@dataclass(frozen=True)
class _Slice:
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
            with python_warnings.catch_warnings():
                python_warnings.simplefilter("ignore")
                return pixel_array(stream, index=frame)
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


def read_file(path: Path, stream: BinaryIO, /, *, imager_pixel_spacing: bool = False) -> Image:
    """Open one DICOM file, with all its frames in file order.

    Parameters
    ----------
    path
        The file, for messages.
    stream
        The file, opened for reading; it belongs to the image from then on.
    imager_pixel_spacing
        True takes ImagerPixelSpacing where there is no PixelSpacing.

    Returns
    -------
    Image
        The image, uncalibrated with a warning where no spacing is found.

    Raises
    ------
    ImageError
        If the file is damaged, has no pixels, or pixels that ImageJ would not measure.
    """
    one = _open_slice(path, stream)
    warnings: list[str] = []
    calibration = _spacing([one], imager_pixel_spacing, warnings)
    positions = [_frame_position(one, frame) for frame in range(one.frames)]
    depth = _depth(positions, one, warnings) if one.frames > 1 else _header_depth(one)
    directions = [_frame_orientation(one, frame) for frame in range(one.frames)]
    geometry = _geometry(one, positions, directions, calibration, depth)
    return _image(path, [one], one.frames, calibration, depth, warnings, stream, geometry)


def read_series(
    path: Path, /, *, series: str | None = None, imager_pixel_spacing: bool = False
) -> Image:
    """Open the DICOM series in a folder, its slices sorted along their normal.

    Parameters
    ----------
    path
        The folder; files that are no DICOM images are passed over.
    series
        SeriesNumber or SeriesInstanceUID, where the folder holds several series.
    imager_pixel_spacing
        True takes ImagerPixelSpacing where there is no PixelSpacing.

    Returns
    -------
    Image
        One plane for each file, in the order of ImagePositionPatient along the cross product of
        ImageOrientationPatient's rows and columns; by InstanceNumber, with a warning, without them.

    Raises
    ------
    ImageError
        If the folder holds no DICOM image, several series and none is chosen, a damaged file, or
        slices that do not belong together.
    """
    slices = _series_slices(path, series)
    if len(slices) == 1:
        return replace(
            read_file(
                slices[0].path,
                open(slices[0].path, "rb"),
                imager_pixel_spacing=imager_pixel_spacing,
            ),
            path=path,
            name=path.name,
        )
    warnings: list[str] = []
    slices, positions = _sort(slices, warnings)
    calibration = _spacing(slices, imager_pixel_spacing, warnings)
    depth = _depth(positions, slices[0], warnings)
    directions = [_orientation(slices[0].header)] * len(slices)
    geometry = _geometry(slices[0], positions, directions, calibration, depth)
    return _image(path, slices, len(slices), calibration, depth, warnings, None, geometry)


def read_headers(path: Path, /, *, series: str | None = None) -> list[Any]:
    """Return the headers behind an image's slices, in the order in which it numbers them.

    Parameters
    ----------
    path
        DICOM file, or the folder of a series.
    series
        As in `read_series`.

    Returns
    -------
    headers : list of pydicom.FileDataset
        Without pixels: one for each slice; of a multi-frame file the only one.

    Raises
    ------
    ImageError
        As `read_file` and `read_series` do.
    """
    if path.is_dir():
        slices = _series_slices(path, series)
        return [one.header for one in (_sort(slices, [])[0] if len(slices) > 1 else slices)]
    with open(path, "rb") as stream:
        return [_open_slice(path, stream).header]


def _series_slices(path: Path, series: str | None) -> list[_Slice]:
    """Return the slices of a series in a folder, unsorted, that fit each other."""
    slices = []
    for file in sorted(path.iterdir()):
        if file.is_file() and _looks_like_dicom(file):
            with open(file, "rb") as stream:
                one = _open_slice(file, stream, in_folder=True)
            if one is not None:
                slices.append(one)
    if not slices:
        msg = f"{path}: the folder holds no DICOM image; name a file or another folder"
        raise ImageError(msg)
    slices = _choose_series(path, slices, series)
    for one in slices:
        if one.frames > 1 and len(slices) > 1:
            msg = f"{one.path}: a multi-frame file among others of its series; measure it alone"
            raise ImageError(msg)
        if (one.width, one.height) != (slices[0].width, slices[0].height):
            msg = (
                f"{one.path}: the slice is {one.width} x {one.height} pixels and others of its"
                f" series are {slices[0].width} x {slices[0].height}; move it to another folder"
            )
            raise ImageError(msg)
        if one.samples != slices[0].samples:
            msg = f"{one.path}: a colour slice among grey ones; move it to another folder"
            raise ImageError(msg)
    return slices


def _looks_like_dicom(file: Path) -> bool:
    if file.name.upper() == "DICOMDIR":
        return False
    with open(file, "rb") as stream:
        head = stream.read(132)
    bare = len(head) > 8 and head[0] in (2, 8) and head[1:2] == head[3:4] == b"\0"
    return head[128:] == b"DICM" or bare or file.suffix.lower() in DICOM_SUFFIXES


def _open_slice(path: Path, stream: BinaryIO, *, in_folder: bool = False) -> Any:
    """Read one header; None for a DICOM object without pixels where `in_folder` allows it."""
    stream.seek(0)
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            header = pydicom.dcmread(stream, stop_before_pixels=True, force=True)
            position = stream.tell()
            columns, rows = header.get("Columns"), header.get("Rows")
            sop = UID(str(header.get("SOPClassUID", "")))
            if in_folder and columns is None and sop and "Image" not in sop.name:
                return None
            if not columns or not rows:
                msg = f"{path}: the DICOM file has no image: it is damaged or holds something else"
                raise ImageError(msg)
            return _describe(path, stream, header, int(columns), int(rows), position)
    except ImageError:
        raise
    except Exception as error:  # pydicom raises nearly anything on damaged headers
        msg = f"{path}: the DICOM file is damaged ({one_line(error)}); export it again"
        raise ImageError(msg) from error


def _describe(
    path: Path, stream: BinaryIO, header: Any, columns: int, rows: int, position: int
) -> _Slice:
    check_plane_size(path, columns, rows)
    syntax = UID(str(header.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    samples = int(header.get("SamplesPerPixel", 1) or 1)
    bits = int(header.get("BitsAllocated", 16) or 16)
    signed = int(header.get("PixelRepresentation", 0) or 0) == 1
    frames = max(int(header.get("NumberOfFrames", 1) or 1), 1)
    photometric = str(header.get("PhotometricInterpretation", "MONOCHROME2")).strip()
    little = syntax != ExplicitVRBigEndian
    tag, length, offset = _pixel_element(path, stream, position, syntax, little)
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
    is_float = PIXEL_TAGS[tag] == "f"
    compressed = syntax.is_compressed and not is_float
    decode = compressed or photometric.startswith("YBR")
    code = "f" if is_float else ("i" if signed else "u")
    dtype = None if decode else np.dtype(f"{'<' if little else '>'}{code}{bits // 8}")
    size = path.stat().st_size
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
    slope, intercept = (_number(header, name) for name in ("RescaleSlope", "RescaleIntercept"))
    slope = 1.0 if header.get("RescaleSlope") is None else slope
    if samples == 3:
        slope, intercept = 1.0, 0.0
    if bits == 32 and slope == 1.0 and intercept != 0.0:
        msg = f"{path}: 32-bit pixels with an intercept, which ImageJ ignores; export as 16 bit"
        raise ImageError(msg)
    return _Slice(
        path=path,
        header=header,
        width=columns,
        height=rows,
        frames=frames,
        samples=samples,
        dtype=dtype,
        offset=offset,
        planar=int(header.get("PlanarConfiguration", 0) or 0) == 1,
        bits=bits,
        signed=signed and not is_float,
        slope=slope,
        intercept=intercept,
    )


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


def _check_closed(path: Path, stream: BinaryIO, size: int) -> None:
    """Walk the fragments of encapsulated pixels to their end mark, reading their heads alone."""
    at = stream.tell()
    while True:
        stream.seek(at)
        head = stream.read(8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] == b"\xfe\xff\xdd\xe0":
            return
        if head[:4] != b"\xfe\xff\x00\xe0" or len(head) < 8 or at + 8 + length > size:
            msg = f"{path}: the compressed pixels are truncated or damaged; export it again"
            raise ImageError(msg)
        at += 8 + length


def _number(header: Any, name: str) -> float:
    value: Any = header.get(name)
    return float(value) if isinstance(value, (int, float, Decimal)) else 0.0


def _choose_series(path: Path, slices: list[_Slice], wanted: str | None) -> list[_Slice]:
    groups: dict[str, list[_Slice]] = {}
    for one in slices:
        groups.setdefault(str(one.header.get("SeriesInstanceUID", "")), []).append(one)
    if wanted is None and len(groups) == 1:
        return slices
    numbers = {uid: str(group[0].header.get("SeriesNumber", "")) for uid, group in groups.items()}
    found = [uid for uid in groups if wanted is not None and wanted in (uid, numbers[uid])]
    if len(found) == 1:
        return groups[found[0]]
    listed = ", ".join(
        f"series {numbers[uid] or '(no number)'} ({len(group)} slices)"
        for uid, group in sorted(
            groups.items(), key=lambda item: (len(numbers[item[0]]), numbers[item[0]])
        )
    )
    if found:
        what = f"several series have the number {wanted}; choose one by its SeriesInstanceUID"
    elif wanted is None:
        what = "the folder holds several series; choose one (--series NUMBER)"
    else:
        what = "there is no such series"
    msg = f"{path}: {what}: {listed}"
    raise ImageError(msg)


def _sort(
    slices: list[_Slice], warnings: list[str]
) -> tuple[list[_Slice], list[NDArray[np.float64] | None]]:
    directions = [_orientation(one.header) for one in slices]
    positions = [_vector(one.header.get("ImagePositionPatient"), 3) for one in slices]
    numbers = [_number(one.header, "InstanceNumber") for one in slices]
    if all(d is not None for d in directions) and all(p is not None for p in positions):
        first = directions[0]
        for one, direction in zip(slices, directions, strict=True):
            if np.abs(np.asarray(direction) - np.asarray(first)).max() > SAME_DIRECTION:
                msg = f"{one.path}: the slice lies in another direction than others of its series"
                raise ImageError(msg)
        normal = _normal(np.asarray(first))
        along = [float(np.dot(normal, np.asarray(p))) for p in positions]
        order = sorted(range(len(slices)), key=lambda i: (along[i], numbers[i]))
    else:
        warnings.append("no slice positions: slices are in the order of their InstanceNumber")
        order = sorted(range(len(slices)), key=lambda i: numbers[i])
    return [slices[i] for i in order], [positions[i] for i in order]


def _vector(value: Any, length: int) -> NDArray[np.float64] | None:
    if value is None or isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return None
    if len(value) != length:
        return None
    vector = np.asarray([float(v) for v in value])
    return vector if np.isfinite(vector).all() else None


def _orientation(header: Any) -> NDArray[np.float64] | None:
    return _vector(header.get("ImageOrientationPatient"), 6)


def _normal(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.cross(orientation[:3], orientation[3:])


def _item(header: Any, group: str, frame: int, name: str) -> Any:
    """Return a functional group of a frame, or None."""
    items = header.get(group)
    if not items or frame >= len(items):
        return None
    found = items[frame].get(name)
    return found[0] if found else None


def _functional(header: Any, frame: int, name: str) -> Any:
    """Return a functional group: the frame's own, then the shared one, then None."""
    own = _item(header, "PerFrameFunctionalGroupsSequence", frame, name)
    return own or _item(header, "SharedFunctionalGroupsSequence", 0, name)


def _frame_position(one: _Slice, frame: int) -> NDArray[np.float64] | None:
    group = _functional(one.header, frame, "PlanePositionSequence")
    if group is None and one.frames == 1:
        group = one.header
    return None if group is None else _vector(group.get("ImagePositionPatient"), 3)


def _frame_orientation(one: _Slice, frame: int) -> NDArray[np.float64] | None:
    group = _functional(one.header, frame, "PlaneOrientationSequence")
    return _orientation(one.header if group is None else group)


def _frame_spacing(one: _Slice, frame: int, imager: bool) -> NDArray[np.float64] | None:
    group = _functional(one.header, frame, "PixelMeasuresSequence")
    found = None if group is None else _vector(group.get("PixelSpacing"), 2)
    if found is None:
        found = _vector(one.header.get("PixelSpacing"), 2)
    if found is None and imager:
        found = _vector(one.header.get("ImagerPixelSpacing"), 2)
    return found


def _spacing(slices: Sequence[_Slice], imager: bool, warnings: list[str]) -> Calibration:
    found = [
        (one, _frame_spacing(one, frame, imager)) for one in slices for frame in range(one.frames)
    ]
    first = found[0][1]
    for one, spacing in found:
        both = first is not None and spacing is not None
        if (first is None) != (spacing is None) or (
            both and not np.allclose(spacing, first, rtol=SAME_PIXEL_SIZE, atol=0.0)  # type: ignore[arg-type]
        ):
            msg = f"{one.path}: its pixel size differs from other slices; measure them separately"
            raise ImageError(msg)
    if first is None:
        warnings.append(NO_PIXEL_SIZE)
        if slices[0].header.get("ImagerPixelSpacing") is not None:
            warnings.append("ImagerPixelSpacing is there and not taken unless asked for")
        return Calibration()
    rows, columns = (float(v) for v in first)
    if not usable(rows, columns):
        warnings.append(bad_pixel_size(columns, rows))
        return Calibration()
    return Calibration(pixel_width=columns, pixel_height=rows, unit="mm")


def _header_depth(one: _Slice) -> float:
    """Return SpacingBetweenSlices, else SliceThickness, else 1."""
    group = _functional(one.header, 0, "PixelMeasuresSequence")
    for source in (group, one.header):
        for name in ("SpacingBetweenSlices", "SliceThickness"):
            value = 0.0 if source is None else abs(_number(source, name))
            if usable(value):
                return value
    return 1.0


def _depth(
    positions: Sequence[NDArray[np.float64] | None], one: _Slice, warnings: list[str]
) -> float:
    """Return the distance of slices: from their positions, else from the header."""
    orientation = _orientation(one.header)
    if orientation is None:
        group = _functional(one.header, 0, "PlaneOrientationSequence")
        orientation = None if group is None else _orientation(group)
    known = [p for p in positions if p is not None]
    if orientation is None or len(known) != len(positions) or len(known) < 2:
        return _header_depth(one)
    gaps = np.abs(np.diff(np.asarray(known) @ _normal(orientation)))
    steps = gaps[gaps > SAME_POSITION]
    if steps.size != gaps.size:
        warnings.append("several slices share one position")
    if steps.size == 0:
        return _header_depth(one)
    if steps.max() - steps.min() > SAME_SPACING * steps.mean() + SAME_POSITION:
        warnings.append("slices are not evenly spaced: one may be missing")
    return float(np.median(steps))


def _geometry(
    one: _Slice,
    positions: Sequence[NDArray[np.float64] | None],
    directions: Sequence[NDArray[np.float64] | None],
    calibration: Calibration,
    depth: float,
) -> Geometry | None:
    """Return where the voxels lie; None where a slice lacks its place or lies another way.

    Notes
    -----
    DICOM PS3.3 C.7.6.2.1.1: the position is the centre of the first pixel, the first direction
    that along a row. Slices that are not evenly spaced keep a place of their own.
    """
    known = [p for p in positions if p is not None]
    first = directions[0]
    if first is None or len(known) != len(positions) or calibration.unit != "mm":
        return None
    if any(d is None or np.abs(d - first).max() > SAME_DIRECTION for d in directions):
        return None
    origins = np.asarray(known)
    row, column = (v / np.linalg.norm(v) for v in (first[:3], first[3:]))
    affine = np.eye(4)
    affine[:3, 0] = row * calibration.pixel_width
    affine[:3, 1] = column * calibration.pixel_height
    affine[:3, 3] = origins[0]
    if len(origins) == 1:
        affine[:3, 2] = np.cross(row, column) * depth
        return from_lps(affine, (one.width, one.height, 1))
    gaps = np.diff(origins @ np.cross(row, column))
    if (np.abs(gaps) <= SAME_POSITION).any() or not (np.sign(gaps) == np.sign(gaps[0])).all():
        return None
    affine[:3, 2] = (origins[-1] - origins[0]) / (len(origins) - 1)
    even = origins[0] + np.arange(len(origins))[:, None] * affine[:3, 2]
    off = np.abs(even - origins).max()
    uneven = off > SAME_SPACING * float(np.linalg.norm(affine[:3, 2])) + SAME_POSITION
    return from_lps(affine, (one.width, one.height, len(origins)), origins if uneven else None)


def _image(
    path: Path,
    slices: list[_Slice],
    n_slices: int,
    calibration: Calibration,
    depth: float,
    warnings: list[str],
    stream: BinaryIO | None,
    geometry: Geometry | None,
) -> Image:
    first = slices[0]
    if calibration.unit == "mm":
        calibration = replace(calibration, pixel_depth=depth_or_one(depth, warnings))
    same = all(
        (s.slope, s.intercept, s.signed, s.bits) == (1.0, first.intercept, first.signed, first.bits)
        for s in slices
    )
    is_float = first.dtype is not None and first.dtype.kind == "f"
    if first.samples == 3:
        kind = "RGB"
    elif same and first.bits < 32 and not is_float:
        kind = f"{first.bits}-bit"
    else:
        kind = "32-bit"
    if kind in ("8-bit", "16-bit"):
        shift = -float(SIGNED_16BIT_OFFSET) if first.signed else 0.0
        if shift + first.intercept != 0.0 or first.signed:
            calibration = replace(
                calibration,
                function=Function.STRAIGHT_LINE,
                coefficients=(shift + first.intercept, 1.0),
            )
    photometric = str(first.header.get("PhotometricInterpretation", ""))
    if photometric.startswith("PALETTE"):
        warnings.append("colour table: its index values are measured, as in ImageJ")
    if photometric.startswith("MONOCHROME1") and kind != "RGB":
        calibration = replace(calibration, inverted_lut=True)
    if _hidden_rescale(first):
        warnings.append("rescale values inside functional groups are not applied, as in ImageJ")

    def read_plane(index: int) -> NDArray[np.generic]:
        one, frame = (first, index) if stream is not None else (slices[index], 0)
        if stream is not None:
            raw = one.raw(frame, stream)
        else:
            with open(one.path, "rb") as file:
                raw = one.raw(frame, file)
        expected = (one.height, one.width, *((3,) if one.samples == 3 else ()))
        if raw.shape != expected:
            msg = f"the decoded slice has the shape {raw.shape}, not {expected}"
            raise ValueError(msg)
        return _values(raw, one, kind)

    return Image(
        path=path,
        name=path.name,
        kind=kind,
        width=first.width,
        height=first.height,
        n_slices=n_slices,
        dimensions=(1, n_slices, 1),
        calibration=calibration,
        display_range=_window(first.header, calibration, kind),
        slice_labels=("",) * n_slices,
        warnings=tuple(warnings),
        patient_id=str(first.header.get("PatientID", "") or "") or None,
        series=str(first.header.get("SeriesInstanceUID", "") or "") or None,
        header=first.header,
        geometry=geometry,
        reader=read_plane,
        closer=(lambda: None) if stream is None else stream.close,
    )


def _values(raw: NDArray[Any], one: _Slice, kind: str) -> NDArray[np.generic]:
    """Return what ImageJ's processor holds, in the float arithmetic of ``FloatProcessor``."""
    if kind == "RGB":
        return raw
    if kind == "32-bit":
        values = raw.astype(np.float32)
        if one.slope != 1.0:
            values *= np.float32(one.slope)
        if one.intercept != 0.0:
            values += np.float32(one.intercept)
        return values
    if one.signed:
        return raw.astype(np.int16).view(np.uint16) ^ np.uint16(SIGNED_16BIT_OFFSET)
    return raw.astype(np.uint8 if kind == "8-bit" else np.uint16)


def _hidden_rescale(one: _Slice) -> bool:
    group = _functional(one.header, 0, "PixelValueTransformationSequence")
    if group is None:
        return False
    return (_number(group, "RescaleSlope"), _number(group, "RescaleIntercept")) != (1.0, 0.0)


def _window(header: Any, calibration: Calibration, kind: str) -> tuple[float, float] | None:
    """Return the window as the raw display range that ImageJ sets."""
    center, width = (_window_value(header.get(n)) for n in ("WindowCenter", "WindowWidth"))
    if not width > 0.0 or kind == "RGB":
        return None
    low, high = center - width / 2, center + width / 2
    if calibration.function == Function.STRAIGHT_LINE:
        low -= calibration.coefficients[0]
        high -= calibration.coefficients[0]
    if kind == "16-bit":
        return float(np.floor(low + 0.5)), float(np.floor(high + 0.5))
    return (float(np.float32(low)), float(np.float32(high))) if kind == "32-bit" else (low, high)


def _window_value(value: Any) -> float:
    """Return the second of two values, 0 of more than two, as ``DicomDecoder`` parses them."""
    if value is None or isinstance(value, (str, bytes)):
        return 0.0
    if not hasattr(value, "__len__"):
        return float(value)
    return float(value[1]) if len(value) == 2 else 0.0
