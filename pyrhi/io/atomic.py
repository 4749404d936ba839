"""Files that are there whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pyrhi.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator


BUFFER_BYTES = 2**18
"""Bytes that are written at once: each call gives up the interpreter's lock and waits for it."""

TEMPORARY_SUFFIX = ".pyrhi-tmp"
"""Ending of a file that is being written; it stays only where a process was killed meanwhile."""

EARLIER = "earlier"
"""Folder for files of an earlier run that a later one does not write."""


@contextmanager
def writing(path: str | os.PathLike[str], /) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces `path` only when all of it was written.

    Parameters
    ----------
    path
        The file to write; its folder is made where it does not exist.

    Yields
    ------
    stream
        A binary file; an exception inside leaves the old file, or none, in place.

    Raises
    ------
    OutputError
        If the file cannot be written there.
    """
    path = Path(path)
    temporary: str | None = None
    try:
        if path.is_dir():
            msg = f"{path}: is a folder; give the name of a file to write"
            raise OutputError(msg)
        make_folder(path.parent)
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=TEMPORARY_SUFFIX, dir=path.parent
        )
        with os.fdopen(handle, "wb", BUFFER_BYTES) as stream:
            try:
                yield stream
            except BaseException:
                # What went wrong first is told, not that the rest could not be written either.
                with suppress(OSError):
                    stream.close()
                raise
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def not_written(path: Path, error: OSError, /) -> OutputError:
    """Return the error of a file that could not be written."""
    return OutputError(
        f"{path}: cannot be written ({error.strerror or error}); nothing was changed there"
    )


def make_folder(path: Path, /) -> None:
    """Make an output folder and the folders above it.

    Raises
    ------
    OutputError
        If a file stands in its place or it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        msg = f"{path}: is a file; give a folder for the results"
        raise OutputError(msg) from None
    except OSError as error:
        msg = f"{path}: cannot be made ({error.strerror or error}); choose another folder"
        raise OutputError(msg) from error


def sweep(folder: Path, /, *, below: bool = False) -> None:
    """Remove what a process that was killed while it wrote left in a folder.

    Parameters
    ----------
    folder
        A folder in which nobody else is writing; it need not exist.
    below
        True looks into the folders below it, too.
    """
    pattern = f".*{TEMPORARY_SUFFIX}"
    for path in folder.rglob(pattern) if below else folder.glob(pattern):
        # One that cannot be removed does no harm: its name says what it is.
        with suppress(OSError):
            path.unlink()


def remove(path: Path, /) -> None:
    """Remove a file that is made again, if it is there.

    Raises
    ------
    OutputError
        If it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path}: cannot be replaced ({error.strerror or error}); close or delete it"
        raise OutputError(msg) from error


def set_aside(folder: Path, patterns: Iterable[str], written: Container[str] = (), /) -> str:
    """Move files of an earlier run away: beside new tables their numbers would be wrong.

    Parameters
    ----------
    folder
        Where the new tables are.
    patterns
        Names, also with ``*``, of files that a run writes only where it is asked to.
    written
        Names of those that belong to the new tables.

    Returns
    -------
    str
        What was moved where, for the reader; empty where there was nothing.

    Raises
    ------
    OutputError
        If a file cannot be moved.
    """
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    old = sorted(path for path in found if path.name not in written)
    if not old:
        return ""
    made = time.gmtime(max(path.stat().st_mtime for path in old))
    target = stem = folder / EARLIER / time.strftime("%Y-%m-%dT%H-%M-%SZ", made)
    number = 1
    while target.exists():
        number += 1
        target = stem.with_name(f"{stem.name}-{number}")
    make_folder(target)
    for path in old:
        try:
            path.replace(target / path.name)
        except OSError as error:
            msg = (
                f"{path}: is of an earlier run and cannot be moved to {target} "
                f"({error.strerror or error}); close or delete it"
            )
            raise OutputError(msg) from error
    names = ", ".join(path.name for path in old)
    return f"of an earlier run, and not of these tables: {names}; moved to {target}"
