"""``pyrhi series`` on a folder as a PACS exports it: facts, labels, and no identifiers."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rigs.dicom_files import AXIAL, CORONAL, OBLIQUE, SAGITTAL, write_dicom, write_series

from pyrhi.cli.main import run
from pyrhi.io.rois.encode import encode_mask


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """PATIENT/STUDY/SERIES: a localizer in three planes, T2, T1 and two series in one folder."""
    study = tmp_path / "export" / "DOE_JANE_19501112" / "ST000000"
    for i, directions in enumerate((AXIAL, SAGITTAL, CORONAL)):
        write_dicom(
            study / "SE000000" / f"IM{i}",
            np.zeros((256, 192), np.uint16),
            ImageOrientationPatient=directions,
            ImagePositionPatient=[0, 0, 0],
            SeriesInstanceUID="1.2.826.0.1.3680043.1",
            SeriesNumber=1,
            ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        )
    told = {"StudyDescription": "SPINE Doe", "SeriesDescription": "T2 of Jane"}
    write_series(
        study / "SE000001",
        5,
        directions=SAGITTAL,
        step=3.3,
        SeriesInstanceUID="1.2.826.0.1.3680043.2",
        SeriesNumber=4,
        RepetitionTime="3500",
        EchoTime="102",
        **told,
    )
    mixed = study / "SE000002"
    for uid, number, directions in (("3", 7, OBLIQUE), ("4", 7, AXIAL), ("5", None, CORONAL)):
        part = write_series(
            tmp_path / uid,
            2,
            directions=directions,
            SeriesInstanceUID=f"1.2.826.0.1.3680043.{uid}",
            SeriesNumber=number,
        )
        mixed.mkdir(exist_ok=True)
        for file in part.iterdir():
            file.rename(mixed / f"{uid}{file.name}")
    write_dicom(mixed / "broken", np.zeros((4, 4), np.uint16), broken={"Rows": b"\1"})
    return tmp_path / "export"


def test_every_series_is_listed(export: Path, tmp_path: Path, capsys):
    (export / "DOE_JANE_19501112/ST000000/SE000001.zip").touch()
    assert run(["series", str(export), "--json", "--key", str(tmp_path / "key")]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [
        (s["series"], s["plane"], s["columns"], s["rows"], s["slices"], s["rois"]) for s in found
    ] == [
        ("1", "mixed", 192, 256, 3, "no"),
        ("4", "sagittal", 40, 32, 5, "yes"),
        ("7a", "oblique", 40, 32, 2, "no"),
        ("7b", "axial", 40, 32, 2, "no"),
        ("none", "coronal", 40, 32, 2, "no"),
    ]
    assert found[0]["distance_mm"] is None
    assert [s["distance_mm"] for s in found[1:]] == pytest.approx([3.3, 3, 3, 3], abs=1e-5)
    assert [s["localizer"] for s in found] == [True, False, False, False, False]
    assert (found[1]["pixel_width_mm"], found[1]["pixel_height_mm"]) == (0.25, 0.5)
    assert (found[1]["repetition_time_ms"], found[1]["echo_time_ms"]) == (3500.0, 102.0)
    assert found[2]["notes"] == ["1 file of this folder cannot be read"]
    assert found[0]["notes"] == [
        "localizer",
        "the slice lies in another direction than others of its series",
    ]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_nothing_that_identifies_is_shown(export: Path, tmp_path: Path, capsys, form: list[str]):
    asked = ["series", str(export), *form, "--key", str(tmp_path / "key")]
    assert run(asked) == 0
    told = capsys.readouterr()
    low = (told.out + told.err).lower()
    for identifier in ("doe", "jane", "19501112", "4711", "1.2.826", "spine", "t2 of"):
        assert identifier not in low
    assert "they are shown as pseudonyms (--patient-id shows them as they are)" in told.err
    assert run([*asked, "--patient-id"]) == 0
    told = capsys.readouterr()
    assert "DOE_JANE_19501112/ST000000/SE000001" in told.out
    assert "note" not in told.err


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
def test_a_folder_without_dicom(tmp_path: Path, capsys, name: str):
    (tmp_path / "empty").mkdir()
    assert run(["series", str(tmp_path / name)]) == 1
    messages = {
        "nowhere": "no such folder; check the path",
        "empty": "holds no DICOM image; other images need no list: pyrhi measure takes them",
    }
    assert capsys.readouterr().err == f"pyrhi: {tmp_path / name}: {messages[name]}\n"


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
