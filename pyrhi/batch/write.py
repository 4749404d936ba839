"""The results of a run as files: rows are written as they come, tables appear whole at the end."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from pyrhi import __version__
from pyrhi.batch.inputs import InputFile, input_file
from pyrhi.batch.ratings import RATING_HEADINGS
from pyrhi.imagej.digits import lines_of
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.atomic import make_folder, not_written, remove, set_aside, sweep, writing
from pyrhi.io.rois.encode import write_roiset
from pyrhi.io.rois.files import stem_of
from pyrhi.io.tables import NOT_UNICODE, TableText, csv_line, text_cell, write_csv
from pyrhi.notice import RESEARCH_USE
from pyrhi.rhi.columns import RHI_COLUMNS, rhi_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyrhi.batch.names import NamedRecord, NameGate
    from pyrhi.batch.options import RunOptions
    from pyrhi.batch.outcome import RunResult
    from pyrhi.batch.plan import Task
    from pyrhi.batch.ratings import RatedCells, Ratings
    from pyrhi.io.tables import Cell

SLICE_INDEX = HEADINGS.index("Slice")
ROI_HEADINGS = ("Image", "Slice", "Roi", "Role", "Level", *(h for h in HEADINGS if h != "Slice"))
"""Columns of ``rois.csv``."""

RHI_HEADINGS = ("Patient", *RHI_COLUMNS)
"""Columns of ``rhi.csv``; those of ratings follow where there are some."""

FAILURE_HEADINGS = ("Image", "Error")
"""Columns of ``failures.csv``."""

ROIS_FOLDER = "rois"
RUN_NAME = "run.json"

WORKBOOK_NAME, REPORT_NAME, COMPARE_NAME = "results.xlsx", "report.html", "compare.html"
MEASURES_TABLES = ("measures", "lesions", "signal")
"""Tables that ``--measures`` adds."""

ON_REQUEST = (*(f"{n}.csv" for n in MEASURES_TABLES), WORKBOOK_NAME, REPORT_NAME, COMPARE_NAME)
"""What is made of a run's numbers only where somebody asks for it."""

_encoded = json.JSONEncoder(ensure_ascii=False).encode
_quoted = json.encoder.encode_basestring


def roi_lines(record: NamedRecord, /) -> str:
    """Return the lines of ``rois.csv`` of an image."""
    image = text_cell(record.name)
    rois = record.rois
    cells = lines_of(rois.numbers, SLICE_INDEX)
    return "".join(
        [
            f"{image},{at},{text_cell(name)},{role},{level},{line}\n"
            for at, name, role, level, line in zip(
                rois.slices, rois.names, rois.roles, rois.levels, cells, strict=True
            )
        ]
    )


def rhi_rows(kept: Iterable[tuple[NamedRecord, RatedCells]], /) -> Iterator[list[Cell]]:
    """Yield the cells of ``rhi.csv`` of some images, with what readers said of each row."""
    for record, rated in kept:
        for number, row in enumerate(record.rhi):
            yield [record.patient, *rhi_cells(row), *(rated[number] if rated else ())]


class Output:
    """The folder of the results, as it is filled.

    Use it as a context: only `finish` gives the tables their names, so that a run which ends
    before it leaves old tables as they were.

    Parameters
    ----------
    folder
        Where to write.
    options
        How the run is done.

    Raises
    ------
    OutputError
        If it cannot be written there.
    """

    def __init__(self, folder: Path, options: RunOptions, /) -> None:
        self.folder = folder
        self._options = options
        self._started = time.time()
        self._planes: Counter[str] = Counter()
        self._again = (folder / RUN_NAME).is_file()
        make_folder(folder)
        sweep(folder)
        sweep(folder / ROIS_FOLDER, below=True)

    def __enter__(self) -> Output:
        with ExitStack() as opening:
            # They get their names last to first as the stack is closed: the run's record at last.
            self._run = self._file(opening, RUN_NAME)
            self._failures = self._table(opening, "failures.csv", FAILURE_HEADINGS)
            self._patients = self._file(opening, "patients.csv")
            self._rhi = self._table(opening, "rhi.csv", rhi_headings(self._options))
            self._rois = self._table(opening, "rois.csv", ROI_HEADINGS)
            self._inputs = opening.enter_context(tempfile.TemporaryFile(dir=self.folder))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._open.__exit__(*raised)

    def _file(self, opening: ExitStack, name: str) -> _File:
        path = self.folder / name
        return _File(path, opening.enter_context(writing(path)))

    def _table(self, opening: ExitStack, name: str, headings: Sequence[str]) -> _Table:
        table = _Table(self._file(opening, name), TableText(headings))
        table.file.write(table.text.start())
        return table

    def add(self, record: NamedRecord, inputs: Iterable[InputFile], rated: RatedCells, /) -> None:
        """Write the rows of an image and the ROI set that was found for it.

        Raises
        ------
        OutputError
            If the ROI set cannot be written.
        """
        self._inputs.write("".join(map(_input_line, inputs)).encode("utf-8", NOT_UNICODE))
        if record.error:
            self._failures.write(csv_line((record.name, record.error)))
            return
        self._planes.update(row.plane for row in record.rhi if row.plane)
        self._rois.write(roi_lines(record))
        self._rhi.write("".join(map(csv_line, rhi_rows([(record, rated)]))))
        if record.found is not None:
            name = roiset_name(record.name)
            write_roiset(self.folder / ROIS_FOLDER / name, record.found)

    def finish(
        self, tasks: Sequence[Task], result: RunResult, engine: str, gate: NameGate, /
    ) -> str:
        """Write what is known only at the end: patients and the record of the run.

        Parameters
        ----------
        tasks
            The images of the run.
        result
            What it gave.
        engine
            What measured, such as ``ImageJ 1.54p``.
        gate
            Hides whom a header names.

        Returns
        -------
        str
            What of an earlier run was moved away; empty where nothing was.
        """
        text = gate.text
        table = TableText(result.patient_headings)
        self._patients.write(table.start())
        for cells in result.patients:
            self._patients.write(table.lines(csv_line(cells)))
        for name, (headings, rows) in result.measures.items():
            write_csv(self.folder / f"{name}.csv", headings, map(csv_line, rows))
        head = {
            **_asked(self._options, text),
            "engine": engine,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._started)),
            "seconds": round(time.time() - self._started, 3),
            "images": len(tasks),
            "resumed": result.resumed,
            "failures": len(result.failures),
            "planes": dict(sorted(self._planes.items())),
            "notes": list(result.notes),
            **_ratings(self._options.ratings, text),
        }
        names = result.names
        lists: dict[str, Iterable[str]] = {
            "tasks": (
                _task(task, names.get(number, task.name), text) for number, task in enumerate(tasks)
            ),
            "inputs": self._input_lines(gate),
        }
        _write_document(self._run, head, lists)
        new = {f"{name}.csv" for name in result.measures}
        for name in self._options.made_afterwards:
            # It is made again of the new tables; where that fails, there is none.
            remove(self.folder / name)
        return set_aside(self.folder, ON_REQUEST, new) if self._again else ""

    def _input_lines(self, gate: NameGate) -> Iterator[str]:
        """Yield the files that were read, one JSON object each."""
        self._inputs.seek(0)
        hashed = self._options.hash_inputs
        for line in self._inputs:
            known = line.decode("utf-8").rstrip("\n")
            if hashed or not gate.hides_nothing:
                known = _encoded(_finished(json.loads(known), hashed, gate.text))
            yield known


def rhi_headings(options: RunOptions, /) -> tuple[str, ...]:
    """Return the columns of ``rhi.csv``: with ratings, theirs follow."""
    return RHI_HEADINGS if options.ratings is None else (*RHI_HEADINGS, *RATING_HEADINGS)


@dataclass(frozen=True)
class _File:
    """A file that is being written, and where it will lie."""

    path: Path
    stream: IO[bytes]

    def write(self, text: str) -> None:
        try:
            self.stream.write(text.encode("utf-8", NOT_UNICODE))
        except OSError as error:
            raise not_written(self.path, error) from error


@dataclass(frozen=True)
class _Table:
    """A table that is being written, in the locale that is set."""

    file: _File
    text: TableText

    def write(self, lines: str) -> None:
        self.file.write(self.text.lines(lines))


def _write_document(file: _File, head: dict[str, Any], lists: dict[str, Iterable[str]]) -> None:
    """Write JSON whose long lists never stand in memory, an entry on each line."""
    file.write(json.dumps(head, indent=1, ensure_ascii=False)[:-2])
    for name, entries in lists.items():
        file.write(f',\n "{name}": [')
        separator = "\n  "
        for entry in entries:
            file.write(separator + entry)
            separator = ",\n  "
        file.write("\n ]")
    file.write("\n}\n")


def _input_line(file: InputFile) -> str:
    """Return what the run's record says of a file, as a line of JSON."""
    path = _quoted(file.path)
    if file.size < 0:
        return f'{{"path": {path}, "missing": true}}\n'
    return f'{{"path": {path}, "bytes": {file.size}, "modified": {file.modified_ns / 1e9!r}}}\n'


def _finished(entry: dict[str, Any], hashed: bool, text: Callable[[str], str]) -> dict[str, Any]:
    """Return an entry of a file with its hash where that is wanted, and whom it names hidden."""
    path = entry["path"]
    if hashed and "missing" not in entry:
        with open(path, "rb") as stream:
            digest = hashlib.sha256()
            while block := stream.read(2**20):
                digest.update(block)
            entry["sha256"] = digest.hexdigest()
    entry["path"] = text(path)
    return entry


def roiset_name(name: str, /) -> str:
    """Return where below ``rois/`` the set of an image lies."""
    path = Path(name)
    # A manifest may point outside its folder; ROI sets never leave the output folder.
    parts = [p for p in path.parent.parts if p not in ("..", path.anchor)]
    return str(Path(*parts, f"{stem_of(path)}.RoiSet.zip"))


def _asked(options: RunOptions, text: Callable[[str], str]) -> dict[str, Any]:
    """Return enough to do the run again."""
    work = options.work
    parameters = work.parameters
    return {
        "pyrhi": __version__,
        "use": RESEARCH_USE,
        "python": platform.python_version(),
        # The name in full would start a program, uname, which takes longer than ten images.
        "platform": "-".join((platform.system(), platform.release(), platform.machine())),
        "numpy": np.__version__,
        "arguments": [text(argument) for argument in options.arguments],
        "parameters": {
            "high": parameters.high.text if parameters.high else None,
            "high_value": parameters.high.value if parameters.high else None,
            "clip": parameters.clip,
            "patterns": asdict(parameters.patterns),
            "roles": parameters.rule.value if parameters.rule else None,
            "ignore_unnamed": parameters.ignore_unnamed,
            "summary": options.summary.value,
            "series": None if work.series is None else text(work.series),
            "imager_pixel_spacing": work.imager_pixel_spacing,
            "patient_id": work.patient_id,
            "measures": None if work.measures is None else asdict(work.measures),
            "labels": [text(name) for name in work.masks.labels],
            "whole": work.masks.whole,
            "mask_threshold": work.masks.threshold,
            "resample_masks": work.masks.resample,
            "plane": work.plane,
        },
    }


_PATH_FIELDS = ("image", "rois", "cord_mask", "high_mask", "masks")
_GIVEN_FIELDS = ("patient", "location", "number", "visit")
_paths = attrgetter(*_PATH_FIELDS)
_given = attrgetter(*_GIVEN_FIELDS)


def _task(task: Task, name: str, text: Callable[[str], str]) -> str:
    """Return what a task was made of, to open the same image again, as JSON."""
    cells = [
        f'"{field}": {_quoted(text(path if os.path.isabs(path) else str(Path(path).absolute())))}'
        for field, path in zip(_PATH_FIELDS, _paths(task), strict=True)
        if path
    ]
    cells.append(f'"name": {_quoted(name)}')
    cells += [
        f'"{field}": {_quoted(value)}'
        for field, value in zip(_GIVEN_FIELDS, _given(task), strict=True)
        if value
    ]
    return f"{{{', '.join(cells)}}}"


def _ratings(ratings: Ratings | None, text: Callable[[str], str]) -> dict[str, Any]:
    """Return which file the ratings came from; its hash, because it decides the summaries."""
    if ratings is None:
        return {}
    entry = json.loads(_input_line(input_file(str(ratings.path))))
    return {"ratings": _finished(entry, True, text)}
