"""TIFF files: opened by ImageJ, once its decoder and the tags say that all of it is there."""

from __future__ import division, unicode_literals

from ij.io import FileInfo, FileOpener, Opener, TiffDecoder
from java.io import ByteArrayInputStream, File, IOException
from java.nio import ByteBuffer, ByteOrder
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.pictures import MAX_PLANE_PIXELS, NO_UNIT, Picture, opened, spacing_of, usable

_TIFF = (b"II*\0", b"MM\0*")
_BIG_TIFF = (b"II+\0", b"MM\0+")
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


def is_tiff(head):
    """Tell whether a file that begins so is a TIFF, as ImageJ reads it."""
    return head[:4] in _TIFF


def is_big_tiff(head):
    """Tell whether a file that begins so is a BigTIFF, which ImageJ does not read."""
    return head[:4] in _BIG_TIFF


class Tags(object):
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
        return usable(*self._sizes)

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


def open_tiff(path, file, data):
    """Open a TIFF of which `data` are the first bytes, or all."""
    infos, tags = infos_of(path, file, data)
    if "<OME" in tags.description[:4096] and tags.description.rstrip().endswith("</OME>"):
        raise RhiError(messages.OME.format(path=path))
    warnings = first_only(infos)
    read = infos[:1] if warnings else infos
    _check_kind(path, infos[0], tags)
    for info in read:
        _check_plane(path, info)
        _check_bytes(path, info, file.length())
    embedded = list(infos[0].overlay or ())
    if infos[0].roi is not None:
        embedded.append(infos[0].roi)
    imp = opened(path, lambda: _pixels(infos, data if len(data) == file.length() else None))
    imp.setOverlay(None)
    imp.deleteRoi()
    if not tags.has_pixel_size:
        spacing = (1.0, 1.0, NO_UNIT)
        warnings.append(tags.no_pixel_size())
    else:
        spacing, more = spacing_of(imp, tags.by_imagej)
        warnings += more
        if not usable(tags.depth):
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


def infos_of(path, file, data):
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

    infos = opened(path, decode)
    try:
        return list(infos), Tags(infos[0], lambda: decode(True)[0], file)
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


def first_only(infos):
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
