"""What commands share: progress on a terminal and not in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rigs.command_line import pyrhi


def test_progress_stays_out_of_pipes(axial: Path, tmp_path: Path):
    done = pyrhi("measure", axial, "-o", tmp_path)
    assert "%" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_progress_shows_on_a_terminal(axial: Path, tmp_path: Path):
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    script = Path(sys.executable).with_name("pyrhi")
    process = subprocess.Popen(
        [script, "measure", str(axial), "-o", str(tmp_path)], stderr=slave, stdin=slave
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            block = os.read(master, 4096)
        except OSError:
            break
        if not block:
            break
        seen += block
    assert process.wait(60) == 0
    assert b"images" in seen
    assert b"%|" in seen
