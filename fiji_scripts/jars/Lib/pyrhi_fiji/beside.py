"""Which ROI file belongs to an image: by its name beside it, or a folder's only set."""

from __future__ import unicode_literals

import re

from java.io import DataInputStream, File, FileInputStream, IOException
from java.nio import ByteBuffer, ByteOrder
from jarray import zeros

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError

IMAGE_ENDINGS = (".tiff", ".tif", ".png", ".nii.gz", ".nii", ".dcm", ".dicom", ".ima")
"""Extensions that are no part of an image's name."""

JPEG_ENDINGS = (".jpg", ".jpeg")

_STEM_ENDINGS = IMAGE_ENDINGS + JPEG_ENDINGS + (".zip",)
_KIND = re.compile(r"(.+)\.(zip|roi)$", re.I | re.S)
_WORD = "(roisets?|rois?)"
_WORD_ALONE = re.compile(_WORD + r"\.(zip|roi)$", re.I)
_ROI_FOLDER = re.compile(_WORD + "$", re.I)
_WORD_APART = re.compile("([ _.-]+" + _WORD + "|roisets?)$", re.I)
_WORD_AT_END = re.compile(_WORD + "$", re.I)
_SEPARATORS = ("__", "_", "-", ".", " ", "")
"""What public macros write between an image's name and the word RoiSet, ROIs or their like."""

_ZIP_HEADER_BYTES = 30
_folders = {}


class _Folder(object):
    """What a folder holds: ROI files by their image's possible names, sets, images."""

    def __init__(self, folder):
        self.by_stem = {}
        self.sets, self.roi_folders, self.images, self.jpegs = [], [], [], []
        for name in sorted(name for name in folder.list() or () if not name.startswith(".")):
            lower = name.lower()
            if lower.endswith(IMAGE_ENDINGS):
                self.images.append(name)
            elif lower.endswith(JPEG_ENDINGS):
                self.jpegs.append(name)
            elif _ROI_FOLDER.match(name) and File(folder, name).isDirectory():
                self.roi_folders.append(name)
            elif _WORD_ALONE.match(name):
                self.sets.append(name)
            else:
                match = _KIND.match(name)
                for stem in _stems(match.group(1)) if match else ():
                    self.by_stem.setdefault(stem, []).append(name)
        self.stems = set(self.images).union(stem_of(name) for name in self.images)


def forget():
    """Look at folders anew from now on: a batch looks at each folder once."""
    _folders.clear()


def stem_of(name):
    """Return a file's name without its image extension."""
    lower = name.lower()
    for ending in _STEM_ENDINGS:
        if lower.endswith(ending):
            return name[: -len(ending)]
    return name


def image_name_of(name):
    """Return what the image of a ROI file may be called: without RoiSet, ROIs or the like."""
    match = _KIND.match(name)
    stem = match.group(1) if match else name
    return stem_of((_WORD_APART.sub("", stem) or stem) if match else stem)


def is_roi_word(name):
    """Tell whether a file or folder is called RoiSet, ROIs or the like, and nothing else."""
    return bool(_WORD_ALONE.match(name) or _ROI_FOLDER.match(name))


def find_rois(path):
    """Return the path of the ROI file of an image, or None.

    Raises
    ------
    RhiError
        If two files may be the one.
    """
    image = File(path).getAbsoluteFile()
    found = _named(image) or _sets(image)
    if len(found) > 1:
        above = image.getParentFile().toPath()
        both = " and ".join("%s" % above.relativize(File(p).toPath()) for p in found[:2])
        more = " (%d files in all)" % len(found) if len(found) > 2 else ""
        raise RhiError(messages.TWO_ROI_FILES.format(path=path, both=both, more=more))
    return found[0] if found else None


def is_zipped_image(path):
    """Tell whether a zip holds an image: ``ij.io.Opener.openZip`` looks at its first entry."""
    if not (path.lower().endswith(".zip") and File(path).isFile()):
        return False
    try:
        stream = DataInputStream(FileInputStream(path))
        try:
            head = zeros(_ZIP_HEADER_BYTES, b"b")
            stream.readFully(head)
            if head[:4].tostring() != b"PK\3\4":
                return False
            length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getShort(26) & 0xFFFF
            name = zeros(length, b"b")
            stream.readFully(name)
        finally:
            stream.close()
    except IOException:
        return False
    return name[-4:].tostring() in (b".tif", b".dcm")


def refuse_pipe(path):
    """Raise RhiError for what is there and no file: nobody may ever write to a pipe."""
    file = File(path)
    if not file.isFile() and file.exists() and not file.isDirectory():
        raise RhiError(messages.UNREADABLE.format(path=path, reason=messages.NO_FILE))


def _listing(folder):
    path = folder.getPath()
    if path not in _folders:
        _folders[path] = _Folder(folder)
    return _folders[path]


def _stems(base):
    """Return what an image may be called whose ROI file is `base` without its extension."""
    stems = [base]
    match = _WORD_AT_END.search(base)
    if match:
        before = base[: match.start()]
        stems += [before[: len(before) - len(s)] for s in _SEPARATORS if before.endswith(s)]
    return [stem for i, stem in enumerate(stems) if stem and stem not in stems[:i]]


def _named(image):
    """Return the ROI files that bear the name of an image, beside it or in a folder ``ROIs``."""
    parent = image.getParentFile()
    here = _listing(parent)
    stems = [stem_of(image.getName()), image.getName()]
    stems = stems[: len(set(stems))]
    found = []
    for folder in [parent] + [File(parent, name) for name in here.roi_folders]:
        by_stem = _listing(folder).by_stem
        for name in [name for stem in stems for name in by_stem.get(stem, ())]:
            # Another image may be called as this one's ROI file: a_roi.zip of a_roi.tif or a.tif.
            path = File(folder, name).getPath()
            if (name[:-4] in stems or name[:-4] not in here.stems) and path not in found:
                found.append(path)
    return [p for p in found if p != image.getPath() and not is_zipped_image(p)]


def _sets(image):
    """Return the sets of a folder that hold for its only image."""
    parent = image.getParentFile()
    here = _listing(parent)
    found = [File(parent, name).getPath() for name in here.sets]
    for folder in [File(parent, name) for name in here.roi_folders]:
        found += [File(folder, name).getPath() for name in _listing(folder).sets]
    return found if found and _is_only_image(image, here) else []


def _is_only_image(image, here):
    others = set(here.images)
    if image.getName() in here.jpegs:
        others.update(here.jpegs)
    zips = set(name for names in here.by_stem.values() for name in names)
    parent = image.getParentFile()
    others.update(name for name in zips if is_zipped_image(File(parent, name).getPath()))
    return not others - set([image.getName()])
