"""Opening image files by ImageJ, with a word on whatever a reader of the numbers has to know."""

from __future__ import division, unicode_literals

import math
import re

from ij import IJ, ImagePlus
from ij.io import FileInfo, FileOpener, Opener, TiffDecoder
from java.io import ByteArrayInputStream, File, IOException, RandomAccessFile
from java.lang import Throwable
from java.nio import ByteBuffer, ByteOrder
from javax.imageio import ImageIO
from javax.imageio.stream import FileImageInputStream
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line

NO_UNIT = "pixel"
MM = "mm"
MICRONS = ("\u00b5m", "\u03bcm", "um", "micron", "microns", "micrometer", "micrometre")
MAX_PLANE_PIXELS = 2**28
KINDS = {8: "8-bit", 16: "16-bit", 24: "RGB", 32: "32-bit"}

_HEAD_BYTES = 352
_AT_ONCE = 1 << 22
"""Bytes of a file that are read at once; the decoder reads larger files itself."""

_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BIG_TIFF = (b"II+\0", b"MM\0+")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GZIP_MAGIC = b"\x1f\x8b"
_X_RESOLUTION, _Y_RESOLUTION, _SAMPLE_FORMAT, _NIH_HEADER = 282, 283, 339, 43314
_BYTES = (FileInfo.GRAY8, FileInfo.COLOR8)
_TOLD = (_X_RESOLUTION, _Y_RESOLUTION, _SAMPLE_FORMAT, _NIH_HEADER)
_MEASURED = (
    FileInfo.GRAY8, FileInfo.COLOR8, FileInfo.GRAY16_UNSIGNED, FileInfo.GRAY16_SIGNED,
    FileInfo.GRAY32_INT, FileInfo.GRAY32_FLOAT, FileInfo.RGB, FileInfo.RGB_PLANAR, FileInfo.ARGB,
    FileInfo.RGB48, FileInfo.RGB48_PLANAR, FileInfo.BITMAP,
)  # fmt: skip
_GREY = _MEASURED[:6]
_PACKED = (FileInfo.RGB, FileInfo.RGB_PLANAR, FileInfo.ARGB, FileInfo.RGB48, FileInfo.RGB48_PLANAR)
_SIGNED = 2
_PNG_PALETTE = ("Palette", "8")
_PNG_KINDS = (("Grayscale", "8"), ("Grayscale", "16"), ("RGB", "8"), _PNG_PALETTE)
"""Colour type and bits of the PNG files that are measured, in the words of Java's reader."""


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


def open_picture(path):
    """Open a TIFF or PNG file as ImageJ does.

    Raises
    ------
    RhiError
        If it is missing, damaged or of a kind that would not be measured as pyrhi does.
    """
    file = _file(path)
    try:
        data = _first_bytes(file, _AT_ONCE)
        if data[:4].tostring() in _TIFF_MAGICS:
            return _open_tiff(path, file, data)
    finally:
        file.close()
    head = data[:_HEAD_BYTES].tostring()
    if not head:
        raise RhiError(messages.EMPTY_FILE.format(path=path))
    if head.startswith(_PNG_MAGIC):
        return _open_png(path)
    is_nifti = head.startswith(_GZIP_MAGIC) or head[344:347] in (b"n+1", b"ni1")
    if is_nifti or _is_dicom(head):
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
    colours = [messages.COLOUR_TABLE] if imp.getType() == ImagePlus.COLOR_256 else []
    path = path_of(imp)
    head = _head(path) if path is not None and File(path).isFile() else b""
    # The preamble of a DICOM file may be a TIFF's, for viewers of slides.
    is_tiff = head[:4] in _TIFF_MAGICS and head[:4] not in _BIG_TIFF and not _is_dicom(head)
    if not is_tiff:
        spacing, warnings = _spacing(work, True)
        return Picture(work, imp.getTitle(), spacing, warnings + colours)
    file = _file(path)
    try:
        infos, tags = _infos(path, file, _first_bytes(file, _AT_ONCE))
    finally:
        file.close()
    calibration = imp.getCalibration()
    opened_so = calibration.pixelWidth == calibration.pixelHeight == 1.0
    if opened_so and not tags.has_pixel_size:
        spacing, warnings = (1.0, 1.0, NO_UNIT), [tags.no_pixel_size()]
    else:
        spacing, warnings = _spacing(work, tags.by_imagej)
    first = _first_only(infos) if imp.getStackSize() == 1 else []
    return Picture(work, imp.getTitle(), spacing, first + warnings + colours)


def path_of(imp):
    """Return the path of the file that a window shows, or None."""
    info = imp.getOriginalFileInfo()
    if info is None or not info.directory or not info.fileName:
        return None
    return File(info.directory, info.fileName).getPath()


def is_dicom(imp):
    """Tell whether a window shows a DICOM image, by ImageJ's own import or by Bio-Formats."""
    path = path_of(imp)
    if path is not None and File(path).isFile() and _is_dicom(_head(path)):
        return True
    info = "%s\n%s" % (imp.getInfoProperty() or "", imp.getStack().getSliceLabel(1) or "")
    return re.search(r"^\s*0008,?\s?0018|\(0008,0018\)|SOP Instance UID", info, re.M) is not None


def _is_dicom(head):
    return head[128:132] == b"DICM"


def _head(path):
    file = _file(path)
    try:
        return _first_bytes(file, _HEAD_BYTES).tostring()
    finally:
        file.close()


def _file(path):
    try:
        return RandomAccessFile(path, "r")
    except IOException as error:
        reason = one_line(error.getMessage() or "")
        raise RhiError(messages.UNREADABLE.format(path=path, reason=reason))


def _first_bytes(file, most):
    data = zeros(int(min(file.length(), most)), b"b")
    file.seek(0)
    file.readFully(data)
    return data


def _opened(path, by_imagej):
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


class _Tags(object):
    """What the first directory of a TIFF says beside ImageJ's FileInfo of it."""

    def __init__(self, info, more, file):
        self.description = info.description or ""
        self.by_imagej = self.description.startswith("ImageJ") and len(self.description) >= 7
        self._values = {}
        sizes = (info.pixelWidth, info.pixelHeight)
        # ImageJ takes 1 where there is no size, and tells no sample format: then it is asked.
        if 1.0 in sizes or info.fileType in _BYTES:
            # Lines such as `    282, "XResolution", value=184`, of the first directory first.
            text = (more().debugInfo or "").split("nextIFD", 1)[0]
            self._values = dict((tag, _value(text, tag)) for tag in _TOLD if _line(tag) in text)
            places = zip((_X_RESOLUTION, _Y_RESOLUTION), sizes)
            sizes = [self._size(file, tag, size) for tag, size in places]
        self._sizes = sizes

    def _size(self, file, tag, size):
        """Return the size of a pixel; 0 where there is none, for which ImageJ takes 1."""
        at = self._values.get(tag)
        if at is None or size != 1.0:
            return 0.0 if at is None else size
        file.seek(at)
        return size if file.readInt() and file.readInt() else 0.0

    @property
    def is_signed(self):
        """True where the samples are said to be signed."""
        return self._values.get(_SAMPLE_FORMAT) == _SIGNED

    @property
    def is_nih_image(self):
        """True for a file of NIH Image."""
        return _NIH_HEADER in self._values

    @property
    def has_pixel_size(self):
        """True where both sizes of a pixel can be used."""
        return _usable(*self._sizes)

    @property
    def depth(self):
        """Distance of slices; 1 where the file names none."""
        try:
            return abs(float(self._property("spacing") or "1"))
        except ValueError:
            return 1.0

    def _property(self, key):
        """Return the value of one of ImageJ's lines in the description."""
        start = "\n" + key + "="
        if not self.by_imagej or start not in self.description:
            return ""
        return self.description.split(start, 1)[1].split("\n", 1)[0].strip()

    def no_pixel_size(self):
        """Say why there is no pixel size."""
        unit = self._property("unit").lower()
        if _X_RESOLUTION in self._values or unit not in ("", NO_UNIT, "pixels"):
            width, height = ["%g" % size for size in self._sizes]
            return messages.BAD_PIXEL_SIZE.format(width=width, height=height)
        return messages.NO_PIXEL_SIZE


def _line(tag):
    return "\n    %d, " % tag


def _value(text, tag):
    line = text.split(_line(tag), 1)[1].split("\n", 1)[0]
    return int(line.split("value=", 1)[1].split(",", 1)[0])


def _usable(*sizes):
    return all(size > 0 and not (math.isnan(size) or math.isinf(size)) for size in sizes)


def _open_tiff(path, file, data):
    if data[:4].tostring() in _BIG_TIFF:
        reason = "a BigTIFF, which ImageJ does not read"
        raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
    infos, tags = _infos(path, file, data)
    if "<OME" in tags.description[:4096] and tags.description.rstrip().endswith("</OME>"):
        raise RhiError(messages.OME.format(path=path))
    warnings = _first_only(infos)
    read = infos[:1] if warnings else infos
    _check_kind(path, infos[0], tags)
    for info in read:
        _check_plane(path, info)
        _check_bytes(path, info, file.length())
    embedded = list(infos[0].overlay or ())
    if infos[0].roi is not None:
        embedded.append(infos[0].roi)
    imp = _opened(path, lambda: _pixels(infos, data if len(data) == file.length() else None))
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
    if infos[0].fileType == FileInfo.COLOR8 and imp.getBitDepth() == 8:
        warnings.append(messages.COLOUR_TABLE)
    return Picture(imp, infos[0].fileName, spacing, warnings, embedded)


def _pixels(infos, data):
    """Read the pixels by what the decoder found; more than one slice as ImageJ's opener does."""
    first = infos[0]
    strips = first.stripOffsets
    if len(infos) == 1 and first.fileType in _GREY and strips[len(strips) - 1] >= strips[0] >= 0:
        first.inputStream = None if data is None else ByteArrayInputStream(data)
        return FileOpener(first).openImage()
    opener = Opener()
    opener.setSilentMode(True)
    return opener.openTiff(first.directory, first.fileName)


def _infos(path, file, data):
    """Return what ImageJ's decoder says of each directory of a TIFF, and of the first one's tags.

    From memory where the file is not large: the decoder reads it byte by byte.
    """
    _check_chain(path, file, data)
    name = File(path).getAbsoluteFile()
    folder = name.getParent() + File.separator
    is_whole = len(data) == file.length()

    def decode(with_tags=False):
        stream = ByteArrayInputStream(data)
        decoder = (
            TiffDecoder(stream, name.getName()) if is_whole else TiffDecoder(folder, name.getName())
        )
        if with_tags:
            decoder.enableDebugging()
        infos = decoder.getTiffInfo()
        for info in infos or ():
            info.directory = folder
        return infos

    infos = _opened(path, decode)
    try:
        return list(infos), _Tags(infos[0], lambda: decode(True)[0], file)
    except IOException:
        raise RhiError(messages.SIZE_OUTSIDE.format(path=path))


def _check_chain(path, file, data):
    """Raise where directories follow each other in a circle: ImageJ would never come back."""
    seen = set()
    length = file.length()
    order = ByteOrder.BIG_ENDIAN if data[0] == ord("M") else ByteOrder.LITTLE_ENDIAN
    start = ByteBuffer.wrap(data).order(order)

    def read(at, count):
        if at + count <= start.capacity():
            return start.position(at)
        file.seek(at)
        more = zeros(count, b"b")
        file.readFully(more)
        return ByteBuffer.wrap(more).order(order)

    at = 4
    try:
        while True:
            directory = read(at, 4).getInt() & 0xFFFFFFFF
            if not 0 < directory < length - 2:
                return
            if directory in seen:
                reason = "its directories form a circle"
                raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
            seen.add(directory)
            at = directory + 2 + 12 * (read(directory, 2).getShort() & 0xFFFF)
    except IOException:
        return  # cut short: the decoder says more of it


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


def _check_kind(path, info, tags):
    """Raise unless the pixels are of a kind that pyrhi measures as ImageJ opens it."""
    odd = info.samplesPerPixel > 1 and info.fileType not in _PACKED
    if info.fileType not in _MEASURED or odd or info.fileType in _BYTES and tags.is_signed:
        what = "%d samples, file type %d of ImageJ" % (info.samplesPerPixel, info.fileType)
        raise RhiError(messages.TIFF_KIND.format(path=path, what=what))
    if tags.is_nih_image:
        raise RhiError(messages.NIH_IMAGE.format(path=path))
    if not (info.stripOffsets and info.stripLengths):
        raise RhiError(messages.NO_PIXEL_DATA.format(path=path))


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


# PNG ---------------------------------------------------------------------------------------


def _open_png(path):
    """Open a PNG; ImageJ would take one that was cut off after its last pixels for whole."""
    try:
        kind, is_transparent = _png_kind(path)
    except IOException:
        raise RhiError(messages.PNG_DAMAGED.format(path=path))
    if is_transparent or kind not in _PNG_KINDS:
        raise RhiError(messages.PNG_KIND.format(path=path))
    warnings = [messages.NO_PIXEL_SIZE]
    if kind == _PNG_PALETTE:
        warnings.append(messages.COLOUR_TABLE)
    opener = Opener()
    opener.setSilentMode(True)
    imp = _opened(path, lambda: opener.openImage(path))
    return Picture(imp, File(path).getName(), (1.0, 1.0, NO_UNIT), warnings)


def _png_kind(path):
    """Return colour type and bits of a PNG, and True where it has transparency."""
    reader = ImageIO.getImageReadersByFormatName("png").next()
    stream = FileImageInputStream(File(path))
    try:
        reader.setInput(stream)
        tree = reader.getImageMetadata(0).getAsTree("javax_imageio_png_1.0")
    finally:
        stream.close()
        reader.dispose()
    header = tree.getElementsByTagName("IHDR").item(0)
    kind = header.getAttribute("colorType"), header.getAttribute("bitDepth")
    return kind, tree.getElementsByTagName("tRNS").getLength() > 0
