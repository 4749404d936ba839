"""A whole run, step by step: plan, resume, measure, name, write, summarise."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrhi.batch.journal import Journal
from pyrhi.batch.names import NameGate
from pyrhi.batch.outcome import Tally
from pyrhi.batch.plan import check_unique
from pyrhi.batch.ratings import RatedRows
from pyrhi.batch.references import references_of
from pyrhi.batch.resume import Items, measured
from pyrhi.batch.summarise import Patients
from pyrhi.batch.workers import Local, default_jobs
from pyrhi.batch.write import Output, rhi_headings
from pyrhi.engines.choose import NUMPY, start_engine
from pyrhi.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyrhi.batch.measures import Measures
    from pyrhi.batch.options import RunOptions, WorkOptions
    from pyrhi.batch.outcome import RunResult
    from pyrhi.batch.plan import Task
    from pyrhi.batch.workers import Workers


@contextmanager
def _workers(tasks: Sequence[Task], options: RunOptions) -> Iterator[Workers]:
    """Choose who does the work: the workers of a cluster, or this machine."""
    if options.scheduler is None:
        # There is one JVM, and it measures in the thread that started it.
        one = options.work.engine != NUMPY
        yield Local(1 if one else options.jobs or default_jobs(), options.processes and not one)
        return
    from pyrhi.batch.cluster import Cluster, files_to_check

    if options.work.engine != NUMPY:
        msg = (
            f"--engine {options.work.engine} measures in one Java process on this machine; "
            "leave --scheduler out, or take --engine numpy"
        )
        raise EngineError(msg)
    with Cluster(options.scheduler, files_to_check(tasks)) as cluster:
        yield cluster


def _measures(options: WorkOptions) -> Measures | None:
    if options.measures is None:
        return None
    from pyrhi.batch.measures import Measures

    return Measures(options.measures)


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
    with gate.guard(), ExitStack() as opened:
        journal = written = None
        if output is not None:
            journal = opened.enter_context(Journal(output, options.work, resume=options.resume))
            written = opened.enter_context(Output(output, options))
        workers = opened.enter_context(_workers(tasks, options))
        engine = start_engine(options.work.engine, options.work.fiji)
        items = Items(tasks, references_of(tasks, options.work, workers))
        patients = Patients(tasks, options.summary)
        measures = _measures(options.work)
        tally = Tally(keep)
        for image in measured(items, options.work, workers, journal):
            task = image.item.task
            record = gate.record(image.record, given_patient=bool(task.patient))
            if journal is not None and image.is_new:
                journal.add(image.item, image.inputs, record)
            cells = rated.cells(record)
            tally.add(image.index, task, record, cells, resumed=not image.is_new)
            if not record.error:
                patients.add(task, record, rated.excluded(cells))
                if measures is not None:
                    measures.add(task, record, rated.excluded(cells))
            if written is not None:
                written.add(record, image.inputs, cells)
            if progress is not None:
                progress(1)
        rated.check()
        result = tally.result(rated, gate, patients, rhi_headings(options))
        if measures is not None:
            result = replace(result, measures=measures.tables())
        if written is not None:
            moved = written.finish(tasks, result, engine, gate)
            result = replace(result, notes=(*result.notes, *filter(None, [moved])))
        return result
