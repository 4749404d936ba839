"""``pyrhi verify``: a real ImageJ on the sample."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from rigs.command_line import SECONDS, pyrhi
from rigs.places import DATA, SAMPLE

pytestmark = pytest.mark.slow

NIFTI = SAMPLE / "nifti"
CASES = {
    "axial": ([SAMPLE / "axial_slices", "--high", "Otsu"], "16 images"),
    "sagittal": ([SAMPLE / "sagittal_stack", "--high", "auto"], "1 image"),
    "nifti": ([NIFTI / "t2.nii.gz", "--cord-mask", NIFTI / "t2_cord.nii.gz",
               "--high-mask", NIFTI / "t2_high.nii.gz"], "1 image"),
}  # fmt: skip

IN_TURN = """
import contextlib, io, json, sys
from pyrhi.cli.main import run
ended = {}
for name, arguments in json.load(sys.stdin).items():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["verify", *arguments])
    ended[name] = code, out.getvalue(), err.getvalue()
json.dump(ended, sys.stdout)
"""
"""Commands in one process, which starts Java once."""


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[int, str, str]]:
    lines = {name: [str(word) for word in words] for name, (words, _) in CASES.items()}
    done = subprocess.run(
        [sys.executable, "-c", IN_TURN], input=json.dumps(lines), capture_output=True, text=True,
        timeout=SECONDS, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CASES)
def test_imagej_gives_the_same_cells(ended: dict[str, tuple[int, str, str]], name: str):
    code, out, err = ended[name]
    assert code == 0, out + err
    assert out.startswith(f"{CASES[name][1]}, ")
    assert "compared with ImageJ 1.54p: 0 differ" in out
    assert err == ""


def test_imagej_gives_the_same_cells_of_the_golden_rois_as_a_person_runs_it():
    process = pyrhi("verify", DATA / "golden")
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith("5 images, ")
    assert "compared with ImageJ 1.54p: 0 differ" in process.stdout
    assert process.stderr == ""
