"""The images of a run in their order, each measured now or taken from an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from pyrhi.batch.inputs import inputs_of
from pyrhi.batch.plan import Item
from pyrhi.batch.quick import Batch, QuickWay
from pyrhi.batch.workers import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyrhi.batch.inputs import InputFile
    from pyrhi.batch.journal import Journal
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.batch.workers import Workers
    from pyrhi.rhi.high import Reference
    from pyrhi.rhi.record import ImageRecord

Result = tuple[list["InputFile"], "ImageRecord"]


class Items(Sequence[Item]):
    """The images to be measured, each made when its turn comes, since there may be many.

    Parameters
    ----------
    tasks
        The images of the run.
    references
        Says the patient's reference of a task, for ``--high auto``.
    numbers
        Which of them; None takes all.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        references: Callable[[Task], Reference | None],
        numbers: Sequence[int] | None = None,
        /,
    ) -> None:
        self._tasks = tasks
        self._references = references
        self._numbers = range(len(tasks)) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Item:  # type: ignore[override]
        task = self._tasks[self._numbers[index]]
        return Item(task, self._references(task))

    def subset(self, numbers: Sequence[int], /) -> Items:
        """Return some of these, by number."""
        return Items(self._tasks, self._references, numbers)


@dataclass(frozen=True)
class Measured:
    """One image of a run.

    Parameters
    ----------
    index, item
        Number of its task, and the task with what it was measured with.
    inputs
        The files that were read.
    record
        Its results.
    is_new
        False where an earlier run had measured it.
    """

    index: int
    item: Item
    inputs: Sequence[InputFile]
    record: ImageRecord
    is_new: bool


def measured(
    items: Items, options: WorkOptions, workers: Workers, journal: Journal | None, /
) -> Iterator[Measured]:
    """Yield every image in the order of the tasks.

    Parameters
    ----------
    items
        The images.
    options
        What they are measured with.
    workers
        Who measures.
    journal
        Knows what an earlier run did; None means that there was none.
    """
    before = set()
    if journal is not None and journal.has_records:
        before = {i for i, item in enumerate(items) if journal.done(item, inputs_of(item.task))}
    todo = [i for i in range(len(items)) if i not in before] if before else range(len(items))
    results = workers.work_through(_work(options, workers, journal), items.subset(todo))
    for index in range(len(items)):
        item = items[index]
        if index in before and journal is not None:
            inputs = inputs_of(item.task)
            record = journal.done(item, inputs)
            # A file that changed since a moment ago is measured as if it had changed before.
            if record is None:
                yield Measured(index, item, *_measure(options, item), is_new=True)
            else:
                yield Measured(index, item, inputs, record, is_new=False)
        else:
            yield Measured(index, item, *next(results), is_new=True)


def _measure(options: WorkOptions, item: Item) -> Result:
    return _quick_way(options)(item.task) or _measure_generally(options, item)


# In a process of its own: in this one, the threads of a run share a way.
@lru_cache(maxsize=1)
def _quick_way(options: WorkOptions) -> QuickWay:
    return QuickWay(options)


# The general way is loaded by the first image that needs it: most runs have none.
def _measure_generally(options: WorkOptions, item: Item) -> Result:
    from pyrhi.batch.measure import measure_task

    # Looked at before they are read: a file that changes meanwhile is measured again on --resume.
    inputs = inputs_of(item.task)
    return inputs, measure_task(options, item)


def _measure_plain(options: WorkOptions, item: Item) -> Result | None:
    from pyrhi.batch.measure import measure_plain

    inputs = inputs_of(item.task)
    record = measure_plain(options, item)
    return None if record is None else (inputs, record)


def _process_died(item: Item) -> Result:
    from pyrhi.batch.measure import process_died

    return [], process_died(item)


def _work(options: WorkOptions, workers: Workers, journal: Journal | None) -> Work[Item, Result]:
    do = partial(_measure, options)
    if workers.elsewhere:
        return Work(do, _process_died)
    quick_way = QuickWay(options)

    def quick(item: Item) -> Result | None:
        return quick_way.stack(item.task) or _measure_plain(options, item)

    def batch(some: Sequence[Item]) -> Batch:
        return quick_way.batch([item.task for item in some])

    def in_this_process(item: Item) -> Result:
        if journal is not None:
            journal.begin(item)
        return _measure_generally(options, item)

    if journal is None:
        return Work(do, _process_died, quick, batch, in_this_process=in_this_process)

    return Work(
        do, _process_died, quick, batch, in_this_process=in_this_process, suspect=journal.is_suspect
    )
