"""From a DICOM series and its ROIs to a Segmentation and a report in two files."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi import __version__
from pyrhi.engines.choose import NUMPY, engine_of
from pyrhi.errors import ImageError, OutputError
from pyrhi.extras import need
from pyrhi.io.atomic import writing
from pyrhi.io.images import read_image
from pyrhi.io.rois.files import read_rois, rois_beside
from pyrhi.rhi.measure import RhiParameters, measure_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import ImageMeasurement, RhiRow

SEGMENTATION_FILE = "segmentation.dcm"
REPORT_FILE = "report.dcm"
SQUARE_MM = "mm^2"

PLACING = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
PLANE = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing")
MAY_BE_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Attributes that every DICOM object has, with or without a value (type 2)."""


@dataclass(frozen=True, eq=False)
class DicomResult:
    """Measurements as DICOM objects. Research use only; not a medical device.

    Parameters
    ----------
    segmentation, report
        The two objects.
    measured
        The measurements they hold.
    files
        Where they were written; empty where they were not.
    """

    segmentation: Any
    report: Any
    measured: ImageMeasurement
    files: tuple[Path, ...]


def write_dicom(
    source: str | os.PathLike[str],
    rois: str | os.PathLike[str] | Sequence[Roi] | None = None,
    /,
    *,
    output: str | os.PathLike[str] | None = None,
    series: str | None = None,
    parameters: RhiParameters | None = None,
) -> DicomResult:
    """Measure a DICOM series and put the result into a Segmentation and a structured report.

    Parameters
    ----------
    source
        Folder of a series, or a DICOM file.
    rois
        ROI file or ROIs; None takes those beside the source.
    output
        Folder for ``segmentation.dcm`` and ``report.dcm``; None writes nothing.
    series
        Series to take where a folder has several.
    parameters
        What decides the numbers.

    Returns
    -------
    result : DicomResult
        Objects that carry the patient and study of the source, as a PACS needs them.

    Raises
    ------
    ImageError
        If the source is no DICOM, or lacks a pixel size or what places a segmentation in space.
    RoiError, RoleError
        As `pyrhi.rhi.measure.measure_image` does.
    OutputError
        If nothing can be written there.
    """
    from pyrhi.report.dicom.report import report
    from pyrhi.report.dicom.segmentation import segmentation

    need("highdicom", "dicom")
    path = Path(source)
    if output is not None and path.is_dir() and Path(output).resolve() == path.resolve():
        msg = f"{output}: is the folder of the series itself; give another one for the results"
        raise OutputError(msg)
    with read_image(path, series=series) as image:
        headers = _headers(path, image, series)
        given = _rois(image, path, rois)
        measured = measure_image(
            image, given, engine_of(image, NUMPY), parameters or RhiParameters()
        )
    rows = measured.rhi
    if rows[0].unit != SQUARE_MM:
        msg = f"{path}: has no pixel size; without one there is no area for a report"
        raise ImageError(msg)
    key = _key(headers, rows, image)
    regions = segmentation(path, headers, rows, image.n_slices, key)
    document = report(headers, rows, regions, key)
    files: list[Path] = []
    if output is not None:
        for name, dataset in ((SEGMENTATION_FILE, regions), (REPORT_FILE, document)):
            files.append(Path(output) / name)
            buffer = io.BytesIO()
            dataset.save_as(buffer, enforce_file_format=True)
            with writing(files[-1]) as stream:
                stream.write(buffer.getvalue())
    return DicomResult(regions, document, measured, tuple(files))


def _rois(
    image: Image, path: Path, rois: str | os.PathLike[str] | Sequence[Roi] | None
) -> list[Roi]:
    if rois is None:
        return rois_beside(image, path)
    return read_rois(rois) if isinstance(rois, (str, os.PathLike)) else list(rois)


def _headers(path: Path, image: Image, series: str | None) -> list[Any]:
    """Headers of the slices, complete enough for highdicom."""
    if image.series is None:
        msg = f"{path}: is no DICOM series; results as DICOM need the images they belong to"
        raise ImageError(msg)
    from pyrhi.io.images.dicom import read_headers

    headers = read_headers(path, series=series)
    multi_frame = image.n_slices > len(headers)
    needed = PLACING if multi_frame else (*PLACING, *PLANE)
    for header in headers:
        missing = [name for name in needed if not header.get(name)]
        if multi_frame and not header.get("PerFrameFunctionalGroupsSequence"):
            missing.append("PerFrameFunctionalGroupsSequence")
        if missing:
            msg = (
                f"{path}: its header lacks {', '.join(missing)}, without which a segmentation"
                " cannot be placed; export the series again from the scanner or PACS"
            )
            raise ImageError(msg)
        for name in MAY_BE_EMPTY:
            if name not in header:
                setattr(header, name, "")
    return headers


def _key(headers: Sequence[Any], rows: Sequence[RhiRow], image: Image) -> str:
    """Return what the objects hold, as one hash: the same result has the same UIDs."""
    digest = hashlib.sha256(__version__.encode())
    for header in headers:
        digest.update(str(header.SOPInstanceUID).encode() + b"\0")
    for row in rows:
        numbers = (row.slice, row.level, row.cord_area, row.high_area, row.rhi, row.method)
        digest.update(repr((numbers, row.warnings)).encode())
        for region in (row.cord, row.high):
            digest.update(region.pixels(image.height, image.width).tobytes())
    return digest.hexdigest()
