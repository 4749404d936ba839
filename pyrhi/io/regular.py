"""Opening files that somebody named: a pipe or a device is refused, as nobody may ever write to it.

The reason is that of an `OSError`, so that a reader says it as it says that a file is missing.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

NO_FILE = "it is a pipe or a device, not a file"

_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""Without it, opening a pipe waits for somebody who writes."""


def open_regular(path: str | os.PathLike[str], /) -> BinaryIO:
    """Open a file for reading.

    Parameters
    ----------
    path
        A file, or a link to one.

    Raises
    ------
    OSError
        If it cannot be opened or is no file.
    """
    return open(path, "rb", opener=opened)


def read_regular(path: str | os.PathLike[str], /) -> bytes:
    """Read a file whole, as `open_regular` opens it."""
    with open_regular(path) as stream:
        return stream.read()


def check_regular(path: Path, /) -> None:
    """Raise OSError for what is there and is neither a file nor a folder."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, NO_FILE, str(path))


def opened(path: str, flags: int, /) -> int:
    """Open a file or folder and return its descriptor, as `os.open` does; of a pipe, OSError."""
    file = os.open(path, flags | _AT_ONCE)
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # a folder is refused by `open`
        return file
    os.close(file)
    raise OSError(errno.EINVAL, NO_FILE, path)
