"""The quick way of one image: from the bytes of its files to its record, mostly in compiled code.

For what users mostly have: a plain TIFF of one slice or an ImageJ stack, with a ROI file of its
name beside it, and outlines by hand. Wherever anything is unusual or wrong, the image goes the
general way (`pyrhi.batch.measure`), which has the words for it; a test compares both records.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pyrhi.batch.inputs import InputFile
from pyrhi.batch.plan import text_patient
from pyrhi.engines.choose import NUMPY
from pyrhi.imagej.drawn import Drawing, measure_all, slice_of
from pyrhi.imagej.polygons import Plane
from pyrhi.io.at_once import open_all, read_all
from pyrhi.io.images.beginnings import Beginnings
from pyrhi.io.images.header import HEAD_BYTES
from pyrhi.io.rois.files import only_roi_file, plain_rois
from pyrhi.limits import MAX_ROI_BYTES
from pyrhi.rhi.drawn import Schemes, rhi_of, table_of
from pyrhi.rhi.lesions import LabelledSlice, place_among_neighbours
from pyrhi.rhi.record import ImageRecord, RoiTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.io.at_once import Opened, Part
    from pyrhi.io.images.beginnings import Beginning
    from pyrhi.io.rois.files import Folder
    from pyrhi.rhi.drawn import Scheme
    from pyrhi.rhi.measure import RhiNumbers

BYTES_AT_ONCE = 2**23
"""Bytes of rows that a thread reads before it measures them."""

SLICES_AT_ONCE = 64
"""Slices of a stack that are measured together: the outlines of each take memory."""

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
        return batch.results[0] or self.stack(task)

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
        """Understand the header of an image of one slice and its ROIs; None for other ways."""
        try:
            beginning = self._beginnings.of(task.image, opened.head, opened.size)
            if beginning is None or beginning.image.n_slices != 1:
                return None
            drawn = self._slice(plain_rois(rois_path, opened.other), 1, beginning)
        except Exception:  # the general way says what is wrong
            return None
        return None if drawn is None else _Begun(task, opened, rois_path, beginning, drawn)

    def _slice(
        self, rois: Sequence[tuple[str, bytes]], number: int, beginning: Beginning
    ) -> _Slice | None:
        """Decode and pair the ROIs of a slice."""
        if not rois:
            return None
        try:
            drawn = self._drawings.pop()
        except IndexError:  # other threads have them all
            drawn = Drawing()
        drawn.clear()
        of_stack = beginning.image.n_slices > 1
        groups = [drawn.add(roi, of_stack) for _, roi in rois]
        if min(groups) < 0:
            return None
        scheme = self._schemes.of(tuple([name for name, _ in rois]), tuple(groups))
        rows = drawn.place(beginning.image.width, beginning.image.height)
        if scheme is None or rows is None:
            return None
        drawn.pair(scheme.pairs)
        return _Slice(number, drawn, scheme, rows)

    def stack(self, task: Task, /) -> Result | None:
        """Measure an ImageJ stack; None where it is none, or has to go the general way."""
        path = self.roi_file(task, {})
        opened = open_all([task.image], [path], head=HEAD_BYTES, most=MAX_ROI_BYTES) if path else []
        if not (path and opened and opened[0]):
            return None
        try:
            record = self._stack_record(task, opened[0], path)
        except Exception:  # the general way says what is wrong
            return None
        finally:
            os.close(opened[0].file)
        return None if record is None else (_inputs(task, opened[0], path), record)

    def _stack_record(self, task: Task, opened: Opened, rois_path: str) -> ImageRecord | None:
        beginning = self._beginnings.of(task.image, opened.head, opened.size)
        if beginning is None or beginning.image.n_slices == 1:
            return None
        slices = _by_slice(plain_rois(rois_path, opened.other), beginning.image.n_slices)
        numbers = sorted(slices)
        some: list[_SliceRecord] = []
        for first in range(0, len(numbers), SLICES_AT_ONCE):
            drawn = [
                self._slice(slices[number], number, beginning)
                for number in numbers[first : first + SLICES_AT_ONCE]
            ]
            if not _measured(drawn, opened.file, beginning):
                return None
            some += [_slice_record(task, one, beginning) for one in drawn if one is not None]
            for one in drawn:
                if one is not None:
                    self.give_back(one.drawn)
        return _record(task, some, self.patient(task)) if some else None

    def give_back(self, drawn: Drawing, /) -> None:
        """Keep a drawing for other images."""
        self._drawings.append(drawn)


class _Slice(NamedTuple):
    """The outlines of a slice, and which rows of it they touch."""

    number: int
    drawn: Drawing
    scheme: Scheme
    rows: tuple[int, int]

    def part(self, file: int, beginning: Beginning) -> Part:
        """What to read of an image: descriptor, place, bytes."""
        first, last = self.rows
        return file, beginning.place(self.number, first), (last - first) * beginning.row_bytes

    def plane(self, raw: NDArray[np.uint8], beginning: Beginning) -> Plane:
        """What was read, and what its values mean."""
        image = beginning.image
        return Plane(
            beginning.values(raw),
            self.rows[0],
            image.height,
            self.number,
            image.calibration,
            beginning.table,
            beginning.geometry,
        )


class _Begun(NamedTuple):
    """An image whose header and outlines are known, and whose rows are to be read."""

    task: Task
    opened: Opened
    rois_path: str
    beginning: Beginning
    slice: _Slice

    def result(self, patient: str) -> Result:
        record = _record(self.task, [_slice_record(self.task, self.slice, self.beginning)], patient)
        return _inputs(self.task, self.opened, self.rois_path), record


def _by_slice(
    rois: Sequence[tuple[str, bytes]], n_slices: int
) -> dict[int, list[tuple[str, bytes]]]:
    """Return the ROIs of each slice; none where one lies on all slices, or on none."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    for roi in rois:
        number = slice_of(roi[1])
        if not 0 < number <= n_slices:
            return {}
        found.setdefault(number, []).append(roi)
    return found


def _measured(slices: Sequence[_Slice | None], file: int, beginning: Beginning) -> bool:
    """Read and measure some slices of a stack; False where one cannot be."""
    ready = [one for one in slices if one is not None]
    if len(ready) < len(slices):
        return False
    parts = [one.part(file, beginning) for one in ready]
    for some in _cuts(parts):
        own = os.dup(file)  # which reading closes
        _read_and_measure(
            [(one, beginning) for one in ready[some]],
            [(own, at, size) for _, at, size in parts[some]],
        )
    return all(one.drawn.done for one in ready)


def _read_and_measure(slices: Sequence[tuple[_Slice, Beginning] | None], parts: list[Part]) -> None:
    """Read the part of each slice, and measure those whose part is there."""
    buffer = _buffer(sum(size for _, _, size in parts) + 1)
    there = read_all(parts, buffer)
    drawings, planes = [], []
    start = 0
    for found, is_there, (_, _, size) in zip(slices, there, parts, strict=True):
        if found is not None and is_there:
            one, beginning = found
            planes.append(one.plane(buffer[start : start + size], beginning))
            drawings.append(one.drawn)
        start += size
    measure_all(drawings, planes)


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
                file = opened.file
                self._parts.append(
                    (file, 0, 0) if begun is None else begun.slice.part(file, begun.beginning)
                )
            self._begun.append(begun)

    def _measure(self) -> None:
        slices = [
            None if one is None else (one.slice, one.beginning)
            for one, opened in zip(self._begun, self._opened, strict=True)
            if opened
        ]
        for some in _cuts(self._parts):
            _read_and_measure(slices[some], self._parts[some])

    def _finish(self) -> None:
        for i, begun in enumerate(self._begun):
            if begun is None:
                continue
            if begun.slice.drawn.done:
                try:
                    self.results[i] = begun.result(self._way.patient(begun.task))
                except Exception:  # the general way says what is wrong
                    self.results[i] = None
            self._way.give_back(begun.slice.drawn)


def _cuts(parts: list[Part]) -> Iterator[slice]:
    """Yield which of the parts are read at once."""
    total = first = 0
    for i, (_, _, size) in enumerate(parts):
        if total and total + size > BYTES_AT_ONCE:
            yield slice(first, i)
            total, first = 0, i
        total += size
    yield slice(first, len(parts))


_OF_THREAD = threading.local()


def _buffer(size: int) -> NDArray[np.uint8]:
    """Return memory of this thread: fresh one for each image costs more than reading it."""
    found: NDArray[np.uint8] | None = getattr(_OF_THREAD, "buffer", None)
    if found is None or len(found) < size:
        found = np.empty(max(size, BYTES_AT_ONCE), np.uint8)
        if size <= BYTES_AT_ONCE:
            _OF_THREAD.buffer = found
    return found


def _inputs(task: Task, opened: Opened, rois_path: str) -> list[InputFile]:
    return [
        InputFile(task.image, opened.size, opened.modified_ns),
        InputFile(rois_path, opened.other_size, opened.other_modified_ns),
    ]


class _SliceRecord(NamedTuple):
    """The results of one slice."""

    rois: RoiTable
    rhi: tuple[RhiNumbers, ...]
    lesions: tuple[LabelledSlice, ...]


def _slice_record(task: Task, one: _Slice, beginning: Beginning) -> _SliceRecord:
    number, drawn, scheme, _ = one
    image = beginning.image
    table = table_of(drawn, scheme, image, number)
    rhi = rhi_of(drawn, scheme, image, number, task.name, table)
    lesions = []
    for pair, row in enumerate(rhi):
        if row.high_count and not row.level:
            place = place_among_neighbours(
                task.name, number, image.n_slices, image.width, image.height
            )
            x, y, width, height = drawn.high_box(pair)
            runs = drawn.high_runs(pair)
            lesions.append(LabelledSlice(*place, x, y, height, width, runs))
    return _SliceRecord(table, rhi, tuple(lesions))


def _record(task: Task, slices: Sequence[_SliceRecord], patient: str) -> ImageRecord:
    rois, rhi, lesions = slices[0]
    if len(slices) > 1:
        rois = RoiTable.joined([one.rois for one in slices])
        rhi = tuple([row for one in slices for row in one.rhi])
        lesions = tuple([lesion for one in slices for lesion in one.lesions])
    return ImageRecord(
        name=task.name, path=task.image, patient=patient, rois=rois, rhi=rhi, lesions=lesions
    )
