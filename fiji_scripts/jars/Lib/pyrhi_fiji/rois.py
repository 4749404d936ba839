"""ROI files: which belong to an image, and what is in them, read by ImageJ's own decoder."""

from __future__ import unicode_literals

from ij.io import RoiDecoder, RoiEncoder
from java.io import BufferedInputStream, ByteArrayOutputStream, File, FileInputStream, IOException
from java.lang import Byte, IllegalArgumentException, Throwable
from java.nio import BufferUnderflowException, ByteBuffer
from java.nio.charset import Charset
from java.nio.file import Files
from java.util.zip import ZipException, ZipFile, ZipInputStream
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line, quoted

IMAGE_ENDINGS = (".tiff", ".tif", ".png", ".nii.gz", ".nii", ".dcm", ".dicom", ".ima")
"""Extensions that are no part of an image's name."""

ROI_ENDINGS = (".zip", ".RoiSet.zip", "_RoiSet.zip", ".roi")
"""What may follow an image's name without its extension, best first."""

ROI_SUFFIX = ".roi"
FOLDER_ROISET = "RoiSet.zip"
MAX_ROI_POINTS = 5000000
MAX_ROI_BYTES = 64 * 2**20
MAX_ROISET_BYTES = 256 * 2**20
MAX_ROISET_ENTRIES = 100000

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
    where = (source + ": " if source else "") + "ROI " + quoted(name)
    if len(data) < _HEADER_BYTES or data[0] != ord("I") or data[1] != ord("o"):
        raise RhiError(messages.ROI_NOT_ROI.format(where=where))
    header = ByteBuffer.wrap(data)
    version = header.getShort(4)
    type_, subtype = header.get(6) & 0xFF, header.getShort(48)
    if not (0 <= type_ < len(_TYPES) and 0 <= subtype < len(_SUBTYPES)):
        raise RhiError(messages.ROI_UNKNOWN.format(where=where, type=type_, subtype=subtype))
    kind, special = _TYPES[type_], _SUBTYPES[subtype]
    points = header.getInt(36)
    composite = points > 0
    if composite and kind != "rect":
        raise RhiError(messages.ROI_COMPOSITE.format(where=where))
    stored_by_ends = kind == "freehand" and special in ("ellipse", "rotated rect")
    if kind in _VERTEX_TYPES and not composite and not stored_by_ends:
        count = header.getShort(16) & 0xFFFF or header.getInt(18)
        if special not in ("text", "image") and count <= 0:
            raise RhiError(messages.ROI_NO_VERTICES.format(where=where))
        points = count
    if points > MAX_ROI_POINTS:
        text = messages.ROI_POINTS.format(where=where, count=points, limit=MAX_ROI_POINTS)
        raise RhiError(text)
    floats = (_HEADER_BYTES, points) if composite else (0, 0)
    if points and not composite and version >= _SUB_PIXEL_VERSION:
        if header.getShort(50) & _SUB_PIXEL:
            floats = (_HEADER_BYTES + 4 * points, 2 * points)
    if not _are_numbers(header, len(data), *floats):
        sentence = messages.COMPOSITE_NAN if composite else messages.ROI_NAN
        raise RhiError(sentence.format(where=where, name=quoted(name)))
    try:
        roi = RoiDecoder(data, name).getRoi()
        channel, slice_, frame, group, own_name = _second_header(header, len(data), version)
    except (Throwable, BufferUnderflowException):
        roi = None
    if roi is None:
        raise RhiError(messages.ROI_DAMAGED.format(where=where))
    return NamedRoi(
        name or own_name,
        roi,
        (special if special in _NOT_AREAS else kind) + " selection",
        kind in _AREA_TYPES and special not in _NOT_AREAS,
        max(header.getInt(56), 0),
        channel,
        slice_,
        frame,
        group,
    )


def _are_numbers(header, size, at, count):
    """Tell whether stored coordinates can be ones; ImageJ would make a mask of NaN too."""
    inside = min(count, (size - at) // 4)
    return all(abs(header.getFloat(at + 4 * i)) < _TOO_LARGE for i in range(inside))


def _second_header(header, size, version):
    at = header.getInt(60)
    if not (at > 0 and at + _SECOND_HEADER_BYTES <= size):
        return 0, 0, 0, 0, ""
    channel, slice_, frame, offset, length = [header.getInt(at + 4 * i) for i in range(1, 6)]
    group = header.get(at + 30) & 0xFF if version >= _GROUP_VERSION else 0
    name = ""
    if offset > 0 and length > 0 and offset + 2 * length <= size:
        name = "".join(header.getChar(offset + 2 * i) for i in range(length))
    return max(channel, 0), max(slice_, 0), max(frame, 0), group, name


def read_rois(path):
    """Read all ROIs of a ``.roi`` file or RoiSet ``.zip``, named as the ROI Manager names them."""
    file = File(path)
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
    _check_zip(file)
    rois = []
    total = 0
    stream = ZipInputStream(BufferedInputStream(FileInputStream(file)), _names_charset())
    try:
        while True:
            entry = stream.getNextEntry()
            if entry is None:
                break
            if not entry.getName().endswith(ROI_SUFFIX):
                continue
            data = _read_entry(stream, MAX_ROI_BYTES)
            total += 0 if data is None else len(data)
            if data is None or total > MAX_ROISET_BYTES:
                raise RhiError(messages.ROISET_UNPACKS.format(path=path, limit=MAX_ROISET_BYTES))
            # Nothing is ever unpacked to disk, so a path in a name is only a name.
            name = entry.getName()[: -len(ROI_SUFFIX)].replace("\\", "/").split("/")[-1]
            rois.append(decode(data, name, path))
    except (IOException, IllegalArgumentException) as error:
        raise RhiError(messages.ROISET_BROKEN.format(path=path, reason=_reason(error)))
    finally:
        stream.close()
    if not rois:
        raise RhiError(messages.ROISET_EMPTY.format(path=path))
    return rois


def _names_charset():
    """Charset of names that are not marked as UTF-8: the zip format's own."""
    return Charset.forName("IBM437" if Charset.isSupported("IBM437") else "UTF-8")


def _check_zip(file):
    """Raise where the zip has no directory, which a stream would not miss, or too many ROIs."""
    path = file.getPath()
    try:
        archive = ZipFile(file, _names_charset())
    except ZipException:
        reason = "File is not a zip file"
        raise RhiError(messages.ROISET_BROKEN.format(path=path, reason=reason))
    try:
        count = sum(entry.getName().endswith(ROI_SUFFIX) for entry in archive.entries())
    finally:
        archive.close()
    if count > MAX_ROISET_ENTRIES:
        raise RhiError(messages.ROISET_TOO_MANY.format(path=path, count=count))


def _read_entry(stream, limit):
    """Return the bytes of an entry, or None where they are more than the limit."""
    out = ByteArrayOutputStream()
    buffer_ = zeros(_BUFFER_BYTES, Byte.TYPE)
    while True:
        count = stream.read(buffer_, 0, _BUFFER_BYTES)
        if count < 0:
            return out.toByteArray()
        out.write(buffer_, 0, count)
        if out.size() > limit:
            return None


def stem_of(name):
    """Return a file's name without its image extension."""
    lower = name.lower()
    for ending in IMAGE_ENDINGS:
        if lower.endswith(ending):
            return name[: -len(ending)]
    return name


def find_rois(path):
    """Return the path of the ROI file of an image, or None."""
    image = File(path)
    folder = image.getParentFile()
    for ending in ROI_ENDINGS:
        candidate = File(folder, stem_of(image.getName()) + ending)
        if candidate.isFile():
            return candidate.getPath()
    beside = File(folder, FOLDER_ROISET)
    return beside.getPath() if beside.isFile() and _is_only_image(image) else None


def _is_only_image(image):
    """Tell whether a folder holds no other image."""
    others = [name for name in image.getParentFile().list() if name != image.getName()]
    return not any(
        name.lower().endswith(IMAGE_ENDINGS) for name in others if not name.startswith(".")
    )


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
