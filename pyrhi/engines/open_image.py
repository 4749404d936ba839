"""What is open in the running ImageJ: its image and ROIs in, a table and outlines back.

The image on screen, its selection, its slice and its ROI Manager stay as they are until
`OpenMeasurement.show` is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.engines import jvm
from pyrhi.errors import EngineError, RoiError
from pyrhi.imagej.calibration import NO_UNIT, Calibration
from pyrhi.io.images.image import Image, is_pixel_unit, no_unit_warning
from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.files import find_rois, read_rois
from pyrhi.rhi.columns import RHI_COLUMNS, rhi_cells
from pyrhi.rhi.roles import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pyrhi.imagej.roi import Roi
    from pyrhi.rhi.measure import ImageMeasurement

TABLE_TITLE = "RHI"
"""Window of the table, as of the macros and scripts."""

BIT_DEPTHS = {8: "8-bit", 16: "16-bit", 24: "RGB", 32: "32-bit"}

NO_IMAGE = "no image is open in ImageJ; open one (File > Open) or pass an ImagePlus"
NO_ROIS = (
    "{title}: no ROIs in the ROI Manager, in the overlay or as selection; "
    "outline the cord and add it (Edit > Selection > Add to Manager, or Image > Overlay)"
)


STRANGERS = (
    "it is not known that the ROIs in the ROI Manager ({names}) belong to {title}: they were not "
    "drawn on it and are not in a file beside it; empty the ROI Manager, or give measure_open the "
    "ROIs (rois=ij.open_rois())"
)
OTHERS_BESIDE = (
    "it is not known that the ROIs in the ROI Manager belong to {title}: the ROI file beside it "
    "holds others; save them there, empty the ROI Manager, or give measure_open the ROIs "
    "(rois=ij.open_rois())"
)


class OpenPlanes:
    """Reads planes of an open ImagePlus as copies.

    Parameters
    ----------
    imp
        The ``ij.ImagePlus``.
    """

    def __init__(self, imp: Any, /) -> None:
        self.imp = imp

    def __call__(self, index: int, /) -> NDArray[np.generic]:
        """Return plane `index`, counted from 0."""
        values = pixels_of(self.imp.getStack().getProcessor(index + 1))
        if values.dtype != np.int32:
            return values
        return np.stack([(values >> shift) & 0xFF for shift in (16, 8, 0)], -1).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class OpenMeasurement:
    """RHI of an image that is open in ImageJ. Research use only; not a medical device.

    Parameters
    ----------
    measured
        The rows, as `pyrhi.rhi.measure.measure_image` gives them.
    table
        ``ij.measure.ResultsTable`` with the columns of ``rhi.csv`` from Image on.
    rois
        ``ij.gui.Roi`` of every ROI with a role and every high region that was found.
    overlay
        ``ij.gui.Overlay`` of `rois`.
    imp
        The ``ij.ImagePlus`` that was measured.
    """

    measured: ImageMeasurement
    table: Any
    rois: tuple[Any, ...]
    overlay: Any
    imp: Any

    def show(self) -> None:
        """Draw the outlines over the image and, where there is a screen, show the table."""
        with jvm.java_errors("showing the results"):
            self.imp.setOverlay(self.overlay)
            if not jvm.jimport("java.awt.GraphicsEnvironment").isHeadless():
                self.table.show(TABLE_TITLE)


def find_open(imp: Any, gateway: Any, /) -> Any:
    """Return the ImagePlus that is meant.

    Parameters
    ----------
    imp
        An ``ij.ImagePlus``; None takes the front image; anything else, such as a Dataset, is
        converted by the gateway, to a copy.
    gateway
        A pyimagej gateway, or None.

    Raises
    ------
    EngineError
        If no image is open, or `imp` is none.
    """
    if imp is None:
        imp = jvm.jimport("ij.WindowManager").getCurrentImage()
    elif not isinstance(imp, jvm.jimport("ij.ImagePlus")):
        if gateway is None:
            msg = f"{type(imp).__name__} is no ij.ImagePlus; pass one, or None for the front image"
            raise EngineError(msg)
        # Without a copy it would be a view of the caller's memory, which ImageJ may write to.
        imp = gateway.py.to_imageplus(imp).duplicate()
    # A script parameter that nobody filled is an image without pixels.
    if imp is None or imp.getWidth() == 0 or imp.getProcessor() is None:
        raise EngineError(NO_IMAGE)
    return imp


def image_of(imp: Any, /) -> Image:
    """Return an open ImagePlus as an image; its planes are read when they are asked for.

    Parameters
    ----------
    imp
        The ``ij.ImagePlus``.
    """
    shown = imp
    # A second ImagePlus over the same stack: selection and slice of the first stay untouched.
    imp = jvm.jimport("ij.ImagePlus")(shown.getTitle(), shown.getStack())
    imp.setCalibration(shown.getCalibration())
    channels, slices, frames = shown.getNChannels(), shown.getNSlices(), shown.getNFrames()
    imp.setDimensions(channels, slices, frames)
    calibration = _calibration(imp)
    unit, width, height = calibration.unit, calibration.pixel_width, calibration.pixel_height
    return Image(
        path=None,
        name=str(shown.getTitle()),
        kind=BIT_DEPTHS[int(imp.getBitDepth())],
        width=int(imp.getWidth()),
        height=int(imp.getHeight()),
        n_slices=int(imp.getStackSize()),
        dimensions=(int(channels), int(slices), int(frames)),
        calibration=calibration,
        warnings=(no_unit_warning(width, height),) if is_pixel_unit(unit) else (),
        reader=OpenPlanes(imp),
        closer=lambda: None,
    )


def _calibration(imp: Any) -> Calibration:
    cal = imp.getCalibration()
    coefficients = cal.getCoefficients()
    return Calibration(
        pixel_width=float(cal.pixelWidth),
        pixel_height=float(cal.pixelHeight),
        pixel_depth=float(cal.pixelDepth),
        unit=str(cal.getUnit() or NO_UNIT),
        x_origin=float(cal.xOrigin),
        y_origin=float(cal.yOrigin),
        z_origin=float(cal.zOrigin),
        function=int(cal.getFunction()),
        coefficients=() if coefficients is None else tuple(map(float, coefficients)),
        value_unit=str(cal.getValueUnit()),
        invert_y=bool(cal.getInvertY()),
        zero_clip=bool(cal.zeroClip()),
        inverted_lut=bool(imp.getProcessor().isInvertedLut()),
    )


def rois_of(imp: Any, /) -> list[Roi]:
    """Return the ROIs that belong to an open image.

    Parameters
    ----------
    imp
        The ``ij.ImagePlus``.

    Returns
    -------
    rois : list of Roi
        Those of the ROI Manager, where it is open and holds any; else the overlay's, then the
        selection.

    Raises
    ------
    RoiError
        If there are none.
    """
    with jvm.java_errors(f"{imp.getTitle()}: its ROIs"):
        found = _managed() or _drawn(imp)
        encode = jvm.jimport("ij.io.RoiEncoder").saveAsByteArray
        rois = [decode_roi(bytes(encode(roi)), name=name) for name, roi in found]
    if not rois:
        raise RoiError(NO_ROIS.format(title=imp.getTitle()))
    return rois


def check_own(imp: Any, /) -> None:
    """Raise where the ROI Manager, whose ROIs would be measured, may hold another image's.

    Parameters
    ----------
    imp
        The ``ij.ImagePlus``.

    Raises
    ------
    RoiError
        If a ROI was neither drawn on this image, which ImageJ remembers, nor is one of the ROI file
        beside its file; if that file holds a ROI that the ROI Manager does not.

    Notes
    -----
    ImageJ takes a ROI that was opened from a file for drawn on the image over which it was chosen
    in the ROI Manager, so that another image's set becomes this one's by being looked at.
    """
    managed = [(name, roi, _outline(roi)) for name, roi in _managed()]
    if not managed:
        return
    beside = {_outline(roi) for roi in _rois_beside(imp)}
    strangers = [
        name
        for name, roi, outline in managed
        if roi.getImageID() != imp.getID() and outline not in beside
    ]
    if strangers:
        raise RoiError(STRANGERS.format(names=listed(strangers), title=imp.getTitle()))
    if not beside.issubset(outline for _, _, outline in managed):
        raise RoiError(OTHERS_BESIDE.format(title=imp.getTitle()))


def _rois_beside(imp: Any) -> list[Any]:
    """Return the ROIs of the file beside an open image's file, as ImageJ reads them."""
    info = imp.getOriginalFileInfo()
    if info is None or not info.directory or not info.fileName:
        return []
    decode = jvm.jimport("ij.io.RoiDecoder").openFromByteArray
    try:
        path = find_rois(Path(str(info.directory)) / str(info.fileName))
        return [] if path is None else [decode(roi.data) for roi in read_rois(path)]
    except RoiError:  # of several files, or a damaged one, nothing is known
        return []


def _outline(roi: Any) -> tuple[object, ...]:
    """Return what makes the outline of an ``ij.gui.Roi``, without its name and its place."""
    it = decode_roi(bytes(jvm.jimport("ij.io.RoiEncoder").saveAsByteArray(roi)), name="")
    points = (it.x, it.y, it.xf, it.yf, it.shape)
    box = (it.left, it.top, it.width, it.height, it.float_bounds, it.arc_size, it.ends)
    return (it.type, it.subtype, *box, *(None if p is None else p.tobytes() for p in points))


def _managed() -> list[tuple[str, Any]]:
    # Without a screen there is no ROI Manager, and asking for it throws.
    if jvm.jimport("java.awt.GraphicsEnvironment").isHeadless():
        return []
    manager = jvm.jimport("ij.plugin.frame.RoiManager").getInstance2()
    if manager is None:
        return []
    return [(str(manager.getName(i)), manager.getRoi(i)) for i in range(manager.getCount())]


def _drawn(imp: Any) -> list[tuple[str, Any]]:
    overlay, selection = imp.getOverlay(), imp.getRoi()
    drawn = [] if overlay is None else list(overlay.toArray())
    if selection is not None:
        drawn.append(selection)
    return [(str(roi.getName() or ""), roi) for roi in drawn]


def results_table(name: str, measured: ImageMeasurement, warnings: Sequence[str], /) -> Any:
    """Return the rows of a measured image as an ``ij.measure.ResultsTable``.

    Parameters
    ----------
    name
        What the column Image says.
    measured
        The rows.
    warnings
        Warnings of the image.
    """
    table = jvm.jimport("ij.measure.ResultsTable")()
    table.showRowNumbers(False)
    for row in measured.rhi:
        table.incrementCounter()
        for heading, cell in zip(RHI_COLUMNS, rhi_cells(row.numbers(name, warnings)), strict=True):
            table.addValue(heading, cell if isinstance(cell, str) else float(cell))
    return table


def overlay_of(roi_set: Sequence[tuple[str, bytes]], /) -> tuple[tuple[Any, ...], Any]:
    """Return a set of ROIs as ``ij.gui.Roi`` and as an ``ij.gui.Overlay``.

    Parameters
    ----------
    roi_set
        Name and ``.roi`` bytes of each.
    """
    decode = jvm.jimport("ij.io.RoiDecoder").openFromByteArray
    overlay = jvm.jimport("ij.gui.Overlay")()
    rois = []
    for name, data in roi_set:
        roi = decode(data)
        roi.setName(name)
        overlay.add(roi)
        rois.append(roi)
    return tuple(rois), overlay


def pixels_of(processor: Any, /) -> NDArray[Any]:
    """Return a copy of a processor's pixels, shape ``(height, width)``, with Java's sign undone.

    Parameters
    ----------
    processor
        An ``ij.process.ImageProcessor``; packed int32 for RGB.
    """
    values = np.array(processor.getPixels())
    unsigned = {np.dtype(np.int8): np.uint8, np.dtype(np.int16): np.uint16}.get(values.dtype)
    if unsigned is not None:
        values = values.view(unsigned)
    return values.reshape(processor.getHeight(), processor.getWidth())
