"""A binary DICOM Segmentation of the cord and high regions, by highdicom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi import __version__
from pyrhi.errors import ImageError
from pyrhi.extras import need
from pyrhi.report.dicom import codes
from pyrhi.report.dicom.uids import MANUFACTURER, MODEL, instance, uid_of
from pyrhi.rhi.high import DRAWN
from pyrhi.rhi.roles import Role
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pyrhi.rhi.measure import RhiRow

SERIAL_NUMBER = "software"
"""DICOM demands one of every device; a program has none."""

SEGMENTATION_SERIES = 9001
DESCRIPTION = "RHI regions - research use only"
LABEL = "RHI"
COLORS = {Role.CORD: (65.0, 20.0, -45.0), Role.HIGH: (60.0, 60.0, 45.0)}
"""Recommended colours in CIELab: blue for the cord, red for the high-intensity area."""


def label_of(role: Role, level: str, /) -> str:
    """Return the label of a segment: role, and level where there is one.

    Examples
    --------
    >>> label_of(Role.HIGH, "L2"), label_of(Role.CORD, "")
    ('high L2', 'cord')
    """
    return f"{role.value} {level}".rstrip()


def segments_of(rows: Sequence[RhiRow], /) -> list[tuple[Role, str]]:
    """Return role and level of each segment, in order; a high one only where it has pixels."""
    levels = list(dict.fromkeys(row.level for row in rows))
    found = []
    for level in levels:
        found.append((Role.CORD, level))
        if any(row.level == level and row.high.pixel_count for row in rows):
            found.append((Role.HIGH, level))
    return found


def segmentation(
    path: Path, headers: Sequence[Any], rows: Sequence[RhiRow], n_slices: int, key: str, /
) -> Any:
    """Build the Segmentation.

    Parameters
    ----------
    path
        Source, for messages.
    headers
        As `pyrhi.io.images.dicom.read_headers` returns them.
    rows
        What was measured.
    n_slices
        Slices of the image.
    key
        What the object's UIDs depend on.

    Returns
    -------
    segmentation : highdicom.seg.Segmentation
        One segment for each role and level, one frame for each of its slices.

    Raises
    ------
    ImageError
        If the source lacks what places a segmentation.
    """
    hd: Any = need("highdicom", "dicom")
    multi_frame = n_slices > len(headers)
    # Slices without outlines take no part, except frames of one file, which go together.
    numbers = list(range(1, n_slices + 1)) if multi_frame else sorted({r.slice for r in rows})
    sources = list(headers) if multi_frame else [headers[number - 1] for number in numbers]
    segments = segments_of(rows)
    height, width = int(headers[0].Rows), int(headers[0].Columns)
    pixels: NDArray[np.uint8] = np.zeros((len(numbers), height, width, len(segments)), np.uint8)
    for row in rows:
        at = numbers.index(row.slice)
        for index, (role, level) in enumerate(segments):
            if level == row.level:
                region = row.cord if role is Role.CORD else row.high
                pixels[at, :, :, index] = region.pixels(height, width)
    series = str(headers[0].SeriesInstanceUID)
    found = {row.level: row.method for row in rows if row.method != DRAWN}
    descriptions = [
        _description(hd, number, role, level, series, found.get(level, DRAWN))
        for number, (role, level) in enumerate(segments, start=1)
    ]
    try:
        return hd.seg.Segmentation(
            source_images=sources,
            pixel_array=pixels,
            segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
            segment_descriptions=descriptions,
            device_serial_number=SERIAL_NUMBER,
            content_description=DESCRIPTION,
            content_label=LABEL,
            **instance(
                "segmentation", key, series_number=SEGMENTATION_SERIES, description=DESCRIPTION
            ),
        )
    except Exception as error:  # highdicom raises nearly anything on odd headers
        msg = f"{path}: a segmentation cannot be made from this header ({one_line(error)})"
        raise ImageError(msg) from error


def _description(hd: Any, number: int, role: Role, level: str, series: str, method: str) -> Any:
    label = label_of(role, level)
    cord = role is Role.CORD
    algorithm = None
    if not cord and method != DRAWN:
        algorithm = hd.AlgorithmIdentificationSequence(
            name=MODEL,
            family=codes.HISTOGRAM,
            version=__version__,
            source=MANUFACTURER,
            parameters={"high": method},
        )
    types = hd.seg.SegmentAlgorithmTypeValues
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=(
            codes.ANATOMICAL_STRUCTURE if cord else codes.ABNORMAL_STRUCTURE
        ),
        segmented_property_type=codes.SPINAL_CORD if cord else codes.LESION,
        algorithm_type=types.MANUAL if algorithm is None else types.SEMIAUTOMATIC,
        algorithm_identification=algorithm,
        tracking_uid=uid_of("segment", series, label),
        tracking_id=label,
        anatomic_regions=[*([] if cord else [codes.SPINAL_CORD]), *codes.vertebrae(level)] or None,
        display_color=hd.color.CIELabColor(*COLORS[role]),
    )
