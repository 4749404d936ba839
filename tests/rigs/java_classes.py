"""Java programs of the tests, compiled once for all windows and contexts, and kept below build/."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = Path(__file__).parents[2] / "build" / "java"


def compiled(source: Path, jars: Sequence[str | Path], /) -> Path:
    """Return the folder with the classes of a Java file, which is compiled where it is new.

    Parameters
    ----------
    source
        The file.
    jars
        What it is compiled against.
    """
    classpath = os.pathsep.join(map(str, jars))
    known = hashlib.sha256(source.read_bytes() + classpath.encode()).hexdigest()[:16]
    classes = KEPT / f"{source.stem}-{known}"
    if not classes.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=KEPT))
        command = ["javac", "-proc:none", "-encoding", "UTF-8", "-cp", classpath]
        subprocess.run([*command, "-d", str(made), str(source)], check=True)
        # Another worker may have been quicker.
        with suppress(OSError):
            made.rename(classes)
        shutil.rmtree(made, ignore_errors=True)
    return classes
