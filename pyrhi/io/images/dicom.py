"""DICOM by pydicom: one file, a multi-frame file, or a folder holding a series.

Values are ImageJ's (``ij.plugin.DICOM``): a slope other than 1 gives 32-bit float, an intercept
alone a calibration function, and MONOCHROME1 inverts the display only: measured values stay.
Spacing goes further than ImageJ: per-frame, then shared PixelMeasures, then PixelSpacing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET, Calibration, Function
from pyrhi.io.geometry import from_lps
from pyrhi.io.images.dicom_file import DicomFile, looks_like_dicom, open_file
from pyrhi.io.images.dicom_header import (
    BROKEN,
    careful,
    element,
    functional,
    is_broken,
    normal,
    number,
    orientation,
    vector,
)
from pyrhi.io.images.dicom_series import choose_series
from pyrhi.io.images.image import (
    NO_PIXEL_SIZE,
    Image,
    bad_pixel_size,
    depth_or_one,
    usable,
)
from pyrhi.io.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

DECIDING = ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "InstanceNumber")
"""Elements that are told about where they cannot be read."""

SAME_DIRECTION = 1e-3
SAME_POSITION = 1e-3
SAME_SPACING = 1e-2
SAME_PIXEL_SIZE = 1e-5


def read_file(path: Path, stream: BinaryIO, /, *, imager_pixel_spacing: bool = False) -> Image:
    """Open one DICOM file, with all its frames in file order.

    A `StreamReader`, with a warning where no spacing is found and the image is uncalibrated.

    Parameters
    ----------
    path, stream
        As of `StreamReader`.
    imager_pixel_spacing
        True takes ImagerPixelSpacing where there is no PixelSpacing.
    """
    with careful(path):
        return _file_image(path, stream, imager_pixel_spacing)


def _file_image(path: Path, stream: BinaryIO, imager_pixel_spacing: bool) -> Image:
    one = open_file(path, stream)
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
    with careful(path):
        return _series_image(path, series, imager_pixel_spacing)


def _series_image(path: Path, series: str | None, imager_pixel_spacing: bool) -> Image:
    slices = _series_slices(path, series)
    if len(slices) > 1:
        return image_of_slices(path, slices, imager_pixel_spacing)
    stream = open(slices[0].path, "rb")  # noqa: SIM115 (the image keeps it open)
    image = read_file(slices[0].path, stream, imager_pixel_spacing=imager_pixel_spacing)
    return replace(image, path=path, name=path.name)


def image_of_slices(
    path: Path, slices: list[DicomFile], imager_pixel_spacing: bool = False, /
) -> Image:
    """Return the image of several files of one frame each, sorted along their normal.

    Parameters
    ----------
    path
        Their folder.
    slices
        The files of one series.
    imager_pixel_spacing
        True takes ImagerPixelSpacing where there is no PixelSpacing.

    Raises
    ------
    ImageError
        If they do not belong together.
    """
    _check_fit(slices)
    warnings: list[str] = []
    slices, positions = _sort(slices, warnings)
    calibration = _spacing(slices, imager_pixel_spacing, warnings)
    depth = _depth(positions, slices[0], warnings)
    directions = [orientation(slices[0].header)] * len(slices)
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
    with open_regular(path) as stream:
        return [open_file(path, stream).header]


def _series_slices(path: Path, series: str | None) -> list[DicomFile]:
    """Return the slices of a series in a folder, unsorted, that fit each other."""
    slices = []
    for file in sorted(path.iterdir()):
        if file.is_file() and looks_like_dicom(file):
            with open(file, "rb") as stream:
                one = open_file(file, stream, in_folder=True)
            if one is not None:
                slices.append(one)
    if not slices:
        msg = f"{path}: the folder holds no DICOM image; name a file or another folder"
        raise ImageError(msg)
    slices = choose_series(path, slices, series)
    _check_fit(slices)
    return slices


def _check_fit(slices: Sequence[DicomFile]) -> None:
    """Refuse slices of several sizes or kinds."""
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


def _sort(
    slices: list[DicomFile], warnings: list[str]
) -> tuple[list[DicomFile], list[NDArray[np.float64] | None]]:
    directions = [orientation(one.header) for one in slices]
    positions = [vector(one.header, "ImagePositionPatient", 3) for one in slices]
    numbers = [number(one.header, "InstanceNumber") for one in slices]
    if all(d is not None for d in directions) and all(p is not None for p in positions):
        first = directions[0]
        for one, direction in zip(slices, directions, strict=True):
            if np.abs(np.asarray(direction) - np.asarray(first)).max() > SAME_DIRECTION:
                msg = f"{one.path}: the slice lies in another direction than others of its series"
                raise ImageError(msg)
        across = normal(np.asarray(first))
        along = [float(np.dot(across, np.asarray(p))) for p in positions]
        order = sorted(range(len(slices)), key=lambda i: (along[i], numbers[i]))
    else:
        warnings.append("no slice positions: slices are in the order of their InstanceNumber")
        order = sorted(range(len(slices)), key=lambda i: numbers[i])
    return [slices[i] for i in order], [positions[i] for i in order]


def _frame_position(one: DicomFile, frame: int) -> NDArray[np.float64] | None:
    group = functional(one.header, frame, "PlanePositionSequence")
    if group is None and one.frames == 1:
        group = one.header
    return None if group is None else vector(group, "ImagePositionPatient", 3)


def _frame_orientation(one: DicomFile, frame: int) -> NDArray[np.float64] | None:
    group = functional(one.header, frame, "PlaneOrientationSequence")
    return orientation(one.header if group is None else group)


def _frame_spacing(one: DicomFile, frame: int, imager: bool) -> NDArray[np.float64] | None:
    group = functional(one.header, frame, "PixelMeasuresSequence")
    found = None if group is None else vector(group, "PixelSpacing", 2)
    if found is None:
        found = vector(one.header, "PixelSpacing", 2)
    if found is None and imager:
        found = vector(one.header, "ImagerPixelSpacing", 2)
    return found


def _spacing(slices: Sequence[DicomFile], imager: bool, warnings: list[str]) -> Calibration:
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
        if element(slices[0].header, "ImagerPixelSpacing") is not None:
            warnings.append("ImagerPixelSpacing is there and not taken unless asked for")
        return Calibration()
    rows, columns = (float(v) for v in first)
    if not usable(rows, columns):
        warnings.append(bad_pixel_size(columns, rows))
        return Calibration()
    return Calibration(pixel_width=columns, pixel_height=rows, unit="mm")


def _header_depth(one: DicomFile) -> float:
    """Return SpacingBetweenSlices, else SliceThickness, else 1."""
    group = functional(one.header, 0, "PixelMeasuresSequence")
    for source in (group, one.header):
        for name in ("SpacingBetweenSlices", "SliceThickness"):
            value = 0.0 if source is None else abs(number(source, name))
            if usable(value):
                return value
    return 1.0


def _depth(
    positions: Sequence[NDArray[np.float64] | None], one: DicomFile, warnings: list[str]
) -> float:
    """Return the distance of slices: from their positions, else from the header."""
    directions = orientation(one.header)
    if directions is None:
        group = functional(one.header, 0, "PlaneOrientationSequence")
        directions = None if group is None else orientation(group)
    known = [p for p in positions if p is not None]
    if directions is None or len(known) != len(positions) or len(known) < 2:
        return _header_depth(one)
    gaps = np.abs(np.diff(np.asarray(known) @ normal(directions)))
    steps = gaps[gaps > SAME_POSITION]
    if steps.size != gaps.size:
        warnings.append("several slices share one position")
    if steps.size == 0:
        return _header_depth(one)
    if steps.max() - steps.min() > SAME_SPACING * steps.mean() + SAME_POSITION:
        warnings.append("slices are not evenly spaced: one may be missing")
    return float(np.median(steps))


def _geometry(
    one: DicomFile,
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
    slices: list[DicomFile],
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
    kind = _kind_of(slices)
    if kind in ("8-bit", "16-bit"):
        shift = -float(SIGNED_16BIT_OFFSET) if first.signed else 0.0
        if shift + first.intercept != 0.0 or first.signed:
            calibration = replace(
                calibration,
                function=Function.STRAIGHT_LINE,
                coefficients=(shift + first.intercept, 1.0),
            )
    photometric = str(element(first.header, "PhotometricInterpretation") or "")
    if photometric.startswith("PALETTE"):
        warnings.append("colour table: its index values are measured, as in ImageJ")
    if photometric.startswith("MONOCHROME1") and kind != "RGB":
        calibration = replace(calibration, inverted_lut=True)
    warnings += _broken_element_warnings(slices)
    if _hidden_rescale(first):
        warnings.append("rescale values inside functional groups are not applied, as in ImageJ")

    def read_plane(index: int) -> NDArray[np.generic]:
        if stream is not None:
            return _plane(first, index, stream, kind)
        with open(slices[index].path, "rb") as file:
            return _plane(slices[index], 0, file, kind)

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
        patient_id=str(element(first.header, "PatientID") or "") or None,
        series=str(element(first.header, "SeriesInstanceUID") or "") or None,
        header=first.header,
        geometry=geometry,
        reader=read_plane,
        closer=(lambda: None) if stream is None else stream.close,
    )


def _kind_of(slices: Sequence[DicomFile]) -> str:
    """Return ImageJ's type of the stack: 32-bit where slices differ in how they are scaled."""
    first = slices[0]
    same = all(
        (s.slope, s.intercept, s.signed, s.bits) == (1.0, first.intercept, first.signed, first.bits)
        for s in slices
    )
    is_float = first.dtype is not None and first.dtype.kind == "f"
    if first.samples == 3:
        return "RGB"
    return f"{first.bits}-bit" if same and first.bits < 32 and not is_float else "32-bit"


def _plane(one: DicomFile, frame: int, stream: BinaryIO, kind: str) -> NDArray[np.generic]:
    """Read a frame, and refuse a decoder's slice of another shape."""
    raw = one.raw(frame, stream)
    expected = (one.height, one.width, *((3,) if one.samples == 3 else ()))
    if raw.shape != expected:
        msg = f"the decoded slice has the shape {raw.shape}, not {expected}"
        raise ValueError(msg)
    return _values(raw, one, kind)


def _broken_element_warnings(slices: Sequence[DicomFile]) -> list[str]:
    """Return what to say of elements that cannot be read and that decide sizes or order."""
    return [
        BROKEN.format(name=name)
        for name in DECIDING
        if any(is_broken(one.header, name) for one in slices)
    ]


def _values(raw: NDArray[Any], one: DicomFile, kind: str) -> NDArray[np.generic]:
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


def _hidden_rescale(one: DicomFile) -> bool:
    group = functional(one.header, 0, "PixelValueTransformationSequence")
    if group is None:
        return False
    return (number(group, "RescaleSlope"), number(group, "RescaleIntercept")) != (1.0, 0.0)


def _window(header: Any, calibration: Calibration, kind: str) -> tuple[float, float] | None:
    """Return the window as the raw display range that ImageJ sets."""
    center, width = (
        0.0 if is_broken(header, n) else _window_value(element(header, n))
        for n in ("WindowCenter", "WindowWidth")
    )
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
