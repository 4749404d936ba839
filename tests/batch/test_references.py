"""The reference of ``--high auto``: numpy's median and MAD over all slices of a patient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import Task
from pyrhi.batch.references import references_of
from pyrhi.batch.workers import Local
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.io.images import read_image
from pyrhi.io.rois import read_rois
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters

NUMBERS = (18, 20, 22)
AUTO = WorkOptions(RhiParameters(high=parse_high("auto")))


def tasks(axial: Path, *patients: str) -> list[Task]:
    return [Task(str(axial / f"t2_axial_{n:03}.tif"), f"{n}.tif", patient=patient)
            for n, patient in zip(NUMBERS, patients, strict=True)]  # fmt: skip


def cord_pixels(axial: Path, number: int) -> np.ndarray:
    stem = axial / f"t2_axial_{number:03}"
    cord = next(r for r in read_rois(stem.with_suffix(".zip")) if r.name == "cord")
    with read_image(stem.with_suffix(".tif")) as image:
        _, region = NumpyEngine(image).measure(cord, 1)
        return image.plane(1)[region.pixels(image.height, image.width)].astype(float)


def test_slices_of_a_patient_are_pooled_and_those_of_another_are_not(axial: Path):
    found = tasks(axial, "A", "A", "B")
    reference = references_of(found, AUTO, Local(1))
    for task, numbers in ((found[0], NUMBERS[:2]), (found[2], NUMBERS[2:])):
        values = np.concatenate([cord_pixels(axial, n) for n in numbers])
        center = np.median(values)
        one = reference(task)
        assert one is not None
        assert (one.center, one.pixel_count) == (center, values.size)
        assert one.spread == pytest.approx(1.4826 * np.median(np.abs(values - center)), rel=1e-12)
    assert reference(found[0]) is reference(found[1])


def test_a_slice_that_cannot_be_read_leaves_the_others_their_reference(axial: Path, tmp_path: Path):
    broken = Task(str(tmp_path / "broken.tif"), "broken.tif", patient="A")
    found = tasks(axial, "A", "A", "B")
    with_it = references_of([*found, broken], AUTO, Local(1))(found[0])
    without = references_of(found, AUTO, Local(1))(found[0])
    assert with_it == without


def test_other_modes_read_no_image_twice(tmp_path: Path):
    options = WorkOptions(RhiParameters(high=parse_high("Otsu")))
    missing = Task(str(tmp_path / "none.tif"), "none.tif")
    assert references_of([missing], options, Local(1))(missing) is None
