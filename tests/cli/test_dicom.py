"""What is written for a PACS holds the numbers that were measured."""

from __future__ import annotations

import csv
from pathlib import Path

from pyrhi.cli.main import run


def measure(*arguments: object) -> int:
    return run(["measure", *map(str, arguments)])


def rows_of(output: Path) -> list[dict[str, str]]:
    with (output / "rhi.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_what_pyrhi_wrote_as_dicom_gives_the_same_numbers(tmp_path: Path, series_of, sagittal):
    folder = tmp_path / "series"
    series_of(sagittal / "t2_sagittal.tif", folder)
    rois = sagittal / "t2_sagittal.RoiSet.zip"
    assert measure(folder, "--rois", rois, "-o", tmp_path / "a") == 0
    assert run(["dicom", str(folder), "--rois", str(rois), "-o", str(tmp_path / "dicom")]) == 0
    seg = tmp_path / "dicom" / "segmentation.dcm"
    assert measure(folder, "--masks", seg, "-o", tmp_path / "b") == 0
    drawn, masks = rows_of(tmp_path / "a"), rows_of(tmp_path / "b")
    assert len(drawn) > 5
    assert masks == drawn
