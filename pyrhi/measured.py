"""What measuring from Python gives: results that show, draw and write themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi.batch.frames import frame
from pyrhi.errors import ParameterError
from pyrhi.rhi.columns import RHI_COLUMNS, rhi_cells
from pyrhi.rhi.convert import write_rois
from pyrhi.rhi.roiset import FILE_SLICES, NOT_SHOWN, measured_rois
from pyrhi.wording import counted

if TYPE_CHECKING:
    import os

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pyrhi.batch.roisets import MeasuredImages
    from pyrhi.rhi.measure import RhiNumbers
    from pyrhi.rhi.picture import Frame


@dataclass(frozen=True, eq=False, repr=False)
class SliceRhi:
    """RHI of one slice and level.

    Parameters
    ----------
    slice
        1-based slice.
    level
        Vertebral level, or an empty text.
    rhi
        100 * high_area / cord_area.
    cord_area, high_area
        Areas in `unit`.
    unit
        Unit of the areas, such as ``mm^2``.
    high_outside_percent
        Share of the high area outside the cord; NaN without high area.
    method
        How the high area came about.
    warnings
        What a reader of the number has to know.
    cord_mask, high_mask
        Pixels of both, bool, shape ``(height, width)``.
    pixels
        Grey values of the slice as ImageJ's processor holds them, shape ``(height, width)``.
    """

    slice: int
    level: str
    rhi: float
    cord_area: float
    high_area: float
    unit: str
    high_outside_percent: float
    method: str
    warnings: tuple[str, ...]
    cord_mask: NDArray[np.bool_]
    high_mask: NDArray[np.bool_]
    pixels: NDArray[np.generic]

    def __repr__(self) -> str:
        return (
            f"SliceRhi(slice {self.slice}{' ' if self.level else ''}{self.level}, RHI "
            f"{self.rhi:.2f} %, cord {self.cord_area:g} {self.unit}, high {self.high_area:g} "
            f"{self.unit})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Measurement:
    """RHI of one image. Research use only; not a medical device.

    Parameters
    ----------
    slices
        Every slice and level that has a cord, in order.
    notes
        What was left out, one sentence each.
    image
        Name of the image.
    frame
        How its slices are shown.
    rows
        Rows of ``rhi.csv``, one for each of `slices`.
    slice_axis
        Axis of the file across which the slices lie; 2 for those that ImageJ shows.
    """

    slices: tuple[SliceRhi, ...]
    notes: tuple[str, ...]
    image: str
    frame: Frame
    rows: tuple[RhiNumbers, ...]
    slice_axis: int = FILE_SLICES

    def __repr__(self) -> str:
        rows = counted(len(self.slices), "row")
        warned = f", {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        return f"Measurement({self.image!r}, RHI {self.rhi:.2f} %, {rows}{warned})"

    def _repr_html_(self) -> str:
        from pyrhi.notebook import measurement_html

        return measurement_html(self)

    @property
    def table(self) -> pd.DataFrame:
        """The rows of ``rhi.csv``, without Patient."""
        return frame(RHI_COLUMNS, map(rhi_cells, self.rows))

    def plot(self, slice_number: int | None = None, /, *, ax: Any = None) -> Any:
        """Draw a slice with its outlines, and return the Matplotlib axes.

        Parameters
        ----------
        slice_number
            1-based slice; None draws the worst.
        ax
            Matplotlib axes to draw into; None makes new ones.

        Raises
        ------
        ParameterError
            If that slice was not measured.
        PyrhiError
            If matplotlib is not installed.
        """
        from pyrhi.notebook import draw_slice

        if slice_number is None:
            return draw_slice(self.worst, self.frame, ax)
        found = [one for one in self.slices if one.slice == slice_number]
        if not found:
            has = ", ".join(str(one.slice) for one in self.slices)
            msg = f"slice_number {slice_number} was not measured; there are {has}"
            raise ParameterError(msg)
        return draw_slice(max(found, key=lambda one: one.rhi), self.frame, ax)

    def to_rois(self, path: str | os.PathLike[str], /) -> None:
        """Write what was measured as a ROI set that Fiji opens: cord and high of every row.

        Parameters
        ----------
        path
            The ``.zip`` to write.

        Raises
        ------
        ParameterError
            If the slices are not those that ImageJ shows.
        OutputError
            If it cannot be written.
        """
        if self.slice_axis != FILE_SLICES:
            raise ParameterError(NOT_SHOWN.format(image=self.image, axis=self.slice_axis + 1))
        rows = ((one.slice, one.level, one.cord_mask, one.high_mask) for one in self.slices)
        write_rois(path, measured_rois(rows))

    @property
    def worst(self) -> SliceRhi:
        """The slice with the highest RHI (the first of equal ones)."""
        return max(self.slices, key=lambda s: s.rhi)

    @property
    def rhi(self) -> float:
        """RHI of the worst slice, in percent."""
        return self.worst.rhi

    @property
    def cord_area(self) -> float:
        """Cord area of the worst slice."""
        return self.worst.cord_area

    @property
    def high_area(self) -> float:
        """High-intensity area of the worst slice."""
        return self.worst.high_area

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of all slices, each once."""
        return tuple(dict.fromkeys(w for s in self.slices for w in s.warnings))


@dataclass(frozen=True, eq=False, repr=False)
class FolderResult:
    """Tables of a folder or study. Research use only; not a medical device.

    Parameters
    ----------
    rois, rhi, patients, failures
        The tables that ``pyrhi measure`` writes, column for column.
    notes
        What was left out, one sentence each.
    measures
        Tables of measures beside RHI by name (``measures``, ``lesions``, ``signal``); empty unless
        they were asked for.
    images
        The images, and what they were measured with, for `to_rois`.
    """

    rois: pd.DataFrame
    rhi: pd.DataFrame
    patients: pd.DataFrame
    failures: pd.DataFrame
    notes: tuple[str, ...]
    measures: dict[str, pd.DataFrame] = field(default_factory=dict)
    images: MeasuredImages | None = None

    def __repr__(self) -> str:
        from pyrhi.notebook import summary

        return f"FolderResult({summary(self)})"

    def _repr_html_(self) -> str:
        from pyrhi.notebook import folder_html

        return folder_html(self)

    @property
    def table(self) -> pd.DataFrame:
        """The patients: what a study goes on with."""
        return self.patients

    def plot(self, *, ax: Any = None) -> Any:
        """Draw RHI of every row by patient; axes and errors as with `Measurement.plot`."""
        from pyrhi.notebook import draw_patients

        return draw_patients(self, ax)

    def to_rois(self, path: str | os.PathLike[str], /) -> tuple[Path, ...]:
        """Write what was measured as a ROI set for each image: cord and high of every row.

        Parameters
        ----------
        path
            Folder for the sets; each is called after its image, below the folders of its image.

        Returns
        -------
        tuple of Path
            The sets, in the order of the images.

        Raises
        ------
        ParameterError
            If two sets would have one name, slices are not those that ImageJ shows, or nobody
            knows the images.
        PyrhiError
            If an image can no longer be read, or is not what was measured.
        OutputError
            If a set cannot be written.

        Notes
        -----
        Images are read and measured once more, since tables hold no outlines; a set is written
        only where all areas and means come out as they are in the table.
        """
        if self.images is None:
            msg = "these tables know no images; measure with pyrhi.measure_folder"
            raise ParameterError(msg)
        return self.images.write_roisets(Path(path))
