"""The OME-XML of an OME-TIFF: pixel size, dimensions and the order of the planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import Calibration
from pyrhi.io.images.image import NO_PIXEL_SIZE, bad_pixel_size, depth_or_one, usable

if TYPE_CHECKING:
    from pathlib import Path

METRES = {
    "m": 1.0,
    "dm": 1e-1,
    "cm": 1e-2,
    "mm": 1e-3,
    "µm": 1e-6,
    "nm": 1e-9,
    "pm": 1e-12,
    "Å": 1e-10,
    "inch": 0.0254,
}
"""Units of length that OME names and pyrhi keeps, in metres."""

_SPELLINGS = {"μm": "µm", "um": "µm", "in": "inch", "Å": "Å"}
DEFAULT_UNIT = "µm"
STACK_ORDER = "CZT"


@dataclass(frozen=True)
class OmeMetadata:
    """What the XML says; `order` is the IFD of each plane in ImageJ's order (channel fastest)."""

    calibration: Calibration
    dimensions: tuple[int, int, int]
    order: list[int] | None


def parse(
    path: Path, description: str, n_pages: int, samples: int, warnings: list[str]
) -> OmeMetadata:
    """Read pixel size (PhysicalSizeX/Y/Z), dimensions and plane order from OME-XML.

    Parameters
    ----------
    path
        The file, for messages.
    description
        The XML.
    n_pages
        Image file directories in the TIFF.
    samples
        Samples per pixel, which SizeC counts too.
    warnings
        Warnings are added to it.

    Raises
    ------
    ImageError
        If the XML is damaged, has several images or spreads over several files.
    """
    if "<!DOCTYPE" in description or "<!ENTITY" in description:
        msg = f"{path}: OME-XML with a document type is not read"
        raise ImageError(msg)
    try:
        root = ElementTree.fromstring(description.encode("utf-8"))
    except ElementTree.ParseError as error:
        msg = f"{path}: the OME-XML is damaged ({error}); export it again"
        raise ImageError(msg) from error
    pixels = [element for element in root.iter() if _local(element.tag) == "Pixels"]
    if len(pixels) != 1:
        msg = f"{path}: an OME-TIFF with {len(pixels)} images; export one image for each file"
        raise ImageError(msg)
    calibration = _calibration(pixels[0], warnings)
    size_c = _count(path, pixels[0], "SizeC")
    sizes = {
        "C": size_c // samples if samples > 1 and size_c % samples == 0 else size_c,
        "Z": _count(path, pixels[0], "SizeZ"),
        "T": _count(path, pixels[0], "SizeT"),
    }
    if sizes["C"] * sizes["Z"] * sizes["T"] != n_pages:
        msg = (
            f"{path}: the OME-XML promises {sizes['C'] * sizes['Z'] * sizes['T']} planes and the"
            f" file holds {n_pages}; export it as one complete file"
        )
        raise ImageError(msg)
    order = _plane_order(path, pixels[0], sizes, n_pages)
    return OmeMetadata(
        calibration,
        (sizes["C"], sizes["Z"], sizes["T"]),
        None if order == list(range(n_pages)) else order,
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _count(path: Path, element: ElementTree.Element, name: str, default: int = 1) -> int:
    text = element.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        msg = f"{path}: the OME-XML has {name}={text!r}; export it again"
        raise ImageError(msg)
    return value


def _length(element: ElementTree.Element, axis: str) -> tuple[float | None, str]:
    text = element.get(f"PhysicalSize{axis}")
    unit = element.get(f"PhysicalSize{axis}Unit", DEFAULT_UNIT)
    try:
        return (None if text is None else float(text)), _SPELLINGS.get(unit, unit)
    except ValueError:
        return float("nan"), unit


def _calibration(element: ElementTree.Element, warnings: list[str]) -> Calibration:
    (x, unit), (y, y_unit), (z, z_unit) = (_length(element, axis) for axis in "XYZ")
    if x is None or y is None:
        warnings.append(NO_PIXEL_SIZE)
        return Calibration()
    if unit not in METRES or y_unit not in METRES:
        warnings.append(f"pixel size in {unit!r}, no unit of length: areas are in pixel^2")
        return Calibration()
    if y_unit != unit:
        y *= METRES[y_unit] / METRES[unit]
    if not usable(x, y):
        warnings.append(bad_pixel_size(x, y))
        return Calibration()
    depth = 1.0
    if z is not None and z_unit in METRES:
        factor = 1.0 if z_unit == unit else METRES[z_unit] / METRES[unit]
        depth = depth_or_one(z * factor, warnings)
    return Calibration(x, y, depth, unit)


def _plane_order(
    path: Path, element: ElementTree.Element, sizes: dict[str, int], n_pages: int
) -> list[int]:
    axes = [axis for axis in element.get("DimensionOrder", "XYCZT") if axis in STACK_ORDER]
    if sorted(axes) != sorted(STACK_ORDER):
        msg = f"{path}: the OME-XML names no DimensionOrder; export it again"
        raise ImageError(msg)
    strides, step = {}, 1
    for axis in axes:
        strides[axis] = step
        step *= sizes[axis]
    page_of = _tiff_data(path, element, axes, sizes, strides, n_pages)
    return [
        page_of[c * strides["C"] + z * strides["Z"] + t * strides["T"]]
        for t in range(sizes["T"])
        for z in range(sizes["Z"])
        for c in range(sizes["C"])
    ]


def _tiff_data(
    path: Path,
    element: ElementTree.Element,
    axes: list[str],
    sizes: dict[str, int],
    strides: dict[str, int],
    n_pages: int,
) -> list[int]:
    """Return the IFD of each plane, planes counted in the XML's DimensionOrder."""
    blocks = [child for child in element if _local(child.tag) == "TiffData"]
    page_of: list[int] = [-1] * n_pages
    for block in blocks:
        for child in block:
            name = child.get("FileName")
            if _local(child.tag) == "UUID" and name is not None and name != path.name:
                if n_pages == sum(_count(path, b, "PlaneCount", n_pages) for b in blocks):
                    continue  # a renamed file: every plane is still in this one
                msg = f"{path}: an OME-TIFF spread over several files; export one file"
                raise ImageError(msg)
        first = sum(_count(path, block, f"First{axis}", 0) * strides[axis] for axis in axes)
        ifd = _count(path, block, "IFD", 0)
        alone = block.get("IFD") is not None
        for i in range(_count(path, block, "PlaneCount", 1 if alone else n_pages)):
            if first + i >= n_pages or ifd + i >= n_pages:
                msg = f"{path}: the OME-XML points to a plane that the file does not hold"
                raise ImageError(msg)
            page_of[first + i] = ifd + i
    if not blocks:
        return list(range(n_pages))
    if -1 in page_of:
        msg = f"{path}: the OME-XML leaves out planes; export it again as one file"
        raise ImageError(msg)
    return page_of
