"""Names of files, folders and ROIs that repeat what a DICOM header says of a patient.

No value of a header is ever written, but a folder may be called after PatientID or PatientName, a
file after its SOPInstanceUID. What a header and a name share is written as its pseudonym.
"""

from __future__ import annotations

import base64
import csv
import io
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi.batch.identifiers import Identifiers
from pyrhi.batch.pseudonym import pseudonym
from pyrhi.batch.tasks import DICOM_SUFFIXES, IMAGE_SUFFIXES
from pyrhi.errors import RoiError
from pyrhi.io.rois.clean import clean_roi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyrhi.batch.tasks import Task

WHOLE_WORD = 3
"""Texts of up to so many letters count as whole words only."""

HEADERS_TRIED = 20
"""Files of a folder that are tried for a header where its image cannot be opened."""

NAME, ROI, WARNINGS = 0, 2, -1
"""Cells of ``rois.csv`` and ``rhi.csv`` that hold names."""

HIDDEN = (
    "names of files, folders or ROIs of {count} images repeat what DICOM headers say of patients;"
    " that is written as pseudonyms (--patient-id writes it as it is)"
)

# A UID in a name, such as a file called after its SOPInstanceUID.
_UID = re.compile(r"(?<![0-9.])[0-2](?:\.(?:0|[1-9][0-9]*)){4,}(?![0-9])")


class Hider:
    """Writes names with pseudonyms in the place of identifiers.

    Parameters
    ----------
    texts
        What to hide, whatever its case.
    key
        Returns the key of the pseudonyms; called only where there is something to hide.
    """

    def __init__(self, texts: Iterable[str], key: Callable[[], bytes], /) -> None:
        self._key = key
        self._texts = {text.lower(): text for text in texts}
        parts = [_pattern(text) for text in sorted(self._texts.values(), key=len, reverse=True)]
        self._wanted = re.compile("|".join([*parts, _UID.pattern]), re.IGNORECASE)

    def text(self, text: str, /) -> str:
        """Return a text with pseudonyms instead of identifiers, and of all UIDs."""
        return self._wanted.sub(
            lambda match: pseudonym(self._texts.get(match[0].lower(), match[0]), self._key()), text
        )


def _pattern(text: str) -> str:
    # Between the words of a text, a name may have other marks: Doe^Jane, doe_jane.
    escaped = r"[\W_]+".join(re.escape(word) for word in re.findall(r"[^\W_]+", text))
    exact = re.escape(text)
    both = exact if exact == escaped else f"{exact}|{escaped}"
    return rf"(?<![^\W_])(?:{both})(?![^\W_])" if len(text) <= WHOLE_WORD else f"(?:{both})"


def leaking(task: Task, header: Any, names: Iterable[str], /) -> list[str]:
    """Return what of a DICOM header stands in the names that a task brings into the outputs.

    Parameters
    ----------
    task
        The task.
    header
        Header of its image; None reads one, where it is DICOM.
    names
        Names of ROIs, messages: texts that go to an output beside the task's own paths.
    """
    if header is None and _is_other_file(task.image):
        return []
    if header is None:
        header = first_header(Path(task.image))
    if header is None or str(header.get("PatientIdentityRemoved", "")).strip() == "YES":
        return []
    found = Identifiers()
    found.add_dicom(header, nested=False)
    image = Path(task.image)
    inside = [path.name for path in _files(image)]
    paths = [str(image.absolute()), task.image, task.name, task.rois or "", *inside]
    said = "\n".join([*paths, *names])
    low = said.lower()
    # Most texts stand nowhere, and a plain look says so quickly.
    near = [t for t in found.texts if re.findall(r"[^\W_]+", t)[0].lower() in low]
    standing = [t for t in near if re.search(_pattern(t), said, re.IGNORECASE)]
    # All UIDs are hidden in any case; one is enough to say that there are some.
    uid = _UID.search(said)
    return standing or ([] if uid is None else [uid[0]])


def _is_other_file(path: str) -> bool:
    """True for a file of a kind that has no DICOM header; most images are one."""
    return path.lower().endswith(IMAGE_SUFFIXES) and not os.path.isdir(path)


def first_header(path: Path, /) -> Any:
    """Return the header of a DICOM file, or of one in a folder; None where there is none."""
    files = _files(path) or [path]
    for file in files[:HEADERS_TRIED]:
        if file.suffix.lower() in (*DICOM_SUFFIXES, "") and (header := _header(file)) is not None:
            return header
    return None


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:  # no folder, or one that cannot be read: that is told where it is measured
        return []


def _header(file: Path) -> Any:
    import pydicom

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(file, stop_before_pixels=True)
    except Exception:  # pydicom raises nearly anything on what is no DICOM
        return None


def hide_record(record: dict[str, Any], task: Task, hider: Hider, /) -> None:
    """Rewrite the names in a record; numbers and pixels are not touched.

    Parameters
    ----------
    record
        As `pyrhi.batch.work.measure_task` packs it; ``name`` and ``path`` are added where the
        task's own do not do.
    task
        Its task.
    hider
        What hides.
    """
    name, path = hider.text(task.name), hider.text(task.image)
    if (name, path) != (task.name, task.image):
        record["name"], record["path"] = name, path
    if "error" in record:
        record["error"] = hider.text(record["error"])
        return
    if not task.patient:  # a manifest's own word for the patient is its author's choice
        record["patient"] = hider.text(record["patient"])
    record["rois"] = _hidden_lines(record["rois"], hider)
    for cells in record["rhi"]:
        cells[NAME], cells[WARNINGS] = hider.text(cells[NAME]), hider.text(cells[WARNINGS])
    for lesion in record["lesions"]:
        lesion[NAME] = hider.text(lesion[NAME])
    record["notes"] = [hider.text(note) for note in record["notes"]]
    if "found" in record:
        record["found"] = [_hidden_roi(name, data, hider) for name, data in record["found"]]


def _hidden_lines(lines: str, hider: Hider) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for cells in csv.reader(io.StringIO(lines)):
        cells[NAME], cells[ROI] = hider.text(cells[NAME]), hider.text(cells[ROI])
        writer.writerow(cells)
    return out.getvalue()


def _hidden_roi(name: str, packed: str, hider: Hider) -> list[str]:
    name = hider.text(name)
    try:
        data = clean_roi(base64.b64decode(packed), name)
    except RoiError as error:  # it was just measured, so this is a fault of clean_roi
        msg = f"ROI {name!r} cannot be written without its texts"
        raise RoiError(msg) from error
    return [name, base64.b64encode(data).decode("ascii")]
