"""The error stream of a run that nobody may be able to read: closed or full, the run goes on."""

from __future__ import annotations

import io
import os
import sys
from typing import IO


class Forgiving(io.TextIOWrapper):
    """A text stream that loses what cannot be written, and says nothing.

    What a run tells on its error stream stands in its tables too; it must not end for it.
    """

    def write(self, text: str, /) -> int:
        """Write a text where it can be written, and return its length."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        try:
            super().flush()
        except OSError:
            return


def guard_streams() -> None:
    """Give this process an error stream that never fails, and both streams a file descriptor.

    A descriptor that was closed at the start would be given to the next file that is opened, and
    a message of a library could end in a table.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    stream: IO[str] = sys.stderr
    if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, Forgiving):
        encoding, errors = stream.encoding, stream.errors
        sys.stderr = Forgiving(
            stream.detach(), encoding, errors, line_buffering=True, write_through=True
        )
