"""The work on one image: read it, find its ROIs, measure, and record what was measured."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.batch.identifiers import header_texts
from pyrhi.batch.plan import text_patient
from pyrhi.engines.choose import NUMPY, engine_of
from pyrhi.errors import PyrhiError, RoiError
from pyrhi.imagej.particles import label_regions
from pyrhi.io.images import read_image
from pyrhi.io.images.read import read_plain
from pyrhi.io.images.reslice import in_plane
from pyrhi.io.rois.files import find_rois, read_rois, rois_beside
from pyrhi.rhi.assign import RoleRule
from pyrhi.rhi.lesions import LabelledSlice, place_among_neighbours
from pyrhi.rhi.masks import Outlines, rois_of_masks
from pyrhi.rhi.measure import cord_values_of_image, measure_image
from pyrhi.rhi.measures import ImageMeasures, MeasuredSlice, grid_of, reference_mean
from pyrhi.rhi.record import ImageRecord, RoiTable
from pyrhi.rhi.roiset import FILE_SLICES, roi_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Item, Task
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import ImageMeasurement, RhiRow
    from pyrhi.rhi.measures import MeasureOptions

CUT = "measured on the slices across axis {axis} of the file"
NO_SET = "; ImageJ does not show them as such, so no ROI set is written"
NO_CORD = (
    "{mask}: says where the signal is high, and nothing says where the cord is; add --cord-mask"
)


def open_task(
    task: Task, options: WorkOptions, opened: Image | None = None, /
) -> tuple[Image, Outlines]:
    """Open the image of a task and read its ROIs and masks; the caller closes the image.

    Parameters
    ----------
    task, options
        What is measured, and how it is read.
    opened
        The image, where it is open already.

    Returns
    -------
    image : Image
        With the warnings of its masks, and cut into the slices that are measured.
    outlines : Outlines
        What is measured on it.

    Raises
    ------
    ImageError, RoiError, RoleError, ParameterError, TableError
        If either cannot be read, or there are no ROIs.
    """
    image = opened or read_image(
        task.image, series=options.series, imager_pixel_spacing=options.imager_pixel_spacing
    )
    try:
        rois = _rois_of(task, image, options)
        # ROIs were drawn on the slices of the file, whatever the plane of the masks.
        cut = in_plane(image, options.plane, as_stored=rois is not None)
        if not task.has_masks:
            return cut, Outlines(tuple(rois or ()))
        outlines = rois_of_masks(
            cut,
            cord=task.cord_mask,
            high=task.high_mask,
            masks=task.masks,
            options=options.masks,
            patterns=options.parameters.patterns,
        )
        outlines = replace(outlines, rois=(*outlines.rois, *(rois or ())))
        return outlines.on(cut), outlines
    except BaseException:
        image.close()
        raise


def _rois_of(task: Task, image: Image, options: WorkOptions) -> list[Roi] | None:
    """Return the ROIs that were drawn; None where masks stand for them."""
    if task.rois and os.path.isdir(task.rois):
        found = find_rois(Path(task.rois, Path(task.image).name))
        return read_rois(found or task.rois)
    if task.rois:
        return read_rois(task.rois)
    all_high = options.parameters.rule is RoleRule.ALL_HIGH
    if task.has_masks and not (all_high and task.cord_mask):
        if not (task.cord_mask or task.masks):
            raise RoiError(NO_CORD.format(mask=task.high_mask))
        return None
    return rois_beside(image, Path(task.image))


def cord_histogram(task: Task, options: WorkOptions, /) -> tuple[list[float], list[int]]:
    """Return the calibrated cord values of a task and how often each stands there, for pooling.

    Raises
    ------
    PyrhiError
        As `measure_image` does.
    """
    image, outlines = open_task(task, options)
    with image:
        values = cord_values_of_image(
            image,
            outlines.rois,
            engine_of(image, options.engine, options.fiji),
            options.parameters,
        )
    unique, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    return unique.tolist(), counts.tolist()


def measure_plain(options: WorkOptions, item: Item, /) -> ImageRecord | None:
    """Measure one image as `measure_task` does, if its file is plain; None for others.

    No library that a damaged file could bring down reads it, and threads measure it side by side.

    Parameters
    ----------
    options, item
        As `measure_task` has them.
    """
    if options.engine != NUMPY or item.task.has_masks:
        return None
    image = read_plain(item.task.image)
    return None if image is None else measure_task(options, item, image)


def measure_task(options: WorkOptions, item: Item, opened: Image | None = None, /) -> ImageRecord:
    """Measure one image.

    Parameters
    ----------
    options
        What it is measured with.
    item
        The image.
    opened
        The image, where it is open already; it is closed.

    Returns
    -------
    record : ImageRecord
        Its results, or its error; as the header names patients, not as it may be written.
    """
    task = item.task
    identifying: tuple[str, ...] = ()
    try:
        image, outlines = open_task(task, options, opened)
        identifying = () if options.patient_id else header_texts(image.header)
        with image:
            measured = measure_image(
                image,
                outlines.rois,
                engine_of(image, options.engine, options.fiji),
                options.parameters,
                reference=item.reference,
            )
            measured = outlines.with_remarks(measured)
            return _record(task, options, image, outlines.rois, measured, identifying)
    except PyrhiError as error:
        text = _one_line(str(error), task.image)
    except MemoryError:
        text = f"{task.image}: needs more memory than there is"
    except Exception as error:  # one file must not end a batch, whatever is wrong with it
        what = _one_line(f"{type(error).__name__} {error}", "")
        text = f"{task.image}: cannot be measured ({what}); please report this file"
    return failed(task, text, identifying)


def process_died(item: Item, /) -> ImageRecord:
    """Return the record of an image that ended the process which measured it."""
    path = item.task.image
    return failed(item.task, f"{path}: ended the process that measured it; check the file")


def failed(task: Task, error: str, identifiers: tuple[str, ...] = (), /) -> ImageRecord:
    """Return the record of an image that cannot be measured."""
    return ImageRecord(name=task.name, path=task.image, error=error, identifiers=identifiers)


def _one_line(text: str, path: str) -> str:
    """One line that names the file, whatever the message held."""
    line = " ".join(text.split())
    return line if path in line else f"{path}: {line}"


def _record(
    task: Task,
    options: WorkOptions,
    image: Image,
    rois: Sequence[Roi],
    measured: ImageMeasurement,
    identifiers: tuple[str, ...],
) -> ImageRecord:
    named = bool(task.patient)
    found: tuple[tuple[str, bytes], ...] | None = None
    notes = measured.notes
    if image.slice_axis != FILE_SLICES:
        cut = CUT.format(axis=image.slice_axis + 1)
        notes = (*notes, cut + (NO_SET if options.parameters.high is not None else ""))
    elif options.parameters.high is not None:
        # Every image gets its set, so that the folder rois/ can be corrected and measured again.
        found = tuple(roi_set(image, rois, measured.found, options.parameters))
    return ImageRecord(
        name=task.name,
        path=task.image,
        patient=task.patient
        or (image.patient_id if options.patient_id else "")
        or text_patient(task),
        rois=RoiTable.of(measured.rois),
        rhi=tuple([row.numbers(task.name, image.warnings) for row in measured.rhi]),
        lesions=tuple(
            _labelled(task, image, row) for row in measured.rhi if row.high_count and not row.level
        ),
        measures=_measures(task, options.measures, image, measured) if options.measures else None,
        notes=notes,
        found=found,
        patient_id="" if named or options.patient_id else image.patient_id or "",
        identifiers=identifiers,
    )


def _measures(
    task: Task, options: MeasureOptions, image: Image, measured: ImageMeasurement
) -> ImageMeasures:
    grid = grid_of(image, options)
    slices = tuple(
        MeasuredSlice(_labelled(task, image, row), row.level, row.cord.pixel_count, grid)
        for row in measured.rhi
        if row.high_count
    )
    return ImageMeasures(slices, reference_mean(measured.rois))


def _labelled(task: Task, image: Image, row: RhiRow) -> LabelledSlice:
    """Return the numbered high regions of a slice, placed among its neighbours."""
    labels, _ = label_regions(np.ascontiguousarray(row.high.cropped()))
    sequence, number = place_among_neighbours(
        task.name, row.slice, image.n_slices, image.width, image.height
    )
    return LabelledSlice.of(sequence, number, row.high.x, row.high.y, labels)
