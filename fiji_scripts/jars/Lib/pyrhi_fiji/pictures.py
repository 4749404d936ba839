"""An image with its pixel size, and a word on whatever a reader of the numbers has to know."""

from __future__ import division, unicode_literals

import math

from ij import IJ
from java.lang import Throwable

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line

NO_UNIT = "pixel"
MM = "mm"
MICRONS = ("\u00b5m", "\u03bcm", "um", "micron", "microns", "micrometer", "micrometre")
MAX_PLANE_PIXELS = 2**28
KINDS = {8: "8-bit", 16: "16-bit", 24: "RGB", 32: "32-bit"}


class Picture(object):
    """An image with its pixel size.

    Parameters
    ----------
    imp
        An ImagePlus of its own over the image's stack, so that what the user sees stays as it is.
    name
        File name, or the window's title.
    spacing
        Width and height of a pixel, and the unit of length; micrometres become millimetres.
    warnings
        What a reader of the numbers has to know.
    embedded
        Bytes of the ROIs inside the file: its overlay, then its selection.
    """

    def __init__(self, imp, name, spacing, warnings, embedded=()):
        self.imp = imp
        self.name = name
        self.pixel_width, self.pixel_height, self.unit = spacing
        self.warnings = list(warnings)
        self.is_micron = self.unit.strip().lower() in MICRONS
        if self.is_micron:
            self.pixel_width, self.pixel_height = self.pixel_width / 1000, self.pixel_height / 1000
            self.unit = MM
        self.embedded = embedded
        self.width, self.height = imp.getWidth(), imp.getHeight()
        self.n_slices = imp.getStackSize()
        self.dimensions = (imp.getNChannels(), imp.getNSlices(), imp.getNFrames())
        self.kind = KINDS[imp.getBitDepth()]
        self.calibration = imp.getCalibration()
        self._shown = 0, None

    def processor(self, number):
        """Return a slice, counted from 1; the same one again until another is asked for."""
        if self._shown[0] != number:
            self._shown = number, self.imp.getStack().getProcessor(number)
        return self._shown[1]


def opened(path, by_imagej):
    """Return what a way of opening gives; its error is one sentence, and no window."""
    IJ.redirectErrorMessages()
    try:
        imp = by_imagej()
        reason = None if imp is not None else IJ.getErrorMessage()
    except Throwable as error:
        imp = None
        reason = error.getMessage() or error.getClass().getSimpleName()
    finally:
        IJ.redirectErrorMessages(False)
    if imp is None:
        reason = one_line(reason or "of an unknown kind, or damaged")
        raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
    return imp


def spacing_of(imp, by_imagej):
    """Return size and unit of a pixel, and what is wrong with them."""
    calibration = imp.getCalibration()
    width, height = calibration.pixelWidth, calibration.pixelHeight
    unit = calibration.getUnit()
    warnings = []
    if unit.strip().lower() in ("", NO_UNIT, "pixels"):
        if width == height == 1.0:
            warnings.append(messages.NO_PIXEL_SIZE)
        else:
            warnings.append(
                messages.NO_LENGTH_UNIT.format(width="%g" % width, height="%g" % height)
            )
    elif unit == "inch" and not by_imagej:
        warnings.append(messages.PRINT_RESOLUTION.format(dpi="%g" % (1 / width)))
    return (width, height, unit), warnings


def usable(*sizes):
    return all(size > 0 and not (math.isnan(size) or math.isinf(size)) for size in sizes)
