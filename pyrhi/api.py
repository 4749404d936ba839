"""Measuring from Python: arrays or files in, one result or pandas tables out."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.batch.frames import frame, roi_frame
from pyrhi.batch.options import RunOptions, WorkOptions
from pyrhi.batch.plan import find_tasks, tasks_of_manifest
from pyrhi.batch.ratings import read_ratings
from pyrhi.batch.results import results_table
from pyrhi.batch.roisets import MeasuredImages
from pyrhi.batch.run import run
from pyrhi.batch.write import FAILURE_HEADINGS, rhi_rows
from pyrhi.engines.choose import NUMPY, engine_of
from pyrhi.errors import ParameterError, RoiError
from pyrhi.io.geometry import ACQUIRED
from pyrhi.io.images import Image, read_image
from pyrhi.io.images.array import array_image
from pyrhi.io.images.objects import image_of_object, is_segmentation
from pyrhi.io.images.reslice import in_plane
from pyrhi.io.rois.files import read_rois, rois_beside
from pyrhi.io.tables import EXCEL_SUFFIX
from pyrhi.measured import FolderResult, Measurement, SliceRhi
from pyrhi.rhi.mask_options import HALF, MaskOptions
from pyrhi.rhi.masks import Outlines, rois_of_masks
from pyrhi.rhi.measure import RhiParameters, RhiRow, measure_image
from pyrhi.rhi.picture import frame_of
from pyrhi.rhi.roles import RolePatterns
from pyrhi.rhi.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from pyrhi.batch.plan import Task
    from pyrhi.engines import ImageJ
    from pyrhi.imagej.roi import Roi
    from pyrhi.rhi.measures import MeasureOptions

LOG = logging.getLogger("pyrhi")


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
    parameters = RhiParameters.of(
        find_high=find_high,
        roles=roles,
        patterns=patterns,
        clip=clip,
        ignore_unnamed=ignore_unnamed,
    )
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
        measured = measure_image(use, outlines.rois, engine_of(use, engine), parameters)
        measured = outlines.with_remarks(measured)
        return Measurement(
            tuple(_slice(row, use) for row in measured.rhi),
            measured.notes,
            use.name,
            frame_of(use),
            tuple(row.numbers(use.name, use.warnings) for row in measured.rhi),
            use.slice_axis,
        )


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
    labels, whole, mask_threshold, resample_masks, plane
        As in `measure`.
    find_high, clip, patterns, roles, ignore_unnamed
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
        beside = Path(rois) if rois is not None else None
        named = {"cord_mask": cord_mask, "high_mask": high_mask, "masks": masks, "series": series}
        tasks = find_tasks(path, rois=beside, **named)
    try:
        chosen = Summary(summary)
    except ValueError:
        msg = f"summary {summary!r} is not one of {', '.join(s.value for s in Summary)}"
        raise ParameterError(msg) from None
    options = RunOptions(
        work=WorkOptions(
            parameters=RhiParameters.of(
                find_high=find_high,
                roles=roles,
                patterns=patterns,
                clip=clip,
                ignore_unnamed=ignore_unnamed,
            ),
            series=series,
            engine=engine,
            fiji=None if fiji is None else str(fiji),
            masks=_mask_options(labels, whole, mask_threshold, resample_masks),
            plane=plane,
            measures=measures,
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
        images=MeasuredImages.of(
            options.work, zip(tasks, (record for record, _ in result.kept), strict=True)
        ),
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
