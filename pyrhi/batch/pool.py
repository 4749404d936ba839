"""Working through many images on all cores, whatever happens to one of the workers."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

CHUNKS_PER_WORKER = 8
MAX_CHUNK = 64


class Workers(Protocol):
    """Whoever does the work: processes of this machine, or a cluster."""

    def work_through(
        self, work: Callable[[T], R], items: Sequence[T], died: Callable[[T], R], /
    ) -> Iterator[list[tuple[int, R]]]:
        """Do the work on all items and yield the results as they come.

        Parameters
        ----------
        work
            A function that can be sent to another process.
        items
            What to work on.
        died
            Says what the result is where an item ends the process that works on it.

        Yields
        ------
        results : list of (index, result)
            Some finished items; each index comes once, in no fixed order.
        """


@dataclass(frozen=True)
class Processes:
    """Processes of this machine.

    Parameters
    ----------
    jobs
        How many; 1 works in this one.
    """

    jobs: int

    def work_through(
        self, work: Callable[[T], R], items: Sequence[T], died: Callable[[T], R], /
    ) -> Iterator[list[tuple[int, R]]]:
        """Do the work on all items, as `Workers` says."""
        return _work_through(work, items, self.jobs, died)


def chunks_of(count: int, workers: int, /) -> list[range]:
    """Cut the indices of `count` items into pieces that are sent to a worker as one."""
    size = max(1, min(MAX_CHUNK, -(-count // (workers * CHUNKS_PER_WORKER))))
    return [range(i, min(i + size, count)) for i in range(0, count, size)]


def default_jobs() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    # Forked workers start with everything loaded; elsewhere they load it once each.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _chunk(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [work(item) for item in items]


def _work_through(
    work: Callable[[T], R], items: Sequence[T], jobs: int, died: Callable[[T], R]
) -> Iterator[list[tuple[int, R]]]:
    chunks = chunks_of(len(items), jobs)
    if jobs == 1 or len(chunks) == 1:
        for index, item in enumerate(items):
            yield [(index, work(item))]
        return
    left = set(range(len(items)))
    try:
        with ProcessPoolExecutor(jobs, mp_context=_context()) as pool:
            futures = {pool.submit(_chunk, work, [items[i] for i in c]): c for c in chunks}
            try:
                for future in as_completed(futures):
                    done = list(zip(futures[future], future.result(), strict=True))
                    left.difference_update(index for index, _ in done)
                    yield done
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool:
        # One item took its worker down; each of the rest now gets a process of its own.
        for index in sorted(left):
            try:
                with ProcessPoolExecutor(1, mp_context=_context()) as pool:
                    yield [(index, pool.submit(work, items[index]).result())]
            except BrokenProcessPool:
                yield [(index, died(items[index]))]
