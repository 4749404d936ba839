"""TIFF by tifffile, with ImageJ's reading of tags and description.

Sources: ``ij.io.TiffDecoder`` (tags), ``ij.io.FileOpener`` (description, calibration, stacks of one
IFD), ``ij.io.Opener.openTiffStack`` (several IFDs), ``ij.io.ImageReader`` (pixel types).
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import ImageError, ParameterError
from pyrhi.imagej.calibration import (
    COEFFICIENTS,
    NO_UNIT,
    SIGNED_16BIT_OFFSET,
    Calibration,
    Function,
    check_function,
)
from pyrhi.io.images.header import PlainPage, plain_page
from pyrhi.io.images.image import (
    NO_PIXEL_SIZE,
    Image,
    bad_pixel_size,
    check_bytes,
    check_plane_size,
    depth_or_one,
    is_pixel_unit,
    no_unit_warning,
    usable,
)
from pyrhi.limits import MAX_COMPRESSION, MAX_DESCRIPTION_CHARACTERS

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray
    from tifffile import TiffFile

DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 270, 282, 283, 296
COLOR_MAP, NIH_IMAGE_HEADER, METADATA = 320, 43314, 50839
NEEDED_TAGS = frozenset({DESCRIPTION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, METADATA})
UNIT_NONE, UNIT_INCH, UNIT_CM = 1, 2, 3
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
NO_COMPRESSION = 1
PLANAR = 2
SCREEN_DPI_WIDTH = 1.0 / 72.0
SIGNED_COEFFICIENTS = (-float(SIGNED_16BIT_OFFSET), 1.0)
_JAVA_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_JAVA_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class _Layout:
    """How the pixels of a page lie in the file and what ImageJ makes of them."""

    kind: str
    width: int
    height: int
    samples: int
    bits: int
    sample_format: int
    planar: bool

    @property
    def channels(self) -> int:
        """Planes of ImageJ's stack in one page: 3 for 48-bit RGB, else 1."""
        return self.samples if self.kind == "16-bit" else 1

    @property
    def page_bytes(self) -> int:
        """Bytes of an uncompressed page; rows of 1-bit pixels begin with a byte of their own."""
        return self.height * self.samples * ((self.width * self.bits + 7) // 8)


def read(path: Path, stream: BinaryIO) -> Image:
    """Open a TIFF.

    A `StreamReader`: OME-TIFF takes pixel size and order from its XML. Tiled, BigTIFF and JPEG
    files, which ImageJ 1.54p refuses, have the values that they hold.
    """
    page = _plain(stream)
    tif = None if page is not None else _tifffile(stream)
    return _read(path, stream, page, tif)


def read_plain(path: Path, stream: BinaryIO) -> Image | None:
    """Open a TIFF as `read` does, if it is one that needs no library; None for others."""
    page = _plain(stream)
    return None if page is None else _read(path, stream, page, None)


def _plain(stream: BinaryIO) -> PlainPage | None:
    page = plain_page(stream)
    return None if page is not None and page.has_next and _stack_of(page) == 1 else page


def _read(path: Path, stream: BinaryIO, page: Any, tif: TiffFile | None) -> Image:
    if tif is not None:
        page = tif.pages.first
    layout = _layout(path, page)
    description = _description(page)
    props = _properties(description)
    warnings: list[str] = []
    has_next = tif is not None and _has_next(path, tif, page)
    stacked = _stack_size(description, props, page)
    size = page.file_bytes if tif is None else tif.filehandle.size
    pages: list[Any] = [page]
    if stacked > 1:
        offsets = _stack_offsets(path, page, layout, stacked, size)
    else:
        if tif is not None and has_next:
            pages = _all_pages(path, tif, layout, warnings)
        offsets = []
        for each in pages:
            _check_segments(path, each, layout, size)
            offsets.append(_contiguous_offset(each, layout))
        if "order=zct" in description and len(pages) > 1:
            msg = f"{path}: a stack in the order zct; save it in ImageJ without compression"
            raise ImageError(msg)
    n_slices = len(offsets) * layout.channels
    dimensions = (layout.channels, len(offsets), 1)
    order: list[int] | None = None
    if _is_ome(description):
        from pyrhi.io.images import ome

        metadata = ome.parse(path, description, len(offsets), layout.samples, warnings)
        calibration, order, dimensions = metadata.calibration, metadata.order, metadata.dimensions
        if layout.channels > 1:
            dimensions = (layout.channels * dimensions[0], *dimensions[1:])
    else:
        calibration = _spatial(page, description, props, warnings)
        dimensions = _dimensions(props, n_slices, dimensions)
    calibration = _with_values(path, calibration, layout, props, _inverted(page, layout))
    labels, roi, overlay = _metadata(page, n_slices)
    if page.photometric == PALETTE and layout.kind == "8-bit":
        warnings.append("colour table: its index values are measured, as in ImageJ")
    handle: Any = stream if tif is None else tif.filehandle
    byteorder = page.byteorder if tif is None else tif.byteorder
    reader = _Reader(handle, byteorder, layout, pages, offsets, order)
    return Image(
        path=path,
        name=path.name,
        kind=layout.kind,
        width=layout.width,
        height=layout.height,
        n_slices=n_slices,
        dimensions=dimensions,
        calibration=calibration,
        display_range=_display_range(props, layout.kind),
        slice_labels=labels,
        embedded_rois=roi,
        overlay=overlay,
        warnings=tuple(warnings),
        reader=reader,
        closer=stream.close,
    )


def _tifffile(stream: BinaryIO) -> TiffFile:
    import tifffile

    # Without a handler of its own, its complaints about damaged files would go to stderr.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    stream.seek(0)
    return tifffile.TiffFile(stream)


class _Reader:
    """Reads one plane by one seek and read where its bytes lie together, else by tifffile."""

    def __init__(
        self,
        handle: Any,
        byteorder: str,
        layout: _Layout,
        pages: list[Any],
        offsets: list[int | None],
        order: list[int] | None,
    ) -> None:
        self._handle = handle
        self._layout = layout
        self._pages = pages
        self._offsets = offsets
        self._order = order
        code = {1: "u", 2: "i", 3: "f"}[layout.sample_format]
        self._dtype = np.dtype(f"{byteorder}{code}{max(layout.bits, 8) // 8}")

    def __call__(self, index: int) -> NDArray[np.generic]:
        layout = self._layout
        number, channel = divmod(index, layout.channels)
        if self._order is not None:
            number = self._order[number]
        offset = self._offsets[number]
        raw = self._decoded(number) if offset is None else self._filled(offset, self._shape())
        if layout.samples > 1:
            samples = raw.transpose(1, 2, 0) if layout.planar else raw
            if layout.kind == "RGB":
                return samples[..., :3]
            return np.ascontiguousarray(samples[..., channel])
        return self._grey(raw)

    def _grey(self, raw: NDArray[Any]) -> NDArray[np.generic]:
        layout = self._layout
        if layout.kind == "16-bit" and layout.sample_format == SIGNED:
            return raw.view(np.uint16) ^ np.uint16(SIGNED_16BIT_OFFSET)
        if layout.kind == "32-bit" and layout.sample_format != FLOAT:
            return _int_to_float(raw)
        return raw

    def rows(self, index: int, first: int, last: int) -> NDArray[np.generic] | None:
        """Return rows `first` to `last` - 1 of a plane, None where it has to be read whole."""
        layout = self._layout
        whole_values = layout.kind == "32-bit" and layout.sample_format != FLOAT
        if layout.samples > 1 or whole_values:
            return None
        offset = self._offsets[self._order[index] if self._order is not None else index]
        if offset is None:
            return None
        start = offset + first * layout.width * self._dtype.itemsize
        return self._grey(self._filled(start, (last - first, layout.width)))

    def _shape(self) -> tuple[int, ...]:
        layout = self._layout
        plane = (layout.height, layout.width)
        if layout.samples == 1:
            return plane
        return (layout.samples, *plane) if layout.planar else (*plane, layout.samples)

    def _filled(self, offset: int, shape: tuple[int, ...]) -> NDArray[Any]:
        plane = np.empty(shape, dtype=self._dtype)
        handle = self._handle
        handle.seek(offset)
        if handle.readinto(plane.reshape(-1).view(np.uint8)) != plane.nbytes:
            msg = "the file ends too early"
            raise ValueError(msg)
        if not self._dtype.isnative:
            plane = plane.byteswap(inplace=True).view(self._dtype.newbyteorder("="))
        return plane

    def _decoded(self, number: int) -> NDArray[Any]:
        plane = self._pages[number].asarray(maxworkers=1)
        if plane.shape != self._shape():
            msg = f"the decoded slice has the shape {plane.shape}, not {self._shape()}"
            raise ValueError(msg)
        native = self._dtype.newbyteorder("=")
        if self._layout.bits == 1:  # ij.io.ImageReader.read1bitImage
            return np.where(plane, np.uint8(255), np.uint8(0))
        return np.ascontiguousarray(plane, dtype=native)


def _int_to_float(raw: NDArray[Any]) -> NDArray[np.float32]:
    if raw.dtype.kind == "u" and raw.size and int(raw.max()) > np.iinfo(np.int32).max:
        msg = "32-bit values above 2147483647, which ImageJ shows as negative"
        raise ValueError(msg)
    return raw.astype(np.float32)


def _layout(path: Path, page: Any) -> _Layout:
    width, height = int(page.imagewidth), int(page.imagelength)
    check_plane_size(path, width, height)
    bits, samples = page.bitspersample, int(page.samplesperpixel)
    if isinstance(bits, tuple):
        bits = bits[0] if len(set(bits)) == 1 else 0
    sample_format = page.sampleformat or UNSIGNED
    if isinstance(sample_format, tuple):
        sample_format = sample_format[0] if len(set(sample_format)) == 1 else 0
    kind = _kind(int(bits), samples, int(sample_format), int(page.photometric or 0))
    if int(getattr(page, "imagedepth", 1)) != 1 or kind is None:
        what = f"{bits}-bit samples, {samples} of them, sample format {int(sample_format)}"
        msg = (
            f"{path}: TIFF pixels of this kind ({what}, photometric {page.photometric})"
            " are not measured; convert it in ImageJ to 8, 16 or 32 bit"
        )
        raise ImageError(msg)
    if page.tags.get(NIH_IMAGE_HEADER) is not None:
        msg = f"{path}: an NIH Image file; open it in ImageJ and save it as TIFF"
        raise ImageError(msg)
    planar = samples > 1 and int(page.planarconfig or 1) == PLANAR
    return _Layout(kind, width, height, samples, int(bits), int(sample_format), planar)


def _kind(bits: int, samples: int, sample_format: int, photometric: int) -> str | None:
    """Return ImageJ's image type, or None for what pyrhi does not measure as ImageJ would."""
    if (bits, samples) == (1, 1) and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO):
        return "8-bit"
    if samples == 1 and photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE):
        if (bits, sample_format) == (8, UNSIGNED):
            return "8-bit"
        if bits == 16 and sample_format in (UNSIGNED, SIGNED):
            return "16-bit"
        if bits == 32 and sample_format in (UNSIGNED, SIGNED, FLOAT):
            return "32-bit"
    if photometric in (RGB, YCBCR) and sample_format == UNSIGNED:
        if bits == 8 and samples in (3, 4):
            return "RGB"
        if bits == 16 and samples == 3 and photometric == RGB:
            return "16-bit"
    return None


def _description(page: Any) -> str:
    tag = page.tags.get(DESCRIPTION)
    value = "" if tag is None else tag.value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return value if isinstance(value, str) else ""


def _is_ome(description: str) -> bool:
    return "<OME" in description[:4096] and description.rstrip().endswith("</OME>")


def _properties(description: str) -> dict[str, str]:
    """Return the ``key=value`` lines of an ImageJ description, escapes undone (Java Properties)."""
    if len(description) < 7 or not description.startswith("ImageJ"):
        return {}
    found = {}
    for line in description[:MAX_DESCRIPTION_CHARACTERS].splitlines():
        key, equals, value = line.partition("=")
        if equals:
            if "\\" in value:
                value = _JAVA_ESCAPE.sub(_unescape, value)
            found[key.strip()] = value.lstrip(" \t\f")
    return found


def _unescape(match: re.Match[str]) -> str:
    text = match[1]
    if text[0] == "u" and len(text) == 5:
        return chr(int(text[1:], 16))
    return _JAVA_ESCAPES.get(text, text)


def _number(props: dict[str, str], key: str, default: float = 0.0) -> float:
    try:
        return float(props[key])
    except (KeyError, ValueError):
        return default


def _stack_of(page: Any) -> int:
    description = _description(page)
    return _stack_size(description, _properties(description), page)


def _stack_size(description: str, props: dict[str, str], page: Any) -> int:
    """Return the planes behind one IFD (``TiffDecoder.saveImageDescription``), else 1."""
    images = _number(props, "images")
    if page.compression != NO_COMPRESSION or description[7:8] == "\n" or not images > 1:
        return 1
    return int(images) if math.isfinite(images) else 1


def _stack_offsets(
    path: Path, page: Any, layout: _Layout, count: int, size: int
) -> list[int | None]:
    plane = layout.page_bytes
    if page.is_tiled or not page.dataoffsets:
        msg = f"{path}: an ImageJ stack without contiguous strips; save it again in ImageJ"
        raise ImageError(msg)
    start = min(page.dataoffsets)
    check_bytes(path, start + count * plane, size)
    return [start + i * plane for i in range(count)]


def _has_next(path: Path, tif: TiffFile, page: Any) -> bool:
    """Return True if the first IFD names a second one, without walking the chain.

    A needed tag that tifffile left out because its value lies outside the file is an error: the
    pixel size would silently be lost.
    """
    fmt = tif.tiff
    handle = tif.filehandle
    handle.seek(page.offset)
    order = _order_name(tif)
    count = int.from_bytes(handle.read(fmt.tagnosize), order)
    entries = handle.read(count * fmt.tagsize)
    for at in range(0, len(entries), fmt.tagsize):
        code = int.from_bytes(entries[at : at + 2], order)
        if code in NEEDED_TAGS and page.tags.get(code) is None:
            msg = f"{path}: TIFF tag {code} is damaged or lies outside the file; export it again"
            raise ImageError(msg)
    return int.from_bytes(handle.read(fmt.offsetsize), order) != 0


def _order_name(tif: TiffFile) -> Any:
    return "little" if tif.byteorder == "<" else "big"


def _all_pages(path: Path, tif: TiffFile, layout: _Layout, warnings: list[str]) -> list[Any]:
    """Return the pages of the stack; as in ImageJ the first alone if the others differ."""
    pages: list[Any] = list(tif.pages)
    try:
        same = all(_layout(path, each) == layout for each in pages)
    except ImageError:
        same = False
    if same:
        return pages
    warnings.append(
        f"only the first of {len(pages)} images in the file is read: the others differ in size or"
        " type"
    )
    return pages[:1]


def _check_segments(path: Path, page: Any, layout: _Layout, size: int) -> None:
    offsets, counts = page.dataoffsets, page.databytecounts
    if not offsets or len(offsets) != len(counts):
        msg = f"{path}: the TIFF names no pixel data: it is truncated or damaged; export it again"
        raise ImageError(msg)
    check_bytes(path, max(o + c for o, c in zip(offsets, counts, strict=True)), size)
    needed = layout.page_bytes
    if len(offsets) == 1 and page.compression == NO_COMPRESSION and not page.is_tiled:
        check_bytes(path, offsets[0] + needed, size)
        return
    # tifffile fills what is missing with zeros, which would be measured as black pixels
    if len(offsets) < math.prod(page.chunked) or min(counts) == 0:
        msg = f"{path}: strips or tiles are missing: it is truncated or damaged; export it again"
        raise ImageError(msg)
    held = sum(counts)
    check_bytes(
        path, needed, held if page.compression == NO_COMPRESSION else held * MAX_COMPRESSION
    )


def _contiguous_offset(page: Any, layout: _Layout) -> int | None:
    """Return where the plane starts if its bytes lie together as ImageJ expects, else None."""
    offsets, counts = page.dataoffsets, page.databytecounts
    if page.compression != NO_COMPRESSION or page.is_tiled or page.fillorder != 1:
        return None
    if page.photometric == YCBCR or page.predictor != 1 or layout.bits == 1:
        return None
    if len(offsets) == 1:
        return int(offsets[0])
    together = (
        all(offsets[i] + counts[i] == offsets[i + 1] for i in range(len(offsets) - 1))
        and sum(counts) == layout.page_bytes
    )
    return int(offsets[0]) if together else None


def _pixel_size(page: Any, code: int) -> float:
    """Return 1 / resolution as ``TiffDecoder.getRational`` computes it; 0 where it has none."""
    tag = page.tags.get(code)
    if tag is None or not isinstance(tag.value, tuple) or len(tag.value) != 2:
        return 0.0
    numerator, denominator = tag.value
    scale = float(numerator) / float(denominator) if denominator else 0.0
    return 1.0 / scale if scale != 0.0 else 0.0


def _spatial(
    page: Any, description: str, props: dict[str, str], warnings: list[str]
) -> Calibration:
    """Return the pixel size (``TiffDecoder.OpenIFD``, ``FileOpener.setCalibration``)."""
    width, height = _pixel_size(page, X_RESOLUTION), _pixel_size(page, Y_RESOLUTION)
    tag = page.tags.get(RESOLUTION_UNIT)
    resolution_unit = 0 if tag is None else int(tag.value)
    found = usable(width, height)
    if not found:
        given = page.tags.get(X_RESOLUTION) is not None or page.tags.get(Y_RESOLUTION) is not None
        if given or not is_pixel_unit(props.get("unit", "")):
            warnings.append(bad_pixel_size(width, height))
        else:
            warnings.append(NO_PIXEL_SIZE)
        return _origin(Calibration(), props)
    unit: str | None = {UNIT_NONE: " ", UNIT_INCH: "inch", UNIT_CM: "cm"}.get(resolution_unit)
    if unit == "inch" and width == SCREEN_DPI_WIDTH:
        width = height = 1.0
        unit = None
    by_imagej = description.startswith("ImageJ") and len(description) >= 7
    depth = 1.0
    if by_imagej:
        told = props.get("unit", "")
        if unit == "cm" and told == "um":
            width *= 10000
            height *= 10000
        unit = told
        depth = abs(_number(props, "spacing", 1.0))
    if unit is None:
        warnings.append(NO_PIXEL_SIZE)
        return _origin(Calibration(), props)
    threshold = 0.0001 if description.startswith("ImageJ") else 0.001
    if width <= threshold and unit == "cm":
        width *= 10000.0
        height *= 10000.0
        if depth != 1.0:
            depth *= 10000.0
        unit = "um"
    unit = imagej_unit(unit)
    if is_pixel_unit(unit):
        warnings.append(no_unit_warning(width, height))
    elif unit == "inch" and not by_imagej:
        warnings.append(
            f"pixel size from a print resolution ({1 / width:g} dpi): areas are in inch²;"
            " check it against the scanner's"
        )
    depth = depth_or_one(depth, warnings)
    return _origin(Calibration(width, height, depth, unit), props)


def imagej_unit(unit: str) -> str:
    """Return `unit` as ``Calibration.setUnit`` keeps it."""
    return {"": NO_UNIT, "um": "µm", "μm": "µm", "A": "Å"}.get(unit, unit)


def _origin(calibration: Calibration, props: dict[str, str]) -> Calibration:
    if not props:
        return calibration
    x, y, z = (_number(props, key) for key in ("xorigin", "yorigin", "zorigin"))
    invert_y = props.get("inverty") == "true"
    if not (x or y or z or invert_y):
        return calibration
    return replace(calibration, x_origin=x, y_origin=y, z_origin=z, invert_y=invert_y)


def _with_values(
    path: Path, calibration: Calibration, layout: _Layout, props: dict[str, str], inverted: bool
) -> Calibration:
    """Add the calibration function (``FileOpener.setCalibration``)."""
    changes: dict[str, Any] = {"inverted_lut": inverted} if inverted else {}
    if layout.kind == "16-bit" and layout.sample_format == SIGNED:
        changes.update(function=Function.STRAIGHT_LINE, coefficients=SIGNED_COEFFICIENTS)
    value_unit = props.get("vunit")
    if value_unit is not None and layout.kind == "32-bit":
        changes["value_unit"] = value_unit
    elif value_unit is not None and layout.kind != "RGB":
        changes.update(_function(path, props, value_unit))
    return replace(calibration, **changes) if changes else calibration


def _function(path: Path, props: dict[str, str], value_unit: str) -> dict[str, Any]:
    function = int(_number(props, "cf", Function.STRAIGHT_LINE))
    coefficients: list[float] = []
    while len(coefficients) < 5:
        value = _number(props, f"c{len(coefficients)}", math.nan)
        if math.isnan(value):
            break
        coefficients.append(value)
    if function == Function.UNCALIBRATED_OD:
        return {"function": function, "coefficients": (), "value_unit": value_unit}
    if function == Function.NONE or (function in COEFFICIENTS and len(coefficients) < 2):
        return {}
    try:
        check_function(function, tuple(coefficients))
    except ParameterError as error:
        msg = f"{path}: {error}; remove the calibration function in ImageJ"
        raise ImageError(msg) from error
    return {
        "function": function,
        "coefficients": tuple(coefficients),
        "value_unit": value_unit,
        "zero_clip": props.get("zeroclip") == "true",
    }


def _inverted(page: Any, layout: _Layout) -> bool:
    """Tell an inverting look-up table (``ImageProcessor.isInvertedLut``)."""
    if layout.kind == "RGB" or layout.samples > 1:
        return False
    if page.photometric == PALETTE and layout.bits == 8:
        tag = page.tags.get(COLOR_MAP)
        if tag is not None and len(tag.value) == 768:
            brightness = (np.asarray(tag.value).reshape(3, 256) >> 8).sum(axis=0)
            return not bool((np.diff(brightness[:255]) > 0).any())
    return bool(page.photometric == WHITE_IS_ZERO)


def _dimensions(
    props: dict[str, str], n_slices: int, default: tuple[int, int, int]
) -> tuple[int, int, int]:
    if n_slices == 1 or not props:
        return default
    sizes = [int(_number(props, key)) or 1 for key in ("channels", "slices", "frames")]
    return (sizes[0], sizes[1], sizes[2]) if math.prod(sizes) == n_slices else default


def _display_range(props: dict[str, str], kind: str) -> tuple[float, float] | None:
    """Return the range that ``setMinAndMax`` holds: whole for 16-bit, float32 for 32-bit."""
    low, high = _number(props, "min"), _number(props, "max")
    if (low == 0.0 and high == 0.0) or not (math.isfinite(low) and math.isfinite(high)):
        return None
    if kind == "16-bit":
        return float(math.floor(low + 0.5)), float(math.floor(high + 0.5))
    if kind == "32-bit":
        return float(np.float32(low)), float(np.float32(high))
    return low, high


def _metadata(page: Any, n_slices: int) -> tuple[tuple[str, ...], bytes | None, tuple[bytes, ...]]:
    """Return slice labels, ROI and overlay from ImageJ's private tags."""
    tag = page.tags.get(METADATA)
    value = None if tag is None else tag.value
    if not isinstance(value, dict):
        return ("",) * n_slices, None, ()
    labels = [str(label or "") for label in _as_list(value.get("Labels"))]
    if len(labels) > n_slices:
        labels = []
    labels += [""] * (n_slices - len(labels))
    rois = [roi for roi in _as_list(value.get("ROI")) if isinstance(roi, bytes)]
    overlay = tuple(roi for roi in _as_list(value.get("Overlays")) if isinstance(roi, bytes))
    return tuple(labels), rois[0] if rois else None, overlay


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
