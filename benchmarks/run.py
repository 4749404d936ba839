"""Time pyrhi, ImageJ 1.54p and reading alone on the same slices, in one run.

Whole processes are timed, start-up included; the best of several runs counts, and the programs
take turns so that a busy moment of the machine does not fall on one of them alone.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dataset

from pyrhi.engines.jvm import IMAGEJ_COORDINATE, maven_jars

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
PYRHI = Path(sys.executable).with_name("pyrhi")
MEMORY_LIMIT_MIB = 400
SPARSE_GIB = 2.0
START_UP_RUNS = 20
START_UP_LIMIT = 2.0


@dataclass(frozen=True)
class Program:
    """A command to time, and the file that takes its standard output."""

    name: str
    command: tuple[str | Path, ...]
    output: Path


@dataclass(frozen=True)
class Run:
    """One finished process with its children: wall time, CPU time, and peak memory in MiB."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def main() -> int:
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="pyrhi-bench-", dir=options.scratch) as scratch:
        work = Path(scratch)
        slices = work / "slices"
        slices.mkdir()
        print(
            f"making {options.slices} slices of {dataset.SIDE}x{dataset.SIDE}, 16-bit, 3 ROIs each"
        )
        dataset.make_folder(slices, options.slices, options.slices_per_file)
        with display() as screen:
            programs = choose_programs(options, slices, work, screen)
            report_times(race(programs, options.repeat, screen))
            report_areas(work / "pyrhi" / "rois.csv", work / "imagej.tsv")
            report_kinds(options, work, screen)
        report_start_up(work)
        report_memory(work, options.jobs)
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=3000, help="slices in all (3000)")
    parser.add_argument("--slices-per-file", type=int, default=1, help="1 for single TIFFs (1)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each program (3)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="pyrhi's processes")
    parser.add_argument("--before", type=Path, help="pyrhi of another installation, timed too")
    parser.add_argument("--kind-slices", type=int, default=1000, help="slices of each kind (1000)")
    parser.add_argument("--slow", action="store_true", help="the scikit-image script too, once")
    parser.add_argument("--scratch", type=Path, help="where the slices are made (system default)")
    return parser.parse_args()


def choose_programs(
    options: argparse.Namespace, slices: Path, work: Path, screen: str | None
) -> list[Program]:
    """Choose what can be timed here, and say what cannot and why."""
    python = sys.executable
    jobs = str(options.jobs)
    programs = [
        Program(
            "pyrhi measure",
            (PYRHI, "measure", slices, "-o", work / "pyrhi", "--jobs", jobs),
            work / "pyrhi.log",
        ),
        Program("reading alone", (python, HERE / "read_alone.py", slices), work / "read.log"),
    ]
    if options.before is not None:
        command = (options.before, "measure", slices, "-o", work / "before", "--jobs", jobs)
        programs.append(Program("pyrhi before", command, work / "before.log"))
    java = shutil.which("java")
    if java is None or screen is None:
        print("ImageJ is not timed: it needs java and Xvfb (apt install default-jre xvfb)")
    else:
        macro = HERE / "imagej_batch.ijm"
        command = (
            java,
            "-cp",
            os.pathsep.join(maven_jars(IMAGEJ_COORDINATE)),
            "ij.ImageJ",
            "-batch",
            macro,
            slices,
        )
        programs.append(Program("ImageJ 1.54p batch", command, work / "imagej.tsv"))
    if options.slow:
        command = (python, HERE / "skimage_script.py", slices, work / "skimage.csv")
        programs.append(Program("scikit-image script", command, work / "skimage.log"))
    return programs


@contextlib.contextmanager
def display() -> Iterator[str | None]:
    """Run Xvfb on a free display for the while; gives its name, or None without Xvfb."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield None
        return
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        [xvfb, "-displayfd", str(write_end), "-screen", "0", "1280x1024x24"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def race(programs: list[Program], repeat: int, screen: str | None) -> dict[str, list[Run]]:
    """Run the programs by turns; a slow one (the scikit-image script) runs once."""
    runs: dict[str, list[Run]] = {program.name: [] for program in programs}
    for turn in range(repeat):
        for program in programs:
            if turn == 0 or program.name != "scikit-image script":
                runs[program.name].append(run(program, screen))
    return runs


def run(program: Program, screen: str | None = None) -> Run:
    """Run a process to its end; a failure ends the benchmark with what the process said."""
    environment = os.environ | ({"DISPLAY": screen} if screen else {})
    # As an installation has them: modules compiled to bytecode, not anew at every start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with program.output.open("wb") as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in program.command],
            stdout=output,
            stderr=errors,
            env=environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            sys.exit(f"{program.name} failed ({process.returncode}): {said}")
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def report_times(runs: dict[str, list[Run]]) -> None:
    """Print each program's best time, and how many times pyrhi's it is."""
    ours = min(r.seconds for r in runs["pyrhi measure"])
    head = f"{'program':<22}{'best s':>9}{'/ pyrhi':>9}{'CPU s':>8}{'peak MiB':>10}  all runs, s"
    print(f"\n{head}")
    for name, results in runs.items():
        best = min(r.seconds for r in results)
        peak = max(r.peak_mib for r in results)
        cpu = min(r.cpu_seconds for r in results)
        each = " ".join(f"{r.seconds:.2f}" for r in results)
        print(f"{name:<22}{best:>9.2f}{best / ours:>9.2f}{cpu:>8.2f}{peak:>10.0f}  {each}")


def report_areas(ours: Path, imagej: Path) -> None:
    """Print the greatest difference of Area between pyrhi's rois.csv and ImageJ's rows."""
    if not imagej.exists():
        return
    expected = read_imagej_areas(imagej)
    with ours.open(newline="", encoding="utf-8-sig") as file:
        found = {(row["Image"], row["Roi"]): float(row["Area"]) for row in csv.DictReader(file)}
    if found.keys() != expected.keys():
        sys.exit(f"pyrhi measured {len(found)} ROIs, ImageJ {len(expected)}: not the same ones")
    difference = max(abs(found[key] - expected[key]) for key in expected)
    print(f"\nArea, pyrhi against ImageJ, {len(found)} ROIs: greatest difference {difference:.3g}")


def read_imagej_areas(path: Path) -> dict[tuple[str, str], float]:
    """Area by (image, ROI) from the rows that ImageJ wrote; its label is `image:roi:slice`."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {tuple(row["Label"].split(":")[:2]): float(row["Area"]) for row in rows}


def report_kinds(options: argparse.Namespace, work: Path, screen: str | None) -> None:
    """Print the best times of every kind of slice, by each program."""
    print(f"\n{options.kind_slices} slices of each kind, best s")
    for kind in dataset.KINDS:
        folder = work / kind
        folder.mkdir()
        dataset.make_folder(folder, options.kind_slices, 1, kind)
        runs = race(choose_programs(options, folder, work, screen), options.repeat, screen)
        best = {name: min(r.seconds for r in each) for name, each in runs.items()}
        print(f"  {kind:<8}" + "  ".join(f"{name} {s:.2f}" for name, s in best.items()))


def report_start_up(work: Path) -> None:
    """Print the start-up of `pyrhi --version` against a bare Python."""
    log = work / "start.log"
    bare = Program("python -c pass", (sys.executable, "-c", "pass"), log)
    version = Program("pyrhi --version", (PYRHI, "--version"), log)
    # By turns, so that both are seen in the same moments of a busy machine.
    runs = [(run(bare).seconds, run(version).seconds) for _ in range(START_UP_RUNS)]
    best = dict(zip((bare.name, version.name), map(min, zip(*runs, strict=True)), strict=True))
    ratio = best[version.name] / best[bare.name]
    print(
        f"\nstart-up: pyrhi --version {best[version.name] * 1e3:.0f} ms, "
        f"python -c pass {best[bare.name] * 1e3:.0f} ms, "
        f"ratio {ratio:.2f} (goal: under {START_UP_LIMIT:g})"
    )


def report_memory(work: Path, jobs: int) -> None:
    """Print the peak memory of measuring every slice of a 2 GiB stack."""
    folder = work / "sparse"
    folder.mkdir()
    slices = dataset.make_sparse_stack(folder / "sparse.tif", SPARSE_GIB)
    command = (PYRHI, "measure", folder, "-o", work / "sparse-out", "--jobs", str(jobs))
    result = run(Program("pyrhi on a 2 GiB stack", command, work / "sparse.log"))
    print(
        f"memory: {SPARSE_GIB:g} GiB stack, {slices} slices, every one measured: "
        f"peak {result.peak_mib:.0f} MiB of a process (goal: under {MEMORY_LIMIT_MIB}), "
        f"{result.seconds:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
