"""Working through many images at the same time, whatever happens to one of the workers."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

CHUNKS_PER_WORKER = 8
MAX_CHUNK = 64

CHUNKS_AHEAD = 8
"""Pieces of work for each worker that may be done before the oldest one is: results wait in
memory until their turn."""

PATIENCE_SECONDS = 5.0
"""Seconds of work, of all threads together, after which starting processes is worth the half second
of each: decoders leave the lock to other threads, and Python's own work does not."""


QUICK_PATIENCE_SECONDS = 10.0
"""The same for quick work, whose threads wait for one another between their compiled parts."""

FEW_JOBS = 2
"""So many threads keep as many cores busy with quick work as processes would."""


BATCH_ITEMS = 64
"""Items of a batch: each is opened, begun, measured and finished as one."""


class Batch(Protocol[R_co]):
    """Quick work on some items in steps, by turns in Python and in compiled code."""

    @property
    def steps(self) -> Sequence[Callable[[], None]]:
        """Four: compiled, Python, compiled, Python; the compiled ones give the lock up."""

    @property
    def results(self) -> Sequence[R_co | None]:
        """Of each item, after the last step; None for one that has to be done by other means."""


def _not_suspect(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Work(Generic[T, R]):
    """What is done on each item.

    Parameters
    ----------
    do
        The work; a function that can be sent to another process.
    if_process_dies
        Says what the result is where an item ends the process that works on it.
    quick
        The work by compiled code that threads share; None from it means that `do` is needed.
    batch
        Makes a batch of some items, which is tried before `quick`.
    in_this_process
        What stands for `do` where it is done in this process; None means `do` itself.
    suspect
        True for an item that may end its process: it gets one of its own.
    """

    do: Callable[[T], R]
    if_process_dies: Callable[[T], R]
    quick: Callable[[T], R | None] | None = None
    batch: Callable[[Sequence[T]], Batch[R]] | None = None
    in_this_process: Callable[[T], R] | None = None
    suspect: Callable[[T], bool] = _not_suspect

    def by_any_way(self, item: T, /) -> R:
        """Do the work in this process, by the quickest way that does."""
        done = None if self.quick is None else self.quick(item)
        return (self.in_this_process or self.do)(item) if done is None else done


class Workers(Protocol):
    """Whoever does the work: this machine, or a cluster.

    Attributes
    ----------
    elsewhere
        True where the work is sent away: nothing of this process can go with it.
    """

    elsewhere: ClassVar[bool]

    def work_through(self, work: Work[T, R], items: Sequence[T], /) -> Iterator[R]:
        """Do the work on all items.

        Parameters
        ----------
        work
            What is done on each.
        items
            What to work on; each is looked up when its turn comes.

        Yields
        ------
        result
            Of each item, in the order of the items.
        """


def chunks_of(count: int, workers: int, /) -> list[range]:
    """Cut the indices of `count` items into pieces that are sent to a worker as one."""
    size = max(1, min(MAX_CHUNK, -(-count // (workers * CHUNKS_PER_WORKER))))
    return [range(i, min(i + size, count)) for i in range(0, count, size)]


def default_jobs() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Local:
    """One machine: threads share compiled code, processes do what only Python can.

    Parameters
    ----------
    jobs
        Items worked on at the same time; 1 works in the caller's thread.
    processes
        True may start processes; False keeps everything in this one.
    patience
        Seconds of work here before the first process is started.
    quick_patience
        The same where all work is quick.
    """

    jobs: int
    processes: bool = False
    patience: float = PATIENCE_SECONDS
    quick_patience: float = QUICK_PATIENCE_SECONDS
    elsewhere: ClassVar[bool] = False

    def work_through(self, work: Work[T, R], items: Sequence[T], /) -> Iterator[R]:
        """Do the work on all items, as `Workers` says."""
        with _Processes(work, self.jobs) as processes:
            may_start = self.processes and self.jobs > 1
            worker = _ItemWorker(
                work,
                processes,
                self.patience if may_start else math.inf,
                self.quick_patience if may_start and self.jobs > FEW_JOBS else math.inf,
            )
            if work.batch is not None:
                yield from _staged(worker, work, items, self.jobs)
                return
            if self.jobs == 1:
                for index in range(len(items)):
                    yield from _all_finished(worker([items[index]]))
                return
            yield from _threaded(worker, items, self.jobs)


class _ItemWorker(Generic[T, R]):
    """Works on some items: at once, or by a process whose results are waited for."""

    def __init__(
        self,
        work: Work[T, R],
        processes: _Processes[T, R],
        patience: float,
        quick_patience: float,
    ) -> None:
        self._work = work
        self._processes = processes
        self._patience = patience
        self._quick_patience = quick_patience
        self._spent = self._spent_quickly = 0.0

    def __call__(self, items: Sequence[T], /) -> list[R | _Waiting[R]]:
        results: list[R | _Waiting[R] | None] = []
        away: list[tuple[int, T]] = []
        for item in items:
            result = self._in_this_process(item)
            if result is None:
                away.append((len(results), item))
            results.append(result)
        waiting = self._processes.submit([item for _, item in away]) if away else []
        for (index, _), one in zip(away, waiting, strict=True):
            results[index] = one
        return [result for result in results if result is not None]

    @property
    def keeps_quick_work(self) -> bool:
        """True while quick work stays in this process."""
        return self._spent_quickly < self._quick_patience

    def count_quick_seconds(self, seconds: float) -> None:
        """Count the time of quick work that others did."""
        self._spent_quickly += seconds

    def _in_this_process(self, item: T) -> R | None:
        """Work on an item in this process; None leaves it to others."""
        work = self._work
        if work.suspect(item):
            return self._processes.alone(item)
        began = time.perf_counter()
        if work.quick is not None and self._spent_quickly < self._quick_patience:
            done = work.quick(item)
            if done is not None:
                self._spent_quickly += time.perf_counter() - began
                return done
        if self._spent >= self._patience or self._spent_quickly >= self._quick_patience:
            return None
        done = (work.in_this_process or work.do)(item)
        self._spent += time.perf_counter() - began
        return done


def _threaded(worker: _ItemWorker[T, R], items: Sequence[T], jobs: int) -> Iterator[R]:
    def chunk(indices: range) -> list[R | _Waiting[R]]:
        return worker([items[i] for i in indices])

    chunks = iter(chunks_of(len(items), jobs))
    ahead: deque[Future[list[R | _Waiting[R]]]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="pyrhi") as pool:
        try:
            for indices in chunks:
                ahead.append(pool.submit(chunk, indices))
                if len(ahead) > jobs * CHUNKS_AHEAD:
                    yield from _all_finished(ahead.popleft().result())
            while ahead:
                yield from _all_finished(ahead.popleft().result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _SameThread:
    """Stands for a pool where there is one thread: does at once what it is given."""

    def __enter__(self) -> _SameThread:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, do: Callable[..., Any], /, *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(do(*args))
        return done

    def shutdown(self, **_: bool) -> None:
        pass


class _BatchUnderWay(Generic[T, R]):
    """Some items on their way through the steps of a batch."""

    def __init__(
        self,
        worker: _ItemWorker[T, R],
        work: Work[T, R],
        items: list[T],
        pool: _SameThread | ThreadPoolExecutor,
    ) -> None:
        self._worker = worker
        self._items = items
        self._pool = pool
        self._batch: Batch[R] | None = None
        self._step: Future[Any] | None = None
        self._rest: Future[list[R | _Waiting[R]]] | None = None
        if worker.keeps_quick_work and work.batch is not None and not any(map(work.suspect, items)):
            self._batch = work.batch(items)
            self._step = pool.submit(self._batch.steps[0])

    def begin(self) -> _BatchUnderWay[T, R]:
        """Do the second step in this thread, and leave the third to the pool."""
        if self._batch is not None and self._step is not None:
            self._step.result()
            self._batch.steps[1]()
            self._step = self._pool.submit(self._batch.steps[2])
        return self

    def finish(self) -> _BatchUnderWay[T, R]:
        """Do the last step in this thread, and leave what was not done to the pool."""
        rest = self._items
        if self._batch is not None and self._step is not None:
            self._step.result()
            self._batch.steps[3]()
            found = zip(self._items, self._batch.results, strict=True)
            rest = [item for item, result in found if result is None]
        # One thread does them one by one, when their results are asked for: each is recorded then.
        if rest and not isinstance(self._pool, _SameThread):
            self._rest = self._pool.submit(self._worker, rest)
        return self

    @property
    def is_done(self) -> bool:
        """True where no result has to be waited for."""
        return self._rest is None or self._rest.done()

    def results(self) -> Iterator[R]:
        """Yield the result of each item."""
        rest = None if self._rest is None else _all_finished(self._rest.result())
        nothing: Sequence[R | None] = [None] * len(self._items)
        done = nothing if self._batch is None else self._batch.results
        for item, result in zip(self._items, done, strict=True):
            if result is not None:
                yield result
            elif rest is not None:
                yield next(rest)
            else:
                yield from _all_finished(self._worker([item]))


def _staged(
    worker: _ItemWorker[T, R], work: Work[T, R], items: Sequence[T], jobs: int
) -> Iterator[R]:
    """Work in batches: what needs the interpreter's lock is done in this thread alone.

    Threads that ask for the lock at each file wait for one another longer than they work.
    """
    behind = 0 if jobs == 1 else jobs
    opening: deque[_BatchUnderWay[T, R]] = deque()
    measuring: deque[_BatchUnderWay[T, R]] = deque()
    ahead: deque[_BatchUnderWay[T, R]] = deque()
    began = time.perf_counter()

    def advance(limit: int) -> None:
        while len(opening) > limit:
            measuring.append(opening.popleft().begin())
        while len(measuring) > limit:
            ahead.append(measuring.popleft().finish())

    with (
        _SameThread() if jobs == 1 else ThreadPoolExecutor(jobs, thread_name_prefix="pyrhi") as pool
    ):
        try:
            for first in range(0, len(items), BATCH_ITEMS):
                last = min(first + BATCH_ITEMS, len(items))
                some = [items[i] for i in range(first, last)]
                opening.append(_BatchUnderWay(worker, work, some, pool))
                advance(behind)
                worker.count_quick_seconds(time.perf_counter() - began)
                began = time.perf_counter()
                while ahead and (ahead[0].is_done or len(ahead) > behind * CHUNKS_AHEAD):
                    yield from ahead.popleft().results()
            advance(0)
            while ahead:
                yield from ahead.popleft().results()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _all_finished(results: Iterable[R | _Waiting[R]]) -> Iterator[R]:
    for result in results:
        yield result.result() if isinstance(result, _Waiting) else result


@dataclass(frozen=True)
class _Waiting(Generic[R]):
    """One of the items that a process works on."""

    future: Future[list[R]]
    number: int
    alone: Callable[[], R]
    """Works on it again, in a process of its own."""

    def result(self) -> R:
        try:
            return self.future.result()[self.number]
        except BrokenExecutor:
            # One item took its worker down, and all that waited with it: alone, each shows
            # whether it was that one.
            return self.alone()


class _Processes(Generic[T, R]):
    """Processes that are started when the first item needs one.

    They are new programs (loky), never forks, so that threads and a JVM in this one do no harm,
    and do not run the caller's script again, so that it needs no guard.
    """

    def __init__(self, work: Work[T, R], jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._lock = threading.Lock()
        self._pool: Any = None

    def __enter__(self) -> _Processes[T, R]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)

    def submit(self, items: Sequence[T]) -> list[_Waiting[R]]:
        """Send items to a process as one: each journey costs more than a small image."""
        do = partial(_do_all, self._work.do)
        with self._lock:
            try:
                future = self._started().submit(do, items)
            except BrokenExecutor:
                self._pool = None
                future = self._started().submit(do, items)
        return [_Waiting(future, i, partial(self.alone, item)) for i, item in enumerate(items)]

    def alone(self, item: T) -> R:
        """Work on an item in a process of its own."""
        with _pool_of(1) as pool:
            try:
                result: R = pool.submit(self._work.do, item).result()
            except BrokenExecutor:
                return self._work.if_process_dies(item)
            return result

    def _started(self) -> Any:
        if self._pool is None:
            self._pool = _pool_of(self._jobs)
        return self._pool


def _do_all(do: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [do(item) for item in items]


def _pool_of(jobs: int) -> Any:
    # Loaded here: most runs need no process.
    from loky import ProcessPoolExecutor

    return ProcessPoolExecutor(jobs)
