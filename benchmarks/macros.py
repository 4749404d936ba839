"""RHI Batch (the macro) beside a plain macro of 15 lines, on 300 and 1,200 slices, in one run.

``python benchmarks/macros.py`` starts a fresh ImageJ for each run, the two by turns, and prints the
milliseconds that a further image takes and how many times the plain macro's that is. It needs Java
and Xvfb.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fiji import FEW, MANY, PLAIN, TIMES, make
from rigs.imagej_window import BATCH, MENU_FOLDER, install, run_imagej


def main() -> None:
    """Measure both ways some times and print what a further image takes."""
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        folders = [make(top / str(count), count) for count in (FEW, MANY)]
        imagej = install(top / "ImageJ")
        batch = imagej / "plugins" / MENU_FOLDER / BATCH

        def spent(macro: Path, argument: str) -> float:
            began = time.perf_counter()
            run_imagej(imagej, macro, argument)
            return time.perf_counter() - began

        print("for each further image   plain macro        RHI Batch          times")
        for _ in range(TIMES):
            plain = [spent(PLAIN, str(folder)) for folder in folders]
            ours = [spent(batch, f"input=[{f}] output=[{top / 'out'}]") for f in folders]
            each, other = (1000 * (b - a) / (MANY - FEW) for a, b in (plain, ours))
            print(f"  {each:18.2f} ms {other:18.2f} ms {other / each:15.2f}")


if __name__ == "__main__":
    main()
