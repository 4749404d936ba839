"""``pyrhi series`` on a folder as a PACS exports it: facts, labels, and no identifiers."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rigs.dicom_files import pacs_export

from pyrhi.cli.main import run
from pyrhi.io.rois.encode import encode_mask


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return pacs_export(tmp_path)


def test_a_table_for_the_eye(export: Path, tmp_path: Path, capsys):
    assert run(["series", str(export), "--patient-id"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = [" ".join(line.split()) for line in lines]
    assert shown[0] == (
        "Series Folder Modality Plane Size Pixel_mm Distance_mm Slices TR_ms TE_ms ROIs Notes"
    )
    assert shown[2] == (
        "4 DOE_JANE_19501112/ST000000/SE000001 MR sagittal 40 x 32 0.25 x 0.5 3.3 5 3500 102 no"
    )


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_dicom_says_what_to_do(tmp_path: Path, capsys, name: str):
    (tmp_path / "empty").mkdir()
    assert run(["series", str(tmp_path / name)]) == 1
    messages = {
        "nowhere": "no such folder; check the path",
        "empty": "holds no DICOM image; other images need no list: pyrhi measure takes them",
    }
    assert capsys.readouterr().err == f"pyrhi: {tmp_path / name}: {messages[name]}\n"


def test_a_series_without_rois_says_what_to_do(export: Path, tmp_path: Path, capsys):
    series = export / "DOE_JANE_19501112/ST000000/SE000001"
    assert run(["measure", str(series), "-o", str(tmp_path / "out"), "--patient-id"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        f"pyrhi: {series}: no ROIs beside the DICOM folder (NAME.zip, NAME_ROIs.zip) or in it"
        " (RoiSet.zip); outline it, or give --rois; pyrhi series lists what is there"
    )
    (series.parent / "SE000002" / "broken").unlink()
    assert run(["measure", str(export), "-o", str(tmp_path / "all"), "--patient-id"]) == 1
    errors = capsys.readouterr().err
    assert "choose one (--series NUMBER): series 7a (2 slices), series 7b (2 slices)" in errors


def _set(name: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(f"{name}.roi", encode_mask(np.ones((6, 6), bool), name=name))
    return raw.getvalue()
