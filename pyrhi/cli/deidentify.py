"""``pyrhi deidentify``: a folder of images and ROIs in, the same without the patients out."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import PATH, progress_bar
from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi deidentify study/ study-anonymous/ --declare-clean
  pyrhi deidentify study/ study-anonymous/ --key ~/keys/study.key
"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="IN", type=PATH)
@click.argument("output", metavar="OUT", type=PATH)
@click.option(
    "--key",
    "key_path",
    type=PATH,
    help="Key file of the pseudonyms, outside OUT [default: the one pyrhi measure uses].",
)
@click.option(
    "--declare-clean",
    is_flag=True,
    help="Say that a person looked and no image shows a name or date in its pixels.",
)
def command(source: Path, output: Path, key_path: Path | None, declare_clean: bool) -> int:
    """Copy the folder IN to OUT without what identifies a patient, and search the copy.

    DICOM by PS3.15's Basic Profile; TIFF, PNG, NIfTI and ROIs without texts; names of files and
    folders as pseudonyms. IN is not changed. Where the search finds an identifier of the input,
    all output is removed and the exit code is 1. Research use only; not a medical device.
    """
    from pyrhi.deidentify import deidentify
    from pyrhi.notice import RESEARCH_USE

    total = sum(1 for p in source.rglob("*") if p.is_file())
    with progress_bar(total, "files") as progress:
        result = deidentify(
            source,
            output,
            key_path=key_path,
            declare_clean=declare_clean,
            progress=progress,
        )
    for path in result.left_out:
        click.echo(f"not copied: {path} (no image, ROI or manifest)", err=True)
    for line in result.refused:
        click.echo(f"pyrhi: {line}", err=True)
    refused = f", {len(result.refused)} refused" if result.refused else ""
    click.echo(
        f"{counted(len(result.files), 'file')} in {output}{refused}; searched for {result.searched}"
        f" identifiers, none found. {RESEARCH_USE}",
        err=True,
    )
    return 1 if result.refused else 0
