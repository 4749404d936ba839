"""The work on one image: read, find the ROIs, measure, and pack the rows for the tables."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.batch.hide import leaking
from pyrhi.engines.choose import NUMPY, measurer_of
from pyrhi.errors import PyrhiError
from pyrhi.imagej.particles import label_regions
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.images import read_image
from pyrhi.io.rois.files import read_rois, rois_beside
from pyrhi.io.rois.masks import rois_of_mask
from pyrhi.io.tables import number_cells, text_cell
from pyrhi.rhi.columns import rhi_cells
from pyrhi.rhi.high import Reference
from pyrhi.rhi.lesions import LabelledSlice
from pyrhi.rhi.measure import RhiParameters, cord_values_of_image, measure_image
from pyrhi.rhi.roiset import roi_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.batch.tasks import Task
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import ImageMeasurement, RhiRow

SLICE_INDEX = HEADINGS.index("Slice")
ROI_HEADINGS = (
    "Image",
    "Slice",
    "Roi",
    "Role",
    "Level",
    *(h for h in HEADINGS if h != "Slice"),
)
"""Columns of ``rois.csv``."""

# The last number of a name: t2_axial_014.tif gives t2_axial_, 014 and .tif.
_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)")


@dataclass(frozen=True)
class WorkOptions:
    """What every image of a run is measured with.

    Parameters
    ----------
    parameters
        What decides the numbers.
    series
        DICOM series to take where a folder has several.
    imager_pixel_spacing
        True accepts ImagerPixelSpacing where PixelSpacing is missing.
    patient_id
        True writes the DICOM PatientID itself, not a pseudonym.
    key_path
        Key file of the pseudonyms; None takes the user's own.
    engine
        ``"numpy"`` or ``"imagej"``.
    fiji
        Folder of a local Fiji or ImageJ for the engine ``"imagej"``; None takes ImageJ 1.54p
        from Maven Central.
    """

    parameters: RhiParameters = field(default_factory=RhiParameters)
    series: str | None = None
    imager_pixel_spacing: bool = False
    patient_id: bool = False
    key_path: str | None = None
    engine: str = NUMPY
    fiji: str | None = None


def open_task(task: Task, options: WorkOptions, /) -> tuple[Image, list[Roi]]:
    """Open the image of a task and read its ROIs; the caller closes the image.

    Raises
    ------
    ImageError, RoiError
        If either cannot be read, or there are no ROIs.
    """
    image = read_image(
        task.image, series=options.series, imager_pixel_spacing=options.imager_pixel_spacing
    )
    try:
        return image, _rois_of(task, image)
    except BaseException:
        image.close()
        raise


def _rois_of(task: Task, image: Image) -> list[Roi]:
    if task.cord_mask or task.high_mask:
        rois: list[Roi] = []
        for path, name in ((task.cord_mask, "cord"), (task.high_mask, "high")):
            if path:
                with read_image(path) as mask:
                    rois += rois_of_mask(image, mask, name, may_be_empty=name == "high")
        if not task.cord_mask and task.rois:
            rois += read_rois(task.rois)
        return rois
    if task.rois:
        return read_rois(task.rois)
    return rois_beside(image, Path(task.image))


def cord_histogram(task: Task, options: WorkOptions, /) -> list[list[float]]:
    """Return the calibrated cord values of a task as value and count, for pooling."""
    image, rois = open_task(task, options)
    with image:
        values = cord_values_of_image(
            image,
            rois,
            measurer_of(image, options.engine, options.fiji),
            options.parameters,
        )
    unique, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    return [unique.tolist(), counts.tolist()]


def measure_task(task: Task, options: WorkOptions, reference: Reference | None = None, /) -> str:
    """Measure one image and return its rows as one line of JSON.

    Parameters
    ----------
    task
        The image.
    options
        What it is measured with.
    reference
        Centre and spread of the patient's cord for ``--high auto``.

    Returns
    -------
    record : str
        JSON with the finished lines of ``rois.csv``, the cells of ``rhi.csv`` and what the
        patient's summary needs; ``error`` instead where the image cannot be measured, and
        ``identifier`` where the patient's name is still to become a pseudonym, and ``hide`` where
        names hold what the DICOM header says of the patient.
    """
    header: Any = None
    names: list[str] = []
    try:
        image, rois = open_task(task, options)
        header, names = image.header, [roi.name for roi in rois]
        with image:
            measured = measure_image(
                image,
                rois,
                measurer_of(image, options.engine, options.fiji),
                options.parameters,
                reference=reference,
            )
            record = _record(task, options, image, rois, measured)
    except PyrhiError as error:
        record = {"error": _one_line(str(error), task.image)}
    except MemoryError:
        record = {"error": f"{task.image}: needs more memory than there is"}
    except Exception as error:  # one file must not end a batch, whatever is wrong with it
        what = _one_line(f"{type(error).__name__} {error}", "")
        record = {"error": f"{task.image}: cannot be measured ({what}); please report this file"}
    if not options.patient_id and (hide := leaking(task, header, [*names, *_said(record)])):
        record["hide"] = hide
    return packed_record(record)


def _said(record: dict[str, Any]) -> list[str]:
    """Sentences of a record, which may name files and ROIs."""
    return [record["error"]] if "error" in record else list(record["notes"])


def packed_record(record: dict[str, Any], /) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


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
) -> dict[str, Any]:
    name = text_cell(task.name)
    record: dict[str, Any] = {
        "patient": task.patient
        or (image.patient_id if options.patient_id else "")
        or text_patient(task),
        "rois": "".join(_roi_line(name, row) for row in measured.rois),
        "rhi": [rhi_cells(task.name, row, image.warnings) for row in measured.rhi],
        "lesions": [
            _packed(labelled)
            for row in measured.rhi
            if (labelled := _labelled(task, image, row)) is not None
        ],
        "notes": list(measured.notes),
    }
    if image.patient_id and not task.patient and not options.patient_id:
        record["identifier"] = image.patient_id
    if options.parameters.high is not None:
        # Every image gets its set, so that the folder rois/ can be corrected and measured again.
        record["found"] = [
            [name, base64.b64encode(data).decode("ascii")]
            for name, data in roi_set(image, rois, measured.found, options.parameters)
        ]
    return record


def text_patient(task: Task, /) -> str:
    """Return the patient's name where neither manifest nor header has one: the folder's."""
    path = Path(task.image).absolute()
    return path.name if path.is_dir() else path.parent.name


def _roi_line(name: str, row: Any) -> str:
    cells = number_cells(row.values[:SLICE_INDEX] + row.values[SLICE_INDEX + 1 :])
    return f"{name},{row.slice},{text_cell(row.roi)},{row.role.value},{row.level},{cells}\n"


def _labelled(task: Task, image: Image, row: RhiRow) -> LabelledSlice | None:
    """Return the numbered high regions of a slice without level, placed among its neighbours."""
    if row.level or row.high_count == 0:
        return None
    labels, _ = label_regions(np.ascontiguousarray(row.high.cropped()))
    sequence, number = task.name, row.slice
    # Slices exported one by one are neighbours where only a number in their name differs.
    if image.n_slices == 1 and (match := _NUMBERED.fullmatch(task.name)):
        number = int(match[2])
        sequence = f"{match[1]}#{match[3]} {image.width}x{image.height}"
    return LabelledSlice(sequence, number, row.high.x, row.high.y, labels)


def _packed(labelled: LabelledSlice) -> list[Any]:
    data = labelled.labels.astype("<u4").tobytes()
    return [
        labelled.sequence,
        labelled.number,
        labelled.x,
        labelled.y,
        *labelled.labels.shape,
        base64.b64encode(zlib.compress(data, 1)).decode("ascii"),
    ]


def unpacked(packed: Sequence[Any], /) -> LabelledSlice:
    """Return the labelled slice that a record holds."""
    sequence, number, x, y, height, width, data = packed
    labels = np.frombuffer(zlib.decompress(base64.b64decode(data)), "<u4").astype(np.int32)
    return LabelledSlice(sequence, number, x, y, labels.reshape(height, width))
