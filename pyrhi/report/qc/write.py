"""Writing ``report.html``: tables and pictures into the page, one picture at a time."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrhi import __version__
from pyrhi.batch.plan import Item
from pyrhi.batch.references import references_of
from pyrhi.batch.resume import Items
from pyrhi.batch.workers import Local, Work, default_jobs
from pyrhi.batch.write import REPORT_NAME
from pyrhi.io.atomic import writing
from pyrhi.notice import RESEARCH_USE
from pyrhi.report.qc.page import environment, histogram, tier_rows, worst_rows
from pyrhi.report.qc.pictures import PictureOptions, pictures_of
from pyrhi.report.qc.results import options_of, read_results, tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.report.qc.results import Results

MAX_WHOLE_SLICES = 300
"""Reports of more slices show the part around the cord, to stay small enough to be sent."""

MEBIBYTE = 2**20

CHANGED = "image or ROIs have changed since the table was made; measure again"
NOT_MEASURED = "the cord is no longer found on this slice; measure again"


@dataclass(frozen=True)
class Written:
    """A report that was written.

    Parameters
    ----------
    path
        The file.
    size
        Its size in bytes.
    slices
        Rows of ``rhi.csv`` in it.
    without_picture
        Rows whose image could not be shown as it was measured.
    """

    path: Path
    size: int
    slices: int
    without_picture: int


def size_text(size: int, /) -> str:
    """Write the size of a file in bytes for a reader.

    Examples
    --------
    >>> size_text(581290)
    '0.6 MB'
    """
    return f"{size / MEBIBYTE:.1f} MB"


def write_report(
    folder: Path,
    /,
    *,
    tasks: Sequence[Task] | None = None,
    names: Sequence[str] | None = None,
    work: WorkOptions | None = None,
    jobs: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Written:
    """Write the QC report of a folder of results into it.

    Parameters
    ----------
    folder
        What ``pyrhi measure`` wrote.
    tasks, names, work
        The images, what the column Image says of each, and what they were measured with; None
        takes them from ``run.json``.
    jobs
        Processes that read images; 0 takes the cores there are.
    progress
        Called with the number of images that were just read.

    Raises
    ------
    TableError
        If the folder has no results.
    OutputError
        If the report cannot be written; an old one stays as it was.
    """
    results = read_results(folder)
    tasks = tasks_of(results) if tasks is None else tasks
    names = [task.name for task in tasks] if names is None else names
    work = options_of(results) if work is None else work
    whole = len(results.rhi) <= MAX_WHOLE_SLICES
    pictures = Pictures(results, names)
    found = pictures.read(tasks, PictureOptions(work, whole), jobs or default_jobs(), progress)
    size = 0

    def written() -> str:
        return size_text(size)

    page = environment().get_template("report.html.j2")
    path = folder / REPORT_NAME
    with writing(path) as stream:
        for piece in page.generate(**_context(results, whole), pictures=found, size=written):
            data = piece.encode("utf-8")
            size += len(data)
            stream.write(data)
    return Written(path, size, len(results.rhi), len(results.rhi) - pictures.shown)


class Pictures:
    """Finds the picture of each row of ``rhi.csv``."""

    def __init__(self, results: Results, names: Sequence[str]) -> None:
        self.names = names
        self.rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
        for index, row in enumerate(results.rhi):
            self.rows.setdefault(row["Image"], []).append((index, row))
        self.shown = 0

    def read(
        self,
        tasks: Sequence[Task],
        options: PictureOptions,
        jobs: int,
        progress: Callable[[int], object] | None,
    ) -> Iterator[dict[str, Any]]:
        """Yield for each row its index and its picture, or the reason why there is none."""
        todo = [i for i, name in enumerate(self.names) if name in self.rows]
        workers = Local(jobs, processes=True)
        items = Items(tasks, references_of(tasks, options.work, workers), todo)
        work = Work(partial(pictures_of, options), _process_died)
        for number, record in zip(todo, workers.work_through(work, items), strict=True):
            yield from self._of_image(self.names[number], json.loads(record))
            if progress is not None:
                progress(1)

    def _of_image(self, name: str, record: dict[str, Any]) -> Iterator[dict[str, Any]]:
        pictures = {(str(p["slice"]), p["level"]): p for p in record.get("pictures", ())}
        for index, row in self.rows[name]:
            picture = pictures.get((row["Slice"], row["Level"]))
            if picture is None:
                yield {"index": index, "problem": record.get("error", NOT_MEASURED)}
            elif not _same(picture, row):
                yield {"index": index, "problem": CHANGED}
            else:
                self.shown += 1
                yield {"index": index, "picture": picture}


COMPARED = {
    "RHI": "rhi",
    "CordArea": "cord_area",
    "HighArea": "high_area",
    "CordMean": "cord_mean",
    "HighMean": "high_mean",
}
"""Columns of ``rhi.csv`` that say that outlines and grey values are those that were measured."""


def _same(picture: dict[str, Any], row: dict[str, str]) -> bool:
    """True where what is shown is what the table says, to the last digit."""
    for heading, key in COMPARED.items():
        value, shown = float(row[heading]), picture[key]
        if not (math.isnan(value) if shown is None else value == shown):
            return False
    return True


def _process_died(_: Item) -> str:
    return json.dumps({"error": "the image ended the process that read it"})


def _context(results: Results, whole: bool) -> dict[str, Any]:
    """Return what the template shows; numbers are cut to what can be read, never the table's."""
    rows = results.rhi
    warned = Counter(w for row in rows for w in row["Warnings"].split("; ") if w)
    tiers, caveats = tier_rows(results)
    values = [float(row["RHI"]) for row in rows]
    identity = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
    return {
        "title": "RHI report",
        "notice": RESEARCH_USE,
        "version": __version__,
        "engine": results.run["engine"],
        "made": results.run["started"],
        "identity": identity,
        "rows": rows,
        "worst": worst_rows(rows),
        "patients": tiers,
        "caveats": caveats,
        "failures": results.failures,
        "warned": warned.most_common(),
        "n_warned": sum(bool(row["Warnings"]) for row in rows),
        "histogram": histogram(values),
        "units": sorted({row["Unit"] for row in rows}),
        "images": results.run["images"],
        "whole": whole,
    }
