"""Both engines on the same images: what is said where they differ."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rigs.places import SAMPLE

from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.verify import verify_task
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.imagej.results import HEADINGS

if TYPE_CHECKING:
    from pyrhi.imagej.mask import Region
    from pyrhi.imagej.roi import Roi


class OtherEngine(NumpyEngine):
    """Another engine whose means are one too high."""

    def measure(self, roi: Roi, slice_number: int, /) -> tuple[tuple[float, ...], Region]:
        row, region = super().measure(roi, slice_number)
        values = list(row)
        values[HEADINGS.index("Mean")] += 1.0
        return tuple(values), region


def test_every_cell_that_differs_is_reported():
    tasks = find_tasks(SAMPLE / "axial_slices")
    same = [verify_task(task, WorkOptions(), NumpyEngine) for task in tasks]
    assert all(not v.differences and v.identical == v.cells for v in same)
    found = verify_task(tasks[0], WorkOptions(), OtherEngine)
    columns = [(d.row, d.column) for d in found.differences]
    assert ("RHI", "cord_mean") in columns
    assert {column for _, column in columns} == {"Mean", "cord_mean"}
    for difference in found.differences:
        if difference.column == "Mean":
            assert float(difference.imagej) == float(difference.ours) + 1.0


def test_an_image_that_cannot_be_read_is_an_error_and_no_difference(tmp_path):
    (tmp_path / "empty.tif").touch()
    (task,) = find_tasks(tmp_path)
    found = verify_task(task, WorkOptions(), NumpyEngine)
    assert found.cells == 0
    assert len(found.errors) == 1
    assert "empty.tif" in found.errors[0]
    assert dataclasses.asdict(found)["differences"] == ()
