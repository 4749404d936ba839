"""Patients and a cohort for the commands of pain tiers, and commands that refuse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from pyrhi.cli.main import run
from pyrhi.sample import sample_folder

PATIENTS = (
    "Patient,Images,Slices,RHI,RHI_max,RHI_mean,RHI_pooled,Lesions,Location\n"
    "a,1,3,20,20,10,12,1,lumbar\nb,1,3,0,0,0,0,0,unknown\nc,1,3,NaN,,,,,\n"
    "'=d,1,1,70,70,70,70,3,multiple\ne,1,1,130,130,130,130,1,lumbar\n"
)


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(PATIENTS, encoding="utf-8")
    return path


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "cohort.csv"
    lines = ["patient,rhi,vas_1,vas_2,number"]
    for k, (mean, vas) in enumerate([(27, 2), (57, 5), (66, 9)]):
        for i in range(15):
            rhi = float(np.clip(rng.normal(mean, 13), 1, 99))
            lines.append(f"p{k}{i},{rhi:.1f},{vas},{vas + (i == 0)},{i % 3 + 1}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str], int], str]:
    """Run a command in an empty folder: it ends with that code, and what it says is returned."""
    monkeypatch.chdir(tmp_path)

    def errors_of(arguments: list[str], code: int) -> str:
        assert run(arguments) == code
        return capsys.readouterr().err

    return errors_of


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two slices, with a manifest as Excel saves it in Germany and as a workbook."""
    for name in ("t2_axial_021", "t2_axial_022"):
        for suffix in (".tif", ".zip"):
            shutil.copy(sample_folder() / f"axial_slices/{name}{suffix}", tmp_path)
    rows = [["patient", "image", "visit"], ["Müller", "t2_axial_021.tif", "0"],
            ["=1+1", "t2_axial_022.tif", "0"]]  # fmt: skip
    text = "\r\n".join(";".join(row) for row in rows)
    (tmp_path / "study.csv").write_text(text, encoding="cp1252", newline="")
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "made by hand"
    sheet = book.create_sheet("Images")
    for row in rows:
        sheet.append(row)
    # A person types '=1+1 to have a text; openpyxl has to be told.
    sheet["A3"].data_type = "s"
    book.save(tmp_path / "study.xlsx")
    return tmp_path
