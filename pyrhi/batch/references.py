"""Centre and spread of each patient's cord over all slices, for ``--high auto``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.batch.plan import text_patient
from pyrhi.batch.workers import Work
from pyrhi.errors import PyrhiError
from pyrhi.rhi.high import MAD_TO_SD, HighKind, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.batch.workers import Workers

Histogram = tuple[list[float], list[int]]


def _histogram(options: WorkOptions, task: Task) -> Histogram:
    # Loaded here, since most runs have no references and go the quick way.
    from pyrhi.batch.measure import cord_histogram

    try:
        return cord_histogram(task, options)
    except PyrhiError:
        # The error is told when the image itself is measured.
        return [], []


def _no_histogram(_: Task) -> Histogram:
    return [], []


def references_of(
    tasks: Sequence[Task], options: WorkOptions, workers: Workers, /
) -> Callable[[Task], Reference | None]:
    """Read every cord once and return what says the reference of a task.

    Parameters
    ----------
    tasks
        The images.
    options
        What they are measured with; in every mode but ``auto`` there are no references.
    workers
        Who reads them.
    """
    mode = options.parameters.high
    if mode is None or mode.kind is not HighKind.AUTO:
        return lambda _: None
    pooled: dict[tuple[str, str], dict[float, int]] = {}
    work = Work(partial(_histogram, options), _no_histogram)
    for task, (values, counts) in zip(tasks, workers.work_through(work, tasks), strict=True):
        histogram = pooled.setdefault(_whose(task), {})
        for value, count in zip(values, counts, strict=True):
            histogram[value] = histogram.get(value, 0) + count
    references = {whose: _robust(histogram) for whose, histogram in pooled.items()}
    return lambda task: references.get(_whose(task))


def _whose(task: Task) -> tuple[str, str]:
    return task.patient or text_patient(task), task.visit


def _robust(histogram: dict[float, int]) -> Reference | None:
    """Median and MAD of a histogram, as `reference_of` gives them for the values."""
    if not histogram:
        return None
    values = np.array(sorted(histogram))
    counts = np.array([histogram[v] for v in values.tolist()])
    center = _weighted_median(values, counts)
    deviations = np.abs(values - center)
    order = np.argsort(deviations, kind="stable")
    spread = MAD_TO_SD * _weighted_median(deviations[order], counts[order])
    return Reference(center, spread, int(counts.sum()))


def _weighted_median(values: NDArray[np.float64], counts: NDArray[Any]) -> float:
    ends = np.cumsum(counts)
    n = int(ends[-1])
    low = values[np.searchsorted(ends, (n - 1) // 2, side="right")]
    high = values[np.searchsorted(ends, n // 2, side="right")]
    return float((low + high) / 2)
