"""``pyrhi demo``: the whole way on the packaged sample."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import PATH, progress_bar, say_failures
from pyrhi.cli.report import say_report


@click.command()
@click.option(
    "-o",
    "--output",
    type=PATH,
    default=Path("pyrhi-demo"),
    show_default=True,
    help="Folder for the tables.",
)
def command(output: Path) -> int:
    """Measure the packaged sample: print its RHI table and write all tables and the report.

    The sample is a real cervical T2 scan with a synthetic lesion, as axial slices and as a
    sagittal stack. Research use only; not a medical device.
    """
    from pyrhi.batch.options import RunOptions
    from pyrhi.batch.plan import find_tasks
    from pyrhi.batch.run import run
    from pyrhi.batch.write import REPORT_NAME, rhi_rows
    from pyrhi.report.console import text_table
    from pyrhi.report.qc import write_report
    from pyrhi.sample import sample_folder

    tasks = find_tasks(sample_folder())
    options = RunOptions(arguments=("demo",), made_afterwards=(REPORT_NAME,))
    with progress_bar(len(tasks), "images") as progress:
        result = run(tasks, options, output=output, keep=True, progress=progress)
    shown = ("Image", "Slice", "CordArea", "HighArea", "Unit", "RHI", "HighCount")
    click.echo(text_table(result.rhi_headings, rhi_rows(result.kept), shown))
    click.echo()
    click.echo(text_table(result.patient_headings, result.patients, result.patient_headings))
    code = say_failures(result, output)
    say_report(write_report(output, tasks=tasks, names=result.names_of(tasks), work=options.work))
    return code
