"""Every series of an export is listed, with its facts and without what identifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rigs.dicom_files import pacs_export

from pyrhi.cli.main import run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return pacs_export(tmp_path)


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
