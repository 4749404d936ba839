"""A whole run, step by step: plan, resume, measure, name, write, summarise."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyrhi.batch.journal import Journal
from pyrhi.batch.measures import Measures
from pyrhi.batch.names import HIDDEN, NameGate
from pyrhi.batch.plan import check_unique
from pyrhi.batch.ratings import EXCLUDED, RatedRows
from pyrhi.batch.references import references_of
from pyrhi.batch.resume import Items, measured
from pyrhi.batch.summarise import Patients
from pyrhi.batch.workers import Local, default_jobs
from pyrhi.batch.write import Output, rhi_headings
from pyrhi.engines.choose import NUMPY, start_engine
from pyrhi.errors import EngineError, PyrhiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.options import RunOptions
    from pyrhi.batch.plan import Task
    from pyrhi.batch.ratings import RatedCells
    from pyrhi.batch.workers import Workers
    from pyrhi.io.tables import Cell


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run gave.

    Parameters
    ----------
    images
        Number of images that were measured.
    resumed
        Number of those that an earlier run had measured.
    failures
        Image and error of each image that could not be measured.
    notes
        Sentences about what was left out.
    rhi_headings
        Columns of ``rhi.csv``.
    patient_headings, patients
        Columns and rows of ``patients.csv``.
    kept
        Record of each image and what readers said of its rows; empty unless it was asked for.
    names
        What the column Image says of the tasks whose own names are hidden, by number.
    measures
        Headings and rows of the tables of measures beside RHI, by name; empty unless they were
        asked for.
    """

    images: int
    resumed: int
    failures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    rhi_headings: tuple[str, ...]
    patient_headings: tuple[str, ...]
    patients: tuple[tuple[Cell, ...], ...]
    kept: tuple[tuple[NamedRecord, RatedCells], ...]
    names: Mapping[int, str]
    measures: Mapping[str, tuple[tuple[str, ...], list[list[Cell]]]] = field(default_factory=dict)

    def names_of(self, tasks: Sequence[Task], /) -> list[str]:
        """Return what the column Image says of each task of the run."""
        return [self.names.get(number, task.name) for number, task in enumerate(tasks)]


@contextmanager
def _workers(tasks: Sequence[Task], options: RunOptions) -> Iterator[Workers]:
    """Choose who does the work: the workers of a cluster, or this machine."""
    if options.scheduler is None:
        # There is one JVM, and it measures in the thread that started it.
        one = options.work.engine != NUMPY
        yield Local(1 if one else options.jobs or default_jobs(), options.processes and not one)
        return
    from pyrhi.batch.cluster import Cluster, witnesses

    if options.work.engine != NUMPY:
        msg = (
            f"--engine {options.work.engine} measures in one Java process on this machine; "
            "leave --scheduler out, or take --engine numpy"
        )
        raise EngineError(msg)
    with Cluster(options.scheduler, witnesses(tasks)) as cluster:
        yield cluster


def run(
    tasks: Sequence[Task],
    options: RunOptions,
    /,
    *,
    output: Path | None = None,
    keep: bool = False,
    progress: Callable[[int], object] | None = None,
) -> RunResult:
    """Measure all tasks and make the tables; with `output`, write them.

    Parameters
    ----------
    tasks
        The images.
    options
        How to measure them.
    output
        Folder for the tables; None writes nothing.
    keep
        True returns the records of all images; a large study has no room for them.
    progress
        Called with the number of images that were just finished.

    Returns
    -------
    result : RunResult
        Images that could not be measured stand among the failures.

    Raises
    ------
    TableError
        If an image stands twice, or a slice is rated that the run does not have.
    OutputError
        If the results cannot be written; an old table stays as it was.
    ClusterError
        If a scheduler is given, and it or its workers cannot do the work.
    """
    check_unique(tasks)
    rated = RatedRows(options.ratings, tasks)
    gate = NameGate.of(tasks, options.work)
    with _told_by(gate), ExitStack() as opened:
        journal = written = None
        if output is not None:
            journal = opened.enter_context(Journal(output, options.work, resume=options.resume))
            written = opened.enter_context(Output(output, options))
        workers = opened.enter_context(_workers(tasks, options))
        engine = start_engine(options.work.engine, options.work.fiji)
        items = Items(tasks, references_of(tasks, options.work, workers))
        patients = Patients(tasks, options.summary)
        measures = Measures(options.work.measures) if options.work.measures else None
        sums = _Sums(keep)
        for image in measured(items, options.work, workers, journal):
            task = image.item.task
            record = gate.record(image.record, given_patient=bool(task.patient))
            if journal is not None and image.is_new:
                journal.add(image.item, image.inputs, record)
            cells = rated.cells(record)
            sums.add(image.index, task, record, cells, resumed=not image.is_new)
            if not record.error:
                patients.add(task, record, rated.excluded(cells))
                if measures is not None:
                    measures.add(task, record, rated.excluded(cells))
            if written is not None:
                written.add(record, image.inputs, cells)
            if progress is not None:
                progress(1)
        rated.check()
        result = sums.result(rated, gate, patients, rhi_headings(options))
        if measures is not None:
            result = replace(result, measures=measures.tables())
        if written is not None:
            moved = written.finish(tasks, result, engine, gate)
            result = replace(result, notes=(*result.notes, *filter(None, [moved])))
        return result


@contextmanager
def _told_by(gate: NameGate) -> Iterator[None]:
    """Let no error leave the run but through the gate."""
    try:
        yield
    except PyrhiError as error:
        raise gate.error(error) from error


class _Sums:
    """Counts and sentences of a run as its images come by."""

    def __init__(self, keep: bool) -> None:
        self._keep = keep
        self._images = self._resumed = 0
        self._failures: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._kept: list[tuple[NamedRecord, RatedCells]] = []
        self._names: dict[int, str] = {}

    def add(
        self, index: int, task: Task, record: NamedRecord, cells: RatedCells, *, resumed: bool
    ) -> None:
        self._resumed += resumed
        if record.name != task.name:
            self._names[index] = record.name
        if record.error:
            self._failures.append((record.name, record.error))
        else:
            self._images += 1
            self._notes += [f"{record.path}: {note}" for note in record.notes]
        if self._keep:
            self._kept.append((record, cells))

    def result(
        self, rated: RatedRows, gate: NameGate, patients: Patients, headings: tuple[str, ...]
    ) -> RunResult:
        notes = []
        if gate.hidden:
            notes.append(HIDDEN.format(count=gate.hidden))
        if rated.left_out:
            notes.append(EXCLUDED.format(count=rated.left_out, total=rated.rows))
        return RunResult(
            images=self._images,
            resumed=self._resumed,
            failures=tuple(self._failures),
            notes=(*notes, *self._notes),
            rhi_headings=headings,
            patient_headings=patients.headings,
            patients=tuple(tuple(cells) for cells in patients.rows()),
            kept=tuple(self._kept),
            names=self._names,
        )
