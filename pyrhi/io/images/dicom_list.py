"""What DICOM series lie in a folder, in facts that name no patient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrhi.errors import ImageError
from pyrhi.io.geometry import plane_of
from pyrhi.io.images.dicom import image_of_slices, read_file
from pyrhi.io.images.dicom_file import DicomFile, looks_like_dicom, open_file
from pyrhi.io.images.dicom_header import element, number, orientation, quiet
from pyrhi.io.images.dicom_series import series_of

if TYPE_CHECKING:
    from pathlib import Path

    from pyrhi.io.images import Image

MODALITIES = frozenset({"MR", "CT", "PT", "CR", "DX", "US", "XA", "OT", "SC"})
"""Values of Modality that are written; any other may be a text of its own."""

LOCALIZER = "LOCALIZER"


@dataclass(frozen=True)
class SeriesFacts:
    """One DICOM series.

    Parameters
    ----------
    label
        What ``--series`` takes: the SeriesNumber, with a letter where several have it.
    modality
        Such as ``MR``; empty where it is none of `MODALITIES`.
    plane
        ``sagittal``, ``axial``, ``coronal``, ``oblique``, ``mixed`` or empty.
    columns, rows, slices
        Size of a slice, and how many there are.
    pixel_width, pixel_height, distance
        In mm; NaN where they are not known.
    repetition_time, echo_time
        In ms; NaN where they are not known. A T2-weighted spin echo has long ones.
    localizer
        True where the scanner calls it one.
    problem
        Why it cannot be measured as it is; empty otherwise.
    """

    label: str
    modality: str
    plane: str
    columns: int
    rows: int
    slices: int
    pixel_width: float
    pixel_height: float
    distance: float
    repetition_time: float
    echo_time: float
    localizer: bool
    problem: str


@dataclass(frozen=True)
class FolderSeries:
    """The DICOM images of one folder.

    Parameters
    ----------
    series
        Its series, in the order of their numbers.
    unreadable
        Number of files that look like DICOM and cannot be read.
    headers
        One header of each series; they identify the patient.
    """

    series: tuple[SeriesFacts, ...]
    unreadable: int
    headers: tuple[object, ...]


def list_series(folder: Path, /) -> FolderSeries:
    """Look at the DICOM files of a folder, not of those below it; no pixel is read.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    files, unreadable = _files(folder)
    with quiet():
        groups = series_of(files)
        facts = tuple(_facts(folder, label, group) for label, group in groups.items())
    return FolderSeries(facts, unreadable, tuple(group[0].header for group in groups.values()))


def _files(folder: Path) -> tuple[list[DicomFile], int]:
    """Return the DICOM images of a folder, and how many files cannot be read."""
    files: list[DicomFile] = []
    unreadable = 0
    for path in sorted(folder.iterdir()):
        if not path.is_file() or not looks_like_dicom(path):
            continue
        try:
            with open(path, "rb") as stream:
                file = open_file(path, stream, in_folder=True)
        except (ImageError, OSError):
            unreadable += 1
            continue
        if file is not None:
            files.append(file)
    return files, unreadable


def holds_series(folder: Path, wanted: str, /) -> bool:
    """Say whether a folder holds a DICOM series that is called so.

    Parameters
    ----------
    folder
        The folder.
    wanted
        Label as of `pyrhi.io.images.dicom_series.series_of`, number or SeriesInstanceUID.
    """
    files, _ = _files(folder)
    with quiet():
        groups = series_of(files)
        uids = {str(element(f.header, "SeriesInstanceUID") or "") for f in files}
    return wanted in groups or wanted in uids or f"{wanted}a" in groups


def _facts(folder: Path, label: str, files: list[DicomFile]) -> SeriesFacts:
    first = files[0]
    image, problem = _opened(folder, files)
    calibration = image.calibration if image is not None else None
    known = calibration is not None and calibration.unit == "mm"
    slices = sum(file.frames for file in files)
    modality = str(element(first.header, "Modality") or "").strip()
    return SeriesFacts(
        label=label,
        modality=modality if modality in MODALITIES else "",
        plane=plane_of(image.geometry) if image is not None else _planes(files),
        columns=first.width,
        rows=first.height,
        slices=slices,
        pixel_width=calibration.pixel_width if calibration and known else math.nan,
        pixel_height=calibration.pixel_height if calibration and known else math.nan,
        distance=calibration.pixel_depth if calibration and known and slices > 1 else math.nan,
        repetition_time=number(first.header, "RepetitionTime") or math.nan,
        echo_time=number(first.header, "EchoTime") or math.nan,
        localizer=_is_localizer(first),
        problem=problem,
    )


def _opened(folder: Path, files: list[DicomFile]) -> tuple[Image | None, str]:
    """Return the image of a series, closed, or why there is none."""
    try:
        if len(files) > 1:
            image = image_of_slices(folder, files)
        else:
            image = read_file(files[0].path, open(files[0].path, "rb"))  # noqa: SIM115 (closed below)
        image.close()
    except (ImageError, OSError) as error:
        # The message begins with the path, which may name the patient.
        return None, str(error).rpartition(": ")[2].partition(";")[0]
    return image, ""


def _planes(files: list[DicomFile]) -> str:
    """Return ``mixed`` where slices lie in several directions."""
    directions = {
        tuple(d.round(2).tolist()) for file in files if (d := orientation(file.header)) is not None
    }
    return "mixed" if len(directions) > 1 else ""


def _is_localizer(file: DicomFile) -> bool:
    kinds = element(file.header, "ImageType") or ()
    return any(str(kind).strip().upper() == LOCALIZER for kind in kinds)
