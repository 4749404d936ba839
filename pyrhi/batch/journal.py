"""What a run has already done, so that an interrupted one can go on."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from pyrhi import __version__
from pyrhi.batch.inputs import InputFile, input_file
from pyrhi.batch.plan import Task
from pyrhi.errors import OutputError
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.atomic import BUFFER_BYTES, make_folder, writing
from pyrhi.io.tables import NOT_UNICODE
from pyrhi.rhi.lesions import LabelledSlice
from pyrhi.rhi.measure import RhiNumbers
from pyrhi.rhi.record import ImageRecord, RoiTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Item
    from pyrhi.rhi.measures import ImageMeasures

JOURNAL = ".pyrhi-journal.jsonl"

RECORD_VERSION = 5
"""Grows when records change: an older journal is then not taken up."""

BEGUN = b"begun"
"""Begins the line of an image that is being measured."""

MARK_LETTERS = 16

UNWRITTEN_SECONDS = 0.1
"""Records of a run that is killed may be lost for so long: writing each by itself takes longer
than measuring it."""

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_RHI_FIELDS = tuple(f.name for f in fields(RhiNumbers))
_rhi_cells = attrgetter(*_RHI_FIELDS)
_task_cells = attrgetter(*Task.__slots__)


class _Keys:
    """Makes keys that change when a task's inputs or what it is measured with change.

    Parameters
    ----------
    options
        What every image is measured with.
    """

    def __init__(self, options: WorkOptions, /) -> None:
        tables = [input_file(path) for path in options.masks.tables]
        identity = f"{__version__} {RECORD_VERSION} {_RHI_FIELDS} {options} {tables}"
        self._start = hashlib.sha256(identity.encode("utf-8", "surrogateescape"))

    def key(self, item: Item, inputs: Sequence[InputFile], /) -> str:
        """Return the key of an item.

        Parameters
        ----------
        item
            The task and what it is measured with.
        inputs
            Its files.
        """
        task = item.task
        digest = self._start.copy()
        cells = (
            *_task_cells(task),
            *[(f.path, f.size, f.modified_ns) for f in inputs],
            item.reference,
        )
        digest.update(repr(cells).encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


class Journal:
    """Records of the images that are done, one line each, written as they are done.

    Parameters
    ----------
    folder
        Output folder.
    options
        What every image is measured with.
    resume
        True keeps what an earlier run recorded there.

    Raises
    ------
    OutputError
        If it cannot be written.
    """

    def __init__(self, folder: Path, options: WorkOptions, /, *, resume: bool) -> None:
        self._path = folder / JOURNAL
        self._keys = _Keys(options)
        self._suspects: set[str] = set()
        self._begun: set[str] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._flushed = 0.0
        make_folder(folder)
        try:
            with writing(self._path) as stream:
                self._copy(stream, resume=resume)
            self._stream = self._path.open("ab", BUFFER_BYTES)
            self._done = self._path.open("rb")
        except OSError as error:
            raise self._failed(error) from error

    def _copy(self, out: IO[bytes], *, resume: bool) -> None:
        """Copy the lines that count, and remember where each stands."""
        try:
            before = self._path.open("rb")
        except OSError:
            return
        begun: set[str] = set()
        with before:
            # Most runs neither go on nor had a file that might end them: nothing is to be known.
            if not (resume or any(line.startswith(BEGUN + b" ") for line in before)):
                return
            before.seek(0)
            for line in before:
                key, _, text = line.rstrip(b"\n").partition(b" ")
                if key == BEGUN:
                    begun.add(_begun_name(text))
                    continue
                record = _parsed(text)
                # The line that was being written when the run ended: its image is done again.
                if record is None:
                    continue
                begun.discard(record.get("begun", ""))
                if resume and not record["error"]:
                    self._places[key.decode("ascii", "replace")] = (out.tell(), len(line))
                    out.write(line.rstrip(b"\n") + b"\n")
        self._suspects = begun

    @property
    def has_records(self) -> bool:
        """True where an earlier run recorded images."""
        return bool(self._places)

    def is_suspect(self, item: Item, /) -> bool:
        """True for an image during which an earlier run ended without a word."""
        return bool(self._suspects) and _mark_of(item) in self._suspects

    def done(self, item: Item, inputs: Sequence[InputFile], /) -> ImageRecord | None:
        """Return the record of an item that an earlier run made of the same files, or None."""
        place = self._places.get(self._keys.key(item, inputs))
        if place is None:
            return None
        self._done.seek(place[0])
        text = self._done.read(place[1]).partition(b" ")[2]
        try:
            return record_of_json(json.loads(text))
        except (ValueError, KeyError, TypeError):
            return None

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._path}: cannot be written ({error.strerror or error}); "
            "make room or choose another folder, then run again with --resume"
        )

    def begin(self, item: Item, /) -> None:
        """Record that an image is about to be read by a library that may end this process.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        mark = _mark_of(item)
        self._begun.add(mark)
        self._write(BEGUN + b" " + mark.encode("ascii") + b"\n", at_once=True)

    def add(self, item: Item, inputs: Sequence[InputFile], record: NamedRecord, /) -> None:
        """Record one image as done.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        document = json_of_record(record)
        # Most images are not begun: what reads them cannot end this process.
        if self._begun and (mark := _mark_of(item)) in self._begun:
            self._begun.discard(mark)
            document["begun"] = mark
        text = _encoded(document)
        key = self._keys.key(item, inputs)
        self._write(f"{key} {text}\n".encode("utf-8", NOT_UNICODE))

    def _write(self, line: bytes, *, at_once: bool = False) -> None:
        now = time.monotonic()
        try:
            with self._lock:
                self._stream.write(line)
                if at_once or now - self._flushed > UNWRITTEN_SECONDS:
                    self._stream.flush()
                    self._flushed = now
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
        self._done.close()
        try:
            self._stream.close()
        except OSError as close_error:
            if error is None:
                raise self._failed(close_error) from close_error


def _mark_of(item: Item, /) -> str:
    """Return what stands for an image in a mark: its path may hold what is never written."""
    path = os.path.abspath(item.task.image)
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:MARK_LETTERS]


def _begun_name(text: bytes) -> str:
    return text.decode("ascii", "replace")


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) and isinstance(parsed.get("error"), str) else None


def json_of_record(record: NamedRecord, /) -> dict[str, Any]:
    """Return a record as JSON values; numbers come back to the last bit."""
    rois = record.rois
    return {
        "name": record.name,
        "path": record.path,
        "patient": record.patient,
        "error": record.error,
        "slices": rois.slices,
        "names": rois.names,
        "roles": rois.roles,
        "levels": rois.levels,
        "numbers": _text(rois.numbers.astype("<f8", copy=False).tobytes()),
        "rhi": list(map(_rhi_cells, record.rhi)),
        "lesions": list(map(_packed_slice, record.lesions)),
        "measures": None if record.measures is None else _packed_measures(record.measures),
        "notes": record.notes,
        "found": None
        if record.found is None
        else [[name, _text(data)] for name, data in record.found],
    }


def record_of_json(document: dict[str, Any], /) -> ImageRecord:
    """Return the record that `json_of_record` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the document is something else.
    """
    names = tuple(document["names"])
    values = np.frombuffer(_bytes(document["numbers"]), "<f8").reshape(len(names), len(HEADINGS))
    rows = [dict(zip(_RHI_FIELDS, cells, strict=True)) for cells in document["rhi"]]
    found = document["found"]
    return ImageRecord(
        name=document["name"],
        path=document["path"],
        patient=document["patient"],
        error=document["error"],
        rois=RoiTable(
            tuple(document["slices"]),
            names,
            tuple(document["roles"]),
            tuple(document["levels"]),
            values.astype(np.float64, copy=False),
        ),
        rhi=tuple(RhiNumbers(**{**row, "warnings": tuple(row["warnings"])}) for row in rows),
        lesions=tuple(map(_unpacked_slice, document["lesions"])),
        measures=None if document["measures"] is None else _unpacked_measures(document["measures"]),
        notes=tuple(document["notes"]),
        found=None if found is None else tuple((name, _bytes(data)) for name, data in found),
    )


def _packed_slice(x: LabelledSlice) -> list[Any]:
    return [x.sequence, x.number, x.x, x.y, x.height, x.width, _text(x.packed)]


def _unpacked_slice(packed: list[Any]) -> LabelledSlice:
    sequence, number, x, y, height, width, data = packed
    return LabelledSlice(sequence, number, x, y, height, width, _bytes(data))


def _packed_measures(measures: ImageMeasures) -> list[Any]:
    slices = [
        [_packed_slice(x.labelled), x.level, x.cord_pixels, x.grid.spacing, x.grid.along]
        for x in measures.slices
    ]
    return [slices, measures.reference_mean]


def _unpacked_measures(packed: list[Any]) -> ImageMeasures:
    from pyrhi.rhi.measures import Grid, ImageMeasures, MeasuredSlice

    slices, mean = packed
    return ImageMeasures(
        tuple(
            MeasuredSlice(_unpacked_slice(labelled), level, pixels, Grid(tuple(spacing), along))
            for labelled, level, pixels, spacing, along in slices
        ),
        mean,
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
