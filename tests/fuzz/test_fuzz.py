"""A short run of the fuzzer on every reader; ``make fuzz`` is the long one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("fuzz_readers.py")
READERS = re.findall(r'^    "([\w-]+)": \(', HARNESS.read_text(encoding="utf-8"), re.MULTILINE)
RUNS = 1500
"""Inputs for each reader, from a fixed seed: some seconds, and the same ones each time."""


@pytest.mark.parametrize("reader", READERS)
def test_damaged_files_give_a_value_or_one_line(reader: str, tmp_path: Path):
    crashes, scratch = tmp_path / "crashes", tmp_path / "scratch"
    scratch.mkdir()
    more = ("--runs", str(RUNS), "--crashes", crashes, "--scratch", scratch)
    result = subprocess.run(
        [sys.executable, HARNESS, reader, *more],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    assert list(crashes.iterdir()) == []
    done = re.search(r"stat::number_of_executed_units: (\d+)", result.stderr)
    assert done is not None, result.stderr[-4000:]
    assert int(done[1]) >= RUNS


def test_every_reader_is_fuzzed():
    assert set(READERS) >= {"tiff", "dicom", "nifti", "png", "roi", "roiset", "table", "model"}
