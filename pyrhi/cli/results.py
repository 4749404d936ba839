"""``pyrhi results``: ImageJ's Results table of all ROIs of an image."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import OUTPUT_FILE, PATH, SERIES
from pyrhi.cli.tables import LOCALE

EPILOG = """\b
Examples:
  pyrhi results spine.tif spine.RoiSet.zip -o results.csv
  pyrhi results spine.tif cord.roi
"""


@click.command(epilog=EPILOG)
@click.argument("image", type=PATH)
@click.argument("rois", type=PATH)
@OUTPUT_FILE
@LOCALE
@SERIES
def command(image: Path, rois: Path, output: Path | None, series: str | None) -> int:
    """Measure ROIS on IMAGE as Analyze > Measure does, with all measurements on.

    One row for each ROI, with ImageJ's own headings and full precision. A ROI without position
    is measured on every slice.
    """
    from pyrhi.batch.results import results_table
    from pyrhi.io.tables import table_text
    from pyrhi.io.workbook import write_table

    table = results_table(image, rois, series=series)
    if output is None:
        click.echo(table_text(table.headings, table.lines), nl=False)
    else:
        write_table(output, table.headings, table.lines)
    for warning in table.warnings:
        click.echo(f"warning: {warning}", err=True)
    for error in table.errors:
        click.echo(f"pyrhi: {error}", err=True)
    return 1 if table.errors else 0
