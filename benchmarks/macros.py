"""RHI Batch (the macro) beside a plain macro of 15 lines, on 300 and 1,200 slices, in one run.

``python benchmarks/macros.py`` runs both by turns in one ImageJ window and prints the milliseconds
that a further image takes, by the clock and of ImageJ's processor time (Linux), and how many times
the plain macro's that is, the median of the rounds last. It needs Java and Xvfb.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fiji import FEW, MANY, PLAIN, make
from rigs.imagej_window import BATCH, imagej_window

ROUNDS = 7


def main() -> None:
    """Measure both ways some times and print what a further image takes."""
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        folders = [make(top / str(count), count) for count in (FEW, MANY)]
        with imagej_window(top / "ImageJ") as window:
            batch = window.plugins / BATCH

            def processor() -> float:
                # User and system time are the 14th and 15th field; the name before may hold blanks.
                stat = Path(f"/proc/{window.process.pid}/stat").read_text().rpartition(")")[2]
                return sum(map(int, stat.split()[11:13])) / os.sysconf("SC_CLK_TCK")

            def spent(macro: Path, argument: str) -> tuple[float, float]:
                window.run('if (isOpen("ROI Manager")) roiManager("reset");')
                began, used = time.perf_counter(), processor()
                window.run_file(macro, argument, seconds=300)
                return time.perf_counter() - began, processor() - used

            def further(macro: Path, arguments: list[str]) -> list[float]:
                few, many = (spent(macro, argument) for argument in arguments)
                return [1000 * (b - a) / (MANY - FEW) for a, b in zip(few, many, strict=True)]

            tasks = [f"input=[{folder}] output=[{top / 'out'}]" for folder in folders]
            print("each further image: plain macro, RHI Batch, times; of the processor")
            rounds = []
            for _ in range(ROUNDS):
                plain = further(PLAIN, [str(folder) for folder in folders])
                ours = further(batch, tasks)
                rounds.append([b / a for a, b in zip(plain, ours, strict=True)])
                for a, b, times in zip(plain, ours, rounds[-1], strict=True):
                    print(f"  {a:8.2f} ms {b:8.2f} ms {times:6.2f}", end="")
                print()
            clock, cpu = (statistics.median(each) for each in zip(*rounds, strict=True))
            print(f"median of {ROUNDS} rounds: {clock:.2f} times, of the processor {cpu:.2f}")


if __name__ == "__main__":
    main()
