"""Pixels of a ROI on a slice: which, how many, with what values, in how many regions."""

from __future__ import division, unicode_literals

from ij.measure import Measurements
from ij.plugin.filter import ThresholdToSelection
from ij.process import Blitter, ByteProcessor, FloodFiller, ImageProcessor, ImageStatistics
from java.awt import Rectangle
from java.lang import String

_INSIDE = 255
_COUNTED = 128


class Region(object):
    """Pixels on one slice: a box, and a mask of the box's size with 255 inside."""

    def __init__(self, x, y, mask):
        self.x = x
        self.y = y
        self.width = mask.getWidth() if mask else 0
        self.height = mask.getHeight() if mask else 0
        self.mask = mask
        self.pixel_count = mask.getHistogram()[_INSIDE] if mask else 0


def region_of(picture, roi, number):
    """Return the pixels of a ROI on a slice, and True where it reaches outside the image."""
    processor = picture.processor(number)
    processor.setRoi(roi)
    box, bounds = processor.getRoi(), roi.getBounds()
    if box.width <= 0 or box.height <= 0:
        return Region(0, 0, None), True
    mask = roi.getMask()
    if mask is None:
        mask = ByteProcessor(box.width, box.height)
        mask.setValue(_INSIDE)
        mask.fill()
        is_cut = (max(bounds.width, 1), max(bounds.height, 1)) != (box.width, box.height)
    else:
        is_cut = (mask.getWidth(), mask.getHeight()) != (box.width, box.height)
        if is_cut:
            whole = mask.duplicate()
            whole.setRoi(box.x - bounds.x, box.y - bounds.y, box.width, box.height)
            mask = whole.crop()
    return Region(box.x, box.y, mask), is_cut


def processor_in(picture, region, number):
    """Return a slice with the region as its ROI and mask."""
    processor = picture.processor(number)
    processor.setRoi(Rectangle(region.x, region.y, region.width, region.height))
    processor.setMask(region.mask)
    return processor


def _raw(picture, region, number):
    """Return the raw values of the region's box, row by row."""
    processor = processor_in(picture, region, number).crop()
    if picture.kind == "RGB":
        processor = processor.convertToByteProcessor(False)
    return unsigned(processor)


def unsigned(processor):
    """Return the raw values of 8 and 16 bits without the sign that Java gives them."""
    pixels = processor.getPixels()
    depth = processor.getBitDepth()
    if depth == 8:
        return [value & 0xFF for value in pixels]
    if depth == 16:
        return [value & 0xFFFF for value in pixels]
    return list(pixels)


def values_of(picture, region, number):
    """Return the calibrated values of the region's box, row by row."""
    raw = _raw(picture, region, number)
    table = picture.calibration.getCTable()
    if table is None:
        return raw
    return [table[value] for value in raw]


def mean_of(picture, region, number):
    """Return the mean calibrated value of a region, by ImageJ."""
    return ImageStatistics.getStatistics(
        processor_in(picture, region, number), Measurements.MEAN, picture.calibration
    ).mean


def union(regions):
    """Return the union of regions that each hold at least one pixel; none gives an empty one."""
    if not regions:
        return Region(0, 0, None)
    if len(regions) == 1:
        return regions[0]
    x, y = min(r.x for r in regions), min(r.y for r in regions)
    right = max(r.x + r.width for r in regions)
    bottom = max(r.y + r.height for r in regions)
    mask = ByteProcessor(right - x, bottom - y)
    for region in regions:
        mask.copyBits(region.mask, region.x - x, region.y - y, Blitter.OR)
    return Region(x, y, mask)


def intersection(region, other):
    """Return a region without the pixels that the other lacks, in its own box."""
    if not region.pixel_count:
        return region
    mask = ByteProcessor(region.width, region.height)
    mask.copyBits(other.mask, other.x - region.x, other.y - region.y, Blitter.COPY)
    mask.copyBits(region.mask, 0, 0, Blitter.AND)
    return Region(region.x, region.y, mask)


def without(region, other):
    """Return a region without the pixels that the other has, in its own box."""
    mask = ByteProcessor(region.width, region.height)
    mask.copyBits(other.mask, other.x - region.x, other.y - region.y, Blitter.COPY)
    mask.invert()
    mask.copyBits(region.mask, 0, 0, Blitter.AND)
    return Region(region.x, region.y, mask)


def count_regions(region):
    """Return the number of 8-connected regions, as Analyze Particles counts them."""
    if not region.pixel_count:
        return 0
    # A frame of one pixel: FloodFiller does not fill at the very edge of an image.
    mask = ByteProcessor(region.width + 2, region.height + 2)
    mask.insert(region.mask, 1, 1)
    mask.setValue(_COUNTED)
    filler = FloodFiller(mask)
    width = mask.getWidth()
    count = 0
    at = -1
    while mask.getHistogram()[_INSIDE]:
        at = String(mask.getPixels(), "ISO-8859-1").indexOf(_INSIDE, at + 1)
        filler.fill8(at % width, at // width)
        count += 1
    return count


def selection_of(region):
    """Return a region as a ROI of ImageJ's: a polygon, or a composite of several."""
    mask = region.mask.duplicate()
    mask.setThreshold(_INSIDE, _INSIDE, ImageProcessor.NO_LUT_UPDATE)
    roi = ThresholdToSelection().convert(mask)
    roi.setLocation(roi.getBounds().x + region.x, roi.getBounds().y + region.y)
    return roi
