"""RHI of a slice whose outlines were decoded and measured in one compiled call.

The quick way of what users mostly have: a cord and high areas by hand, with names or groups that
say so. Names are understood by the functions of the general way (`pyrhi.rhi.measure`), once for
all slices that repeat them; what needs more than that is left to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import RoleError
from pyrhi.imagej.calibration import Function, calibrated_value
from pyrhi.imagej.mask import Region
from pyrhi.imagej.results import HEADINGS
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.geometry import plane_of
from pyrhi.rhi.high import DRAWN
from pyrhi.rhi.lengths import MICRON, is_micron
from pyrhi.rhi.measure import RhiNumbers, areas_of, paired
from pyrhi.rhi.placing import Placed
from pyrhi.rhi.record import RoiTable
from pyrhi.rhi.roles import Role, level_of, role_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.imagej.drawn import Drawing
    from pyrhi.io.images import Image
    from pyrhi.rhi.roles import RolePatterns

MEAN, MEDIAN = HEADINGS.index("Mean"), HEADINGS.index("Median")
SCHEMES_KEPT = 1024
"""Sets of names that are remembered."""

_QUICK_ROLES = frozenset({Role.CORD, Role.HIGH, Role.REFERENCE})
_NOWHERE = Region(0, 0, 0, 0, None)


@dataclass(frozen=True, eq=False)
class Scheme:
    """What the names of a slice's ROIs say.

    Parameters
    ----------
    names, roles, levels
        Of each ROI, as the table of ROIs has them.
    pairs
        Number of each cord, in the order of the rows of ``rhi.csv``, and of its high ROIs.
    pair_levels
        Level of each pair.
    """

    names: tuple[str, ...]
    roles: tuple[str, ...]
    levels: tuple[str, ...]
    pairs: list[tuple[int, tuple[int, ...]]]
    pair_levels: tuple[str, ...]


class Schemes:
    """Understands the names of ROIs; threads may share it.

    Parameters
    ----------
    patterns
        Words that give ROIs their role.
    """

    def __init__(self, patterns: RolePatterns, /) -> None:
        self._patterns = patterns
        self._known: dict[tuple[tuple[str, ...], tuple[int, ...]], Scheme | None] = {}

    def of(self, names: tuple[str, ...], groups: tuple[int, ...], /) -> Scheme | None:
        """Return what names and groups of a slice's ROIs say.

        Returns
        -------
        Scheme or None
            None where a role is missing or takes pixels away, or the pairs cannot be told.
        """
        key = names, groups
        try:
            return self._known[key]
        except KeyError:
            found = self._scheme(names, groups)
        if len(self._known) >= SCHEMES_KEPT:
            self._known.clear()
        self._known[key] = found
        return found

    def _scheme(self, names: tuple[str, ...], groups: tuple[int, ...]) -> Scheme | None:
        try:
            placed = [self._placed(name, group) for name, group in zip(names, groups, strict=True)]
            pairs = paired(placed, 1)
        except RoleError:
            return None
        roles = [p.role for p in placed]
        if not (_QUICK_ROLES.issuperset(roles) and Role.CORD in roles):
            return None
        number = {id(p): i for i, p in enumerate(placed)}
        return Scheme(
            names,
            tuple(role.value for role in roles),
            tuple(p.level for p in placed),
            [(number[id(cord)], tuple(number[id(h)] for h in highs)) for cord, highs in pairs],
            tuple(
                cord.level or next((h.level for h in highs if h.level), "") for cord, highs in pairs
            ),
        )

    def _placed(self, name: str, group: int) -> Placed:
        roi = Roi(name, RoiType.FREEHAND, 0, 0, 0, 0, group=group)
        role = role_of(roi, self._patterns)
        return Placed(roi, role, level_of(name), _NOWHERE, (), _NOWHERE)


def table_of(drawing: Drawing, scheme: Scheme, image: Image, number: int, /) -> RoiTable:
    """Return the rows of ``rois.csv`` of a measured slice.

    Parameters
    ----------
    drawing
        Its outlines, measured.
    scheme
        What their names say.
    image
        Gives the calibration.
    number
        The slice, from 1.
    """
    count = len(scheme.names)
    numbers: NDArray[np.float64] = drawing.row_array[:count].copy()
    calibration = image.calibration
    if calibration.function != Function.NONE and image.kind != "32-bit":
        for row in numbers:
            # The median is a raw value, which ImageJ calibrates by the function.
            if not np.isnan(row[MEDIAN]):
                row[MEDIAN] = calibrated_value(calibration, int(row[MEDIAN]))
    return RoiTable((number,) * count, scheme.names, scheme.roles, scheme.levels, numbers)


def rhi_of(
    drawing: Drawing, scheme: Scheme, image: Image, number: int, name: str, table: RoiTable, /
) -> tuple[RhiNumbers, ...]:
    """Return the rows of ``rhi.csv`` of a measured slice.

    Parameters
    ----------
    drawing, scheme, image, number
        As of `table_of`.
    name
        What the column Image says.
    table
        The rows of ``rois.csv``.
    """
    rows = []
    micron = [MICRON] if is_micron(image.calibration.unit) else []
    for pair, (cord, _) in enumerate(scheme.pairs):
        cord_pixels, high_pixels, inside, regions = drawing.pixel_counts(pair)
        areas, remarks = areas_of(image, cord_pixels, high_pixels, high_pixels - inside)
        warnings = dict.fromkeys((*remarks, *micron, *image.warnings))
        rows.append(
            RhiNumbers(
                image=name,
                slice=number,
                level=scheme.pair_levels[pair],
                high_count=regions,
                cord_mean=float(table.numbers[cord, MEAN]),
                high_mean=drawing.high_mean(pair),
                excluded_pixels=0,
                plane=plane_of(image.geometry),
                method=DRAWN,
                warnings=tuple(warnings),
                **areas,
            )
        )
    return tuple(rows)
