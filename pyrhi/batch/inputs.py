"""The files that a task reads, as they were when it was measured."""

from __future__ import annotations

import contextlib
import os
import stat
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
    masks = [path for path in (task.cord_mask, task.high_mask, task.masks) if path]
    beside: list[str] = []
    if not task.rois:
        folder = os.path.dirname(task.image)
        beside = [*candidate_paths(Path(task.image)), os.path.join(folder, FOLDER_ROISET)]
    paths = [*_files(task.image), *([task.rois] if task.rois else [])]
    files = [input_file(path) for path in (*paths, *(f for mask in masks for f in _files(mask)))]
    return files + [file for path in beside if (file := input_file(path)).size >= 0]


def _files(path: str) -> list[str]:
    """Return the files of a folder, or the file itself."""
    if os.path.isdir(path):
        # A folder that cannot be listed is told about when it is read.
        with contextlib.suppress(OSError):
            return sorted(e.path for e in os.scandir(path) if e.is_file())
    return [path]


def input_file(path: str, /) -> InputFile:
    """Look at a file."""
    try:
        status = os.stat(path)
    except OSError:
        return InputFile(path, -1, 0)
    if not stat.S_ISREG(status.st_mode):  # nothing of it is read, nor may be
        return InputFile(path, -1, 0)
    return InputFile(path, status.st_size, status.st_mtime_ns)
