"""What a run has already done, so that an interrupted one can go on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi import __version__
from pyrhi.errors import OutputError
from pyrhi.io.atomic import make_folder, writing
from pyrhi.io.rois.files import FOLDER_ROISET, candidate_paths
from pyrhi.io.tables import NOT_UNICODE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pyrhi.batch.tasks import Task
    from pyrhi.batch.work import WorkOptions
    from pyrhi.rhi.high import Reference

JOURNAL = ".pyrhi-journal.jsonl"


@dataclass(frozen=True)
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
    given = [path for path in (task.rois, task.cord_mask, task.high_mask) if path]
    beside: list[str] = []
    if not given:
        image = Path(task.image)
        beside = [*candidate_paths(image), str(image.parent / FOLDER_ROISET)]
    files = [input_file(path) for path in (*paths, *given)]
    return files + [file for path in beside if (file := input_file(path)).size >= 0]


def input_file(path: str, /) -> InputFile:
    """Look at a file."""
    try:
        stat = os.stat(path)
    except OSError:
        return InputFile(path, -1, 0)
    return InputFile(path, stat.st_size, stat.st_mtime_ns)


def key_of(
    task: Task, inputs: Sequence[InputFile], options: WorkOptions, reference: Reference | None, /
) -> str:
    """Return a key that changes when the task's inputs or parameters change.

    Parameters
    ----------
    task
        The task.
    inputs
        Its files.
    options, reference
        What it is measured with.
    """
    said = f"{__version__} {task} {inputs} {options} {reference}"
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


class Journal:
    """Records of the images that are done, one line each, written as they are done.

    Parameters
    ----------
    folder
        Output folder.
    resume
        True keeps what an earlier run recorded there.

    Raises
    ------
    OutputError
        If it cannot be written.
    """

    def __init__(self, folder: Path, /, *, resume: bool) -> None:
        self._path = folder / JOURNAL
        self.done: dict[str, str] = self._read() if resume else {}
        make_folder(folder)
        try:
            # What is done stays recorded, whenever this process may be killed.
            with writing(self._path) as stream:
                for key, record in self.done.items():
                    stream.write(f"{key} {record}\n".encode("utf-8", NOT_UNICODE))
            self._stream = self._path.open("a", encoding="utf-8", errors=NOT_UNICODE)
        except OSError as error:
            raise self._failed(error) from error

    def _read(self) -> dict[str, str]:
        done = {}
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return {}
        for line in text.splitlines():
            key, _, record = line.partition(" ")
            try:
                parsed = json.loads(record)
            except ValueError:
                # The line that was being written when the run ended: its image is done again.
                continue
            if isinstance(parsed, dict) and "error" not in parsed:
                done[key] = record
        return done

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._path}: cannot be written ({error.strerror or error}); "
            "make room or choose another folder, then run again with --resume"
        )

    def add(self, key: str, record: str, /) -> None:
        """Record one image as done.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            self._stream.write(f"{key} {record}\n")
        except OSError as error:
            raise self._failed(error) from error

    def flush(self) -> None:
        """Hand what was recorded to the system.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            self._stream.flush()
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._stream.close()
        except OSError as close_error:
            if error is None:
                raise self._failed(close_error) from close_error
