"""Whoever works: results in order, a death is one failure, and nothing needs a fork or a guard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pyrhi
from pyrhi.batch.workers import BATCH_ITEMS, CHUNKS_AHEAD, Local, Work
from pyrhi.io.rois import encode_mask, write_roiset

IMAGES = 36


def _done(item: int) -> str:
    return f"done {item}"


def _dies_on_three(item: int) -> str:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return _done(item)


def _failed_item(item: int) -> str:
    return f"died {item}"


def _other_process(_: int) -> int:
    return os.getpid()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("processes", [False, True])
def test_results_come_in_the_order_of_the_items(jobs: int, processes: bool):
    items = range(3 * IMAGES)
    done = list(Local(jobs, processes, patience=0.0).work_through(Work(_done, _failed_item), items))
    assert done == [f"done {item}" for item in items]


@pytest.mark.slow
def test_an_item_that_ends_its_process_is_one_failure_and_loses_no_other():
    items = range(IMAGES)
    done = list(
        Local(2, processes=True, patience=0.0).work_through(
            Work(_dies_on_three, _failed_item), items
        )
    )
    assert done == [f"{'died' if item == 3 else 'done'} {item}" for item in items]


def test_a_suspect_gets_a_process_of_its_own():
    work = Work(_dies_on_three, _failed_item, suspect=lambda item: item == 3)
    assert list(Local(1).work_through(work, range(5)))[3] == "died 3"


def test_no_process_is_started_unless_asked_for():
    items = range(2 * IMAGES)
    here = set(Local(2).work_through(Work(_other_process, _other_process), items))
    assert here == {os.getpid()}
    there = set(
        Local(2, processes=True, patience=0.0).work_through(
            Work(_other_process, _other_process), items
        )
    )
    assert os.getpid() not in there


def test_what_is_quick_is_shared_by_threads_and_the_rest_goes_to_processes():
    def quick(item: int) -> int | None:
        return None if item % 10 == 0 else threading.get_ident()

    items = range(4 * IMAGES)
    work = Work(_other_process, _other_process, quick=quick)
    done = list(Local(2, processes=True, patience=0.0).work_through(work, items))
    assert threading.get_ident() not in done
    assert os.getpid() not in done[::10]


def test_long_quick_work_goes_to_processes_only_where_there_are_many():
    work = Work(_other_process, _other_process, quick=lambda _: os.getpid())
    items = range(4 * IMAGES)
    few = Local(2, processes=True, quick_patience=0.0).work_through(work, items)
    assert set(few) == {os.getpid()}
    many = Local(3, processes=True, quick_patience=0.0).work_through(work, items)
    assert os.getpid() not in set(many)


def test_results_that_wait_for_an_older_one_are_few():
    """One slow image must not make all others pile up in memory."""
    free, started = threading.Event(), []

    def work(item: int) -> int:
        started.append(item)
        if item == 0:
            free.wait(20)
        return item

    jobs, count = 2, 100_000
    results = Local(jobs).work_through(Work(work, work), range(count))
    first = threading.Thread(target=lambda: next(results))
    first.start()
    seen = -1
    while seen != len(started):
        seen = len(started)
        threading.Event().wait(0.3)
    free.set()
    first.join()
    results.close()
    assert seen <= (jobs * CHUNKS_AHEAD + 2) * 64


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Images that only libraries in Python can read."""
    folder = tmp_path / "in"
    folder.mkdir()
    mask = np.zeros((48, 48), bool)
    mask[8:40, 8:40] = True
    rois = [(name, encode_mask(mask, name=name)) for name in ("cord", "high")]
    for number in range(IMAGES):
        path = folder / f"s{number}.tif"
        tifffile.imwrite(path, np.full((48, 48), number, np.uint16), compression="lzw")
        write_roiset(path.with_suffix(".zip"), rois)
    return folder


SCRIPT = """
import multiprocessing, sys
multiprocessing.set_start_method("spawn")
import pyrhi
import pyrhi.batch.run as run
local = run.Local
run.Local = lambda jobs, processes: local(jobs, processes, patience=0.0)
result = pyrhi.measure_folder(sys.argv[1], jobs=int(sys.argv[2]))
print(len(result.rhi), len(result.failures))
"""


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_a_script_without_a_guard_gives_the_whole_table_where_processes_are_spawned(
    images: Path, tmp_path: Path, jobs: int
):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, images, str(jobs)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == ([str(IMAGES), "0"], "")


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_call_from_a_thread_beside_another_thread_gives_the_whole_table(images: Path, jobs: int):
    """As in a notebook, or in a process with a JVM: nothing is forked that could lock up."""
    rows, stop = [], threading.Event()
    beside = threading.Thread(target=stop.wait)
    beside.start()

    def call() -> None:
        rows.append(len(pyrhi.measure_folder(images, jobs=jobs).rhi))

    caller = threading.Thread(target=call)
    caller.start()
    caller.join(120)
    stop.set()
    beside.join()
    assert rows == [IMAGES]


CRASHING = """
import importlib, os, signal, sys
everywhere = sys.path
sys.path = [folder for folder in sys.path if not os.path.exists(f"{folder}/crashing")]
del sys.modules["tifffile"]
whole = importlib.import_module("tifffile")
sys.path = everywhere
class TiffFile(whole.TiffFile):
    def __init__(self, file, *args, **kwargs):
        if str(getattr(file, "name", file)).endswith("s3.tif"):
            os.kill(os.getpid(), signal.SIGKILL)
        super().__init__(file, *args, **kwargs)
whole.TiffFile = TiffFile
"""
"""A tifffile that ends the process which reads one of the images."""


@pytest.mark.slow
@pytest.mark.parametrize("resume", [(), ("--resume",)])
def test_a_decoder_that_ends_the_process_is_named_by_the_second_run(
    images: Path, tmp_path: Path, resume: tuple[str, ...]
):
    (tmp_path / "crashing").touch()
    (tmp_path / "tifffile.py").write_text(CRASHING, encoding="utf-8")
    pyrhi_command = Path(sys.executable).with_name("pyrhi")
    command = [pyrhi_command, "measure", images, "-o", tmp_path / "out", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    first = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert first.returncode == -signal.SIGKILL
    second = subprocess.run(
        [*command, *resume], capture_output=True, text=True, env=environment, check=False
    )
    assert second.returncode == 1
    assert "s3.tif: ended the process that measured it; check the file" in second.stderr
    document = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (document["images"], document["failures"]) == (IMAGES, 1)
    assert document["resumed"] == (3 if resume else 0)


class _Halves:
    """A batch that does what can be halved; the steps say in which thread they ran."""

    def __init__(self, items: Sequence[int]) -> None:
        self.items = list(items)
        self.results: list[float | None] = [None] * len(items)
        self.ran: list[tuple[int, int]] = []

    @property
    def steps(self) -> list[Callable[[], None]]:
        return [partial(self._step, number) for number in range(4)]

    def _step(self, number: int) -> None:
        self.ran.append((number, threading.get_ident()))
        if number == 3:
            assert [done for done, _ in self.ran] == [0, 1, 2, 3]
            self.results = [None if item % 2 else item / 2 for item in self.items]


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2 * BATCH_ITEMS + 3])
def test_a_batch_does_its_part_and_the_rest_is_done_in_order(jobs: int, count: int):
    batches: list[_Halves] = []

    def batch(items: Sequence[int]) -> _Halves:
        batches.append(_Halves(items))
        return batches[-1]

    work = Work(_done, _failed_item, batch=batch)
    done = list(Local(jobs).work_through(work, range(count)))
    assert done == [f"done {i}" if i % 2 else i / 2 for i in range(count)]
    assert [item for one in batches for item in one.items] == list(range(count))
    here = threading.get_ident()
    for one in batches:
        threads = [thread for _, thread in one.ran]
        assert threads[1] == threads[3] == here
        assert (threads[0] == threads[2] == here) == (jobs == 1)


def test_a_suspect_is_in_no_batch():
    def batch(items: Sequence[int]) -> _Halves:
        assert 3 not in items
        return _Halves(items)

    work = Work(_dies_on_three, _failed_item, batch=batch, suspect=lambda item: item == 3)
    done = list(Local(1).work_through(work, range(BATCH_ITEMS + 4)))
    assert done[:5] == ["done 0", "done 1", "done 2", "died 3", "done 4"]
    assert done[BATCH_ITEMS] == BATCH_ITEMS / 2


def test_an_error_of_a_step_ends_the_work():
    def batch(items: Sequence[int]) -> _Halves:
        broken = _Halves(items)
        broken._step = lambda number: 1 // (2 - number)  # type: ignore[method-assign]
        return broken

    for jobs in (1, 2):
        with pytest.raises(ZeroDivisionError):
            list(Local(jobs).work_through(Work(_done, _failed_item, batch=batch), range(3)))
