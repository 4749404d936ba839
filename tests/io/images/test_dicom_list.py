"""Which folders of an export hold a series: the others are left out and named."""

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


def test_the_label_is_what_series_takes(export: Path, tmp_path: Path, capsys):
    study = export / "DOE_JANE_19501112/ST000000"
    roi = tmp_path / "cord.roi"
    roi.write_bytes(encode_mask(np.ones((6, 6), bool), name="cord"))
    for label, plane in (("7a", "oblique"), ("7b", "axial"), ("none", "coronal")):
        (study / "SE000002" / "broken").unlink(missing_ok=True)
        asked = ["measure", str(study / "SE000002"), "--rois", str(roi), "--series", label]
        assert run([*asked, "-o", str(tmp_path / "out"), "--patient-id"]) == 0
        text = (tmp_path / "out/rhi.csv").read_text()
        assert text.count(f",{plane},") == 2


def test_a_series_of_a_whole_export(export: Path, tmp_path: Path, capsys):
    """Folders that do not hold the series are left out; before, each of them was a failure."""
    study = export / "DOE_JANE_19501112/ST000000"
    (study / "SE000002" / "broken").unlink()
    (study / "SE000001_ROIs.zip").write_bytes(_set("cord"))
    out = tmp_path / "out"
    asked = ["measure", str(export), "-o", str(out), "--patient-id", "--series"]
    assert run([*asked, "4"]) == 0
    assert "note: 2 DICOM folders without series 4 are left out" in capsys.readouterr().err
    assert (out / "rhi.csv").read_text().count(",sagittal,") == 5
    assert run([*asked, "99"]) == 1
    assert capsys.readouterr().err.count("there is no such series") == 3


def _set(name: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(f"{name}.roi", encode_mask(np.ones((6, 6), bool), name=name))
    return raw.getvalue()
