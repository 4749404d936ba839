"""The files that a task reads, as they were when it was measured."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.io.rois.files import FOLDER_ROISET, candidate_paths

if TYPE_CHECKING:
    from pyrhi.batch.plan import Task


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that a task reads: its path, size and time; -1 and 0 where it is missing."""

    path: str
    size: int
    modified_ns: int


def inputs_of(task: Task, /) -> list[InputFile]:
    """Return every file that a task may read: its image or series, ROIs and masks."""
    paths = [task.image]
    if os.path.isdir(task.image):
        # A folder that cannot be listed is told about when it is read.
        with contextlib.suppress(OSError):
            paths = sorted(e.path for e in os.scandir(task.image) if e.is_file())
    given = [path for path in (task.rois, task.cord_mask, task.high_mask, task.masks) if path]
    beside: list[str] = []
    if not task.rois:
        folder = os.path.dirname(task.image)
        beside = [*candidate_paths(Path(task.image)), os.path.join(folder, FOLDER_ROISET)]
    files = [input_file(path) for path in (*paths, *given)]
    return files + [file for path in beside if (file := input_file(path)).size >= 0]


def input_file(path: str, /) -> InputFile:
    """Look at a file."""
    try:
        stat = os.stat(path)
    except OSError:
        return InputFile(path, -1, 0)
    return InputFile(path, stat.st_size, stat.st_mtime_ns)
