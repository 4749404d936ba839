"""The quick way of one image: from the bytes of its files to its record, mostly in compiled code.

For what users mostly have: a plain TIFF of one slice with a ROI file of its name beside it, and
outlines by hand. Wherever anything is unusual or wrong, the image goes the general way
(`pyrhi.batch.measure`), which has the words for it; a test compares the records of both.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyrhi.batch.inputs import InputFile
from pyrhi.engines.choose import NUMPY
from pyrhi.imagej.drawn import drawing
from pyrhi.imagej.polygons import Plane
from pyrhi.io.at_once import open_both, read_and_close
from pyrhi.io.images.beginnings import Beginnings
from pyrhi.io.images.header import HEAD_BYTES
from pyrhi.io.rois.files import only_roi_file, plain_rois
from pyrhi.limits import MAX_ROI_BYTES
from pyrhi.rhi.drawn import Schemes, rhi_of, table_of
from pyrhi.rhi.lesions import LabelledSlice, place_among_neighbours
from pyrhi.rhi.record import ImageRecord

if TYPE_CHECKING:
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.imagej.drawn import Drawing
    from pyrhi.io.images.beginnings import Beginning
    from pyrhi.rhi.drawn import Scheme

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
        if not self._serves or task.has_masks:
            return None
        try:
            rois_path = task.rois or only_roi_file(task.image)
            return None if rois_path is None else self._measured(task, rois_path)
        except Exception:  # the general way says what is wrong
            return None

    def _measured(self, task: Task, rois_path: str) -> Result | None:
        opened = open_both(task.image, rois_path, head=HEAD_BYTES, most=MAX_ROI_BYTES)
        if opened is None:
            return None
        file, at, size = opened.file, 0, 0
        try:
            beginning = self._beginnings.of(task.image, opened.head, opened.size)
            drawn = drawing()
            scheme = None if beginning is None else self._decoded(drawn, rois_path, opened.other)
            if beginning is None or scheme is None:
                return None
            rows = drawn.place(beginning.image.width, beginning.image.height)
            if rows is None:
                return None
            at = beginning.offset + rows[0] * beginning.row_bytes
            size = (rows[1] - rows[0]) * beginning.row_bytes
        finally:
            raw = read_and_close(file, at, size)
        if raw is None or drawn.measure(_plane(beginning, raw, rows[0]), scheme.pairs) < 0:
            return None
        inputs = [
            InputFile(task.image, opened.size, opened.modified_ns),
            InputFile(rois_path, opened.other_size, opened.other_modified_ns),
        ]
        return inputs, _record(task, drawn, scheme, beginning)

    def _decoded(self, drawn: Drawing, path: str, data: bytes) -> Scheme | None:
        found = plain_rois(path, data)
        if not found:
            return None
        groups = []
        for _, roi in found:
            group = drawn.add(roi)
            if group < 0:
                return None
            groups.append(group)
        return self._schemes.of(tuple([name for name, _ in found]), tuple(groups))


def _plane(beginning: Beginning, raw: bytes, first_row: int) -> Plane:
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


def _record(task: Task, drawn: Drawing, scheme: Scheme, beginning: Beginning) -> ImageRecord:
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
        patient=task.patient or os.path.basename(os.path.dirname(os.path.abspath(task.image))),
        rois=table,
        rhi=rhi,
        lesions=tuple(lesions),
    )
