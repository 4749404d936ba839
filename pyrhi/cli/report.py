"""``pyrhi report``: the QC report of a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import JOBS, progress_bar

if TYPE_CHECKING:
    from pyrhi.report.qc import Written

EPILOG = """\b
Examples:
  pyrhi measure slices/ -o results --report
  pyrhi report results
"""


def say_report(written: Written, /) -> None:
    """Print where a report is, how large, and how many pictures are missing."""
    from pyrhi.report.qc import size_text

    missing = written.without_picture
    more = f"; {missing} without picture: their images are gone or have changed" if missing else ""
    size = size_text(written.size)
    click.echo(f"{written.path}: {written.slices} slices, {size}{more}.", err=True)


@click.command(epilog=EPILOG)
@click.argument("results", type=click.Path(path_type=Path))
@JOBS
def command(results: Path, jobs: int | None) -> int:
    """Write report.html into RESULTS, a folder that pyrhi measure wrote.

    One page that needs no network: summary, pain tiers, and every slice with its outlines,
    numbers and a rating. The images are read again from where they were; the exit code is 1 where
    one is gone or has changed. Research use only; not a medical device.
    """
    from pyrhi.report.qc import write_report
    from pyrhi.report.qc.results import read_results

    with progress_bar(read_results(results).run["images"], "images") as progress:
        written = write_report(results, jobs=jobs or 0, progress=progress)
    say_report(written)
    return 1 if written.without_picture else 0
