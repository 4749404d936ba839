"""Measuring the same images by both engines, and saying cell by cell where they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from pyrhi.batch.measure import open_task
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import PyrhiError, RoleError
from pyrhi.imagej.results import HEADINGS
from pyrhi.rhi.measure import RhiRow, measure_image
from pyrhi.rhi.position import slices_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.imagej.roi import Roi
    from pyrhi.io.images import Image
    from pyrhi.rhi.engine import Engine

TOLERANCE = 1e-9
"""Relative; numbers nearer than this are the same (most are the same to the last bit)."""

REGIONS = frozenset({"cord", "high"})
RHI_FIELDS = tuple(f.name for f in fields(RhiRow) if f.name not in REGIONS)


@dataclass(frozen=True)
class Difference:
    """A cell that the two engines fill differently.

    Parameters
    ----------
    image, slice, row, column
        Where: the row is a ROI's name, or ``RHI`` and the level.
    ours, imagej
        What pyrhi and ImageJ say.
    """

    image: str
    slice: int
    row: str
    column: str
    ours: str
    imagej: str


@dataclass(frozen=True)
class Verification:
    """Comparison of one image.

    Parameters
    ----------
    cells
        Cells compared.
    identical
        Numbers and texts among them that are the same to the last bit.
    differences
        Cells that differ.
    errors
        What could not be compared, one line each.
    """

    cells: int
    identical: int
    differences: tuple[Difference, ...]
    errors: tuple[str, ...]


class _Comparison:
    """Counts cells and collects those that differ."""

    def __init__(self, image: str) -> None:
        self.image = image
        self.cells = 0
        self.identical = 0
        self.differences: list[Difference] = []

    def compare(self, place: tuple[int, str, str], ours: object, imagej: object) -> None:
        self.cells += 1
        if ours == imagej or (_is_nan(ours) and _is_nan(imagej)):
            self.identical += 1
        elif not _near(ours, imagej):
            self.differences.append(Difference(self.image, *place, str(ours), str(imagej)))


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _near(a: object, b: object) -> bool:
    return (
        isinstance(a, (int, float))
        and isinstance(b, (int, float))
        and math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    )


def verify_task(
    task: Task, options: WorkOptions, imagej: Callable[[Image], Engine], /
) -> Verification:
    """Measure an image by both engines and compare every cell.

    Parameters
    ----------
    task
        The image.
    options
        What it is measured with.
    imagej
        Makes ImageJ's engine of an image.

    Returns
    -------
    verification : Verification
        All ROIs with all of ImageJ's headings, whatever their names; and the rows of
        ``rhi.csv`` where the ROIs have roles.
    """
    comparison = _Comparison(task.name)
    try:
        image, outlines = open_task(task, options)
        with image:
            rois = outlines.rois
            ours, theirs = NumpyEngine(image), imagej(image)
            errors = _compare_rois(image, rois, ours, theirs, comparison)
            errors += _compare_rhi(image, rois, ours, theirs, options, comparison)
    except PyrhiError as error:
        errors = [str(error)]
    named = (e if task.name in e else f"{task.name}: {e}" for e in errors)
    return Verification(
        comparison.cells,
        comparison.identical,
        tuple(comparison.differences),
        tuple(dict.fromkeys(named)),
    )


def _compare_rois(
    image: Image, rois: Sequence[Roi], ours: Engine, imagej: Engine, comparison: _Comparison
) -> list[str]:
    errors = []
    for roi in rois:
        if not roi.is_area:
            continue
        try:
            for number in slices_of(roi, image.n_slices, image.dimensions):
                found, region = ours.measure(roi, number)
                expected, expected_region = imagej.measure(roi, number)
                for column, a, b in zip(HEADINGS, found, expected, strict=True):
                    comparison.compare((number, roi.name, column), a, b)
                same = (
                    region.pixels(image.height, image.width)
                    == expected_region.pixels(image.height, image.width)
                ).all()
                comparison.compare((number, roi.name, "pixels are the same"), bool(same), True)
        except PyrhiError as error:
            errors.append(str(error))
    return errors


def _compare_rhi(
    image: Image,
    rois: Sequence[Roi],
    ours: Engine,
    imagej: Engine,
    options: WorkOptions,
    comparison: _Comparison,
) -> list[str]:
    try:
        found = measure_image(image, rois, ours, options.parameters).rhi
    except RoleError:
        # ROIs without roles have no RHI; their own cells were compared.
        return []
    expected = measure_image(image, rois, imagej, options.parameters).rhi
    for a, b in zip(found, expected, strict=True):
        row = f"RHI {a.level}".strip()
        for column in RHI_FIELDS:
            comparison.compare((a.slice, row, column), getattr(a, column), getattr(b, column))
    return []
