"""Reading the files of one slice in two steps, each of which gives the interpreter's lock up once.

Python gives it up at each `open`, `fstat`, `read` and `close`, and threads that do so ten times for
a small image wait for one another longer than they work. Uncompiled, and on Windows, `os` does the
same with the same result.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    _POSIX = 0

    def _open_both(image: bytes, other: bytes, head: int, most: int) -> Any:
        """Stand in for the compiled function."""

    def _read_and_close(file: int, at: int, size: int) -> Any:
        """Stand in for the compiled function."""


_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Opened(NamedTuple):
    """An image that is open, the beginning of it, and a whole file that belongs to it.

    Sizes and times are as they were before anything was read.
    """

    file: int
    size: int
    modified_ns: int
    head: bytes
    other_size: int
    other_modified_ns: int
    other: bytes


def open_both(image: str, other: str, /, *, head: int, most: int) -> Opened | None:
    """Open an image and read its beginning, and read another file whole.

    Parameters
    ----------
    image, other
        The files.
    head
        Bytes of the image that are read.
    most
        Size of the other file above which it is not read.

    Returns
    -------
    Opened or None
        The image's descriptor is the caller's: `read_and_close` it. None where a file cannot be
        read, or the other is too large.
    """
    if "\0" in image or "\0" in other:
        return None
    if _POSIX:
        found = _open_both(os.fsencode(image), os.fsencode(other), head, most)
        return None if found is None else Opened._make(found)
    try:
        return _open_both_by_os(image, other, head, most)
    except OSError:
        return None


def read_and_close(file: int, at: int, size: int, /) -> bytes | None:
    """Read a part of an open file, and close it; without size, it is only closed.

    Parameters
    ----------
    file
        Its descriptor.
    at, size
        Where the part begins, and its bytes.

    Returns
    -------
    bytes or None
        None where it cannot be read, or the file ends before.
    """
    if _POSIX:
        found: bytes | None = _read_and_close(file, at, size)
        return found
    try:
        data = _read_at(file, at, size)
    except OSError:
        return None
    finally:
        os.close(file)
    return data if len(data) == size else None


def _open_both_by_os(image: str, other: str, head: int, most: int) -> Opened | None:
    file = os.open(image, _READ)
    try:
        status = os.fstat(file)
        beginning = _read_at(file, 0, head)
        second = os.open(other, _READ)
        try:
            second_status = os.fstat(second)
            size = second_status.st_size
            data = b"" if size > most else _read_at(second, 0, size + 1)
        finally:
            os.close(second)
        if len(data) == size:
            return Opened(
                *(file, status.st_size, status.st_mtime_ns, beginning),
                *(size, second_status.st_mtime_ns, data),
            )
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None


def _read_at(file: int, at: int, size: int) -> bytes:
    os.lseek(file, at, os.SEEK_SET)
    return os.read(file, size)
