"""Whichever engine is chosen, the tables are the same."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from rigs.command_line import SECONDS, pyrhi
from rigs.places import SAMPLE

TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def assert_same(ours: Path, imagejs: Path) -> None:
    for name in TABLES:
        found, expected = cells(ours / name), cells(imagejs / name)
        assert len(found) == len(expected)
        for row, other in zip(found, expected, strict=True):
            for a, b in zip(row, other, strict=True):
                assert a == b or math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9)


def test_both_engines_write_the_same_tables(tmp_path):
    folder = tmp_path / "scans é 中"
    shutil.copytree(SAMPLE / "axial_slices", folder / "axial")
    shutil.copytree(SAMPLE / "sagittal_stack", folder / "sagittal")
    (folder / "broken.tif").write_bytes(b"II*\0")
    for high in ([], ["--high", "Otsu"]):
        ours, imagejs = tmp_path / f"ours{len(high)}", tmp_path / f"imagejs{len(high)}"
        codes = [
            pyrhi("measure", folder, "-o", out, "--engine", engine, *high).returncode
            for out, engine in ((ours, "numpy"), (imagejs, "imagej"))
        ]
        assert codes == [1, 1]  # the broken image, in both
        assert len(cells(ours / "rhi.csv")) > 17
        assert_same(ours, imagejs)
        engines = [json.loads((out / "run.json").read_text())["engine"] for out in (ours, imagejs)]
        assert engines == ["numpy", "ImageJ 1.54p"]


def test_from_python_by_name_or_by_a_running_imagej():
    code = """
        import sys
        from pathlib import Path
        import pyrhi
        import pyrhi.engines
        image = sorted(Path(sys.argv[1]).glob("*.tif"))[0]
        ij = pyrhi.engines.ImageJ()
        values = [pyrhi.measure(image, engine=e).rhi for e in ("numpy", "imagej", ij)]
        print(len(values), len(set(values)))
    """
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(SAMPLE / "axial_slices")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert process.stdout.split() == ["3", "1"], process.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--fiji", "."], 2, "--fiji is for --engine imagej"),
        (["--engine", "imagej", "--fiji", "."], 1, "is not a folder of Fiji or ImageJ"),
        (["--engine", "other"], 2, "'other' is not one of"),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path, arguments, code, message):
    process = pyrhi("measure", SAMPLE / "axial_slices", "-o", tmp_path / "out", *arguments)
    assert process.returncode == code
    assert message in process.stderr
    assert "Traceback" not in process.stderr
