"""A folder of images in, ``rhi.csv`` and ``failures.csv`` out, as ``pyrhi measure`` does it."""

from __future__ import division, unicode_literals

import os

from java.io import File
from java.lang import Exception as JavaException
from java.lang import OutOfMemoryError

from pyrhi_fiji import high as ways
from pyrhi_fiji import beside, images, measuring, messages, rois, tables
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import one_line

IMAGE_SUFFIXES = (".tif", ".tiff", ".png", ".nii", ".nii.gz")
OPENED_SUFFIXES = (".tif", ".tiff", ".png")
OTHER_SUFFIXES = beside.JPEG_ENDINGS + (".zip",)
"""Files that may be images: pyrhi measure opens them, and so they are told here."""

MACOS_FOLDER = "__MACOSX"
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")


class Task(object):
    """One image to measure.

    Parameters
    ----------
    path
        File, or folder with a DICOM series.
    name
        What the column Image says: the path below the input folder.
    patient
        Name of the folder.
    """

    def __init__(self, path, name, is_folder):
        file = File(path).getAbsoluteFile()
        self.path = path
        self.name = name
        self.is_folder = is_folder
        self.patient = (file if is_folder else file.getParentFile()).getName()


class Batch(object):
    """What a batch gave.

    Parameters
    ----------
    rows
        Cells of ``rhi.csv``.
    failures
        Cells of ``failures.csv``.
    notes
        What was left out, one sentence each.
    measured
        Number of images in `rows`.
    """

    def __init__(self, rows, failures, notes, measured):
        self.rows = rows
        self.failures = failures
        self.notes = notes
        self.measured = measured


def find_tasks(source):
    """Return the images of a file or folder, in pyrhi's order."""
    top = File(source)
    if not top.exists():
        raise RhiError(messages.NO_SUCH_PATH.format(path=source))
    if top.isFile():
        return [Task(source, top.getName(), False)]
    if not top.isDirectory():
        raise RhiError(messages.NEITHER.format(path=source))
    tasks = _walk(top, "", top.getName(), _has_rois)
    # Most JPEG files are pictures of an image; where there is nothing else they are the images.
    tasks = tasks or _walk(top, "", top.getName(), lambda path: True)
    if not tasks:
        raise RhiError(messages.NO_IMAGES.format(path=source))
    return tasks


def _has_rois(path):
    try:
        return beside.find_rois(path) is not None
    except RhiError:  # two files may be its ROIs: that is told when it is measured
        return True


def _walk(folder, below, own_name, has_rois):
    """Return the images of a folder and of those below it."""
    names = folder.list()
    if names is None:
        reason = "Permission denied"
        raise RhiError(messages.UNREADABLE.format(path=folder.getPath(), reason=reason))
    tasks = []
    visible = sorted((n for n in names if not n.startswith((".", MACOS_FOLDER))), key=natural)
    entries = [(name, File(folder, name)) for name in visible]
    files = [(name, entry) for name, entry in entries if entry.isFile()]
    inside = set(name for name, _ in files)
    folders = [(n, entry) for n, entry in entries if n not in inside and entry.isDirectory()]
    if any(_is_dicom(entry) for name, entry in files if _may_be_dicom(name)):
        tasks.append(Task(folder.getPath(), below[:-1] or own_name, True))
    images = [name for name, _ in files if name.lower().endswith(IMAGE_SUFFIXES)]
    stems = set(beside.stem_of(name) for name in images)
    for name, entry in files:
        is_other = name.lower().endswith(OTHER_SUFFIXES) and _is_other_image(entry, stems, has_rois)
        if is_other or name.lower().endswith(IMAGE_SUFFIXES):
            tasks.append(Task(entry.getPath(), below + name, False))
    for name, entry in folders:
        tasks += _walk(entry, below + name + "/", name, has_rois)
    return tasks


def _is_other_image(file, stems, has_rois):
    """Tell a JPEG that is an image from a picture of one, and a TIFF in a zip from a ROI set."""
    name, path = file.getName(), file.getPath()
    if name.lower().endswith(beside.JPEG_ENDINGS):
        return beside.stem_of(name) not in stems and has_rois(path)
    # The ROI set of an image or a folder is not opened to see what else it might be.
    if beside.image_name_of(name) in stems or beside.stem_of(name) in stems:
        return False
    is_set = beside.is_roi_word(name) or beside.is_roi_word(file.getParentFile().getName())
    return not is_set and beside.is_zipped_image(path)


def _may_be_dicom(name):
    return name.lower().endswith(DICOM_SUFFIXES) or "." not in name


def _is_dicom(file):
    try:
        with open(file.getPath(), "rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except (IOError, OSError):
        return False


def natural(name):
    """Return a sort key under which slice 9 comes before slice 10, as in a file browser."""
    key = []
    number = ""
    for char in name + "\0":
        if "0" <= char <= "9":
            number += char
            continue
        if number:
            key.append((0, int(number), number))
            number = ""
        key.append((1, 0, char))
    return key


def run(source, mode=None, clip=False, ignore=False, progress=None):
    """Measure all images of a file or folder.

    Parameters
    ----------
    source
        Path of the file or folder.
    mode
        How to find the high area where none is drawn; None leaves it 0.
    clip
        True cuts the high area to the cord.
    ignore
        True counts a ROI without a role as nothing where it might be the high area.
    progress
        Called with the number of finished images, their total and the next one's name.
    """
    beside.forget()
    tasks = find_tasks(source)
    references = _references(tasks, mode)
    rows, failures, notes = [], [], []
    measured = 0
    for i, task in enumerate(tasks):
        if progress is not None:
            progress(i, len(tasks), task.name)
        try:
            picture, found = open_task(task)
            result = measuring.measure(
                picture, found, mode, clip, references.get(task.patient), ignore
            )
        except RhiError as error:
            failures.append([task.name, _named(error.message, task.path)])
        except OutOfMemoryError:
            failures.append([task.name, messages.TOO_LITTLE_MEMORY.format(path=task.path)])
        except (Exception, JavaException) as error:  # one file must not end a batch
            what = one_line("%s %s" % (type(error).__name__, error))
            failures.append([task.name, messages.UNEXPECTED.format(path=task.path, what=what)])
        else:
            measured += 1
            rows += [tables.cells_of(task.patient, task.name, row) for row in result.rows]
            notes += [task.path + ": " + note for note in result.notes]
    return Batch(rows, failures, notes, measured)


def open_task(task):
    """Open the image of a task and read its ROIs."""
    if task.is_folder or not task.path.lower().endswith(OPENED_SUFFIXES):
        raise RhiError(messages.NOT_BY_FIJI.format(path=task.path))
    picture = images.open_picture(task.path)
    return picture, rois.rois_beside(task.path, picture.embedded)


def write(batch, output):
    """Write both tables and return a sentence that says where they are."""
    tables.make_folder(output)
    tables.write_csv(os.path.join(output, "rhi.csv"), tables.RHI_HEADINGS, batch.rows)
    failures = os.path.join(output, "failures.csv")
    tables.write_csv(failures, tables.FAILURE_HEADINGS, batch.failures)
    failed = ""
    if batch.failures:
        failed = messages.BATCH_FAILED.format(count=len(batch.failures), path=failures)
    images = "image" if batch.measured == 1 else "images"
    return messages.BATCH_DONE.format(
        done=batch.measured, images=images, failed=failed, output=output
    )


def _references(tasks, mode):
    """Return centre and spread of each patient's cord over all its images, for ``auto``."""
    if mode is None or mode.kind != ways.AUTO:
        return {}
    pooled = {}
    for task in tasks:
        try:
            picture, found = open_task(task)
            values = measuring.cord_values(picture, found)
        except (Exception, JavaException):
            continue  # the error is told when the image itself is measured
        pooled.setdefault(task.patient, []).extend(values)
    references = {}
    for patient, values in pooled.items():
        try:
            references[patient] = ways.reference_of(values, mode)
        except RhiError:
            continue  # too few pixels: told when its image is measured
    return references


def _named(text, path):
    """Return one line that names the file, whatever the message held."""
    line = one_line(text)
    return line if path in line else path + ": " + line
