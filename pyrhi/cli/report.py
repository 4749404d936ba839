"""``pyrhi report``: the QC report of a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import JOBS, PATH, progress_bar
from pyrhi.wording import counted

if TYPE_CHECKING:
    from pyrhi.report.qc import Written

EPILOG = """\b
Examples:
  pyrhi measure slices/ -o results --report
  pyrhi report results
  pyrhi report reader_a reader_b
  pyrhi report month_0 month_6 -o visits.html
"""


def say_report(written: Written, /) -> None:
    """Print where a report is, how large, and how many pictures are missing."""
    from pyrhi.report.qc import size_text

    missing = written.without_picture
    more = f"; {missing} without picture: their images are gone or have changed" if missing else ""
    size = size_text(written.size)
    click.echo(f"{written.path}: {counted(written.slices, 'slice')}, {size}{more}.", err=True)


@click.command(epilog=EPILOG)
@click.argument("results", type=PATH)
@click.argument("other", required=False, type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="With OTHER: HTML to write [default: compare.html in RESULTS].",
)
@JOBS
def command(results: Path, other: Path | None, output: Path | None, jobs: int | None) -> int:
    """Write report.html into RESULTS, a folder that pyrhi measure wrote.

    One page that needs no network: summary, pain tiers, and every slice with its outlines,
    numbers and a rating. With OTHER, two readers or two visits side by side. The images are read
    again from where they were; the exit code is 1 where one is gone or has changed.
    Research use only; not a medical device.
    """
    from pyrhi.report.qc import write_report
    from pyrhi.report.qc.results import read_results

    if other is not None:
        return _compare(results, other, output, jobs or 0)
    if output is not None:
        msg = "-o is for two folders; report.html is written into RESULTS"
        raise click.UsageError(msg)
    with progress_bar(read_results(results).run["images"], "images") as progress:
        written = write_report(results, jobs=jobs or 0, progress=progress)
    say_report(written)
    return 1 if written.without_picture else 0


def _compare(first: Path, second: Path, output: Path | None, jobs: int) -> int:
    from pyrhi.report.qc import size_text
    from pyrhi.report.qc.compare import write_comparison

    done = write_comparison(first, second, output=output, jobs=jobs)
    more = f"; {counted(done.unpaired, 'row')} without counterpart" if done.unpaired else ""
    click.echo(
        f"{done.path}: {counted(done.pairs, 'pair')}, {size_text(done.size)}{more}.", err=True
    )
    return 0
