"""Measures of lesions and signal that are in use beside RHI, each by its published definition.

Smith et al. 2021 (doi:10.1038/s41393-020-00561-w): axial damage ratio. Fisher et al. 2010
(doi:10.1097/BRS.0b013e3181e16ae2): points of SINS for the location. Tokuhashi et al. 2005
(doi:10.1097/01.brs.0000180401.06919.a5): points for vertebral metastases. Zhang et al. 2025
(doi:10.1111/os.70214): signal change ratio. docs/measures.md says which of these were read.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ParameterError
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.geometry import PLANES, axis_of_plane
from pyrhi.rhi.lesions import LabelledSlice, joined_lesions
from pyrhi.rhi.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RoiRow

MILLIMETRES = {
    "mm": 1.0, "cm": 10.0, "um": 1e-3, "µm": 1e-3, "micron": 1e-3, "microns": 1e-3,
}  # fmt: skip
"""Length of a unit in mm."""

NO_DISTANCE = "the distance of slices is not known: give --slice-distance"
NO_AXIS = "it is not known how the slices lie in the patient: give --slice-plane"
NOT_AXIAL = "the axial damage ratio needs axial slices"
NO_REFERENCE = "no reference ROI"
NO_LEVEL = "no level is named"
NO_PIXEL_SIZE = "the pixel size is not known"

JUNCTIONAL, MOBILE, SEMIRIGID, RIGID = 3, 2, 1, 0
"""Points of SINS for the location."""


@dataclass(frozen=True)
class Grid:
    """How the pixels of a slice lie in the patient.

    Parameters
    ----------
    spacing
        Distance of neighbouring columns, rows and slices, in mm; NaN where it is not known.
    along
        Which of these three axes runs from foot to head: 0 columns, 1 rows, 2 slices; None where
        it is not known.
    """

    spacing: tuple[float, float, float]
    along: int | None

    @property
    def axial(self) -> bool:
        """True where slices lie across the body."""
        return self.along == 2


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSlice:
    """A row of ``rhi.csv`` with its high regions.

    Parameters
    ----------
    labelled
        The numbered high regions, and where they lie in their sequence.
    level
        Its vertebral level, or an empty text.
    cord_pixels
        Pixels of its cord.
    grid
        How its pixels lie in the patient.
    """

    labelled: LabelledSlice
    level: str
    cord_pixels: int
    grid: Grid


@dataclass(frozen=True, slots=True, eq=False)
class ImageMeasures:
    """What one image gives to the measures of its patient.

    Parameters
    ----------
    slices
        Its rows of ``rhi.csv`` that have high area, in their order.
    reference_mean
        Mean of the pixels of its reference ROIs; NaN without one.
    """

    slices: tuple[MeasuredSlice, ...]
    reference_mean: float


@dataclass(frozen=True)
class MeasureOptions:
    """What the measures need where a file does not say it (TIFF, PNG).

    Parameters
    ----------
    slice_distance
        Distance of the middles of neighbouring slices in mm; None where nobody said it.
    slice_plane
        ``"axial"``, ``"sagittal"`` or ``"coronal"`` (head up); None where nobody said it.
    """

    slice_distance: float | None = None
    slice_plane: str | None = None

    def __post_init__(self) -> None:
        distance, plane = self.slice_distance, self.slice_plane
        if distance is not None and not (distance > 0 and math.isfinite(distance)):
            msg = f"slice_distance {distance:g} is not a length above 0 mm"
            raise ParameterError(msg)
        if plane is not None and plane not in PLANES:
            msg = f"slice_plane {plane!r} is not one of {', '.join(PLANES)}"
            raise ParameterError(msg)


def grid_of(image: Image, options: MeasureOptions, /) -> Grid:
    """Return how the pixels of an image lie in the patient.

    Parameters
    ----------
    image
        The image.
    options
        What somebody said of it; what the file says wins.
    """
    geometry = image.geometry
    given = math.nan if options.slice_distance is None else options.slice_distance
    if geometry is None:
        calibration = image.calibration
        mm = MILLIMETRES.get(calibration.unit.strip().lower(), math.nan)
        width, height = calibration.pixel_width * mm, calibration.pixel_height * mm
        along = {"axial": 2, "sagittal": 1, "coronal": 1}.get(options.slice_plane or "")
        return Grid((width, height, given), along)
    x, y, z = geometry.spacing
    # One slice alone has no neighbour, and the distance in its file may be its thickness.
    alone = geometry.shape[2] == 1 or geometry.origins is not None
    return Grid((x, y, given if alone else z), axis_of_plane(geometry, "axial"))


@dataclass(frozen=True)
class Lesion:
    """A high region through its slices.

    Parameters
    ----------
    sequence
        The images or the stack that it lies in.
    first, last
        First and last place in the sequence.
    levels
        Vertebral levels of its slices, in their order.
    volume
        In mm^3; NaN where a distance is not known.
    length
        From foot to head, in mm; NaN where a distance or direction is not known.
    axial_damage_ratio
        Largest share of the cord's area on one axial slice; NaN on other slices.
    reasons
        Why a number is missing.
    """

    sequence: str
    first: int
    last: int
    levels: tuple[str, ...]
    volume: float
    length: float
    axial_damage_ratio: float
    reasons: tuple[str, ...]


def lesions_of(slices: Iterable[MeasuredSlice], /) -> tuple[Lesion, ...]:
    """Measure every lesion of a patient.

    Parameters
    ----------
    slices
        Its slices that have high area; those that a reader excluded join their neighbours and
        are not measured.

    Returns
    -------
    tuple of Lesion
        In the order of sequences and slices. Regions are joined as `joined_lesions` does.

    Notes
    -----
    Volume is the number of pixels times the product of the three distances; length the number
    of places along the body that it touches, times their distance (as
    ``sct_analyze_lesion._measure_length`` of Spinal Cord Toolbox for a straight cord); the axial
    damage ratio the largest of area of the lesion / area of the cord over axial slices (Smith et
    al. 2021), which for a patient's only lesion is RHI_max / 100.
    """
    by_slice = {id(s.labelled): s for s in slices}
    joined = joined_lesions(s.labelled for s in by_slice.values())
    counted = (
        [(by_slice[id(labelled)], label) for labelled, label in parts if not labelled.excluded]
        for parts in joined
    )
    return tuple(_lesion(parts) for parts in counted if parts)


def _lesion(parts: Sequence[tuple[MeasuredSlice, int]]) -> Lesion:
    grid = parts[0][0].grid
    pixels = [_pixels_of(part, label) for part, label in parts]
    # Regions of one lesion on one slice and level share its cord.
    counts: Counter[int] = Counter()
    cords: dict[int, int] = {}
    for (part, _), (rows, _) in zip(parts, pixels, strict=True):
        counts[id(part)] += len(rows)
        cords[id(part)] = part.cord_pixels
    numbers = [part.labelled.number for part, _ in parts]
    return Lesion(
        sequence=parts[0][0].labelled.sequence,
        first=min(numbers),
        last=max(numbers),
        levels=tuple(dict.fromkeys(part.level for part, _ in parts if part.level)),
        volume=counts.total() * math.prod(grid.spacing),
        length=_length(grid, numbers, pixels),
        axial_damage_ratio=max(n / cords[i] for i, n in counts.items()) if grid.axial else math.nan,
        reasons=_reasons(grid),
    )


def _pixels_of(part: MeasuredSlice, label: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns, on the image, of a region."""
    rows, columns = np.nonzero(part.labelled.labels == label)
    return rows + part.labelled.y, columns + part.labelled.x


def _length(
    grid: Grid,
    numbers: Sequence[int],
    pixels: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> float:
    if grid.along is None:
        return math.nan
    if grid.axial:
        places = set(numbers)
    else:
        places = {int(i) for rows, columns in pixels for i in (columns, rows)[grid.along]}
    return len(places) * grid.spacing[grid.along]


def _reasons(grid: Grid) -> tuple[str, ...]:
    reasons = []
    if math.isnan(grid.spacing[0]) or math.isnan(grid.spacing[1]):
        reasons.append(NO_PIXEL_SIZE)
    if math.isnan(grid.spacing[2]):
        reasons.append(NO_DISTANCE)
    if grid.along is None:
        reasons.append(NO_AXIS)
    elif not grid.axial:
        reasons.append(NOT_AXIAL)
    return tuple(reasons)


def reference_mean(rois: Iterable[RoiRow], /) -> float:
    """Return the mean of all pixels of the reference ROIs of an image; NaN without one.

    Parameters
    ----------
    rois
        Its rows of ``rois.csv``.
    """
    # IntDen is Area * Mean: areas weigh the means as numbers of pixels do.
    mean, area = HEADINGS.index("Mean"), HEADINGS.index("Area")
    rows = [row.values for row in rois if row.role is Role.REFERENCE]
    whole = math.fsum(values[area] for values in rows)
    if not whole:
        return math.nan
    return math.fsum(values[area] * values[mean] for values in rows) / whole


def signal_change_ratio(high_mean: float, reference_mean: float, /) -> float:
    """Return the mean signal of the high area in units of that of normal tissue.

    Parameters
    ----------
    high_mean, reference_mean
        Means of the high area and of the reference ROIs, of one image; NaN where there is none.

    Examples
    --------
    >>> signal_change_ratio(1500.0, 600.0)
    2.5
    """
    return high_mean / reference_mean if reference_mean > 0 else math.nan


def contrast_ratio(high_mean: float, reference_mean: float, /) -> float:
    """Return by how much the high area is brighter than normal tissue, in units of the latter.

    Parameters
    ----------
    high_mean, reference_mean
        As for `signal_change_ratio`.

    Notes
    -----
    Weber's contrast, (a - b) / b; papers call (a - b) / (a + b) and a / b so, too.

    Examples
    --------
    >>> contrast_ratio(1500.0, 600.0)
    1.5
    """
    ratio = high_mean - reference_mean
    return ratio / reference_mean if reference_mean > 0 else math.nan


def sins_location_points(level: str, /) -> int | None:
    """Return the points that the Spinal Instability Neoplastic Score gives for a level.

    Parameters
    ----------
    level
        Level as the tables have it, such as ``C3``, ``T12`` or ``L5-S1`` (the higher one counts).

    Returns
    -------
    int or None
        3 junctional (occiput-C2, C7-T2, T11-L1, L5-S1), 2 mobile (C3-C6, L2-L4), 1 semirigid
        (T3-T10), 0 rigid (S2-S5); None for a level that the score does not have (T13, L6).

    Examples
    --------
    >>> [sins_location_points(level) for level in ("C7", "C4", "T5", "S2", "L5-S1", "T13")]
    [3, 2, 1, 0, 3, None]
    """
    points = [_points(part) for part in level.split("-") if part]
    known = [p for p in points if p is not None]
    return max(known) if known and len(known) == len(points) else None


def _points(level: str) -> int | None:
    region, number = level[0], int(level[1:])
    table: dict[str, tuple[tuple[range, int], ...]] = {
        "C": ((range(1, 3), JUNCTIONAL), (range(3, 7), MOBILE), (range(7, 8), JUNCTIONAL)),
        "T": (
            (range(1, 3), JUNCTIONAL),
            (range(3, 11), SEMIRIGID),
            (range(11, 13), JUNCTIONAL),
        ),
        "L": ((range(1, 2), JUNCTIONAL), (range(2, 5), MOBILE), (range(5, 6), JUNCTIONAL)),
        "S": ((range(1, 2), JUNCTIONAL), (range(2, 6), RIGID)),
    }
    return next((points for levels, points in table[region] if number in levels), None)


def tokuhashi_vertebral_points(metastases: int, /) -> int:
    """Return the points that Tokuhashi's revised score gives for vertebral metastases.

    Parameters
    ----------
    metastases
        Number of vertebrae with a metastasis, at least 1.

    Returns
    -------
    int
        2 for one, 1 for two, 0 for three or more.

    Raises
    ------
    ValueError
        If there is none: the score is for patients who have one.

    Examples
    --------
    >>> [tokuhashi_vertebral_points(n) for n in (1, 2, 3, 7)]
    [2, 1, 0, 0]
    """
    if metastases < 1:
        msg = f"metastases {metastases} is below 1: the score is for patients who have one"
        raise ValueError(msg)
    return max(3 - metastases, 0)
