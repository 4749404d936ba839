"""``pyrhi doctor``: what works on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import PATH

EPILOG = """\b
Examples:
  pyrhi doctor
  pyrhi doctor --fiji /Applications/Fiji.app
"""


@click.command(epilog=EPILOG)
@click.option(
    "--fiji",
    type=PATH,
    help="Try the Fiji or ImageJ in this folder, not ImageJ 1.54p from Maven Central.",
)
def command(fiji: Path | None) -> int:
    """Report Python, packages, Java, ImageJ and Fiji, and what works.

    Each engine measures a small trial ROI. The exit code is 1 where something that pyrhi needs
    does not work; Java and ImageJ are needed for --engine imagej only, or where --fiji is given.
    """
    from pyrhi.engines.doctor import State, examine

    failed = False
    for finding in examine(fiji):
        click.echo(f"{finding.state.value:<8}{finding.part:<15}{finding.text}")
        failed |= finding.needed and finding.state is not State.WORKS
    return 1 if failed else 0
