"""A manifest follows its files and keeps no name."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from rigs.studies import copy_of

from pyrhi.batch.pseudonym import pseudonym
from pyrhi.cli.main import run
from pyrhi.deidentify import deidentify


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_manifest_follows_its_files(source: Path, tmp_path: Path, axial: Path, ending: str):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ", "ID-4711-XYZ.zip")
    first, second = sorted(axial.glob("*.tif"))[:2]
    for path in (first, second):
        shutil.copy(path, folder)
        shutil.copy(path.with_suffix(".zip"), folder)
    (folder / "study.csv").write_text(
        "patient,image,rois,location,visit,remark\n"
        f"Musterfrau,{first.name},{first.stem}.zip,lumbar,2024-02-29,said by Erika\n"
        f"Musterfrau,{second.name},,lumbar,2024-08-29,\n"
        "ID-4711-XYZ,ID-4711-XYZ,ID-4711-XYZ.zip,,,\n"
    )
    given = folder / f"study.{ending}"
    if ending == "xlsx":
        pd.read_csv(folder / "study.csv").to_excel(given, index=False)
        (folder / "study.csv").unlink()
    deidentify(folder, tmp_path / "out", key_path=tmp_path / "key", declare_clean=True)
    (manifest,) = (tmp_path / "out").glob("*.csv")
    rows = list(csv.DictReader(manifest.open(encoding="utf-8")))
    assert list(rows[0]) == ["patient", "image", "rois", "location", "visit"]
    assert [r["visit"] for r in rows] == ["1", "2", ""]
    assert rows[2]["patient"] == pseudonym("ID-4711-XYZ", b"k" * 32)
    before = given, tmp_path / "before"
    after = manifest, tmp_path / "after"
    for path, out in (before, after):
        assert run(["measure", "--manifest", str(path), "-o", str(out)]) == 0
    rhi = [
        [r["RHI"] for r in csv.DictReader((out / "rhi.csv").open(encoding="utf-8"))]
        for _, out in (before, after)
    ]
    assert rhi[0] == rhi[1]
