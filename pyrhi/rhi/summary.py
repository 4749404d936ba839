"""From the rows of a patient to one RHI, a number of lesions and a location."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from pyrhi.rhi.lesions import LesionCounter, PackedSlices, count_joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.rhi.lesions import LabelledSlice
    from pyrhi.rhi.measure import RhiNumbers


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


class PatientTotals:
    """What a patient's summary needs of the measured images, and no more: images come by.

    Parameters
    ----------
    patient
        Name or pseudonym.
    in_order
        True where slices of one sequence come in the order of their numbers, as those of a folder
        do: their lesions are then counted as they come, and no outline is kept.
    """

    def __init__(self, patient: str, /, *, in_order: bool = False) -> None:
        self._patient = patient
        self._images = self._slices = 0
        self._units: set[str] = set()
        self._levels: set[str] = set()
        # Exact sums need every summand: machine numbers, not objects, since a study may be large.
        self._cord, self._high, self._rhi = array("d"), array("d"), array("d")
        self._lesions: PackedSlices | LesionCounter = (
            LesionCounter() if in_order else PackedSlices()
        )
        self._location = ""

    def add(
        self,
        rows: Sequence[RhiNumbers],
        lesions: Sequence[LabelledSlice],
        /,
        *,
        excluded: Sequence[bool] = (),
        location: str = "",
    ) -> None:
        """Add one image.

        Parameters
        ----------
        rows
            Its rows of ``rhi.csv``.
        lesions
            High regions of its rows without level that have high area, in the order of the rows.
        excluded
            For each row, whether a reader excluded it; empty where nobody did.
        location
            Location from the manifest, which wins over the levels; the first one counts.
        """
        excluded = excluded or (False,) * len(rows)
        self._images += bool(rows)
        self._location = self._location or location
        counted = [row for row, gone in zip(rows, excluded, strict=True) if not gone]
        self._slices += len({row.slice for row in counted})
        for row in counted:
            self._units.add(row.unit)
            self._cord.append(row.cord_area)
            self._high.append(row.high_area)
            self._rhi.append(row.rhi)
            if row.high_area > 0 and row.level:
                self._levels.update(row.level.split("-"))
        if lesions:
            gone = [x for r, x in zip(rows, excluded, strict=True) if not r.level and r.high_count]
            for lesion, x in zip(lesions, gone, strict=True):
                self._lesions.add(replace(lesion, excluded=True) if x else lesion)

    def _joined(self) -> int:
        lesions = self._lesions
        return lesions.count() if isinstance(lesions, LesionCounter) else count_joined(lesions)

    def row(self, summary: Summary, /) -> PatientRow:
        """Summarise what was added.

        Parameters
        ----------
        summary
            Which value becomes RHI.

        Notes
        -----
        RHI_pooled is 100 * sum of high areas / sum of cord areas, and NaN where the images have
        different units. Lesions are the levels with high area where levels are named, else
        regions joined through neighbouring slices (`count_joined`). Excluded rows count among the
        images alone; where all are excluded, RHI is NaN: a missing value.
        """
        one_unit = len(self._units) == 1
        pooled = 100.0 * math.fsum(self._high) / math.fsum(self._cord) if one_unit else math.nan
        largest = max(self._rhi, default=math.nan)
        mean = math.fsum(self._rhi) / len(self._rhi) if self._rhi else math.nan
        return PatientRow(
            patient=self._patient,
            images=self._images,
            slices=self._slices,
            rhi={Summary.MAX: largest, Summary.MEAN: mean, Summary.POOLED: pooled}[summary],
            rhi_max=largest,
            rhi_mean=mean,
            rhi_pooled=pooled,
            lesions=len(self._levels) + self._joined(),
            location=self._location or location_of(self._levels),
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
