"""A short run of the fuzzer on every reader; ``make fuzz`` is the long one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("fuzz_readers.py")
READERS = re.findall(r'^    "([\w-]+)": \(', HARNESS.read_text(encoding="utf-8"), re.MULTILINE)
RUNS = 1000
"""Inputs for each reader, from a fixed seed: some seconds, and the same ones each time."""


@pytest.fixture(scope="module")
def crashes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fuzz all readers, and return the folder with what each said and what brought it down."""
    folder = tmp_path_factory.mktemp("crashes")
    command = [sys.executable, HARNESS, "--runs", str(RUNS), "--crashes", folder]
    subprocess.run(command, capture_output=True, timeout=900, check=False)
    return folder


@pytest.mark.parametrize("reader", READERS)
def test_damaged_files_give_a_value_or_one_line(reader: str, crashes: Path):
    log = (crashes / f"{reader}.log").read_text(errors="replace")
    kinds = ("crash", "timeout", "oom")
    found = [path.name for kind in kinds for path in crashes.glob(f"{reader}-{kind}-*")]
    assert found == [], log[-4000:]
    done = re.search(r"stat::number_of_executed_units: (\d+)", log)
    assert done is not None, log[-4000:]
    assert int(done[1]) >= RUNS


def test_every_reader_is_fuzzed():
    images = {"tiff", "dicom", "nifti", "png", "jpeg"}
    masks = {f"mask-{kind}" for kind in ("nrrd", "meta", "nifti", "seg", "rtstruct")}
    assert set(READERS) >= {*images, *masks, "roi", "roiset", "table", "model"}
