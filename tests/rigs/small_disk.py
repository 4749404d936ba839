"""A disk that is soon full: a small tmpfs in a mount namespace of its own, no root needed."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEDY = (
    "this test mounts a small tmpfs, which is not permitted here: run it as root, or allow user "
    "namespaces (sysctl kernel.unprivileged_userns_clone=1, docker --security-opt "
    "seccomp=unconfined)"
)


def own_mounts() -> tuple[str, ...]:
    """Return the start of a command that runs the rest with mounts of its own."""
    for unshare in (("unshare", "-rm"), ("unshare", "-m")):
        try_out = (*unshare, "mount", "-t", "tmpfs", "none", "/mnt")
        if subprocess.run(try_out, capture_output=True, check=False).returncode == 0:
            return unshare
    pytest.fail(REMEDY)


@dataclass(frozen=True)
class SmallDisk:
    """A folder that is a disk of its own for the commands that `enter` starts.

    Parameters
    ----------
    enter
        Start of a command that runs the rest where the disk is mounted.
    folder
        Where it is mounted there.
    seen
        The same folder, as this process sees it.
    """

    enter: tuple[str, ...]
    folder: Path
    seen: Path

    def resize(self, size: int) -> None:
        """Give it `size` bytes."""
        command = (*self.enter, "mount", "-o", f"remount,size={size}", str(self.folder))
        subprocess.run(command, check=True)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Mount a disk of `size` bytes on `folder`."""
    folder.mkdir()
    unshare = own_mounts()
    script = 'mount -t tmpfs -o "size=$1" none "$2" && echo mounted && exec sleep infinity'
    holder = subprocess.Popen(
        [*unshare, "sh", "-c", script, "sh", str(size), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mounted\n", REMEDY
        user = ("-U", "--preserve-credentials") if "-rm" in unshare else ()
        enter = ("nsenter", "-t", str(holder.pid), "-m", *user)
        yield SmallDisk(enter, folder, Path(f"/proc/{holder.pid}/root{folder}"))
    finally:
        holder.kill()
        holder.communicate()
