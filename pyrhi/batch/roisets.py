"""ROI sets of all images of a run, made of what is measured once more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrhi.batch.measure import open_task
from pyrhi.batch.references import references_of
from pyrhi.batch.workers import Local
from pyrhi.batch.write import roiset_name
from pyrhi.engines.choose import engine_of
from pyrhi.errors import ParameterError, RoiError
from pyrhi.io.tables import csv_line
from pyrhi.rhi.convert import write_rois
from pyrhi.rhi.measure import measure_image
from pyrhi.rhi.roiset import FILE_SLICES, NOT_SHOWN, measured_rois

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.imagej.roi import Roi
    from pyrhi.rhi.high import Reference
    from pyrhi.rhi.measure import RhiNumbers, RhiRow


@dataclass(frozen=True)
class MeasuredImages:
    """The images of a run that were measured.

    Parameters
    ----------
    work
        What they were measured with.
    tasks
        The images.
    names
        What the column Image says of each.
    numbers
        What came out for each, as text that two measurements have in common.
    """

    work: WorkOptions
    tasks: tuple[Task, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, work: WorkOptions, kept: Iterable[tuple[Task, NamedRecord]], /) -> MeasuredImages:
        """Return the images of a run without those that failed."""
        good = [(task, record) for task, record in kept if not record.error]
        return cls(
            work,
            tuple(task for task, _ in good),
            tuple(record.name for _, record in good),
            tuple(_numbers(record.rhi) for _, record in good),
        )

    def write_roisets(self, folder: Path, /) -> tuple[Path, ...]:
        """Write a ROI set for each image.

        Parameters
        ----------
        folder
            Where to.

        Raises
        ------
        ParameterError, PyrhiError, OutputError
            As `pyrhi.FolderResult.to_rois`.
        """
        paths = [folder / roiset_name(name) for name in self.names]
        if again := [path for path, count in Counter(paths).items() if count > 1]:
            msg = f"{again[0]}: would be the ROI set of two rows; measure them one by one"
            raise ParameterError(msg)
        reference = references_of(self.tasks, self.work, Local(1, processes=False))
        for task, name, numbers, path in zip(
            self.tasks, self.names, self.numbers, paths, strict=True
        ):
            write_rois(path, self._rois(task, name, numbers, reference(task)))
        return tuple(paths)

    def _rois(self, task: Task, name: str, numbers: str, reference: Reference | None) -> list[Roi]:
        image, outlines = open_task(task, self.work)
        with image:
            if image.slice_axis != FILE_SLICES:
                raise ParameterError(NOT_SHOWN.format(image=name, axis=image.slice_axis + 1))
            engine = engine_of(image, self.work.engine, self.work.fiji)
            measured = measure_image(
                image, outlines.rois, engine, self.work.parameters, reference=reference
            )
            if _numbers(measured.rhi) != numbers:
                msg = f"{name}: image or ROIs have changed since they were measured; measure again"
                raise RoiError(msg)
            size = image.height, image.width
            return measured_rois(
                (r.slice, r.level, r.cord.pixels(*size), r.high.pixels(*size)) for r in measured.rhi
            )


def _numbers(rows: Iterable[RhiNumbers | RhiRow]) -> str:
    return "".join(
        csv_line((r.slice, r.level, r.cord_area, r.high_area, r.cord_mean)) for r in rows
    )
