"""Reading the files of many slices in two steps that give the interpreter's lock up once each.

Python gives it up at each `open`, `fstat`, `read` and `close`, and threads that do so ten times for
a small image wait for one another longer than they work. Uncompiled, and on Windows, `os` does the
same with the same result.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pyrhi.io.regular import opened

try:
    import cython
except ImportError:
    from pyrhi.imagej import _cython as cython

if not cython.compiled:
    _POSIX = 0

    def _open_all(images: list[bytes], others: list[bytes], head: int, most: int) -> Any:
        """Stand in for the compiled function."""

    def _read_all(parts: list[Part], to: NDArray[np.uint8]) -> Any:
        """Stand in for the compiled function."""


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Part = tuple[int, int, int]

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


def open_all(
    images: Sequence[str], others: Sequence[str], /, *, head: int, most: int
) -> list[Opened | None]:
    """Open images and read their beginnings, and read another file of each whole.

    Parameters
    ----------
    images, others
        The files; no path may hold a zero byte.
    head
        Bytes of each image that are read.
    most
        Size of another file above which it is not read.

    Returns
    -------
    list of Opened or None
        The descriptors of the images are the caller's: `read_all` closes them. None where a file
        cannot be read, or the other one is too large.
    """
    if _POSIX:
        first, second = [os.fsencode(p) for p in images], [os.fsencode(p) for p in others]
        found = _open_all(first, second, head, most)
        return [None if cells is None else Opened._make(cells) for cells in found]
    return [_open_by_os(*paths, head, most) for paths in zip(images, others, strict=True)]


def read_all(parts: list[Part], to: NDArray[np.uint8], /) -> list[bool]:
    """Read parts of some open files, one after another, and close each after its last part.

    Parameters
    ----------
    parts
        Descriptor, where the part begins, and its bytes; those of a file stand together. Without
        bytes, a file is only closed.
    to
        Takes the bytes, uint8; at least one byte more than all parts have.

    Returns
    -------
    list of bool
        False where a part cannot be read, or the file ends before.

    Raises
    ------
    ValueError
        If `to` is too small.
    """
    if sum(size for _, _, size in parts) >= len(to):
        msg = f"{len(to)} bytes are too few for what is to be read"
        raise ValueError(msg)
    if _POSIX:
        found: list[bool] = _read_all(parts, to)
        return found
    there = []
    start = 0
    for i, (file, at, size) in enumerate(parts):
        is_last = i + 1 == len(parts) or parts[i + 1][0] != file
        data = _read_by_os(file, at, size, is_last)
        there.append(data is not None)
        if data is not None:
            to[start : start + size] = np.frombuffer(data, np.uint8)
        start += size
    return there


def _open_by_os(image: str, other: str, head: int, most: int) -> Opened | None:
    try:
        return _open_both_by_os(image, other, head, most)
    except OSError:
        return None


def _read_by_os(file: int, at: int, size: int, is_last: bool) -> bytes | None:
    try:
        data = _read_at(file, at, size)
    except OSError:
        return None
    finally:
        if is_last:
            os.close(file)
    return data if len(data) == size else None


def _open_both_by_os(image: str, other: str, head: int, most: int) -> Opened | None:
    file = opened(image, _READ)
    try:
        status = os.fstat(file)
        beginning = _read_at(file, 0, head)
        second = opened(other, _READ)
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
