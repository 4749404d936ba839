"""A closed or full error stream, as a shell makes one, does not stop a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pyrhi.sample import sample_folder

TABLES = ("rhi.csv", "rois.csv", "patients.csv", "failures.csv")


def measure(output: Path, end: str) -> subprocess.CompletedProcess[str]:
    source = sample_folder() / "axial_slices"
    line = f"'{sys.executable}' -m pyrhi measure '{source}' -o '{output}' --jobs 2 {end}"
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    out = tmp_path_factory.mktemp("usual")
    assert measure(out, "").returncode == 0
    return [(out / name).read_bytes() for name in TABLES]


@pytest.mark.parametrize("end", ["2>&-", "2>/dev/full", ">&- 2>&-", "2>&- </dev/null >/dev/full"])
def test_the_tables_are_the_same(tmp_path: Path, usual: list[bytes], end: str):
    done = measure(tmp_path, end)
    assert done.returncode == 0
    assert (done.stdout, done.stderr) == ("", "")
    assert [(tmp_path / name).read_bytes() for name in TABLES] == usual


def test_a_full_output_stream_is_an_error(tmp_path: Path):
    image = sample_folder() / "axial_slices/t2_axial_022.tif"
    line = f"'{sys.executable}' -m pyrhi thresholds '{image}' >/dev/full"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
