"""One opened image: what ImageJ knows of it after opening, and its planes one at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.imagej.calibration import NO_UNIT, Calibration
from pyrhi.limits import MAX_PLANE_PIXELS
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry

NO_PIXEL_SIZE = "no pixel size: areas are in pixel^2"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Image:
    """An image of one or more planes, read when they are asked for; close it or use ``with``.

    Parameters
    ----------
    path
        File or folder; None for an image that has none.
    name
        File name with extension, or the folder's name.
    kind
        ``"8-bit"``, ``"16-bit"``, ``"32-bit"`` or ``"RGB"``, as ImageJ opens it.
    width, height
        Size of a plane in pixels.
    n_slices
        Planes in ImageJ's stack: channels * slices * frames.
    dimensions
        Channels, slices, frames; the stack's order is channel, slice, frame, channel fastest.
    calibration
        Pixel size and calibration function.
    display_range
        Display range in raw values that the file sets; None where ImageJ takes the plane's own.
    slice_labels
        Label of each plane, ``""`` where it has none.
    embedded_rois
        ROI inside the TIFF, as ``.roi`` bytes.
    overlay
        Overlay ROIs inside the TIFF, as ``.roi`` bytes.
    warnings
        What a person should know before trusting the numbers.
    patient_id, series
        DICOM PatientID and SeriesInstanceUID; identifying, never to be written to an output.
    header
        DICOM header of the first slice; identifying as well.
    geometry
        Where the voxels lie; None where the file does not say.
    is_volume
        True where nothing says across which axis the slices were acquired (NIfTI, NRRD).
    slice_axis
        Which axis of the file's voxels (columns, rows, slices) its planes are cut across.
    """

    path: Path | None
    name: str
    kind: str
    width: int
    height: int
    n_slices: int
    dimensions: tuple[int, int, int]
    calibration: Calibration
    display_range: tuple[float, float] | None = None
    slice_labels: tuple[str, ...] = ()
    embedded_rois: bytes | None = field(default=None, repr=False)
    overlay: tuple[bytes, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    patient_id: str | None = field(default=None, repr=False)
    series: str | None = field(default=None, repr=False)
    header: Any = field(default=None, repr=False)
    geometry: Geometry | None = field(default=None, repr=False)
    is_volume: bool = False
    slice_axis: int = 2
    reader: Callable[[int], NDArray[np.generic]] = field(repr=False)
    closer: Callable[[], None] = field(repr=False)

    def __repr__(self) -> str:
        size = f"{self.width} x {self.height}"
        if self.n_slices > 1:
            size += f" x {self.n_slices} slices"
        calibration = self.calibration
        pixel = f"{calibration.pixel_width:g} x {calibration.pixel_height:g} {calibration.unit}"
        return f"Image({self.name!r}, {self.kind}, {size}, pixel {pixel})"

    def plane(self, n: int, /) -> NDArray[np.generic]:
        """Return the raw values of plane `n` as ImageJ's ImageProcessor holds them.

        Parameters
        ----------
        n
            1-based number in the stack.

        Returns
        -------
        ndarray
            Shape ``(height, width)``: uint8 (8-bit and the grey of RGB), uint16 (signed 16-bit is
            raised by 32768) or float32.

        Raises
        ------
        ImageError
            If there is no such plane, or it cannot be read.

        Notes
        -----
        The grey of RGB is that of ImageJ's histogram, from which area, mean, standard deviation,
        mode, minimum, maximum and median come: ``(int)(r/3 + g/3 + b/3 + 0.5)``
        (``ColorProcessor.getHistogram``). See `moments_plane` for the rest.
        """
        values = self._read(n)
        return rgb_to_grey(values) if self.kind == "RGB" else values

    def rows(self, n: int, first: int, last: int, /) -> NDArray[np.generic] | None:
        """Return rows `first` to `last` - 1 of `plane`, counted from 0.

        Parameters
        ----------
        n
            1-based number in the stack.
        first, last
            Rows of the image.

        Returns
        -------
        ndarray or None
            Shape ``(last - first, width)``; None where only the whole plane can be read.

        Raises
        ------
        ImageError
            As `plane`.
        """
        reader: Any = getattr(self.reader, "rows", None)
        if reader is None or self.kind == "RGB":
            return None
        found: NDArray[np.generic] | None = self._checked(n, lambda: reader(n - 1, first, last))
        return found

    def moments_plane(self, n: int, /) -> NDArray[np.generic]:
        """Return the values from which ImageJ takes centre of mass, skewness and kurtosis.

        They are those of `plane` except for RGB, where they are the unrounded mean of the three
        channels as float32 (``ColorProcessor.getPixelValue``).
        """
        values = self._read(n)
        return _rgb_mean(values).astype(np.float32) if self.kind == "RGB" else values

    def _read(self, n: int) -> NDArray[np.generic]:
        found: NDArray[np.generic] = self._checked(n, lambda: self.reader(n - 1))
        return found

    def _checked(self, n: int, read: Callable[[], Any]) -> Any:
        if not 1 <= n <= self.n_slices:
            msg = f"{self.name}: there is no slice {n}; the image has {self.n_slices}"
            raise ImageError(msg)
        try:
            return read()
        except ImageError:
            raise
        except Exception as error:  # decoders of damaged data raise nearly anything
            msg = f"{self.path or self.name}: slice {n} cannot be read ({one_line(error)})"
            raise ImageError(msg) from error

    def close(self) -> None:
        """Close the file; planes can no longer be read."""
        self.closer()

    def __enter__(self) -> Image:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class StreamReader(Protocol):
    """How a format opens a file: the function ``read`` of its module."""

    def __call__(self, path: Path, stream: BinaryIO, /) -> Image:
        """Open the file.

        Parameters
        ----------
        path
            The file, for messages.
        stream
            The file, opened for reading. It belongs to the image from then on; a format that is
            read at once closes it here.

        Returns
        -------
        Image
            The image as ImageJ opens it.

        Raises
        ------
        ImageError
            If the file is damaged or holds what pyrhi cannot measure as ImageJ would.
        """
        ...


def whole_stream(stream: BinaryIO, /) -> bytes:
    """Return all that a file holds, and close it."""
    with stream:
        stream.seek(0)
        return stream.read()


def picture(path: Path, plane: NDArray[np.generic], kind: str, /, *warnings: str) -> Image:
    """Return the image of a picture without pixel size (PNG, JPEG), whose pixels are decoded.

    Parameters
    ----------
    path
        The file.
    plane
        Shape ``(height, width)``, or ``(height, width, 3)`` where `kind` is RGB.
    kind
        As of `Image`.
    warnings
        What its format has to say.
    """

    def copy(_index: int) -> NDArray[np.generic]:
        return plane.copy()

    return Image(
        path=path,
        name=path.name,
        kind=kind,
        height=plane.shape[0],
        width=plane.shape[1],
        n_slices=1,
        dimensions=(1, 1, 1),
        calibration=Calibration(),
        slice_labels=("",),
        warnings=(NO_PIXEL_SIZE, *warnings),
        reader=copy,
        closer=lambda: None,
    )


def check_plane_size(path: Path, width: int, height: int) -> None:
    """Raise ImageError unless `width` x `height` is a size that a slice may have."""
    if width <= 0 or height <= 0:
        msg = f"{path}: the image is {width} x {height} pixels: the header is damaged"
        raise ImageError(msg)
    if width * height > MAX_PLANE_PIXELS:
        msg = (
            f"{path}: a slice of {width} x {height} pixels is more than pyrhi reads"
            f" ({MAX_PLANE_PIXELS} pixels)"
        )
        raise ImageError(msg)


def check_bytes(path: Path, needed: int, size: int) -> None:
    """Raise ImageError if the header promises more bytes than the file holds."""
    if needed > size:
        msg = (
            f"{path}: the header promises {needed} bytes and the file holds {size}:"
            " it is truncated or damaged; export it again"
        )
        raise ImageError(msg)


def usable(*sizes: float) -> bool:
    """Return True if every pixel size is positive and finite."""
    return all(np.isfinite(size) and size > 0 for size in sizes)


def bad_pixel_size(*sizes: float) -> str:
    """Return the warning for a pixel size that cannot be one."""
    shown = " x ".join(f"{size:g}" for size in sizes)
    return f"pixel size {shown} cannot be used: areas are in pixel^2"


def depth_or_one(depth: float, warnings: list[str]) -> float:
    """Return a usable slice distance; an unusable one becomes 1, with a warning."""
    if usable(depth):
        return depth
    warnings.append(f"slice distance {depth:g} cannot be used: 1 is taken")
    return 1.0


def is_pixel_unit(unit: str) -> bool:
    """Return True if `unit` is no unit of length."""
    return unit.strip().lower() in ("", NO_UNIT, "pixels")


def no_unit_warning(width: float, height: float) -> str:
    """Return what to say of a pixel size without a unit of length."""
    if width == height == 1.0:
        return NO_PIXEL_SIZE
    return f"pixel size {width:g} x {height:g} without a unit of length"


def rgb_to_grey(rgb: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return the grey values of ImageJ's RGB histogram; `rgb` has shape ``(h, w, 3)``, uint8."""
    return (_rgb_mean(rgb) + 0.5).astype(np.uint8)


def _rgb_mean(rgb: NDArray[np.generic]) -> NDArray[np.float64]:
    third = 1.0 / 3.0
    r, g, b = (rgb[..., i].astype(np.float64) for i in range(3))
    return r * third + g * third + b * third
