"""What was measured on one image, without its pixels: all that tables and summaries are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.results import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pyrhi.rhi.lesions import LabelledSlice
    from pyrhi.rhi.measure import RhiNumbers, RoiRow
    from pyrhi.rhi.measures import ImageMeasures


@dataclass(frozen=True, slots=True, eq=False)
class RoiTable:
    """The ROIs of one image, a row for each ROI and slice: the rows of ``rois.csv``.

    Parameters
    ----------
    slices
        1-based slice of each row.
    names, roles, levels
        Texts of each row.
    numbers
        ImageJ's columns in the order of HEADINGS, float64, shape ``(rows, columns)``.
    """

    slices: tuple[int, ...]
    names: tuple[str, ...]
    roles: tuple[str, ...]
    levels: tuple[str, ...]
    numbers: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[RoiRow], /) -> RoiTable:
        """Return the table of measured ROIs."""
        return cls(
            tuple([row.slice for row in rows]),
            tuple([row.roi for row in rows]),
            tuple([row.role.value for row in rows]),
            tuple([row.level for row in rows]),
            np.array([row.values for row in rows], np.float64).reshape(len(rows), len(HEADINGS)),
        )

    @classmethod
    def joined(cls, tables: Sequence[RoiTable], /) -> RoiTable:
        """Return one table of some, in their order."""
        return cls(
            tuple([number for table in tables for number in table.slices]),
            tuple([name for table in tables for name in table.names]),
            tuple([role for table in tables for role in table.roles]),
            tuple([level for table in tables for level in table.levels]),
            np.concatenate([table.numbers for table in tables]),
        )


NO_ROIS = RoiTable((), (), (), (), np.zeros((0, len(HEADINGS))))


@dataclass(frozen=True, slots=True, eq=False)
class ImageRecord:
    """The results of one image.

    Parameters
    ----------
    name
        What the column Image says.
    path
        The image's file or folder, for sentences about it.
    patient
        Name of the patient; a pseudonym takes its place where `patient_id` is not empty.
    error
        Why the image could not be measured; empty where it was.
    rois
        Rows of ``rois.csv``.
    rhi
        Rows of ``rhi.csv``.
    lesions
        High regions of the slices without level, for counting lesions.
    notes
        What was left out, one sentence each.
    measures
        What measures beside RHI are made of; None where nobody asked for them.
    found
        ROI set with the found high regions, name and ``.roi`` bytes of each; None where none were
        looked for.
    patient_id
        Identifier of the patient from the image's header, never to be written.
    identifiers
        Texts of the header that identify somebody, never to be written.
    """

    name: str
    path: str
    patient: str = ""
    error: str = ""
    rois: RoiTable = NO_ROIS
    rhi: tuple[RhiNumbers, ...] = ()
    lesions: tuple[LabelledSlice, ...] = ()
    notes: tuple[str, ...] = ()
    measures: ImageMeasures | None = None
    found: tuple[tuple[str, bytes], ...] | None = None
    patient_id: str = ""
    identifiers: tuple[str, ...] = ()
