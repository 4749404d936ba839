"""The command line: thin, no arithmetic."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the ``pyrhi`` command; ``--version`` answers before anything heavy is loaded."""
    if sys.argv[1:] == ["--version"]:
        from pyrhi import __version__

        print(f"pyrhi {__version__}")
        return
    from pyrhi.cli.main import run
    from pyrhi.cli.streams import guard_streams

    guard_streams()
    sys.exit(run(sys.argv[1:]))
