"""Working through many images on a Dask cluster, whatever happens to one of the workers."""

from __future__ import annotations

import logging
import os
import platform
import queue
import threading
import uuid
import warnings
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from pyrhi import __version__
from pyrhi.batch.inputs import inputs_of
from pyrhi.batch.workers import CHUNKS_AHEAD, chunks_of
from pyrhi.errors import ClusterError, PyrhiError
from pyrhi.extras import need

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyrhi.batch.plan import Task
    from pyrhi.batch.workers import Work

T = TypeVar("T")
R = TypeVar("R")

EXTRA = "distributed"
CONNECT_SECONDS = 10.0
"""How long a scheduler may take to answer."""

WORKERLESS_SECONDS = 60.0
"""How long a run waits for a worker where none is left."""

LOOK_SECONDS = 2.0
"""How often a run that waits for results looks whether the cluster is still there."""

FILES_CHECKED = 8
"""Images whose files every worker of a cluster must see."""

CHUNKS_IN_FLIGHT = 4
"""Pieces of work that the scheduler holds for each thread of the workers; the rest waits here."""


@dataclass(frozen=True)
class Conditions:
    """What a worker must have in common with the run, or its numbers are not the run's.

    Parameters
    ----------
    pyrhi, python, numpy
        Versions.
    folder
        Folder in which relative paths begin.
    files
        Some of the files that are read, with their sizes.
    """

    pyrhi: str
    python: str
    numpy: str
    folder: str
    files: tuple[tuple[str, int], ...]

    @classmethod
    def of_this_process(cls, files: Sequence[tuple[str, int]], /) -> Conditions:
        """Return the conditions of this process."""
        python = ".".join(platform.python_version_tuple()[:2])
        return cls(__version__, python, np.__version__, os.getcwd(), tuple(files))

    def what_is_missing(self) -> str:
        """Say what this process, a worker, lacks, and the remedy; empty where it fits."""
        mine = Conditions.of_this_process(())
        for name in ("pyrhi", "python", "numpy"):
            ours, theirs = getattr(self, name), getattr(mine, name)
            if ours != theirs:
                return f"has {name} {theirs}, this run {ours}; install the same version there"
        for path, size in self.files:
            full = os.path.join(self.folder, path)
            if not os.path.exists(full):
                return f"does not see {full}; mount the folder at the same path on every worker"
            if os.path.isfile(full) and os.path.getsize(full) != size:
                return f"sees another file at {full}; mount the same folder on every worker"
        if not os.path.isdir(self.folder):
            return f"does not see the folder {self.folder}; mount it there, or run in another one"
        return ""


class _Folder:
    """The current folder of a worker process, shared by the runs that work in it at once."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._users = 0
        self._current = ""
        self._before = ""

    @contextmanager
    def used(self, folder: str) -> Iterator[None]:
        """Work in `folder`, so that a relative path means there what it means in the run."""
        with self._free:
            self._free.wait_for(lambda: not self._users or self._current == folder)
            if not self._users:
                self._before = os.getcwd()
                os.chdir(folder)
                self._current = folder
            self._users += 1
        try:
            yield
        finally:
            with self._free:
                self._users -= 1
                if not self._users:
                    os.chdir(self._before)
                    self._free.notify_all()


_FOLDER = _Folder()
_FITTING: set[Conditions] = set()
"""Conditions that this process, a worker, was found to fulfil."""


def _chunk(work: Work[T, R], items: Sequence[T], conditions: Conditions) -> list[R]:
    # A worker that joins in the middle of a run has not been looked at before.
    if conditions not in _FITTING:
        missing = conditions.what_is_missing()
        if missing:
            msg = f"worker on {platform.node()}: {missing}"
            raise ClusterError(msg)
        _FITTING.add(conditions)
    with _FOLDER.used(conditions.folder):
        return [work.by_any_way(item) for item in items]


def files_to_check(tasks: Sequence[Task], /) -> list[tuple[str, int]]:
    """Return some of the files that a run reads, with their sizes: every worker must see them."""
    step = max(len(tasks) // FILES_CHECKED, 1)
    some = [tasks[i] for i in range(0, len(tasks), step)][:FILES_CHECKED]
    return [(f.path, f.size) for task in some for f in inputs_of(task) if f.size >= 0]


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    files
        Some of the files that the run reads, with their sizes: every worker must see them.

    Raises
    ------
    ClusterError
        If the scheduler cannot be reached, or a worker does not fit the run.
    PyrhiError
        If distributed is not installed.
    """

    elsewhere: ClassVar[bool] = True

    def __init__(self, address: str, files: Sequence[tuple[str, int]], /) -> None:
        self._distributed = need("distributed", EXTRA)
        self._address = address
        self._conditions = Conditions.of_this_process(files)
        # What the cluster does is told in pyrhi's own lines.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._client = self._connect()
        try:
            with self._reached():
                self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the scheduler holds for this run."""
        with suppress(OSError, RuntimeError, TimeoutError):
            self._client.close(timeout=CONNECT_SECONDS)

    def _connect(self) -> Any:
        comm = need("distributed.comm", EXTRA)
        try:
            # A client that was given no address at all would not end.
            scheme, place = comm.parse_address(self._address)
            need("distributed.comm.registry", EXTRA).get_backend(scheme)
            comm.parse_host_port(place)
        except ValueError as error:
            msg = (
                f"{self._address}: is no address of a Dask scheduler ({error}); "
                "give one such as tcp://10.0.0.1:8786"
            )
            raise ClusterError(msg) from error
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # A client that talks to a server of another kind, such as a web page, waits for ever.
        threading.Thread(target=self._call, args=(answer,), daemon=True).start()
        try:
            client = answer.get(timeout=2 * CONNECT_SECONDS)
        except queue.Empty:
            client = TimeoutError("something else listens there")
        if isinstance(client, Exception):
            answered = str(client).splitlines() or [type(client).__name__]
            msg = (
                f"{self._address}: no Dask scheduler answers ({answered[0]}); start one "
                "(dask scheduler), or check the address and port"
            )
            raise ClusterError(msg) from client
        return client

    def _call(self, answer: queue.SimpleQueue[Any]) -> None:
        try:
            with warnings.catch_warnings():
                # Versions are compared in _check, where they matter.
                warnings.simplefilter("ignore")
                client = self._distributed.Client(
                    self._address, timeout=CONNECT_SECONDS, set_as_default=False
                )
        except Exception as error:  # whatever it is, the caller says it
            answer.put(error)
        else:
            answer.put(client)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"{self._address}: the Dask scheduler is gone; start it and its workers, then run "
            "again with --resume"
        )

    def _workerless(self) -> ClusterError:
        return ClusterError(
            f"{self._address}: has had no worker for {WORKERLESS_SECONDS:g} s; start some "
            f"(dask worker {self._address}), then run again with --resume"
        )

    def _check(self) -> None:
        """Refuse a cluster that has no worker, or one that does not fit."""
        try:
            self._client.wait_for_workers(1, timeout=WORKERLESS_SECONDS)
        except TimeoutError:
            raise self._workerless() from None
        versions = self._client.get_versions(packages=["pyrhi"])
        everyone = {"scheduler": versions["scheduler"], **versions["workers"]}
        for name, found in everyone.items():
            who = f"{self._address}: the {name}" if name == "scheduler" else f"worker {name}"
            # Work is sent by name: whoever handles it must have the code of that name.
            python = ".".join(str(found["host"]["python"]).split(".")[:2])
            theirs = {"python": python, "pyrhi": found["packages"].get("pyrhi")}
            for what, version in theirs.items():
                ours = getattr(self._conditions, what)
                if version != ours:
                    has = f"{what} {version}" if version else f"no {what}"
                    msg = f"{who} has {has}, this run {ours}; install the same version there"
                    raise ClusterError(msg)
        for name, missing in self._client.run(self._conditions.what_is_missing).items():
            if missing:
                msg = f"worker {name}: {missing}"
                raise ClusterError(msg)

    def work_through(self, work: Work[T, R], items: Sequence[T], /) -> Iterator[R]:
        """Do the work on all items, as `pyrhi.batch.workers.Workers` says.

        Raises
        ------
        ClusterError
            If the scheduler goes away, no worker is left, or one does not fit the run.
        """
        if not items:
            return
        with self._reached():
            chunks = chunks_of(len(items), max(self._threads(), 1))
            early: dict[int, list[R]] = {}
            oldest = 0
            for chunk, results in self._stream(work, items, chunks, early):
                early[chunk.start] = (
                    self._one_by_one(work, items, chunk) if results is None else results
                )
                while oldest in early:
                    done = early.pop(oldest)
                    yield from done
                    oldest += len(done)

    def _one_by_one(self, work: Work[T, R], items: Sequence[T], chunk: range) -> list[R]:
        """Work on items one of which ended its workers: alone, each shows whether it was that."""
        return [
            results[0] if results is not None else work.if_process_dies(items[index])
            for index in chunk
            for _, results in self._stream(work, items, [range(index, index + 1)], {})
        ]

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

    def _stream(
        self,
        work: Work[T, R],
        items: Sequence[T],
        chunks: Sequence[range],
        early: Mapping[int, list[R]],
    ) -> Iterator[tuple[range, list[R] | None]]:
        """Yield the results of each chunk; None where it ended its worker each time.

        Nothing is sent while `early`, results that wait for older ones, holds too many.
        """
        waiting = deque(chunks)
        finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        running: dict[Any, range] = {}
        run = uuid.uuid4().hex[:12]
        threads = self._threads()
        try:
            while waiting or running:
                while waiting and self._has_room(threads, len(running), len(early)):
                    chunk = waiting.popleft()
                    future = self._client.submit(
                        _chunk,
                        work,
                        [items[i] for i in chunk],
                        self._conditions,
                        key=f"pyrhi-{run}-{chunk.start}",
                        pure=False,
                    )
                    running[future] = chunk
                    future.add_done_callback(finished.put)
                done, threads = self._next(finished, threads)
                for future, results in self._gathered(done):
                    yield running.pop(future), results
                    future.release()
        finally:
            for future in running:
                with suppress(OSError, RuntimeError):
                    future.cancel()

    def _has_room(self, threads: int, running: int, early: int) -> bool:
        threads = max(threads, 1)
        # The oldest chunk always has its place, or nothing would ever be yielded.
        enough = running and running + early >= threads * CHUNKS_AHEAD
        return running < threads * CHUNKS_IN_FLIGHT and not enough

    def _next(self, finished: queue.SimpleQueue[Any], threads: int) -> tuple[list[Any], int]:
        """Wait for finished futures; return them and the number of threads of the workers."""
        waited = 0.0
        while True:
            try:
                done = [finished.get(timeout=LOOK_SECONDS)]
            except queue.Empty:
                if self._client.status != "running":
                    raise self._lost() from None
                threads = self._threads()
                waited = 0.0 if threads else waited + LOOK_SECONDS
                if waited >= WORKERLESS_SECONDS:
                    raise self._workerless() from None
                continue
            with suppress(queue.Empty):
                while True:
                    done.append(finished.get_nowait())
            return done, threads

    def _gathered(self, done: Sequence[Any]) -> Iterator[tuple[Any, list[Any] | None]]:
        good = [future for future in done if future.status == "finished"]
        for future, results in zip(good, self._client.gather(good), strict=True):
            yield future, results
        for future in done:
            if future in good:
                continue
            if future.status != "error":
                # Cancelled or lost: the scheduler was restarted, or the connection was cut.
                raise self._lost()
            error = future.exception()
            if isinstance(error, self._distributed.KilledWorker):
                yield future, None
            elif isinstance(error, PyrhiError):
                raise error
            else:
                what = " ".join(f"{type(error).__name__} {error}".split())
                msg = f"{self._address}: a worker failed ({what}); see its log"
                raise ClusterError(msg) from error
