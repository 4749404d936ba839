"""``pyrhi series``: which DICOM series a PACS has exported, and which have ROIs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pyrhi.cli.options import PATH

EPILOG = """\b
Examples:
  pyrhi series export/
  pyrhi series export/ --json
"""

HINT = (
    "Outline a series in Fiji and save its RoiSet as FOLDER.zip beside its folder, or as RoiSet.zip"
    " in it; then pyrhi measure FOLDER -o results (--series N where a folder holds several)."
    " Research use only."
)


@click.command(epilog=EPILOG)
@click.argument("folder", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
@click.option(
    "--patient-id",
    is_flag=True,
    help="Show names of folders as they are, even where they repeat what a header says.",
)
@click.option(
    "--key",
    "key_path",
    type=PATH,
    help="Key file of the pseudonyms [default: one of your own].",
)
def command(folder: Path, as_json: bool, patient_id: bool, key_path: Path | None) -> int:
    """List the DICOM series in FOLDER and below it, without identifiers.

    Series, plane, size, spacing and slices, echo and repetition time, and whether there are ROIs.
    The column Series is what --series of pyrhi measure takes.
    """
    from pyrhi.batch.series import HEADINGS, HIDDEN, series_below
    from pyrhi.report.console import text_table

    key = str(key_path) if key_path else None
    found = series_below(folder, key_path=key, patient_id=patient_id)
    if as_json:
        click.echo(json.dumps([row.json for row in found.rows], indent=2))
    else:
        rows = [row.cells for row in found.rows]
        filled = [any(row[i] for row in rows) for i in range(len(HEADINGS))]
        shown = [heading for heading, some in zip(HEADINGS, filled, strict=True) if some]
        click.echo(text_table(HEADINGS, rows, shown))
    if found.hidden:
        click.echo(f"note: {HIDDEN}", err=True)
    if not as_json:
        click.echo(HINT, err=True)
    return 0
