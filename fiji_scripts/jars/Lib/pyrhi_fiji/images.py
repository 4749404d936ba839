"""Opening image files by ImageJ, with a word on whatever a reader of the numbers has to know."""

from __future__ import division, unicode_literals

import math

from ij import IJ, ImagePlus
from ij.io import FileInfo, Opener, TiffDecoder
from java.io import ByteArrayInputStream, File, IOException, RandomAccessFile
from java.lang import Throwable
from java.nio import ByteBuffer, ByteOrder
from java.util import Properties
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line

NO_UNIT = "pixel"
MAX_PLANE_PIXELS = 2**28
KINDS = {8: "8-bit", 16: "16-bit", 24: "RGB", 32: "32-bit"}

_HEAD_BYTES = 352
_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GZIP_MAGIC = b"\x1f\x8b"
_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION = 270, 282, 283
_IMAGE_WIDTH, _IMAGE_LENGTH, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
_STRIP_OFFSETS, _SAMPLES, _STRIP_BYTES, _RESOLUTION_UNIT = 273, 277, 279, 296
_TILES = (322, 323, 324, 325)
_SAMPLE_FORMAT, _NIH_HEADER, _METADATA = 339, 43314, 50839
_NEEDED = (_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _METADATA)
"""Tags without whose value the pixel size or a ROI would silently be lost."""

_TAGS = _NEEDED + _TILES + (
    _IMAGE_WIDTH, _IMAGE_LENGTH, _BITS, _PHOTOMETRIC, _STRIP_OFFSETS, _SAMPLES, _STRIP_BYTES,
    _SAMPLE_FORMAT, _NIH_HEADER,
)
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_WIDTHS = {_SHORT: 2, _LONG: 4, _RATIONAL: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of each value by type of tag; 1 for all others."""

_RGB, _PALETTE, _YCBCR = 2, 3, 6
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_MOST_BYTES = 1 << 20
_PNG_GREY, _PNG_RGB, _PNG_PALETTE = 0, 2, 3


class Picture(object):
    """An image with its pixel size.

    Parameters
    ----------
    imp
        An ImagePlus of its own over the image's stack, so that what the user sees stays as it is.
    name
        File name, or the window's title.
    pixel_width, pixel_height, unit
        Size of a pixel, and the unit of length.
    warnings
        What a reader of the numbers has to know.
    embedded
        Bytes of the ROIs inside the file: its overlay, then its selection.
    """

    def __init__(self, imp, name, spacing, warnings, embedded=()):
        self.imp = imp
        self.name = name
        self.pixel_width, self.pixel_height, self.unit = spacing
        self.warnings = warnings
        self.embedded = embedded
        self.width, self.height = imp.getWidth(), imp.getHeight()
        self.n_slices = imp.getStackSize()
        self.dimensions = (imp.getNChannels(), imp.getNSlices(), imp.getNFrames())
        self.kind = KINDS[imp.getBitDepth()]

    @property
    def calibration(self):
        """ImageJ's calibration of the image."""
        return self.imp.getCalibration()


def open_picture(path):
    """Open a TIFF or PNG file as ImageJ does.

    Raises
    ------
    RhiError
        If it is missing, damaged or of a kind that would not be measured as pyrhi does.
    """
    head = _head(path)
    if not head:
        raise RhiError(messages.EMPTY_FILE.format(path=path))
    if head[:4] in _TIFF_MAGICS:
        return _open_tiff(path)
    if head.startswith(_PNG_MAGIC):
        return _open_png(path)
    is_nifti = head.startswith(_GZIP_MAGIC) or head[344:347] in (b"n+1", b"ni1")
    if is_nifti or head[128:132] == b"DICM":
        raise RhiError(messages.NOT_BY_FIJI.format(path=path))
    raise RhiError(messages.NOT_AN_IMAGE.format(path=path))


def picture_of(imp):
    """Take an image that is open in a window."""
    if imp is None:
        raise RhiError(messages.NO_IMAGE)
    if imp.getWidth() == 0 or imp.getHeight() == 0:
        raise RhiError(messages.EMPTY_IMAGE)
    work = ImagePlus(imp.getTitle(), imp.getStack())
    work.setDimensions(imp.getNChannels(), imp.getNSlices(), imp.getNFrames())
    work.setCalibration(imp.getCalibration())
    path = path_of(imp)
    if path is not None and File(path).isFile():
        head = _head(path)
        if head[:4] in _TIFF_MAGICS:
            tags = _Tags(path)
            calibration = imp.getCalibration()
            opened_so = calibration.pixelWidth == calibration.pixelHeight == 1.0
            if not tags.has_pixel_size and opened_so:
                spacing, warnings = (1.0, 1.0, NO_UNIT), [tags.no_pixel_size()]
            else:
                spacing, warnings = _spacing(work, tags.by_imagej)
            first = _first_only(_infos(path)) if imp.getStackSize() == 1 else []
            return Picture(work, imp.getTitle(), spacing, first + warnings + _colours(imp))
    spacing, warnings = _spacing(work, True)
    return Picture(work, imp.getTitle(), spacing, warnings + _colours(imp))


def path_of(imp):
    """Return the path of the file that a window shows, or None."""
    info = imp.getOriginalFileInfo()
    if info is None or not info.directory or not info.fileName:
        return None
    return File(info.directory, info.fileName).getPath()


def _head(path):
    try:
        file = RandomAccessFile(path, "r")
    except IOException as error:
        reason = one_line(error.getMessage() or "")
        raise RhiError(messages.UNREADABLE.format(path=path, reason=reason))
    try:
        data = zeros(int(min(file.length(), _HEAD_BYTES)), b"b")
        file.readFully(data)
    finally:
        file.close()
    return data.tostring()


def _open_by_imagej(path):
    opener = Opener()
    opener.setSilentMode(True)
    IJ.redirectErrorMessages()
    try:
        imp = opener.openImage(path)
        reason = IJ.getErrorMessage() or "of an unknown kind, or damaged"
    except Throwable as error:
        imp = None
        reason = error.getMessage() or error.getClass().getSimpleName()
    finally:
        IJ.redirectErrorMessages(False)
    if imp is None:
        raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=one_line(reason)))
    return imp


def _colours(imp):
    return [messages.COLOUR_TABLE] if imp.getType() == ImagePlus.COLOR_256 else []


def _spacing(imp, by_imagej):
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


# TIFF --------------------------------------------------------------------------------------


def _open_tiff(path):
    tags = _Tags(path)
    if "<OME" in tags.description[:4096] and tags.description.rstrip().endswith("</OME>"):
        raise RhiError(messages.OME.format(path=path))
    tags.check_pixels()
    file = File(path)
    infos = _infos(path)
    warnings = _first_only(infos)
    if warnings:
        infos = infos[:1]
    for info in infos:
        _check_plane(path, info)
        _check_bytes(path, info, file.length())
    embedded = list(infos[0].overlay or ())
    if infos[0].roi is not None:
        embedded.append(infos[0].roi)
    imp = _open_by_imagej(path)
    imp.setOverlay(None)
    imp.deleteRoi()
    if not tags.has_pixel_size:
        spacing = (1.0, 1.0, NO_UNIT)
        warnings.append(tags.no_pixel_size())
    else:
        spacing, more = _spacing(imp, tags.by_imagej)
        warnings += more
        if not _usable(tags.depth):
            warnings.append(messages.BAD_DEPTH.format(depth="%g" % tags.depth))
    if tags.photometric == _PALETTE and imp.getBitDepth() == 8:
        warnings.append(messages.COLOUR_TABLE)
    return Picture(imp, file.getName(), spacing, warnings, embedded)


def _infos(path):
    """Return what ImageJ's decoder says of each directory of a TIFF."""
    file = File(path)
    try:
        infos = TiffDecoder(file.getParent(), file.getName()).getTiffInfo()
        reason = "no image in it"
    except Throwable as error:
        infos = None
        reason = one_line(error.getMessage() or error.getClass().getSimpleName())
    if not infos:
        raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
    return infos


def _first_only(infos):
    """Say that ImageJ opens only the first image of a file."""
    if len(infos) > 1 and infos[0].nImages <= 1 and not _same(infos):
        return [messages.FIRST_ONLY.format(count=len(infos))]
    return []


def _same(infos):
    first = infos[0]
    return all(
        (each.fileType, each.width, each.height) == (first.fileType, first.width, first.height)
        for each in infos
    )


def _check_plane(path, info):
    """Raise unless a slice has a size that pyrhi reads."""
    size = {"path": path, "width": info.width, "height": info.height}
    if info.width <= 0 or info.height <= 0:
        raise RhiError(messages.NO_PLANE.format(**size))
    if info.width * info.height > MAX_PLANE_PIXELS:
        raise RhiError(messages.PLANE_TOO_LARGE.format(limit=MAX_PLANE_PIXELS, **size))


def _check_bytes(path, info, size):
    """Raise where the header promises more bytes than the file holds: ImageJ would read zeros."""
    plane = info.width * info.height * info.getBytesPerPixel()
    if info.samplesPerPixel > 1 and info.getBytesPerPixel() not in (3, 4, 6):
        plane *= info.samplesPerPixel
    if info.compression in (FileInfo.COMPRESSION_NONE, FileInfo.COMPRESSION_UNKNOWN):
        start = info.getOffset() if not info.stripOffsets else info.stripOffsets[0] & 0xFFFFFFFF
        needed = start + plane * max(info.nImages, 1)
    else:
        needed = 0
    if info.stripOffsets and info.stripLengths and info.nImages <= 1:
        ends = [
            (start & 0xFFFFFFFF) + length
            for start, length in zip(info.stripOffsets, info.stripLengths)
        ]
        needed = max(ends) if max(ends) > size else needed
    if needed > size:
        raise RhiError(messages.TRUNCATED.format(path=path, needed=needed, held=size))


def _usable(*sizes):
    return all(size > 0 and not (math.isnan(size) or math.isinf(size)) for size in sizes)


class _Tags(object):
    """What the first directory of a TIFF says, which ImageJ does not tell its callers."""

    def __init__(self, path):
        self._path = path
        self.description = ""
        self._numbers = {}
        self._sizes = {_X_RESOLUTION: 0.0, _Y_RESOLUTION: 0.0}
        self._given = False
        file = RandomAccessFile(path, "r")
        try:
            self._read(file)
        except IOException as error:
            reason = one_line(error.getMessage() or "the file ends too early")
            raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
        finally:
            file.close()
        # ImageJ's lines are Java properties.
        self._properties = Properties()
        self.by_imagej = self.description.startswith("ImageJ") and len(self.description) >= 7
        if self.by_imagej:
            data = self.description.encode("latin-1", "replace")
            self._properties.load(ByteArrayInputStream(data))

    def _read(self, file):
        data = zeros(8, b"b")
        file.readFully(data)
        little = data.tostring()[:2] == b"II"
        self._order = ByteOrder.LITTLE_ENDIAN if little else ByteOrder.BIG_ENDIAN
        head = ByteBuffer.wrap(data).order(self._order)
        if head.getShort(2) != 42:
            reason = "a BigTIFF, which ImageJ does not read"
            raise IOException(reason)
        directory = head.getInt(4) & 0xFFFFFFFF
        count = self._buffer(file, directory, 2).getShort(0) & 0xFFFF
        entries = self._buffer(file, directory + 2, 12 * count)
        for i in range(count):
            tag, type_ = entries.getShort(12 * i) & 0xFFFF, entries.getShort(12 * i + 2)
            size = entries.getInt(12 * i + 4) & 0xFFFFFFFF
            try:
                self._take(file, entries, 12 * i + 8, tag, type_, size)
            except IOException:
                if tag in _NEEDED:
                    raise RhiError(messages.TAG_DAMAGED.format(path=self._path, tag=tag))
        self._check_chain(file, directory)

    def _check_chain(self, file, directory):
        """Raise where directories follow each other in a circle: ImageJ would never come back."""
        seen = set()
        while 0 < directory < file.length() - 2:
            if directory in seen:
                reason = "its directories form a circle"
                raise IOException(reason)
            seen.add(directory)
            after = directory + 2 + 12 * (self._buffer(file, directory, 2).getShort(0) & 0xFFFF)
            if after + 4 > file.length():
                return
            directory = self._buffer(file, after, 4).getInt(0) & 0xFFFFFFFF

    def _buffer(self, file, at, size):
        data = zeros(size, b"b")
        file.seek(at)
        file.readFully(data)
        return ByteBuffer.wrap(data).order(self._order)

    def _take(self, file, entries, at, tag, type_, size):
        """Take the value of a tag that is of interest: it stands at `at`, or where that says."""
        if tag not in _TAGS:
            return
        width = _WIDTHS.get(type_, 1)
        if size * width > 4:
            place = entries.getInt(at) & 0xFFFFFFFF
            data = self._buffer(file, place, min(size * width, _MOST_BYTES))
        else:
            data = ByteBuffer.allocate(4).order(self._order)
            for k in range(4):
                data.put(k, entries.get(at + k))
        if tag == _DESCRIPTION:
            text = data.array().tostring()[:size].decode("latin-1")
            self.description = text.rstrip("\0")
        elif tag in self._sizes:
            self._given = True
            if type_ == _RATIONAL and size == 1:
                self._sizes[tag] = self._size(data)
        elif type_ in (_SHORT, _LONG):
            read = data.getShort if type_ == _SHORT else data.getInt
            mask = 0xFFFF if type_ == _SHORT else 0xFFFFFFFF
            count = min(size, data.capacity() // width)
            self._numbers[tag] = [read(width * k) & mask for k in range(count)]
        else:
            self._numbers[tag] = []

    def _size(self, pair):
        numerator, denominator = pair.getInt(0) & 0xFFFFFFFF, pair.getInt(4) & 0xFFFFFFFF
        scale = float(numerator) / float(denominator) if denominator else 0.0
        return 1.0 / scale if scale != 0.0 else 0.0

    def _one(self, tag, default):
        """Return the value of a tag that may have one for each sample; 0 where they differ."""
        values = set(self._numbers.get(tag) or [default])
        return values.pop() if len(values) == 1 else 0

    @property
    def photometric(self):
        """How values are meant; 3 is a colour table."""
        return self._one(_PHOTOMETRIC, 0)

    def check_pixels(self):
        """Raise unless the pixels are of a kind that pyrhi measures as ImageJ opens it."""
        width, height = self._one(_IMAGE_WIDTH, 0), self._one(_IMAGE_LENGTH, 0)
        if not (width and height):
            raise RhiError(
                messages.NO_PLANE.format(path=self._path, width=width, height=height)
            )
        bits, samples = self._one(_BITS, 1), self._one(_SAMPLES, 1)
        format_ = self._one(_SAMPLE_FORMAT, _UNSIGNED) or _UNSIGNED
        grey = samples == 1 and self.photometric in (0, 1, 2, 3)
        kinds = ((8, (_UNSIGNED,)), (16, (_UNSIGNED, _SIGNED)), (32, (_UNSIGNED, _SIGNED, _FLOAT)))
        known = grey and any(bits == size and format_ in formats for size, formats in kinds)
        if self.photometric in (_RGB, _YCBCR) and format_ == _UNSIGNED:
            known = known or (bits == 8 and samples in (3, 4))
            known = known or (bits == 16 and samples == 3 and self.photometric == _RGB)
        if not known:
            what = "%d-bit samples, %d of them, sample format %d" % (bits, samples, format_)
            raise RhiError(
                messages.TIFF_KIND.format(
                    path=self._path, what=what, photometric=self.photometric
                )
            )
        if _NIH_HEADER in self._numbers:
            raise RhiError(messages.NIH_IMAGE.format(path=self._path))
        if not (self._numbers.get(_STRIP_OFFSETS) and self._numbers.get(_STRIP_BYTES)):
            if not any(tag in self._numbers for tag in _TILES):
                raise RhiError(messages.NO_PIXEL_DATA.format(path=self._path))

    @property
    def has_pixel_size(self):
        """True where both sizes of a pixel can be used."""
        return _usable(*self._sizes.values())

    @property
    def depth(self):
        """Distance of slices; 1 where the file names none."""
        if not self.by_imagej:
            return 1.0
        try:
            return abs(float(self._properties.getProperty("spacing", "1")))
        except ValueError:
            return 1.0

    def no_pixel_size(self):
        """Say why there is no pixel size."""
        unit = self._properties.getProperty("unit", "").strip().lower()
        if self._given or unit not in ("", NO_UNIT, "pixels"):
            width, height = self._sizes[_X_RESOLUTION], self._sizes[_Y_RESOLUTION]
            return messages.BAD_PIXEL_SIZE.format(width="%g" % width, height="%g" % height)
        return messages.NO_PIXEL_SIZE


# PNG ---------------------------------------------------------------------------------------


def _open_png(path):
    file = RandomAccessFile(path, "r")
    try:
        bits, colour, transparent = _png_kind(path, file)
    finally:
        file.close()
    if transparent or (colour, bits) not in (
        (_PNG_GREY, 8), (_PNG_GREY, 16), (_PNG_RGB, 8), (_PNG_PALETTE, 8),
    ):
        raise RhiError(messages.PNG_KIND.format(path=path))
    warnings = [messages.NO_PIXEL_SIZE]
    if colour == _PNG_PALETTE:
        warnings.append(messages.COLOUR_TABLE)
    imp = _open_by_imagej(path)
    return Picture(imp, File(path).getName(), (1.0, 1.0, NO_UNIT), warnings)


def _png_kind(path, file):
    """Return bits and colour type of a PNG, and whether it has transparency."""
    file.seek(8)
    bits = colour = -1
    transparent = False
    while True:
        try:
            size = file.readInt()
            data = zeros(4, b"b")
            file.readFully(data)
        except IOException:
            raise RhiError(messages.PNG_DAMAGED.format(path=path))
        name = data.tostring()
        start = file.getFilePointer()
        if name == b"IHDR":
            file.seek(start + 8)
            bits, colour = file.readUnsignedByte(), file.readUnsignedByte()
        elif name == b"tRNS":
            transparent = True
        elif name == b"IEND":
            return bits, colour, transparent
        if size < 0 or start + size + 4 > file.length():
            raise RhiError(messages.PNG_DAMAGED.format(path=path))
        file.seek(start + size + 4)
