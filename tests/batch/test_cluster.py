"""A run on a real Dask scheduler with two workers, whatever happens to them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pydicom
import pytest
import tifffile
from pydicom.data import get_testdata_file
from rigs.small_disk import own_mounts

import pyrhi
from pyrhi.batch.cluster import Conditions
from pyrhi.io.rois import encode_mask, read_rois, write_roiset

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

PYTHON = sys.executable
DASK = Path(PYTHON).with_name("dask")
PYRHI = Path(PYTHON).with_name("pyrhi")
TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")
JOURNAL = ".pyrhi-journal.jsonl"
PATIENCE = 60.0


@dataclass
class Dask:
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        found = self.folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", found
        )
        self.address = json.loads(until(lambda: found.exists() and found.read_text()))["address"]

    def add_worker(self, *options: str, before: tuple[str, ...] = (), **environment: str) -> None:
        count = self.joined()
        arguments = ("worker", self.address, "--nthreads", "1", *options)
        self.workers.append(self._start(*arguments, before=before, **environment))
        until(lambda: self.joined() > count)

    def joined(self) -> int:
        return (self.folder / "scheduler.log").read_bytes().count(b"Register worker")

    def _start(
        self, kind: str, *arguments: object, before: tuple[str, ...] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        command = [*before, str(DASK), kind, "--no-dashboard", *map(str, arguments)]
        with (self.folder / f"{kind}.log").open("ab") as log:
            # In another folder than the run: a relative path must be found all the same.
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                env=os.environ
                | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
                # A worker that is killed leaves what it stored.
                | {"DASK_TEMPORARY_DIRECTORY": str(self.folder)}
                | environment,
            )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None:
                kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(ready, seconds: float = PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"waited {seconds:g} s for nothing")


@contextlib.contextmanager
def dask(folder: Path) -> Iterator[Dask]:
    folder.mkdir()
    cluster = Dask(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A cluster for the tests that leave it as it is."""
    with dask(tmp_path_factory.mktemp("two") / "dask") as cluster:
        cluster.add_worker()
        cluster.add_worker()
        yield cluster


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Dask]:
    """A scheduler for one test, without workers."""
    with dask(tmp_path / "dask") as cluster:
        yield cluster


def measure(folder: Path, *arguments: object, **seconds: float) -> subprocess.Popen[str]:
    """Run ``pyrhi measure``; `seconds` says how long it waits for what will not come."""
    # Of distributed itself: how long a lost scheduler is called.
    lost = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": f"{seconds.pop('LOST_SECONDS', 30.0)}s"}
    waits = "; ".join(f"c.{name} = {value}" for name, value in seconds.items())
    program = f"import sys, pyrhi.batch.cluster as c; from pyrhi.cli import main; {waits}"
    started = [PYTHON, "-c", f"{program}; sys.exit(main())"] if seconds else [PYRHI]
    return subprocess.Popen(
        [*started, "measure", *map(str, arguments)],
        cwd=folder,
        env=os.environ | lost,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def code_and_errors(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=10 * PATIENCE)
    assert "Traceback" not in errors
    return process.returncode, errors


def refused(process: subprocess.Popen[str]) -> str:
    code, errors = code_and_errors(process)
    (line,) = errors.splitlines()
    assert code == 1
    return line


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def make(folder: Path, images: int, slices: int = 1) -> None:
    """Images whose numbers differ, the third of which cannot be read."""
    folder.mkdir()
    mask = np.zeros((256, 256), bool)
    mask[20:120, 30:130] = True
    cord = encode_mask(mask, name="cord")
    mask[60:] = False
    high = encode_mask(mask, name="high")
    pixels = np.random.default_rng(7).integers(0, 4000, (slices, 256, 256), np.uint16)
    for number in range(images):
        path = folder / f"s{number}.tif"
        tifffile.imwrite(path, np.squeeze(pixels + number), imagej=True, resolution=(2.0, 2.0))
        write_roiset(path.with_suffix(".zip"), [("cord", cord), ("high", high)])
    (folder / "s2.tif").write_bytes(b"II*\0 cut off")


def lines(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.parametrize("whole", [False, True], ids=["worker", "worker-and-nanny"])
def test_a_worker_killed_in_the_middle_changes_no_byte(tmp_path: Path, own: Dask, whole: bool):
    images = 80
    make(tmp_path / "in", images, slices=24)
    assert code_and_errors(measure(tmp_path, "in", "-o", "local"))[0] == 1
    own.add_worker()
    own.add_worker()
    run = measure(tmp_path, "in", "-o", "cluster", "--scheduler", own.address)
    journal = tmp_path / "cluster" / JOURNAL
    until(lambda: lines(journal) >= images // 8)
    nanny = own.workers[0]
    if whole:
        kill_group(nanny)
    else:
        children = psutil.Process(nanny.pid).children()
        (worker,) = (c for c in children if "spawn_main" in " ".join(c.cmdline()))
        worker.kill()
    assert lines(journal) < images // 2, "the worker died too late to be in the middle"
    assert run.poll() is None
    code, errors = code_and_errors(run)
    assert code == 1
    assert f"{images - 1} images measured, 1 failed" in errors
    assert tables(tmp_path / "cluster") == tables(tmp_path / "local")
    assert b"Remove worker" in (own.folder / "scheduler.log").read_bytes()


def test_found_regions_and_pooled_references_are_the_same(axial: Path, tmp_path: Path, two: Dask):
    shutil.copytree(axial, tmp_path / "in")
    for path in sorted((tmp_path / "in").glob("*.zip"))[::2]:
        write_roiset(path, [(r.name, r.data) for r in read_rois(path) if r.name == "cord"])
    arguments = ("in", "--high", "auto", "-o")
    local = code_and_errors(measure(tmp_path, *arguments, "local"))
    cluster = code_and_errors(measure(tmp_path, *arguments, "cluster", "--scheduler", two.address))
    assert [local[0], local[1].replace("local", "cluster")] == list(cluster)
    assert tables(tmp_path / "cluster") == tables(tmp_path / "local")
    sets = sorted((tmp_path / "local/rois").rglob("*.zip"))
    assert len(sets) == 16
    for path in sets:
        other = tmp_path / "cluster/rois" / path.relative_to(tmp_path / "local/rois")
        assert other.read_bytes() == path.read_bytes()
    assert b'"auto"' in (tmp_path / "cluster/run.json").read_bytes()
    code, errors = code_and_errors(measure(tmp_path, *arguments, "cluster", "--resume"))
    assert code == local[0]
    assert "16 of them before" in errors


def test_pseudonyms_are_those_of_this_user(tmp_path: Path, two: Dask):
    header = pydicom.dcmread(get_testdata_file("MR_small.dcm"))
    header.PatientID = "ID-4711-XYZ"
    (tmp_path / "in").mkdir()
    header.save_as(tmp_path / "in/a.dcm")
    mask = np.pad(np.ones((20, 20), bool), 22)
    write_roiset(tmp_path / "in/a.zip", [("cord", encode_mask(mask, name="cord"))])
    for name, more in (("local", ()), ("cluster", ("--scheduler", two.address))):
        # A key that only this process has: on the workers' machines there is none.
        arguments = ("in/a.dcm", "--key", "key", "-o", name, *more)
        assert code_and_errors(measure(tmp_path, *arguments))[0] == 0
    assert tables(tmp_path / "cluster") == tables(tmp_path / "local")
    for path in (tmp_path / "cluster").iterdir():
        assert b"ID-4711-XYZ" not in path.read_bytes()


def test_an_image_that_ends_its_worker_is_a_failure(tmp_path: Path, own: Dask):
    """More memory than the worker may have: the nanny ends it, each time that it is tried."""
    make(tmp_path / "in", 12)
    assert code_and_errors(measure(tmp_path, "in", "-o", "local"))[0] == 1
    before = tables(tmp_path / "local")
    side = 16000
    tifffile.imwrite(
        tmp_path / "in/big.tif", np.zeros((side, side), np.uint16), compression="deflate"
    )
    shutil.copy(tmp_path / "in/s0.zip", tmp_path / "in/big.zip")
    own.add_worker("--memory-limit", "500MB")
    own.add_worker("--memory-limit", "500MB")
    code, _ = code_and_errors(measure(tmp_path, "in", "-o", "cluster", "--scheduler", own.address))
    assert code == 1
    after = tables(tmp_path / "cluster")
    line = b"big.tif,in/big.tif: ended the process that measured it; check the file\n"
    assert line in after["failures.csv"]
    assert after["failures.csv"].replace(line, b"") == before["failures.csv"]
    assert after["rhi.csv"] == before["rhi.csv"]
    assert after["rois.csv"] == before["rois.csv"]


def test_a_scheduler_that_goes_away_loses_nothing(tmp_path: Path, own: Dask):
    images = 60
    make(tmp_path / "in", images, slices=24)
    own.add_worker()
    run = measure(tmp_path, "in", "-o", "out", "--scheduler", own.address, LOST_SECONDS=5.0)
    until(lambda: lines(tmp_path / "out" / JOURNAL) >= images // 8)
    own.stop()
    assert "the Dask scheduler is gone" in refused(run)
    assert not (tmp_path / "out/rhi.csv").exists()
    code, errors = code_and_errors(measure(tmp_path, "in", "-o", "out", "--resume"))
    assert code == 1
    assert "of them before" in errors
    code_and_errors(measure(tmp_path, "in", "-o", "local"))
    assert tables(tmp_path / "out") == tables(tmp_path / "local")


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path):
    make(tmp_path / "in", 3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    line = refused(
        measure(tmp_path, "in", "-o", "out", "--scheduler", address, CONNECT_SECONDS=1.0)
    )
    assert line.startswith(f"pyrhi: {address}: no Dask scheduler answers")
    assert "dask scheduler" in line


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:8786", "host:port", ""])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str):
    make(tmp_path / "in", 3)
    line = refused(measure(tmp_path, "in", "-o", "out", "--scheduler", address))
    assert "is no address of a Dask scheduler" in line


def test_another_server_is_not_taken_for_a_scheduler(tmp_path: Path):
    make(tmp_path / "in", 3)
    server = subprocess.Popen(
        [PYTHON, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split()[5]
        address = f"tcp://127.0.0.1:{port}"
        line = refused(
            measure(tmp_path, "in", "-o", "out", "--scheduler", address, CONNECT_SECONDS=1.0)
        )
        assert "no Dask scheduler answers" in line
    finally:
        server.kill()
        server.communicate()


def test_a_scheduler_without_workers_is_not_waited_for_for_ever(tmp_path: Path, own: Dask):
    make(tmp_path / "in", 3)
    run = measure(tmp_path, "in", "-o", "out", "--scheduler", own.address, WORKERLESS_SECONDS=2.0)
    line = refused(run)
    assert "has had no worker for 2 s; start some (dask worker" in line


def test_a_worker_that_does_not_see_the_files(tmp_path: Path, own: Dask):
    make(tmp_path / "in", 3)
    hidden = f'mount -t tmpfs none "{tmp_path / "in"}" && exec "$@"'
    own.add_worker(before=(*own_mounts(), "sh", "-c", hidden, "sh"))
    line = refused(measure(tmp_path, "in", "-o", "out", "--scheduler", own.address))
    assert f"does not see {tmp_path / 'in'}" in line
    assert "mount the folder at the same path" in line


def test_a_worker_with_another_version(tmp_path: Path, own: Dask):
    make(tmp_path / "in", 3)
    other = tmp_path / "other" / "pyrhi"
    shutil.copytree(Path(pyrhi.__file__).parent, other)
    text = (other / "__init__.py").read_text(encoding="utf-8")
    assert f'"{pyrhi.__version__}"' in text
    (other / "__init__.py").write_text(
        text.replace(f'"{pyrhi.__version__}"', '"0.0.1"'), encoding="utf-8"
    )
    own.add_worker()
    own.add_worker(PYTHONPATH=str(other.parent))
    line = refused(measure(tmp_path, "in", "-o", "out", "--scheduler", own.address))
    assert f"has pyrhi 0.0.1, this run {pyrhi.__version__}; install the same version" in line


def test_what_a_worker_may_lack(tmp_path: Path):
    here = Conditions.of_this_process(())
    assert here.what_is_missing() == ""
    for name in ("pyrhi", "python", "numpy"):
        assert f"has {name} " in replace(here, **{name: "0.1"}).what_is_missing()
    file = tmp_path / "a.tif"
    file.write_bytes(b"abc")
    assert replace(here, files=((str(file), 3),)).what_is_missing() == ""
    assert "sees another file" in replace(here, files=((str(file), 4),)).what_is_missing()
    assert "does not see" in replace(here, folder=str(tmp_path / "none")).what_is_missing()


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (("--engine", "imagej"), 1, "measures in one Java process on this machine"),
        (("--jobs", "2"), 2, "--jobs is for this machine, --scheduler for a cluster"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, two: Dask, more, code: int, words: str):
    make(tmp_path / "in", 3)
    run = measure(tmp_path, "in", "-o", "out", "--scheduler", two.address, *more)
    got, errors = code_and_errors(run)
    assert got == code
    assert words in errors
