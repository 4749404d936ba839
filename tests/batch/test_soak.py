"""The same study measured 200 times in one process: memory and open files stay as they were."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROUNDS = 200
WARM_UP = 40
"""Rounds after which everything is loaded and the allocator has its pools."""

TOLERANCE_KIB = 1024
"""Seen are 4 and 28 KiB of growth; 400 bytes left behind for each image would be 1 MiB."""

PROGRAM = """
import gc, json, os, sys
from pathlib import Path
import psutil

import pyrhi
from pyrhi.batch.options import RunOptions
from pyrhi.batch.run import run
from pyrhi.batch.plan import find_tasks

source, output, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
images = sorted(source.glob("*.tif"))
options = RunOptions(jobs=1)


def study():
    assert len(run(find_tasks(source), options, output=output).failures) == 0


def library():
    assert all(pyrhi.measure(path).slices for path in images)


measured = {"study": study, "library": library}[sys.argv[4]]
me = psutil.Process()
seen = []
for number in range(rounds):
    measured()
    if number % 10 == 9:
        gc.collect()
    seen.append((me.memory_info().rss // 1024, me.num_fds()))
print(json.dumps(seen))
"""


@pytest.mark.parametrize("how", ["study", "library"])
def test_memory_and_open_files_stay_flat(axial: Path, tmp_path: Path, how: str):
    command = [sys.executable, "-c", PROGRAM, axial, tmp_path / "out", str(ROUNDS), how]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    memory, files = zip(*json.loads(result.stdout), strict=True)
    assert len(memory) == ROUNDS
    # The greatest of the last rounds against the greatest of as many after the warm-up.
    span = WARM_UP // 2
    grown = max(memory[-span:]) - max(memory[WARM_UP : WARM_UP + span])
    print(f"{how}: {memory[WARM_UP]} KiB after {WARM_UP} rounds, {grown:+d} KiB after {ROUNDS}")
    assert grown < TOLERANCE_KIB, memory[:: ROUNDS // 20]
    assert files[-1] == files[WARM_UP]
