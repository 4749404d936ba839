"""Measuring from Python: arrays or files in, one result or pandas tables out."""

from __future__ import annotations

import logging
import os
<<<<<<< HEAD
from contextlib import ExitStack
from dataclasses import dataclass, replace
=======
from contextlib import contextmanager
from dataclasses import dataclass, field
>>>>>>> a667c08 (Results show themselves in a notebook, and two notebooks of the docs are run by the tests)
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.batch.frames import frame, roi_frame
from pyrhi.batch.options import RunOptions, WorkOptions
from pyrhi.batch.plan import find_tasks, tasks_of_manifest
from pyrhi.batch.ratings import read_ratings
from pyrhi.batch.results import results_table
from pyrhi.batch.run import run
from pyrhi.batch.write import FAILURE_HEADINGS, rhi_rows
from pyrhi.engines.choose import NUMPY, measurer_of
from pyrhi.errors import ParameterError, RoiError
from pyrhi.io.geometry import ACQUIRED
from pyrhi.io.images import Image, read_image
from pyrhi.io.images.array import array_image
from pyrhi.io.images.objects import image_of_object, is_segmentation
from pyrhi.io.images.reslice import in_plane
from pyrhi.io.rois.files import read_rois, rois_beside
from pyrhi.io.tables import EXCEL_SUFFIX
from pyrhi.rhi.assign import parse_rule
from pyrhi.rhi.columns import RHI_COLUMNS, rhi_cells
from pyrhi.rhi.convert import mask_to_roi, write_rois
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.masks import HALF, MaskOptions, Outlines, rois_of_masks
from pyrhi.rhi.measure import RhiParameters, RhiRow, measure_image
from pyrhi.rhi.picture import frame_of
from pyrhi.rhi.roles import RolePatterns
from pyrhi.rhi.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from pyrhi.batch.plan import Task
    from pyrhi.engines import ImageJ
    from pyrhi.imagej.roi import Roi
    from pyrhi.rhi.measure import RhiNumbers
    from pyrhi.rhi.measures import MeasureOptions
    from pyrhi.rhi.picture import Frame

LOG = logging.getLogger("pyrhi")


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
    """

    slices: tuple[SliceRhi, ...]
    notes: tuple[str, ...]
    image: str
    frame: Frame
    rows: tuple[RhiNumbers, ...]

    def __repr__(self) -> str:
        n = len(self.slices)
        warned = f", {len(self.warnings)} warnings" if self.warnings else ""
        return f"Measurement({self.image!r}, RHI {self.rhi:.2f} %, {n} rows{warned})"

    def _repr_html_(self) -> str:
        from pyrhi.notebook import measurement_html

        return measurement_html(self)

    @property
    def table(self) -> pd.DataFrame:
        """The rows of ``rhi.csv``, without Patient."""
        return frame(RHI_COLUMNS, map(rhi_cells, self.rows))

    def plot(self, slice_number: int | None = None, /, *, ax: Any = None) -> Any:
        """Draw a slice with its outlines.

        Parameters
        ----------
        slice_number
            1-based slice; None draws the worst.
        ax
            Matplotlib axes to draw into; None makes new ones.

        Returns
        -------
        matplotlib.axes.Axes

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
        OutputError
            If it cannot be written.
        """
        several = len({one.slice for one in self.slices}) > 1 or self.worst.slice > 1
        rois = [
            mask_to_roi(mask, f"{role} {one.level}".rstrip(), one.slice if several else 0)
            for one in self.slices
            for role, mask in (("cord", one.cord_mask), ("high", one.high_mask))
            if mask.any()
        ]
        write_rois(path, rois)

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


def measure(
    image: str | os.PathLike[str] | Image | ArrayLike | Any,
    rois: str | os.PathLike[str] | Sequence[Roi] | None = None,
    /,
    *,
    cord: ArrayLike | Any = None,
    high: ArrayLike | Any = None,
    masks: Any = None,
    labels: str | Sequence[str] | None = None,
    whole: str | None = None,
    mask_threshold: float = HALF,
    resample_masks: bool = False,
    plane: str = ACQUIRED,
    pixel_size: tuple[float, float] | None = None,
    unit: str = "mm",
    find_high: str | None = None,
    clip: bool = False,
    patterns: RolePatterns | None = None,
    roles: str | None = None,
    ignore_unnamed: bool = False,
    engine: str | ImageJ = NUMPY,
) -> Measurement:
    """Measure RHI on one image.

    Parameters
    ----------
    image
        A file, an opened image, a nibabel or SimpleITK image, a pydicom data set or a list of
        them, a xarray DataArray, or pixels of shape ``(height, width)`` or
        ``(slices, height, width)``.
    rois
        ROI file or ROIs; None takes those beside the file or inside it.
    cord, high
        Masks instead of ROIs, in any of the forms of `image`. One that knows its place is laid on
        the image by it; pixels in an array, by their shape.
    masks
        One file (``.seg.nrrd``, DICOM SEG, RTSTRUCT, label map) or pydicom data set with both.
    labels
        What the values of a label map mean: ``"sct"``, ``"totalspineseg"``, ``"verse"``,
        ``"totalsegmentator"``, ``"spider"``, a CSV file or ``"binary"``; ``"high=binary"`` is for
        the high mask alone.
    whole
        ``"cord"``, ``"vertebra"`` or ``"canal"``: which labels are the whole.
    mask_threshold
        Least probability at which a pixel belongs to a soft mask.
    resample_masks
        True takes the nearest voxel of a mask on another grid.
    plane
        Slices of a volume that masks are measured on: ``"acquired"``, ``"sagittal"``, ``"axial"``
        or ``"coronal"``.
    pixel_size
        Height and width of a pixel in `unit`, for pixels given as an array.
    unit
        Unit of `pixel_size`.
    find_high
        How to find the high area where none is drawn: an ImageJ method, a number,
        ``"ref+3sd"``, ``"ref+3mad"`` or ``"auto"``.
    clip
        True cuts the high area to the cord.
    patterns
        Words that give ROIs their role.
    roles
        ``"larger=cord"``, ``"first=cord"`` or ``"all=high"``: how area ROIs whose names say no
        role get one.
    ignore_unnamed
        True counts area ROIs without role as nothing, also where no ROI of the slice is high.
    engine
        ``"numpy"``; or ``"imagej"`` (ImageJ 1.54p in Java) or a `pyrhi.engines.ImageJ`.

    Returns
    -------
    measurement : Measurement
        Areas equal to ImageJ's, to the last digit.

    Raises
    ------
    ImageError, RoiError, RoleError, ParameterError, TableError
        If image, ROIs or masks cannot be read, laid on each other or paired, or an argument does
        not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import pyrhi
    >>> cord = np.zeros((64, 64), bool)
    >>> cord[10:50, 20:40] = True
    >>> high = np.zeros_like(cord)
    >>> high[20:30, 25:35] = True
    >>> result = pyrhi.measure(np.zeros((64, 64), np.uint16), cord=cord, high=high)
    >>> result.rhi
    12.5
    """
    parameters = RhiParameters(
        patterns=patterns or RolePatterns(),
        high=parse_high(find_high) if find_high else None,
        clip=clip,
        rule=parse_rule(roles) if roles else None,
        ignore_unnamed=ignore_unnamed,
    )
<<<<<<< HEAD
    how = _mask_options(labels, whole, mask_threshold, resample_masks)
    with ExitStack() as opened:
        use = _image_of(image, opened, pixel_size, unit)
        given = {"cord": cord, "high": high, "masks": masks}
        sources = {k: _mask_of(v, k, opened) for k, v in given.items() if v is not None}
        drawn = _rois_for(use, rois, masks_given=bool(sources))
        use = in_plane(use, plane, as_stored=bool(drawn))
        outlines = Outlines(tuple(drawn))
        if sources:
            found = rois_of_masks(use, **sources, options=how, patterns=parameters.patterns)
            outlines = replace(found, rois=(*found.rois, *drawn))
            use = outlines.on(use)
        measured = measure_image(use, outlines.rois, measurer_of(use, engine), parameters)
        measured = outlines.said(measured)
        return Measurement(tuple(_slice(row, use) for row in measured.rhi), measured.notes)


def _mask_options(
    labels: str | Sequence[str] | None, whole: str | None, threshold: float, resample: bool
) -> MaskOptions:
    names = (labels,) if isinstance(labels, str) else tuple(labels or ())
    return MaskOptions(tuple(str(name) for name in names), whole, threshold, resample)


def _image_of(
    image: Any, opened: ExitStack, pixel_size: tuple[float, float] | None, unit: str
) -> Image:
    """The image that an argument is; one that is opened here is closed with `opened`."""
    if isinstance(image, Image):
        return image
    if isinstance(image, (str, os.PathLike)):
        return opened.enter_context(read_image(image))
    found = image_of_object(image)
    if found is None:
        return array_image(np.asarray(image), pixel_size=pixel_size, unit=unit)
    return opened.enter_context(found)


def _mask_of(mask: Any, purpose: str, opened: ExitStack) -> Any:
    """What `pyrhi.io.masks.read_mask` takes of an argument."""
    if isinstance(mask, (str, os.PathLike, Image)) or is_segmentation(mask):
        return mask
    name = "masks" if purpose == "masks" else f"{purpose} mask"
    found = image_of_object(mask, name=name)
    if found is not None:
        return opened.enter_context(found)
    pixels = np.asarray(mask)
    return array_image(pixels if pixels.ndim == 3 else pixels[None], name=name)
=======
    opened: Image | None = None
    if isinstance(image, Image):
        use = image
    elif isinstance(image, (str, os.PathLike)):
        use = opened = read_image(image)
    else:
        use = array_image(np.asarray(image), pixel_size=pixel_size, unit=unit)
    try:
        given = _mask_rois(use, cord, "cord") + _mask_rois(use, high, "high")
        given += _rois_for(use, rois, masks_given=bool(given))
        measured = measure_image(use, given, measurer_of(use, engine), parameters)
        return Measurement(
            tuple(_slice(row, use) for row in measured.rhi),
            measured.notes,
            use.name,
            frame_of(use),
            tuple(row.numbers(use.name, use.warnings) for row in measured.rhi),
        )
    finally:
        if opened is not None:
            opened.close()
>>>>>>> a667c08 (Results show themselves in a notebook, and two notebooks of the docs are run by the tests)


def _rois_for(
    image: Image,
    rois: str | os.PathLike[str] | Sequence[Roi] | None,
    /,
    *,
    masks_given: bool,
) -> list[Roi]:
    """ROIs that were given, or else those beside the image or inside it."""
    if isinstance(rois, (str, os.PathLike)):
        return read_rois(rois)
    if rois is not None:
        return list(rois)
    if masks_given:
        return []
    if image.path is None:
        msg = f"{image.name}: give rois, or cord and high masks, for pixels in memory"
        raise ParameterError(msg)
    return rois_beside(image, Path(image.path))


def _slice(row: RhiRow, image: Image) -> SliceRhi:
    return SliceRhi(
        slice=row.slice,
        level=row.level,
        rhi=row.rhi,
        cord_area=row.cord_area,
        high_area=row.high_area,
        unit=row.unit,
        high_outside_percent=row.high_outside_percent,
        method=row.how,
        warnings=tuple(dict.fromkeys([*row.warnings, *image.warnings])),
        cord_mask=row.cord.pixels(image.height, image.width),
        high_mask=row.high.pixels(image.height, image.width),
        pixels=np.array(image.plane(row.slice)),
    )


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
    """

    rois: pd.DataFrame
    rhi: pd.DataFrame
    patients: pd.DataFrame
    failures: pd.DataFrame
    notes: tuple[str, ...]
    measures: dict[str, pd.DataFrame] = field(default_factory=dict)

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
        """Draw RHI of every row by patient.

        Parameters
        ----------
        ax
            Matplotlib axes to draw into; None makes new ones.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        PyrhiError
            If matplotlib is not installed.
        """
        from pyrhi.notebook import draw_patients

        return draw_patients(self, ax)


def measure_folder(
    source: str | os.PathLike[str],
    /,
    *,
    output: str | os.PathLike[str] | None = None,
    rois: str | os.PathLike[str] | None = None,
    cord_mask: str | None = None,
    high_mask: str | None = None,
    masks: str | None = None,
    labels: str | Sequence[str] | None = None,
    whole: str | None = None,
    mask_threshold: float = HALF,
    resample_masks: bool = False,
    plane: str = ACQUIRED,
    find_high: str | None = None,
    clip: bool = False,
    summary: str = "max",
    ratings: str | os.PathLike[str] | None = None,
    patterns: RolePatterns | None = None,
    roles: str | None = None,
    ignore_unnamed: bool = False,
    series: str | None = None,
    jobs: int = 0,
    resume: bool = False,
    engine: str = NUMPY,
    fiji: str | os.PathLike[str] | None = None,
    measures: MeasureOptions | None = None,
    progress: bool = False,
) -> FolderResult:
    """Measure a folder, or the images that a manifest names.

    Parameters
    ----------
    source
        Image, folder, or manifest (``.csv``, or ``.xlsx``, whose sheet
        `pyrhi.io.reading.SheetPath` names).
    output
        Folder to write the tables to; None writes nothing.
    rois, cord_mask, high_mask, masks
        As the options of ``pyrhi measure``.
    labels, whole, mask_threshold, resample_masks, plane, find_high, clip, patterns, roles,
    ignore_unnamed
        As in `measure`.
    summary
        ``"max"``, ``"mean"`` or ``"pooled"``: which RHI of its slices becomes the patient's.
    ratings
        ``ratings.csv`` of the report: adds Rating, Score, Comment and Reader to `rhi`; slices rated
        ``exclude`` do not count in `patients`.
    series
        DICOM series to take where a folder has several.
    jobs
        Images measured at the same time; 0 takes the cores there are, by threads of this process
        alone; 2 or more may start processes, too, which read what only Python can.
    resume
        True skips images that an earlier run in `output` finished unchanged.
    engine
        ``"numpy"`` or ``"imagej"``.
    fiji
        Folder of a local Fiji or ImageJ for the engine ``"imagej"``; None takes ImageJ 1.54p
        from Maven Central.
    measures
        `pyrhi.MeasureOptions()` makes the tables of measures beside RHI, too.
    progress
        True shows a bar, in a notebook or on a terminal.

    Returns
    -------
    result : FolderResult
        The tables as pandas DataFrames; an image that cannot be measured is a row of `failures`.

    Raises
    ------
    ImageError, TableError, ParameterError, OutputError
        If there is nothing to measure, an argument does not fit, or nothing can be written.
    """
    path = Path(source)
    tasks: Sequence[Task]
    if path.suffix.lower() in (".csv", EXCEL_SUFFIX):
        tasks = tasks_of_manifest(source)
    else:
<<<<<<< HEAD
        folder = Path(rois) if rois is not None else None
        tasks = find_tasks(path, rois=folder, cord_mask=cord_mask, high_mask=high_mask, masks=masks)
=======
        beside = Path(rois) if rois is not None else None
        tasks = find_tasks(path, rois=beside, cord_mask=cord_mask, high_mask=high_mask)
>>>>>>> a667c08 (Results show themselves in a notebook, and two notebooks of the docs are run by the tests)
    try:
        chosen = Summary(summary)
    except ValueError:
        msg = f"summary {summary!r} is not one of {', '.join(s.value for s in Summary)}"
        raise ParameterError(msg) from None
    options = RunOptions(
        work=WorkOptions(
            parameters=RhiParameters(
                patterns=patterns or RolePatterns(),
                high=parse_high(find_high) if find_high else None,
                clip=clip,
                rule=parse_rule(roles) if roles else None,
                ignore_unnamed=ignore_unnamed,
            ),
            series=series,
            engine=engine,
            fiji=None if fiji is None else str(fiji),
<<<<<<< HEAD
            masks=_mask_options(labels, whole, mask_threshold, resample_masks),
            plane=plane,
=======
            measures=measures,
>>>>>>> a667c08 (Results show themselves in a notebook, and two notebooks of the docs are run by the tests)
        ),
        summary=chosen,
        ratings=None if ratings is None else read_ratings(ratings),
        jobs=jobs,
        processes=jobs > 1,
        resume=resume,
    )
    folder = None if output is None else Path(output)
    with _bar(len(tasks), progress) as update:
        result = run(tasks, options, output=folder, keep=True, progress=update)
    for note in result.notes:
        LOG.info("%s", note)
    for _, error in result.failures:
        LOG.warning("%s", error)
    return FolderResult(
        rois=roi_frame(record for record, _ in result.kept),
        rhi=frame(result.rhi_headings, rhi_rows(result.kept)),
        patients=frame(result.patient_headings, result.patients),
        failures=frame(FAILURE_HEADINGS, result.failures),
        notes=result.notes,
        measures={name: frame(*table) for name, table in result.measures.items()},
    )


@contextmanager
def _bar(total: int, shown: bool) -> Iterator[Callable[[int], object] | None]:
    """Show a progress bar, as a widget in a notebook."""
    if not shown:
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit=" images") as bar:
        yield bar.update


def results(
    image: str | os.PathLike[str], rois: str | os.PathLike[str], /, *, series: str | None = None
) -> pd.DataFrame:
    """Measure all ROIs of an image as Analyze > Measure does, with all measurements on.

    Parameters
    ----------
    image
        Image, or folder with a DICOM series.
    rois
        ``.roi`` file or RoiSet ``.zip``.
    series
        DICOM series to take where a folder has several.

    Returns
    -------
    table : pandas.DataFrame
        Column ``Roi`` and ImageJ's own headings, one row for each ROI and slice.

    Raises
    ------
    ImageError, RoiError
        If a file cannot be read or a ROI cannot be measured.
    """
    table = results_table(image, rois, series=series)
    if table.errors:
        raise RoiError(table.errors[0])
    return frame(table.headings, table.rows)
