"""Image files and windows of ImageJ as pictures to measure."""

from __future__ import unicode_literals

import re

from ij import ImagePlus
from ij.io import Opener
from java.io import File, IOException, RandomAccessFile
from javax.imageio import ImageIO
from javax.imageio.stream import FileImageInputStream
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.pictures import NO_UNIT, Picture, opened, spacing_of
from pyrhi_fiji.text import one_line
from pyrhi_fiji.tiff import first_only, infos_of, is_big_tiff, is_tiff, open_tiff

_HEAD_BYTES = 352
_AT_ONCE = 1 << 22
"""Bytes of a file that are read at once; the decoder reads larger files itself."""

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GZIP_MAGIC = b"\x1f\x8b"
_PNG_PALETTE = ("Palette", "8")
_PNG_KINDS = (("Grayscale", "8"), ("Grayscale", "16"), ("RGB", "8"), _PNG_PALETTE)
"""Colour type and bits of the PNG files that are measured, in the words of Java's reader."""


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
        head = data[:_HEAD_BYTES].tostring()
        if is_tiff(head):
            return open_tiff(path, file, data)
    finally:
        file.close()
    if not head:
        raise RhiError(messages.EMPTY_FILE.format(path=path))
    if is_big_tiff(head):
        reason = "a BigTIFF, which ImageJ does not read"
        raise RhiError(messages.CANNOT_OPEN.format(path=path, reason=reason))
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
    if not is_tiff(head) or _is_dicom(head):
        spacing, warnings = spacing_of(work, True)
        return Picture(work, imp.getTitle(), spacing, warnings + colours)
    file = _file(path)
    try:
        infos, tags = infos_of(path, file, _first_bytes(file, _AT_ONCE))
    finally:
        file.close()
    calibration = imp.getCalibration()
    opened_so = calibration.pixelWidth == calibration.pixelHeight == 1.0
    if opened_so and not tags.has_pixel_size:
        spacing, warnings = (1.0, 1.0, NO_UNIT), [tags.no_pixel_size()]
    else:
        spacing, warnings = spacing_of(work, tags.by_imagej)
    first = first_only(infos) if imp.getStackSize() == 1 else []
    return Picture(work, imp.getTitle(), spacing, first + warnings + colours)


def path_of(imp):
    """Return the path of the file that a window shows, or None."""
    info = imp.getOriginalFileInfo()
    if info is None or not info.directory or not info.fileName:
        return None
    return File(info.directory, info.fileName).getPath()


def check_unchanged(imp):
    """Raise where the image in a window was cropped, resized, or lost slices since it was opened."""
    info = imp.getOriginalFileInfo()
    shown = {"width": imp.getWidth(), "height": imp.getHeight(), "count": imp.getStackSize()}
    # What a reader did not note is 0, and 1 for the slices.
    held = {
        "old_width": info.width or shown["width"],
        "old_height": info.height or shown["height"],
        "old_count": info.nImages if info.nImages > 1 else shown["count"],
    }
    if any(held["old_" + key] != value for key, value in shown.items()):
        shown.update(held)
        raise RhiError(messages.CHANGED.format(name=imp.getTitle(), **shown))


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
    imp = opened(path, lambda: opener.openImage(path))
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
