"""``pyrhi verify``: whether a real ImageJ gives the same numbers on these images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pyrhi.cli.masks import FILES, how_masks_are_read, mask_options
from pyrhi.cli.options import OUTPUT_FILE, PATH, ROIS, SERIES, progress_bar
from pyrhi.cli.tables import LOCALE
from pyrhi.wording import counted

HEADINGS = ("Image", "Slice", "Row", "Column", "pyrhi", "ImageJ")

EPILOG = """\b
Examples:
  pyrhi verify slices/
  pyrhi verify spine.tif --rois spine.RoiSet.zip --high Otsu
  pyrhi verify slices/ --fiji /Applications/Fiji.app -o differences.csv
"""


@click.command(epilog=EPILOG)
@click.argument("source", type=PATH)
@OUTPUT_FILE
@LOCALE
@ROIS
@mask_options
@click.option("--high", "high_text", metavar="MODE", help="As in pyrhi measure.")
@SERIES
@click.option(
    "--fiji",
    type=PATH,
    help="Use the Fiji or ImageJ in this folder, not ImageJ 1.54p from Maven Central.",
)
def command(
    source: Path,
    output: Path | None,
    rois: Path | None,
    high_text: str | None,
    series: str | None,
    fiji: Path | None,
    **given: Any,
) -> int:
    """Measure SOURCE by pyrhi and by a real ImageJ, and report every cell that differs.

    Run it once on your own images before you trust the fast engine. It needs Java and the extra
    imagej. The exit code is 1 where a cell differs or an image cannot be measured.
    Research use only; not a medical device.
    """
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import find_tasks
    from pyrhi.batch.verify import verify_task
    from pyrhi.engines import ImageJ
    from pyrhi.io.tables import csv_line, table_text
    from pyrhi.io.workbook import write_table
    from pyrhi.rhi.measure import RhiParameters

    parameters = RhiParameters.of(find_high=high_text)
    options = WorkOptions(
        parameters=parameters, series=series, masks=how_masks_are_read(given), plane=given["plane"]
    )
    tasks = find_tasks(source, rois=rois, **{name: given[name] for name in FILES})
    imagej = ImageJ(fiji=fiji)
    found = []
    with progress_bar(len(tasks), "images") as progress:
        for task in tasks:
            found.append(verify_task(task, options, imagej.engine))
            if progress is not None:
                progress(1)
    lines = [
        csv_line((d.image, d.slice, d.row, d.column, d.ours, d.imagej))
        for verification in found
        for d in verification.differences
    ]
    errors = [error for verification in found for error in verification.errors]
    if output is not None:
        write_table(output, HEADINGS, lines)
    elif lines:
        click.echo(table_text(HEADINGS, lines), nl=False)
    for error in errors:
        click.echo(f"pyrhi: {error}", err=True)
    cells = sum(v.cells for v in found)
    identical = sum(v.identical for v in found)
    click.echo(
        f"{counted(len(tasks), 'image')}, {counted(cells, 'cell')} compared with ImageJ "
        f"{imagej.version}: {len(lines)} differ, {identical} are the same to the last bit"
    )
    if not cells:
        click.echo("pyrhi: nothing was compared", err=True)
    return 1 if lines or errors or not cells else 0
