"""The lesions of patients over visits, read again from their images and outlines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.batch.measure import open_task
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import PyrhiError
from pyrhi.pain.model import NOTICE
from pyrhi.rhi.measure import measure_image
from pyrhi.study.lesion_changes import (
    NO_GRID,
    LesionVolume,
    label_lesions,
    lesion_changes,
    on_grid,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.io.tables import Cell

HEADINGS = (
    "Patient", "From", "To", "Image", "OtherImage", "Change", "LesionsBefore", "LesionsAfter",
    "VolumeBefore", "VolumeAfter", "VolumeChange", "VolumeChangePercent", "Reason", "Notice",
)  # fmt: skip
"""Columns of ``lesion_changes.csv``."""

NO_PLACE = "the image does not say where its voxels lie"
UNEVEN = "its slices are not evenly spaced"
ONE_VISIT = "there is no image of the other visit"


@dataclass(frozen=True)
class Visit:
    """The images of a visit.

    Parameters
    ----------
    name
        The visit.
    tasks
        Its images.
    patients
        Patient of each image, by what the column Image says of it.
    work
        What they were measured with.
    """

    name: str
    tasks: Sequence[Task]
    patients: Mapping[str, str]
    work: WorkOptions


def lesion_rows(visits: Sequence[Visit], /) -> Iterator[list[Cell]]:
    """Yield the rows of ``lesion_changes.csv``.

    Parameters
    ----------
    visits
        In their order; each is compared with the next one.

    Raises
    ------
    PyrhiError
        If scipy is not installed.
    """
    read = [_volumes(visit) for visit in visits]
    for (a, first), (b, second) in pairwise(zip(visits, read, strict=True)):
        for patient, images in first.items():
            others = second.get(patient, {})
            for name, volume in images.items():
                for cells in _compared(volume, others):
                    yield [patient, a.name, b.name, name, *cells, NOTICE]


def _volumes(visit: Visit) -> dict[str, dict[str, LesionVolume | str]]:
    """Lesions of each image of each patient, or why there are none to compare."""
    found: dict[str, dict[str, LesionVolume | str]] = {}
    for task in visit.tasks:
        patient = visit.patients.get(task.name)
        if patient is not None:
            found.setdefault(patient, {})[task.name] = _volume(task, visit.work)
    return found


def _volume(task: Task, work: WorkOptions) -> LesionVolume | str:
    try:
        image, outlines = open_task(task, work)
        with image:
            if image.geometry is None:
                return NO_PLACE
            if image.geometry.origins is not None:
                return UNEVEN
            rows = measure_image(image, outlines.rois, NumpyEngine(image), work.parameters).rhi
            high = np.zeros((image.n_slices, image.height, image.width), bool)
            for row in rows:
                high[row.slice - 1] |= row.high.pixels(image.height, image.width)
            return LesionVolume(label_lesions(high), image.geometry)
    except PyrhiError as error:
        return str(error)


def _compared(
    volume: LesionVolume | str, others: Mapping[str, LesionVolume | str]
) -> Iterator[list[Cell]]:
    nothing: list[Cell] = ["", "", "", math.nan, math.nan, math.nan, math.nan]
    if isinstance(volume, str):
        yield ["", *nothing, volume]
        return
    placed = {n: v for n, v in others.items() if isinstance(v, LesionVolume)}
    fitting = {n: g for n, v in placed.items() if (g := on_grid(v, volume.geometry)) is not None}
    if len(fitting) != 1:
        refused = [v for v in others.values() if isinstance(v, str)]
        yield ["", *nothing, ONE_VISIT if not others else refused[0] if refused else NO_GRID]
        return
    ((name, labels),) = fitting.items()
    voxel = math.prod(volume.geometry.spacing)
    for change in lesion_changes(volume.labels, labels, voxel):
        difference = change.volume_after - change.volume_before
        percent = 100 * difference / change.volume_before if change.volume_before else math.nan
        yield [
            name, change.change, _numbers(change.before), _numbers(change.after),
            change.volume_before, change.volume_after, difference, percent, "",
        ]  # fmt: skip


def _numbers(numbers: tuple[int, ...]) -> str:
    return " ".join(map(str, numbers))
