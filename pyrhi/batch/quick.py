"""The quick way of one image: from the bytes of its files to its record, mostly in compiled code.

For what users mostly have: a plain TIFF of one slice with a ROI file of its name beside it, and
outlines by hand. Wherever anything is unusual or wrong, the image goes the general way
(`pyrhi.batch.measure`), which has the words for it; a test compares the records of both.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pyrhi.batch.inputs import InputFile
from pyrhi.batch.plan import text_patient
from pyrhi.engines.choose import NUMPY
from pyrhi.imagej.drawn import Drawing, measure_all
from pyrhi.imagej.polygons import Plane
from pyrhi.io.at_once import open_all, read_all
from pyrhi.io.images.beginnings import Beginnings
from pyrhi.io.images.header import HEAD_BYTES
from pyrhi.io.rois.files import only_roi_file, plain_rois
from pyrhi.limits import MAX_ROI_BYTES
from pyrhi.rhi.drawn import Schemes, rhi_of, table_of
from pyrhi.rhi.lesions import LabelledSlice, place_among_neighbours
from pyrhi.rhi.record import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.io.at_once import Opened, Part
    from pyrhi.io.images.beginnings import Beginning
    from pyrhi.io.rois.files import Folder
    from pyrhi.rhi.drawn import Scheme

BYTES_AT_ONCE = 2**23
"""Bytes of rows that a thread reads before it measures them."""

Result = tuple[list[InputFile], ImageRecord]


class QuickWay:
    """Measures images of a run by the quick way; threads share it.

    Parameters
    ----------
    options
        What the images are measured with.
    """

    def __init__(self, options: WorkOptions, /) -> None:
        parameters = options.parameters
        self._serves = (
            options.engine == NUMPY
            and parameters.high is None
            and parameters.rule is None
            and not parameters.clip
            and options.measures is None
            and options.plane == type(options).plane
        )
        self._beginnings = Beginnings()
        self._schemes = Schemes(parameters.patterns)
        self._drawings: list[Drawing] = []
        self._patients: dict[str, str] = {}

    def __call__(self, task: Task, /) -> Result | None:
        """Measure an image.

        Parameters
        ----------
        task
            The image and its ROIs.

        Returns
        -------
        tuple or None
            Its files and its record; None where it has to go the general way.
        """
        batch = self.batch([task])
        for step in batch.steps:
            step()
        return batch.results[0]

    def batch(self, tasks: Sequence[Task], /) -> Batch:
        """Return some images to be measured step by step."""
        return Batch(self, tasks)

    def roi_file(self, task: Task, listings: dict[str, Folder], /) -> str | None:
        """Return the ROI file of an image; None where it has to go the general way."""
        if not self._serves or task.has_masks:
            return None
        try:
            found = task.rois or only_roi_file(task.image, listings)
        except Exception:  # the general way says what is wrong
            return None
        # A path cannot hold a zero byte, but a manifest can.
        return None if found is None or "\0" in task.image or "\0" in found else found

    def patient(self, task: Task, /) -> str:
        """Return the patient's name: the manifest's, or the folder's."""
        if task.patient:
            return task.patient
        folder = os.path.dirname(task.image)
        name = self._patients.get(folder)
        if name is None:
            name = text_patient(task)
            self._patients = {folder: name}
        return name

    def begin(self, task: Task, opened: Opened, rois_path: str, /) -> _Begun | None:
        """Understand the header of an image and its ROIs; None for the general way."""
        try:
            beginning = self._beginnings.of(task.image, opened.head, opened.size)
            found = plain_rois(rois_path, opened.other)
            if beginning is None or not found:
                return None
            drawn = self._drawings.pop() if self._drawings else Drawing()
            drawn.clear()
            groups = [drawn.add(roi) for _, roi in found]
            if min(groups) < 0:
                return None
            scheme = self._schemes.of(tuple([name for name, _ in found]), tuple(groups))
            rows = drawn.place(beginning.image.width, beginning.image.height)
            if scheme is not None and rows is not None:
                drawn.pair(scheme.pairs)
        except Exception:  # the general way says what is wrong
            return None
        if scheme is None or rows is None:
            return None
        return _Begun(task, opened, rois_path, beginning, drawn, scheme, rows)

    def give_back(self, drawn: Drawing, /) -> None:
        """Keep a drawing for other images."""
        self._drawings.append(drawn)


class _Begun(NamedTuple):
    """An image whose header and outlines are known, and whose rows are to be read."""

    task: Task
    opened: Opened
    rois_path: str
    beginning: Beginning
    drawn: Drawing
    scheme: Scheme
    rows: tuple[int, int]

    @property
    def part(self) -> Part:
        """What to read of the image: descriptor, place, bytes."""
        first, last = self.rows
        width = self.beginning.row_bytes
        return self.opened.file, self.beginning.offset + first * width, (last - first) * width

    def result(self, patient: str) -> Result:
        opened = self.opened
        inputs = [
            InputFile(self.task.image, opened.size, opened.modified_ns),
            InputFile(self.rois_path, opened.other_size, opened.other_modified_ns),
        ]
        return inputs, _record(self.task, self.drawn, self.scheme, self.beginning, patient)


class Batch:
    """Some images on the quick way, in steps: by turns Python, and what gives its lock up.

    Parameters
    ----------
    way
        What they are measured with.
    tasks
        The images.
    """

    def __init__(self, way: QuickWay, tasks: Sequence[Task], /) -> None:
        self._way = way
        self._tasks = tasks
        listings: dict[str, Folder] = {}
        self._paths = [way.roi_file(task, listings) for task in tasks]
        self._opened: list[Opened | None] = []
        self._begun: list[_Begun | None] = []
        self._parts: list[Part] = []
        self.results: list[Result | None] = [None] * len(tasks)

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        """Open and measure are compiled and leave the lock to others; begin and finish need it."""
        # Not kept: a batch that holds itself would stay in memory until garbage is looked for.
        return self._open, self._begin, self._measure, self._finish

    def _open(self) -> None:
        wanted = [(t.image, p) for t, p in zip(self._tasks, self._paths, strict=True) if p]
        images, others = [image for image, _ in wanted], [other for _, other in wanted]
        found = iter(open_all(images, others, head=HEAD_BYTES, most=MAX_ROI_BYTES))
        self._opened = [next(found) if path else None for path in self._paths]

    def _begin(self) -> None:
        for task, path, opened in zip(self._tasks, self._paths, self._opened, strict=True):
            begun = None
            if opened is not None and path:
                begun = self._way.begin(task, opened, path)
                self._parts.append((opened.file, 0, 0) if begun is None else begun.part)
            self._begun.append(begun)

    def _measure(self) -> None:
        begun = [one for one, opened in zip(self._begun, self._opened, strict=True) if opened]
        first = 0
        for last in _cuts(self._parts):
            parts = self._parts[first:last]
            buffer = _buffer(sum(size for _, _, size in parts) + 1)
            found = read_all(parts, buffer)
            drawings, planes = [], []
            start = 0
            for one, is_there, (_, _, size) in zip(begun[first:last], found, parts, strict=True):
                if one is not None and is_there:
                    raw = buffer[start : start + size]
                    planes.append(_plane(one.beginning, raw, one.rows[0]))
                    drawings.append(one.drawn)
                start += size
            measure_all(drawings, planes)
            first = last

    def _finish(self) -> None:
        for i, begun in enumerate(self._begun):
            if begun is None:
                continue
            if begun.drawn.done:
                try:
                    self.results[i] = begun.result(self._way.patient(begun.task))
                except Exception:  # the general way says what is wrong
                    self.results[i] = None
            self._way.give_back(begun.drawn)


def _cuts(parts: list[Part]) -> Iterator[int]:
    """Yield where the parts are cut, so that those between are read at once."""
    total = 0
    for i, (_, _, size) in enumerate(parts):
        if total and total + size > BYTES_AT_ONCE:
            yield i
            total = 0
        total += size
    yield len(parts)


_OF_THREAD = threading.local()


def _buffer(size: int) -> NDArray[np.uint8]:
    """Return memory of this thread: fresh one for each image costs more than reading it."""
    found: NDArray[np.uint8] | None = getattr(_OF_THREAD, "buffer", None)
    if found is None or len(found) < size:
        found = np.empty(max(size, BYTES_AT_ONCE), np.uint8)
        if size <= BYTES_AT_ONCE:
            _OF_THREAD.buffer = found
    return found


def _plane(beginning: Beginning, raw: NDArray[np.uint8], first_row: int) -> Plane:
    image = beginning.image
    return Plane(
        beginning.values(raw),
        first_row,
        image.height,
        1,
        image.calibration,
        beginning.table,
        beginning.geometry,
    )


def _record(
    task: Task, drawn: Drawing, scheme: Scheme, beginning: Beginning, patient: str
) -> ImageRecord:
    image = beginning.image
    table = table_of(drawn, scheme, image)
    rhi = rhi_of(drawn, scheme, image, task.name, table)
    lesions = []
    for number, row in enumerate(rhi):
        if row.high_count and not row.level:
            place = place_among_neighbours(task.name, 1, 1, image.width, image.height)
            x, y, width, height = drawn.high_box(number)
            runs = drawn.high_runs(number)
            lesions.append(LabelledSlice(*place, x, y, height, width, runs))
    return ImageRecord(
        name=task.name,
        path=task.image,
        patient=patient,
        rois=table,
        rhi=rhi,
        lesions=tuple(lesions),
    )
