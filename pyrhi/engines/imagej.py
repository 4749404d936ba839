"""ImageJ itself as the engine: the same measuring, done by a real ImageJ in the JVM.

Only ``ij.*`` classes are used, of whichever ImageJ the running JVM holds, so that one way serves
ImageJ 1.54p from Maven Central, a local Fiji and a gateway that the caller has. None of them
needs a screen: no ROI Manager, no windows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from pyrhi.engines import jvm
from pyrhi.engines.macro import MACRO_SECONDS, run_macro
from pyrhi.engines.open_image import (
    BIT_DEPTHS,
    OpenMeasurement,
    check_own,
    find_open,
    image_of,
    overlay_of,
    pixels_of,
    results_table,
    rois_of,
)
from pyrhi.errors import EngineError, RoiError
from pyrhi.imagej.calibration import NO_UNIT, Function
from pyrhi.imagej.mask import Region
from pyrhi.imagej.outline import outline_of
from pyrhi.imagej.results import HEADINGS
from pyrhi.limits import MAX_JAVA_STACK_BYTES
from pyrhi.rhi.measure import RhiParameters, measure_image
from pyrhi.rhi.roiset import roi_set
from pyrhi.rhi.roles import RolePatterns

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pyrhi.imagej.calibration import Calibration
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image

OPENED_BY_IMAGEJ = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".zip")
TIFF_SUFFIXES = (".tif", ".tiff")
"""Files that ImageJ opens itself; it gets the pixels of all others (DICOM, NIfTI, arrays)."""

ALL_MEASUREMENTS = (
    "AREA", "MEAN", "STD_DEV", "MODE", "MIN_MAX", "CENTROID", "CENTER_OF_MASS", "PERIMETER",
    "RECT", "ELLIPSE", "SHAPE_DESCRIPTORS", "FERET", "INTEGRATED_DENSITY", "MEDIAN", "SKEWNESS",
    "KURTOSIS", "AREA_FRACTION", "STACK_POSITION",
)  # fmt: skip
"""Fields of ``ij.measure.Measurements``: everything in Set Measurements that fills a column."""


class ImageJ:
    """A real ImageJ that measures.

    Parameters
    ----------
    gateway
        A pyimagej gateway that the caller already has; None starts ImageJ, once for each process.
    fiji
        Folder of a local Fiji or ImageJ to start; None takes ImageJ 1.54p from Maven Central.

    Raises
    ------
    EngineError
        If ImageJ cannot be started; the message says what is missing.

    Examples
    --------
    >>> import pyrhi.engines
    >>> ij = pyrhi.engines.ImageJ()  # doctest: +SKIP
    >>> ij.version  # doctest: +SKIP
    '1.54p'
    """

    def __init__(
        self, gateway: Any = None, /, *, fiji: str | os.PathLike[str] | None = None
    ) -> None:
        if gateway is not None and not jvm.is_started():
            msg = "the gateway's Java is not running; make it by imagej.init() in this process"
            raise EngineError(msg)
        self.gateway = gateway
        jvm.start(fiji)
        if gateway is not None:
            jvm.stop_threads_at_exit()

    @property
    def version(self) -> str:
        """Version of the ImageJ that runs, such as ``1.54p``."""
        return str(jvm.jimport("ij.IJ").getVersion())

    @property
    def is_headless(self) -> bool:
        """True where ImageJ has no screen: then it has no ROI Manager either."""
        return bool(jvm.jimport("java.awt.GraphicsEnvironment").isHeadless())

    @property
    def source(self) -> str:
        """Jar file of the ImageJ that runs."""
        # jar:file:/folder/ij.jar!/ij/IJ.class; a patched class has no code source to ask.
        url = str(jvm.jimport("ij.IJ").class_.getResource("IJ.class"))
        return unquote(url.removeprefix("jar:file:").partition("!")[0])

    def engine(self, image: Image, /) -> ImageJEngine:
        """Return what measures an image in this ImageJ."""
        return ImageJEngine(image)

    def results(
        self,
        image_path: str | os.PathLike[str],
        rois: Iterable[tuple[str, bytes]],
        /,
    ) -> list[dict[str, float | str]]:
        """Measure ROIs by Analyze > Measure with all measurements on.

        Parameters
        ----------
        image_path
            An image.
        rois
            Name and ``.roi`` bytes of each.

        Returns
        -------
        rows : list of dict
            ``Roi`` and ImageJ's headings, one for each ROI and slice that it lies on.

        Raises
        ------
        ImageError, RoiError, EngineError
            If the image or a ROI cannot be read, or ImageJ fails.
        """
        from pyrhi.io.images import read_image
        from pyrhi.io.rois import decode_roi
        from pyrhi.rhi.position import slices_of

        rows: list[dict[str, float | str]] = []
        with read_image(image_path) as image:
            engine = self.engine(image)
            for name, data in rois:
                roi = decode_roi(data, name=name)
                for number in slices_of(roi, image.n_slices, image.dimensions):
                    values, _ = engine.measure(roi, number)
                    rows.append({"Roi": name, **dict(zip(HEADINGS, values, strict=True))})
        return rows

    def open_image(self, imp: Any = None, /) -> Image:
        """Return an image that is open in this ImageJ, for `pyrhi.measure`.

        Parameters
        ----------
        imp
            An ``ij.ImagePlus``, or what the gateway converts to one; None takes the front image.

        Raises
        ------
        EngineError
            If no image is open.
        """
        return image_of(find_open(imp, self.gateway))

    def open_rois(self, imp: Any = None, /) -> list[Roi]:
        """Return the ROIs of the ROI Manager, else of an open image's overlay and selection.

        Parameters
        ----------
        imp
            As for `open_image`.

        Raises
        ------
        EngineError
            If no image is open.
        RoiError
            If there are no ROIs.
        """
        return rois_of(find_open(imp, self.gateway))

    def measure_open(
        self,
        imp: Any = None,
        /,
        *,
        rois: Sequence[Roi] | None = None,
        find_high: str | None = None,
        clip: bool = False,
        patterns: RolePatterns | None = None,
        ignore_unnamed: bool = False,
    ) -> OpenMeasurement:
        """Measure RHI of an image that is open in this ImageJ.

        Parameters
        ----------
        imp
            As for `open_image`.
        rois
            Its ROIs; None takes those of `open_rois`, and those of the ROI Manager only where they
            were drawn on this image.
        find_high, clip, patterns, ignore_unnamed
            As in `pyrhi.measure`.

        Returns
        -------
        result : OpenMeasurement
            The rows, and the same as ResultsTable, ROIs and overlay; ``result.show()`` shows them.

        Raises
        ------
        EngineError, RoiError, RoleError, ThresholdError, ParameterError
            If nothing is open, the ROI Manager may hold another image's ROIs, they cannot be
            paired, or an argument does not fit.
        """
        parameters = RhiParameters.of(
            find_high=find_high, patterns=patterns, clip=clip, ignore_unnamed=ignore_unnamed
        )
        imp = find_open(imp, self.gateway)
        if rois is None:
            check_own(imp)
            rois = rois_of(imp)
        image = image_of(imp)
        measured = measure_image(image, rois, self.engine(image), parameters)
        with jvm.java_errors(image.name):
            table = results_table(image.name, measured, image.warnings)
            outlines, overlay = overlay_of(roi_set(image, rois, measured.found, parameters))
        return OpenMeasurement(measured, table, outlines, overlay, imp)

    def run_macro(self, code: str, argument: str = "", /, *, seconds: float = MACRO_SECONDS) -> str:
        """Run macro code and return what it returns.

        Parameters
        ----------
        code, argument
            The macro, and what its ``getArgument()`` gives.
        seconds
            Limit of time. With a screen an error is a dialog that waits for somebody to close it.

        Raises
        ------
        EngineError
            If the macro ends by an error, which ImageJ itself would only print or show, or does
            not end in time; what its dialogs say is in the message.
        """
        return run_macro(code, argument, seconds)


class ImageJEngine:
    """Measures one image in the running ImageJ.

    Parameters
    ----------
    image
        The image. ImageJ opens TIFF and PNG files itself; of others it gets a copy of the pixels.

    Raises
    ------
    EngineError
        If ImageJ opens the file as something else than pyrhi does.
    """

    def __init__(self, image: Image, /) -> None:
        self._image = image
        imp = _open(image)
        self._imp = imp if imp is not None else _frompixels_of(image)
        self._all = sum(
            int(getattr(jvm.jimport("ij.measure.Measurements"), name)) for name in ALL_MEASUREMENTS
        )

    def measure(self, roi: Roi, slice_number: int, /) -> tuple[tuple[float, ...], Region]:
        """Return the row of Results and the pixels of a ROI.

        Raises
        ------
        RoiError
            If the ROI is damaged, ImageJ cannot decode it, or takes it for no selection.
        EngineError
            If ImageJ fails.
        """
        # ImageJ makes something of damaged coordinates; both engines refuse the same ROIs.
        outline_of(roi)
        selection = _decode(roi)
        imp = self._imp
        with jvm.java_errors(f"{self._image.name}: ROI {roi.name!r}"):
            imp.setSlice(slice_number)
            imp.setRoi(selection, False)
            if imp.getRoi() is None:
                msg = f"ROI {roi.name!r} encloses no area; draw it again"
                raise RoiError(msg)
            table = jvm.jimport("ij.measure.ResultsTable")()
            analyzer = jvm.jimport("ij.plugin.filter.Analyzer")(imp, self._all, table)
            analyzer.saveResults(imp.getStatistics(self._all), imp.getRoi())
            row = tuple(
                float(table.getValue(heading, 0)) if table.columnExists(heading) else np.nan
                for heading in HEADINGS
            )
            region = _region(imp)
            imp.deleteRoi()
        return row, region

    def mean(self, region: Region, slice_number: int, /) -> float:
        """Return the calibrated mean of a region."""
        with jvm.java_errors(f"{self._image.name}: slice {slice_number}"):
            processor = self._processor(region, slice_number)
            statistics = jvm.jimport("ij.process.ImageStatistics").getStatistics(
                processor, int(jvm.jimport("ij.measure.Measurements").MEAN), self._calibration()
            )
            return float(statistics.mean)

    def values(self, region: Region, slice_number: int, /) -> NDArray[np.float64]:
        """Return the calibrated values of the region's box."""
        with jvm.java_errors(f"{self._image.name}: slice {slice_number}"):
            processor = self._processor(region, slice_number).crop()
            if self._image.kind == "RGB":
                processor = processor.convertToByteProcessor(False)
            table = self._calibration().getCTable()
            box = pixels_of(processor)
            if table is not None:
                return np.asarray(table, np.float32)[box.astype(np.intp)].astype(np.float64)
            return box.astype(np.float64)

    def above_threshold(
        self, region: Region, slice_number: int, method: str, /
    ) -> NDArray[np.bool_]:
        """Return which pixels of the region's box ``setAutoThreshold("METHOD dark")`` takes."""
        with jvm.java_errors(f"{self._image.name}: slice {slice_number}, {method}"):
            processor = self._processor(region, slice_number)
            processor.setAutoThreshold(f"{method} dark")
            lower, upper = processor.getMinThreshold(), processor.getMaxThreshold()
            raw = pixels_of(processor.crop()).astype(np.float64)
        taken: NDArray[np.bool_] = (raw >= lower) & (raw <= upper)
        return taken

    def _processor(self, region: Region, slice_number: int) -> Any:
        """Return a slice with the region as its ROI and mask."""
        processor = self._imp.getStack().getProcessor(slice_number)
        rectangle = jvm.jimport("java.awt.Rectangle")
        processor.setRoi(rectangle(region.x, region.y, region.width, region.height))
        mask = jvm.jimport("ij.process.ByteProcessor")(region.width, region.height)
        _copy_into(mask.getPixels(), region.cropped())
        processor.setMask(mask)
        return processor

    def _calibration(self) -> Any:
        return self._imp.getCalibration()


HEADER2_OFFSET, GROUP_OFFSET = 60, 30
"""Places in a ``.roi`` file (``ij.io.RoiDecoder``): of the second header, of the group in it."""


def _without_group(data: bytes) -> bytes:
    """Return a ``.roi`` file without its group, which does not change a number.

    For a group ImageJ looks for its colour in a LUT file, and prints a line where there is none.
    """
    header2 = int.from_bytes(data[HEADER2_OFFSET : HEADER2_OFFSET + 4], "big")
    group = header2 + GROUP_OFFSET
    if header2 == 0 or group >= len(data):
        return data
    return data[:group] + b"\0" + data[group + 1 :]


def _decode(roi: Roi) -> Any:
    """Return ImageJ's own ROI; the bytes are those of the file."""
    if not roi.data:
        msg = f"ROI {roi.name!r} has no .roi data for ImageJ; read it by pyrhi.read_rois"
        raise RoiError(msg)
    with jvm.java_errors(f"ROI {roi.name!r}"):
        selection = jvm.jimport("ij.io.RoiDecoder").openFromByteArray(_without_group(roi.data))
    if selection is None:
        msg = f"ROI {roi.name!r} cannot be read by ImageJ; save it again"
        raise RoiError(msg)
    return selection


def _region(imp: Any) -> Region:
    """Return the pixels of the active selection, as ImageJ clips them."""
    processor = imp.getProcessor()
    processor.setRoi(imp.getRoi())
    box = processor.getRoi()
    if box.width <= 0 or box.height <= 0:
        return Region(0, 0, 0, 0, None)
    mask = imp.getRoi().getMask()
    if mask is None:
        return Region(box.x, box.y, box.width, box.height, None)
    bounds = imp.getRoi().getBounds()
    return Region(
        box.x, box.y, box.width, box.height, pixels_of(mask), box.x - bounds.x, box.y - bounds.y
    )


def _copy_into(array: Any, values: NDArray[Any]) -> None:
    """Copy numpy values into a Java array; the numpy array is only read."""
    flat = np.ascontiguousarray(values).reshape(-1)
    signed = {np.dtype(np.uint8): np.int8, np.dtype(np.uint16): np.int16}.get(flat.dtype)
    array[:] = flat if signed is None else flat.view(signed)


def _open(image: Image) -> Any:
    """Let ImageJ open the file of an image; None where it does not open such files itself."""
    path = image.path
    if path is None or path.suffix.lower() not in OPENED_BY_IMAGEJ or _is_ome(path):
        return None
    with jvm.java_errors(str(path)):
        large = path.stat().st_size > MAX_JAVA_STACK_BYTES and path.suffix.lower() in TIFF_SUFFIXES
        if large and image.n_slices > 1:
            imp = jvm.jimport("ij.plugin.FileInfoVirtualStack").openVirtual(str(path))
        else:
            imp = jvm.jimport("ij.io.Opener")().openImage(str(path))
    if imp is None:
        return None
    seen = (
        imp.getWidth(),
        imp.getHeight(),
        imp.getStackSize(),
        BIT_DEPTHS.get(imp.getBitDepth(), "unknown"),
    )
    expected = (image.width, image.height, image.n_slices, image.kind)
    if seen != expected:
        msg = f"{path}: ImageJ opens it as {_shown(seen)}, pyrhi as {_shown(expected)}"
        raise EngineError(msg)
    return imp


def _shown(size: tuple[int, int, int, str]) -> str:
    width, height, slices, kind = size
    return f"{width} x {height}, {slices} slices, {kind}"


def _is_ome(path: Path) -> bool:
    """Return True for an OME-TIFF, whose XML ImageJ without Bio-Formats does not read."""
    if path.suffix.lower() not in TIFF_SUFFIXES:
        return False
    import tifffile

    with tifffile.TiffFile(path) as tiff:
        return bool(tiff.is_ome)


def _frompixels_of(image: Image) -> Any:
    """Return an ImagePlus that holds a copy of the image's pixels and its calibration."""
    with jvm.java_errors(image.name):
        stack = jvm.jimport("ij.ImageStack")(image.width, image.height)
        for number in range(1, image.n_slices + 1):
            stack.addSlice("", _copied_plane(image, number))
        imp = jvm.jimport("ij.ImagePlus")(image.name, stack)
        channels, slices, frames = image.dimensions
        imp.setDimensions(channels, slices, frames)
        _calibrate(imp.getLocalCalibration(), image.calibration)
        imp.setCalibration(imp.getLocalCalibration())
        if image.display_range is not None:
            imp.setDisplayRange(*image.display_range)
    return imp


def _copied_plane(image: Image, number: int) -> Any:
    process = "ij.process."
    if image.kind == "RGB":
        processor = jvm.jimport(process + "ColorProcessor")(image.width, image.height)
        rgb = image.reader(number - 1).astype(np.int32)
        packed = (0xFF << 24) - (1 << 32) | (rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2]
        _copy_into(processor.getPixels(), packed.astype(np.int32))
        return processor
    name = {"8-bit": "ByteProcessor", "16-bit": "ShortProcessor", "32-bit": "FloatProcessor"}
    processor = jvm.jimport(process + name[image.kind])(image.width, image.height)
    _copy_into(processor.getPixels(), image.plane(number))
    processor.resetMinAndMax()
    if image.calibration.inverted_lut:
        processor.invertLut()
    return processor


def _calibrate(target: Any, calibration: Calibration) -> None:
    target.pixelWidth = calibration.pixel_width
    target.pixelHeight = calibration.pixel_height
    target.pixelDepth = calibration.pixel_depth
    if calibration.unit != NO_UNIT:
        target.setUnit(calibration.unit)
    target.xOrigin, target.yOrigin = calibration.x_origin, calibration.y_origin
    target.zOrigin = calibration.z_origin
    target.setInvertY(calibration.invert_y)
    if calibration.function != Function.NONE:
        import jpype

        coefficients = jpype.JArray(jpype.JDouble)(list(calibration.coefficients))
        target.setFunction(
            int(calibration.function), coefficients, calibration.value_unit, calibration.zero_clip
        )
