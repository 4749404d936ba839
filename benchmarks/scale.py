"""Measure what a slice costs on a Dask cluster and here, and derive what a million would need.

All figures come from one run: local runs of two sizes, cluster runs of the same sizes by a real
``dask scheduler`` and ``dask worker`` on loopback, and tasks that do nothing. What grows with the
number of slices is the difference of the two sizes, so start-up is not counted a million times.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dataset
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
MILLION = 1_000_000
EMPTY_TASKS = 2000
MIB = 2**20
GIB = 2**30


@dataclass(frozen=True)
class Cost:
    """One run: seconds, peak MiB of the command, of the scheduler and of the largest worker."""

    seconds: float
    command: float
    scheduler: float = 0.0
    worker: float = 0.0
    output: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=1000, help="slices of the small run (1000)")
    parser.add_argument("--large", type=int, default=4000, help="slices of the large run (4000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="workers (the cores)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pyrhi-scale-") as scratch:
        work = Path(scratch)
        for size in (options.small, options.large):
            (work / str(size)).mkdir()
            dataset.make_folder(work / str(size), size, 1)
        held = sum(p.stat().st_size for p in (work / str(options.large)).iterdir())
        print(
            f"slices of {dataset.SIDE}x{dataset.SIDE}, 16-bit, 3 ROIs each; {options.workers} "
            "workers of one thread"
        )
        print(
            f"\n{'run':<26}{'slices':>8}{'s':>8}{'command MiB':>13}{'scheduler':>11}{'worker':>8}"
        )
        sizes = (options.small, options.large)
        measure(work, options.small, work / "warm", ["--jobs", "1"])
        here = {
            n: show("here, 1 process", n, measure(work, n, work / "a", ["--jobs", "1"]))
            for n in sizes
        }
        with cluster(work, options.workers) as (address, processes):
            more = ["--scheduler", address]
            measure(work, options.small, work / "warm", more)
            there = {
                n: show("cluster", n, measure(work, n, work / "b", more, processes)) for n in sizes
            }
            empty = empty_task(address)
        report(here, there, empty, options.workers, held / options.large)
    return 0


def show(name: str, slices: int, cost: Cost) -> Cost:
    print(
        f"{name:<26}{slices:>8}{cost.seconds:>8.2f}{cost.command:>13.0f}{cost.scheduler:>11.0f}"
        f"{cost.worker:>8.0f}"
    )
    return cost


@contextmanager
def cluster(work: Path, workers: int) -> Iterator[tuple[str, dict[str, psutil.Process]]]:
    """Start a scheduler and workers; give its address and the processes by role."""
    found = work / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [
            BIN / "dask",
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            found,
        ],
        **quiet,
    )
    while not (found.exists() and found.read_text()):
        time.sleep(0.1)
    address = json.loads(found.read_text())["address"]
    worker = subprocess.Popen(
        [
            BIN / "dask",
            "worker",
            address,
            "--nworkers",
            str(workers),
            "--nthreads",
            "1",
            "--no-dashboard",
        ],
        **quiet,
    )
    try:
        yield (
            address,
            {"scheduler": psutil.Process(scheduler.pid), "worker": psutil.Process(worker.pid)},
        )
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait()


def measure(
    work: Path,
    slices: int,
    output: Path,
    more: list[str],
    processes: dict[str, psutil.Process] | None = None,
) -> Cost:
    """Run ``pyrhi measure`` and look at the memory of everybody meanwhile."""
    command = [BIN / "pyrhi", "measure", work / str(slices), "-o", output, *more]
    peak = {"command": 0, "scheduler": 0, "worker": 0}
    began = time.perf_counter()
    with subprocess.Popen([str(c) for c in command], stderr=subprocess.PIPE, text=True) as process:
        me = psutil.Process(process.pid)
        while process.poll() is None:
            look(peak, me, processes or {})
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        if process.returncode:
            sys.exit(process.stderr.read() if process.stderr else "pyrhi measure failed")
    size = sum(p.stat().st_size for p in output.rglob("*") if p.is_file())
    mib = {name: value / MIB for name, value in peak.items()}
    return Cost(seconds, mib["command"], mib["scheduler"], mib["worker"], size)


def look(
    peak: dict[str, int], command: psutil.Process, processes: dict[str, psutil.Process]
) -> None:
    try:
        peak["command"] = max(peak["command"], command.memory_info().rss)
        if processes:
            scheduler, nannies = processes["scheduler"], processes["worker"]
            peak["scheduler"] = max(peak["scheduler"], scheduler.memory_info().rss)
            largest = max(child.memory_info().rss for child in nannies.children())
            peak["worker"] = max(peak["worker"], largest)
    except psutil.NoSuchProcess:
        return


def empty_task(address: str) -> float:
    """Return the seconds that the scheduler takes for a task that does nothing."""
    from distributed import Client, as_completed

    with Client(address) as client:
        began = time.perf_counter()
        futures = [client.submit(abs, -n, pure=False) for n in range(EMPTY_TASKS)]
        for future in as_completed(futures):
            future.release()
        return (time.perf_counter() - began) / EMPTY_TASKS


def report(
    here: dict[int, Cost], there: dict[int, Cost], empty: float, workers: int, read: float
) -> None:
    """Print what one slice costs, and what a million would."""
    from pyrhi.batch.workers import MAX_CHUNK

    small, large = here
    step = large - small
    slice_s = (here[large].seconds - here[small].seconds) / step
    cluster_s = (there[large].seconds - there[small].seconds) * workers / step
    command_kib = (there[large].command - there[small].command) * 1024 / step
    written = (there[large].output - there[small].output) / step
    tasks = MILLION / MAX_CHUNK
    print(f"\nfor each slice, here: {slice_s * 1e3:.2f} ms of one core")
    print(f"for each slice, cluster: {cluster_s * 1e3:.2f} ms of one worker")
    print(
        f"for each task: {empty * 1e3:.2f} ms of the scheduler; a task is up to {MAX_CHUNK} slices"
    )
    print(
        f"for each slice: {command_kib:.1f} KiB of memory of the command, {read / 1024:.0f} KiB "
        f"read, {written / 1024:.1f} KiB written"
    )
    print(f"\n{MILLION:,} slices, derived:")
    print(
        f"  work: {MILLION * cluster_s / 3600:.2f} hours of one worker; "
        f"{MILLION * cluster_s / 64 / 60:.1f} minutes of 64"
    )
    print(
        f"  scheduler: {tasks:,.0f} tasks, {tasks * empty:.0f} s; "
        f"{there[large].scheduler:.0f} MiB, which does not grow with the slices"
    )
    print(
        f"  memory: {there[large].worker:.0f} MiB for each worker; "
        f"{MILLION * command_kib / 2**20:.1f} GiB for the command"
    )
    print(
        f"  disk: {MILLION * read / GIB:.0f} GiB of images of this size are read, "
        f"{MILLION * written / GIB:.1f} GiB written (tables, journal, run.json)"
    )


if __name__ == "__main__":
    sys.exit(main())
