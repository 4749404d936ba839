"""Runs that are killed, and disks that are full: no half table, and nothing done twice."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.small_disk import small_disk

from pyrhi.batch.pseudonym import KEY_BYTES, read_key
from pyrhi.io.atomic import TEMPORARY_SUFFIX
from pyrhi.io.rois import encode_mask, write_roiset

pytestmark = pytest.mark.slow

PYRHI = Path(sys.executable).with_name("pyrhi")
TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")
JOURNAL = ".pyrhi-journal.jsonl"
IMAGES = 60
KILLS = 20


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of several slices, one of which cannot be read; high regions are to be found."""
    folder = tmp_path_factory.mktemp("study") / "in"
    folder.mkdir()
    mask = np.zeros((192, 192), bool)
    mask[20:150, 30:160] = True
    cord = encode_mask(mask, name="cord")
    pixels = np.random.default_rng(11).integers(300, 400, (4, 192, 192), np.uint16)
    pixels[:, 60:90, 70:120] += 1000
    for number in range(IMAGES):
        path = folder / f"s{number}.tif"
        tifffile.imwrite(path, pixels + 10 * number, imagej=True, resolution=(2.0, 2.0))
        write_roiset(path.with_suffix(".zip"), [("cord", cord)])
    (folder / "s7.tif").write_bytes(b"II*\0 cut off")
    return folder


def command(images: Path, output: Path, *more: str) -> list[str]:
    arguments = ("measure", images, "-o", output, "--high", "Otsu", "--jobs", "2", *more)
    return [str(PYRHI), *map(str, arguments)]


def finished(images: Path, output: Path, *more: str) -> float:
    """Run to the end; return the seconds that it took."""
    began = time.monotonic()
    result = subprocess.run(
        command(images, output, *more), capture_output=True, text=True, check=False
    )
    assert result.returncode == 1, result.stderr
    assert f"{IMAGES - 1} images measured" in result.stderr
    return time.monotonic() - began


def results(folder: Path) -> dict[str, bytes]:
    """Return the tables and ROI sets that a run wrote."""
    files = [folder / name for name in TABLES] + sorted((folder / "rois").rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() for p in files if p.is_file()}


@pytest.fixture(scope="module")
def whole(images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """What an undisturbed run writes, and how long it takes."""
    output = tmp_path_factory.mktemp("whole")
    seconds = min(finished(images, output) for _ in range(2))
    return results(output), seconds


def killed_after(delay: float, images: Path, output: Path) -> tuple[bool, float]:
    """Start a run and kill it; return whether it was still there, and the seconds it had."""
    began = time.monotonic()
    run = subprocess.Popen(
        command(images, output),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(delay)
    took = time.monotonic() - began
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    return run.wait() == -signal.SIGKILL, took


def test_a_run_killed_at_any_moment_is_resumed_to_the_same_tables(
    images: Path, tmp_path: Path, whole: tuple[dict[str, bytes], float]
):
    undisturbed, seconds = whole
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    killed = 0
    states = set()
    for point in range(KILLS):
        output = tmp_path / f"out{point}"
        # One point in each twentieth of the run, from its start to its last table.
        delay = seconds * (point + chance.random()) / KILLS
        moment = f"seed {seed}, point {point}, killed after {delay:.3f} of {seconds:.3f} s"
        print(moment)
        was_killed, took = killed_after(delay, images, output)
        if not was_killed:
            # A run that was faster than the one measured says how fast a run is now.
            shutil.rmtree(output)
            seconds = took
            was_killed, _ = killed_after(took * (point + 0.5) / KILLS, images, output)
        killed += was_killed
        if output.exists():
            for name, content in results(output).items():
                if not name.endswith(TEMPORARY_SUFFIX):
                    assert content == undisturbed[name], f"{moment}: {name} is torn"
            states.add("tables" if (output / "rois.csv").exists() else "journal")
        else:
            states.add("nothing")
        finished(images, output, "--resume")
        assert results(output) == undisturbed, moment
        assert not list(output.rglob(f"*{TEMPORARY_SUFFIX}")), moment
        shutil.rmtree(output)
    # The last points may fall behind the end of a run that was faster than the one measured.
    assert killed >= KILLS * 3 // 4, f"seed {seed}: only {killed} of {KILLS} runs were killed"
    assert {"nothing", "journal"} <= states, f"seed {seed}: {states}"


@pytest.mark.parametrize("table", ["rois/s3.RoiSet.zip", *TABLES])
def test_a_run_killed_while_it_writes_a_table(
    images: Path, tmp_path: Path, whole: tuple[dict[str, bytes], float], table: str
):
    """Killed between the bytes and the name of a table: the old one stays, and no rest."""
    undisturbed, _ = whole
    output = tmp_path / "out"
    (output / table).parent.mkdir(parents=True)
    (output / table).write_bytes(b"old")
    program = (
        "import os, pathlib, signal, sys\n"
        "from pyrhi.cli import main\n"
        "whole = pathlib.Path.replace\n"
        "def replace(self, target):\n"
        f"    if str(target).endswith({table!r}):\n"
        "        os.kill(0, signal.SIGKILL)\n"
        "    return whole(self, target)\n"
        "pathlib.Path.replace = replace\n"
        "sys.exit(main())"
    )
    arguments = command(images, output)[1:]
    run = subprocess.Popen([sys.executable, "-c", program, *arguments], start_new_session=True)
    assert run.wait() == -signal.SIGKILL
    assert (output / table).read_bytes() == b"old"
    # This one, and the tables that get their names after it.
    assert list(output.rglob(f"*{TEMPORARY_SUFFIX}"))
    finished(images, output, "--resume")
    assert results(output) == undisturbed
    assert not list(output.rglob(f"*{TEMPORARY_SUFFIX}"))


def test_a_journal_killed_while_it_is_resumed_keeps_what_is_done(images: Path, tmp_path: Path):
    output = tmp_path / "out"
    finished(images, output)
    before = done_lines(output / JOURNAL)
    program = (
        "import os, signal, sys\n"
        "from pyrhi.cli import main\n"
        "import pyrhi.batch.run as run\n"
        "class Killed(run.Journal):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        os.kill(0, signal.SIGKILL)\n"
        "run.Journal = Killed\n"
        "sys.exit(main())"
    )
    arguments = command(images, output, "--resume")[1:]
    run = subprocess.Popen([sys.executable, "-c", program, *arguments], start_new_session=True)
    assert run.wait() == -signal.SIGKILL
    assert len(before) == IMAGES - 1
    assert done_lines(output / JOURNAL) == before


def done_lines(journal: Path) -> list[bytes]:
    """Lines of the images that were measured."""
    return sorted(line for line in journal.read_bytes().splitlines() if b'"error":""' in line)


def test_a_key_that_was_never_written_is_made(tmp_path: Path):
    (tmp_path / "key").touch()
    assert len(read_key(tmp_path / "key")) == KEY_BYTES


def test_a_full_disk_is_said_once_and_leaves_no_half_table(
    images: Path, tmp_path: Path, whole: tuple[dict[str, bytes], float]
):
    """Disks from far too small to nearly large enough: journal, ROI sets and tables hit the end."""
    undisturbed, _ = whole
    page = os.sysconf("SC_PAGE_SIZE")
    names = re.compile(r"(\S+): cannot be written \(No space left on device\)")
    hit = set()
    with small_disk(tmp_path / "out", 64 * 2**20) as disk:
        finished_there(disk, images)
        full = sum(-(-p.stat().st_size // page) for p in disk.seen.rglob("*") if p.is_file())
        old = {name: content for name, content in results(disk.seen).items() if name in TABLES}
        # Journal and ROI sets of this run are gone, its tables stay as those of an older run.
        empty(disk)
        kept = sum(-(-len(content) // page) for content in old.values())
        sizes = sorted({kept + 1, *range(kept + 1, full, max(full // 8, 1)), full - 2})
        for pages in sizes:
            disk.resize(pages * page)
            code, errors = measured_there(disk, images)
            assert code == 1, errors
            (line,) = errors.splitlines()
            assert line.startswith("pyrhi: ")
            match = names.search(line)
            assert match is not None, line
            hit.add("roi set" if match[1].endswith(".zip") else Path(match[1]).name)
            for name, content in results(disk.seen).items():
                if name in TABLES:
                    assert content == old[name], f"{pages} pages: {name} is torn"
                else:
                    assert content == undisturbed[name], f"{pages} pages: {name} is torn"
                    with zipfile.ZipFile(disk.seen / name) as archive:
                        assert archive.testzip() is None
            assert not list(disk.seen.rglob(f"*{TEMPORARY_SUFFIX}"))
            disk.resize(64 * 2**20)
            empty(disk)
        # All are written side by side, so that any of them may be the one that hits the end.
        assert JOURNAL in hit, hit
        assert hit & {"roi set", *TABLES, "run.json"}, hit
        disk.resize(pages * page)
        assert measured_there(disk, images)[0] == 1
        disk.resize(64 * 2**20)
        finished_there(disk, images, "--resume")
        assert results(disk.seen) == undisturbed


def measured_there(disk, images: Path, *more: str) -> tuple[int, str]:
    result = subprocess.run(
        [*disk.enter, *command(images, disk.folder, *more)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stderr
    return result.returncode, result.stderr


def finished_there(disk, images: Path, *more: str) -> None:
    code, errors = measured_there(disk, images, *more)
    assert code == 1
    assert f"{IMAGES - 1} images measured" in errors, errors


def empty(disk) -> None:
    (disk.seen / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(disk.seen / "rois", ignore_errors=True)
    (disk.seen / "run.json").unlink(missing_ok=True)
