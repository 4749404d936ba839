"""Python in a process of its own: a JVM starts once in a process, and is as it was started."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

JVM_SECONDS = 240
"""A process that has not ended by then hangs; the slowest takes a tenth of it."""


def run_python(
    code: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run code with arguments, under environment variables of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=JVM_SECONDS,
        env=os.environ | environment,
        check=False,
    )


def printed(code: str, *arguments: object, **environment: str) -> list[str]:
    """Return the lines that code prints; an error is an error here."""
    process = run_python(code, *arguments, **environment)
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()


def printed_with_a_screen(code: str, *arguments: object, **environment: str) -> list[str]:
    """Do the same where windows are: AWT would keep the process alive after an error."""
    ended = f"""
import os, sys, traceback
try:
    exec({textwrap.dedent(code)!r})
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
"""
    return printed(ended, *arguments, **environment)
