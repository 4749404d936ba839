"""The quick way of plain images gives the record of the general one, and passes on the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pyrhi
from pyrhi.batch.journal import json_of_record
from pyrhi.batch.measure import measure_plain, measure_task
from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import Item, Task
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters

SAMPLE = Path(pyrhi.__file__).parent / "sample"
DATA = Path(__file__).parents[1] / "data"
IMAGES = sorted(
    (image, rois)
    for folder in (SAMPLE, DATA / "golden", DATA / "oracle")
    for image in folder.rglob("*.tif")
    for rois in (image.with_suffix(".zip"), image.with_suffix(".RoiSet.zip"))
    if rois.exists()
)
OPTIONS = WorkOptions(
    parameters=RhiParameters(high=parse_high("Otsu"), ignore_unnamed=True), patient_id=True
)


def test_there_is_something_to_compare():
    assert len(IMAGES) > 20


@pytest.mark.parametrize("options", [WorkOptions(), OPTIONS], ids=["drawn", "Otsu"])
@pytest.mark.parametrize(("image", "rois"), IMAGES, ids=lambda p: p.name)
def test_both_ways_give_the_same_record(
    image: Path, rois: Path, options: WorkOptions, monkeypatch: pytest.MonkeyPatch
):
    item = Item(Task(str(image), image.name, rois=str(rois)))
    quick = measure_plain(options, item)
    assert quick is not None
    monkeypatch.setattr("pyrhi.io.images.tiff.plain_page", lambda _: None)
    assert measure_plain(options, item) is None
    assert json_of_record(quick) == json_of_record(measure_task(options, item))  # type: ignore[arg-type]


def test_what_is_not_plain_is_passed_on(tmp_path: Path):
    packed = tmp_path / "packed.tif"
    tifffile.imwrite(packed, np.zeros((9, 9), np.uint16), compression="lzw")
    missing = tmp_path / "missing.tif"
    text = tmp_path / "text.tif"
    text.write_text("no image")
    for path in (packed, missing, text, tmp_path):
        assert measure_plain(WorkOptions(), Item(Task(str(path), path.name))) is None
    image = shutil.copy(IMAGES[0][0], tmp_path / "plain.tif")
    masked = Item(Task(str(image), "plain.tif", cord_mask=str(packed)))
    assert measure_plain(WorkOptions(), masked) is None


def test_an_error_is_told_in_the_words_of_the_general_way(tmp_path: Path):
    image = shutil.copy(IMAGES[0][0], tmp_path / "plain.tif")
    item = Item(Task(str(image), "plain.tif", rois=str(tmp_path / "none.zip")))
    quick, other = measure_plain(WorkOptions(), item), measure_task(WorkOptions(), item)
    assert quick is not None
    assert quick.error == other.error != ""
