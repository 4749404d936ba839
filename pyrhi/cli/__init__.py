"""The command line: thin, no arithmetic."""

from __future__ import annotations

import gc
import os
import sys

WITHOUT_MATRICES = frozenset({"measure", "results", "demo"})
"""Commands that multiply no matrices."""

OBJECTS_BEFORE_COLLECTION = 50_000
"""What is loaded at the start is no garbage, and Python's own 700 look for it there many times."""

SWITCH_SECONDS = 0.001
"""A thread whose compiled part is done waits so long for the interpreter's lock; Python's own 5 ms
are as long as measuring sixty slices."""


def main() -> None:
    """Run the ``pyrhi`` command; ``--version`` answers before anything heavy is loaded."""
    if sys.argv[1:] == ["--version"]:
        from pyrhi import __version__

        print(f"pyrhi {__version__}")
        return
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    sys.setswitchinterval(SWITCH_SECONDS)
    if WITHOUT_MATRICES.intersection(sys.argv[1:2]):
        # NumPy's matrix library would start a thread for each core, and each spins for a while.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pyrhi.cli.main import run
    from pyrhi.cli.streams import guard_streams

    guard_streams()
    sys.exit(run(sys.argv[1:]))
