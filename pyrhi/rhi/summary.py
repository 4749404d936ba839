"""From the rows of a patient to one RHI, a number of lesions and a location."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pyrhi.rhi.lesions import count_joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.rhi.lesions import LabelledSlice


class Summary(str, Enum):
    """Which value of a patient's slices becomes the patient's RHI."""

    MAX = "max"
    MEAN = "mean"
    POOLED = "pooled"


REGIONS = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
MULTIPLE = "multiple"
UNKNOWN = "unknown"
LOCATIONS = (*REGIONS.values(), MULTIPLE, UNKNOWN)


@dataclass(frozen=True)
class SliceSummary:
    """What a patient's summary needs of one row of ``rhi.csv``.

    Parameters
    ----------
    image, slice, level
        Where it was measured.
    cord_area, high_area, rhi
        Areas in the square of `unit`, and RHI.
    unit
        Unit of the areas.
    excluded
        True for a row that a reader excluded: it does not count.
    """

    image: str
    slice: int
    level: str
    cord_area: float
    high_area: float
    rhi: float
    unit: str
    excluded: bool = False


@dataclass(frozen=True)
class PatientRow:
    """One patient: a row of ``patients.csv``."""

    patient: str
    images: int
    slices: int
    rhi: float
    rhi_max: float
    rhi_mean: float
    rhi_pooled: float
    lesions: int
    location: str


def summarize(
    patient: str,
    rows: Sequence[SliceSummary],
    labelled: Sequence[LabelledSlice],
    summary: Summary,
    /,
    *,
    location: str = "",
) -> PatientRow:
    """Summarise the measured slices of one patient.

    Parameters
    ----------
    patient
        Name or pseudonym.
    rows
        Its rows, at least one.
    labelled
        High regions of its slices without named level.
    summary
        Which value becomes RHI.
    location
        Location from the manifest, which wins over the levels.

    Notes
    -----
    RHI_pooled is 100 * sum of high areas / sum of cord areas, and NaN where the images have
    different units. Lesions are the levels with high area where levels are named, else regions
    joined through neighbouring slices (`count_joined`). Excluded rows count
    among the images alone; where all are excluded, RHI is NaN: a missing value.
    """
    images = len({row.image for row in rows})
    rows = [row for row in rows if not row.excluded]
    units = {row.unit for row in rows}
    cord = math.fsum(row.cord_area for row in rows)
    high = math.fsum(row.high_area for row in rows)
    pooled = 100.0 * high / cord if len(units) == 1 else math.nan
    largest = max((row.rhi for row in rows), default=math.nan)
    mean = math.fsum(row.rhi for row in rows) / len(rows) if rows else math.nan
    value = {Summary.MAX: largest, Summary.MEAN: mean, Summary.POOLED: pooled}[summary]
    levels = {
        level for row in rows if row.high_area > 0 and row.level for level in row.level.split("-")
    }
    return PatientRow(
        patient=patient,
        images=images,
        slices=len({(row.image, row.slice) for row in rows}),
        rhi=value,
        rhi_max=largest,
        rhi_mean=mean,
        rhi_pooled=pooled,
        lesions=len(levels) + count_joined(labelled),
        location=location or location_of(levels),
    )


def location_of(levels: set[str], /) -> str:
    """Return the region of the spine that levels lie in, or that they lie in several.

    Examples
    --------
    >>> location_of({"L1", "L4"}), location_of({"T12", "L1"}), location_of(set())
    ('lumbar', 'multiple', 'unknown')
    """
    regions = {REGIONS[level[0]] for level in levels}
    if not regions:
        return UNKNOWN
    return regions.pop() if len(regions) == 1 else MULTIPLE
