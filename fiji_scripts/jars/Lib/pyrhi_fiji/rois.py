"""ROI files: which belong to an image, and what is in them, read by ImageJ's own decoder."""

from __future__ import unicode_literals

import re

from ij.io import RoiDecoder, RoiEncoder
from java.io import BufferedInputStream, ByteArrayOutputStream, DataInputStream, File
from java.io import FileInputStream, IOException
from java.lang import IllegalArgumentException, Throwable
from java.nio import BufferUnderflowException, ByteBuffer
from java.nio.charset import Charset
from java.nio.file import Files
from java.util.zip import ZipException, ZipFile, ZipInputStream
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.beside import find_rois, refuse_pipe
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line, quoted

ROI_SUFFIX = ".roi"
MAX_ROI_POINTS = 5000000
MAX_ROI_BYTES = 64 * 2**20
MAX_ROISET_BYTES = 256 * 2**20
MAX_ROISET_ENTRIES = 100000

_LEVEL = "C|HWK|TH?|D|BWK|L|LWK|S|SWK"
_TWO_LEVELS = re.compile(
    r"(?<![^\W_])(?:%s)[ _.-]?([0-9]{1,2}) *(/) *((?:%s)[ _.-]?)?([0-9]{1,2})(?![^\W_])"
    % (_LEVEL, _LEVEL),
    re.I | re.U,
)
"""Two vertebrae with a slash between them: L5/S1, C5/6."""

_TYPES = (
    "polygon", "rect", "oval", "line", "freeline", "polyline", "no roi", "freehand", "traced",
    "angle", "point",
)
_SUBTYPES = ("none", "text", "arrow", "ellipse", "image", "rotated rect")
_NOT_AREAS = ("text", "arrow", "image")
_VERTEX_TYPES = ("polygon", "freehand", "traced", "polyline", "freeline", "angle", "point")
_AREA_TYPES = ("polygon", "rect", "oval", "freehand", "traced")
_HEADER_BYTES = 64
_SECOND_HEADER_BYTES = 36
_GROUP_VERSION = 228
_SUB_PIXEL_VERSION = 222
_SUB_PIXEL = 128
_TOO_LARGE = 2.0**31
_BUFFER_BYTES = 1 << 16
_CHARSET = Charset.forName("IBM437" if Charset.isSupported("IBM437") else "UTF-8")


class NamedRoi(object):
    """A ROI with what its file says of it.

    Parameters
    ----------
    name
        Name as the ROI Manager shows it.
    roi
        ImageJ's ROI.
    kind
        Name of its type, such as ``polygon selection``.
    is_area
        True where it encloses an area.
    position, channel, slice, frame
        1-based position in the stack or hyperstack; 0 means every one.
    group
        ROI group; 0 means none.
    """

    def __init__(self, name, roi, kind, is_area, position, channel, slice, frame, group):
        self.name = name
        self.roi = roi
        self.kind = kind
        self.is_area = is_area
        self.position = position
        self.channel = channel
        self.slice = slice
        self.frame = frame
        self.group = group


def named(roi, name=None):
    """Take a ROI from a window, the ROI Manager or an overlay as its file would say it."""
    return decode(RoiEncoder.saveAsByteArray(roi), name or roi.getName() or "")


def decode(data, name="", source=""):
    """Decode the bytes of a ``.roi`` file; the ROI's own name where `name` is empty."""
    if len(data) < _HEADER_BYTES or data[0] != ord("I") or data[1] != ord("o"):
        raise _damaged(messages.ROI_NOT_ROI, name, source)
    header = ByteBuffer.wrap(data)
    version = header.getShort(4)
    type_, subtype = header.get(6) & 0xFF, header.getShort(48)
    if not (0 <= type_ < len(_TYPES) and 0 <= subtype < len(_SUBTYPES)):
        raise _damaged(messages.ROI_UNKNOWN, name, source, type=type_, subtype=subtype)
    kind, special = _TYPES[type_], _SUBTYPES[subtype]
    points = header.getInt(36)
    composite = points > 0
    if composite and kind != "rect":
        raise _damaged(messages.ROI_COMPOSITE, name, source)
    stored_by_ends = kind == "freehand" and special in ("ellipse", "rotated rect")
    if kind in _VERTEX_TYPES and not composite and not stored_by_ends:
        points = header.getShort(16) & 0xFFFF or header.getInt(18)
        if special not in ("text", "image") and points <= 0:
            raise _damaged(messages.ROI_NO_VERTICES, name, source)
    if points > MAX_ROI_POINTS:
        raise _damaged(messages.ROI_POINTS, name, source, count=points, limit=MAX_ROI_POINTS)
    floats = (_HEADER_BYTES, points) if composite else (0, 0)
    if points and not composite and version >= _SUB_PIXEL_VERSION:
        if header.getShort(50) & _SUB_PIXEL:
            floats = (_HEADER_BYTES + 4 * points, 2 * points)
    if floats[1] and not _are_numbers(header, *floats):
        sentence = messages.COMPOSITE_NAN if composite else messages.ROI_NAN
        raise _damaged(sentence, name, source, name=quoted(name))
    try:
        roi = RoiDecoder(data, name).getRoi()
        place = _second_header(header, len(data), version)
        own_name = name or _own_name(header, len(data))
    except (Throwable, BufferUnderflowException):
        roi = None
    if roi is None:
        raise _damaged(messages.ROI_DAMAGED, name, source)
    return NamedRoi(
        own_name,
        roi,
        (special if special in _NOT_AREAS else kind) + " selection",
        kind in _AREA_TYPES and special not in _NOT_AREAS,
        max(header.getInt(56), 0),
        *place
    )


def _damaged(sentence, roi_name, source, **details):
    where = (source + ": " if source else "") + "ROI " + quoted(roi_name)
    return RhiError(sentence.format(where=where, **details))


def _are_numbers(header, at, count):
    """Tell whether stored coordinates can be ones; ImageJ would make a mask of NaN too."""
    values = zeros(min(count, (header.capacity() - at) // 4), b"f")
    header.position(at)
    header.asFloatBuffer().get(values)
    return all(-_TOO_LARGE < value < _TOO_LARGE for value in values)


def _second_header(header, size, version):
    """Return channel, slice, frame and group."""
    at = header.getInt(60)
    if not (at > 0 and at + _SECOND_HEADER_BYTES <= size):
        return 0, 0, 0, 0
    group = header.get(at + 30) & 0xFF if version >= _GROUP_VERSION else 0
    channel, slice_, frame = [max(header.getInt(at + 4 * i), 0) for i in (1, 2, 3)]
    return channel, slice_, frame, group


def _own_name(header, size):
    at = header.getInt(60)
    if not (at > 0 and at + _SECOND_HEADER_BYTES <= size):
        return ""
    offset, length = header.getInt(at + 16), header.getInt(at + 20)
    if offset > 0 and length > 0 and offset + 2 * length <= size:
        return "".join(header.getChar(offset + 2 * i) for i in range(length))
    return ""


def read_rois(path):
    """Read all ROIs of a ``.roi`` file or RoiSet ``.zip``, named as the ROI Manager names them."""
    file = File(path)
    refuse_pipe(path)
    try:
        if file.getName().lower().endswith(".zip"):
            return _read_zip(file)
        if file.length() > MAX_ROI_BYTES:
            raise RhiError(messages.ROI_TOO_LARGE.format(path=path, limit=MAX_ROI_BYTES))
        name = file.getName()
        stem = name[: name.rindex(".")] if "." in name[1:] else name
        return [decode(Files.readAllBytes(file.toPath()), stem, path)]
    except IOException as error:
        raise RhiError(messages.UNREADABLE.format(path=path, reason=_reason(error)))


def _reason(error):
    return one_line(unicode(error.getMessage() or error.getClass().getSimpleName()))  # noqa: F821


def _read_zip(file):
    path = file.getPath()
    if file.length() > MAX_ROISET_BYTES:
        raise RhiError(messages.ROISET_TOO_LARGE.format(path=path, limit=MAX_ROISET_BYTES))
    try:
        # Where names are not marked as UTF-8 they are in the zip format's own charset.
        archive = ZipFile(file, _CHARSET)
    except ZipException:
        reason = "File is not a zip file"
        raise RhiError(messages.ROISET_BROKEN.format(path=path, reason=reason))
    try:
        entries = [(entry, roi_name(entry.getName())) for entry in archive.entries()]
        entries = [(entry, name) for entry, name in entries if name is not None]
        if len(entries) > MAX_ROISET_ENTRIES:
            raise RhiError(messages.ROISET_TOO_MANY.format(path=path, count=len(entries)))
        if len(set(entry.getName() for entry, _ in entries)) < len(entries):
            rois = _read_one_by_one(file)
        else:
            _check_sizes(path, sum(max(entry.getSize(), 0) for entry, _ in entries))
            rois = [
                decode(_bytes(archive.getInputStream(entry), entry.getSize()), name, path)
                for entry, name in entries
            ]
    except (IOException, IllegalArgumentException) as error:
        raise RhiError(messages.ROISET_BROKEN.format(path=path, reason=_reason(error)))
    finally:
        archive.close()
    if not rois:
        raise RhiError(messages.ROISET_EMPTY.format(path=path))
    return rois


def _check_sizes(path, total):
    if total > MAX_ROISET_BYTES:
        raise RhiError(messages.ROISET_UNPACKS.format(path=path, limit=MAX_ROISET_BYTES))


def _bytes(stream, size):
    """Return as many bytes of a zip's entry as its directory says that there are."""
    data = zeros(size, b"b")
    DataInputStream(stream).readFully(data)
    return data


def _read_one_by_one(file):
    """Read ROIs of the same name too, of which Java's ZipFile would give the same one twice."""
    rois = []
    total = 0
    stream = ZipInputStream(BufferedInputStream(FileInputStream(file)), _CHARSET)
    try:
        while True:
            entry = stream.getNextEntry()
            if entry is None:
                return rois
            name = roi_name(entry.getName())
            if name is None:
                continue
            out = ByteArrayOutputStream()
            buffer_ = zeros(_BUFFER_BYTES, b"b")
            count = stream.read(buffer_)
            while count >= 0 and total + out.size() <= MAX_ROISET_BYTES:
                out.write(buffer_, 0, count)
                count = stream.read(buffer_)
            total += out.size()
            _check_sizes(file.getPath(), total)
            rois.append(decode(out.toByteArray(), name, file.getPath()))
    finally:
        stream.close()


def roi_name(entry):
    """Return the name of the ROI in a zip's entry, or None where the entry is no ROI.

    Nothing is ever unpacked to disk, so a path in a name is only a name.
    """
    if not entry.endswith(ROI_SUFFIX):
        return None
    if "/" not in entry and "\\" not in entry:
        return None if entry.startswith("._") else entry[: -len(ROI_SUFFIX)]
    parts = entry.replace("\\", "/").split("/")
    if "__MACOSX" in parts or parts[-1].startswith("._"):
        return None
    name = entry[: -len(ROI_SUFFIX)].replace("\\", "/")
    kept = [
        match.start(2)
        for match in _TWO_LEVELS.finditer(name)
        if match.group(3) or int(match.group(4)) == int(match.group(1)) + 1
    ]
    cuts = [i for i, char in enumerate(name) if char == "/" and i not in kept]
    return name[cuts[-1] + 1 :] if cuts else name


def rois_beside(path, embedded):
    """Return the ROIs of an image file that nobody named: beside it, else inside it.

    Parameters
    ----------
    path
        The file.
    embedded
        Bytes of the ROIs inside it: its overlay, then its selection.
    """
    beside = find_rois(path)
    if beside is not None:
        return read_rois(beside)
    if not embedded:
        raise RhiError(messages.NO_ROIS.format(path=path))
    return [decode(data, "", path) for data in embedded]
