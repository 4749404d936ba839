"""``pyrhi agree``: how far readers agree."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import click

from pyrhi.cli.options import IGNORE_UNNAMED, OUTPUT_FOLDER, ROLES
from pyrhi.cli.tables import LOCALE, SHEET, sheet_of
from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi agree reader_a reader_b --images slices -o agreement
  pyrhi agree results_a/rhi.csv results_b/rhi.csv -o agreement
  pyrhi agree anna=first bela=first_b anna=second -o agreement
"""


@click.command(epilog=EPILOG)
@click.argument("readers", nargs=-1, required=True)
@OUTPUT_FOLDER
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the images that the readers' ROI sets belong to.",
)
@click.option(
    "--tier-model",
    default="cutpoints",
    show_default=True,
    help="Model that gives tiers from RHI: a shipped name or a JSON file.",
)
@ROLES
@IGNORE_UNNAMED
@SHEET
@LOCALE
@click.pass_context
def command(
    ctx: click.Context,
    readers: tuple[str, ...],
    output: Path,
    images: Path | None,
    tier_model: str,
    roles: str | None,
    ignore_unnamed: bool,
) -> int:
    """Compare READERS: folders of ROI sets on the same images, or finished tables.

    Each is PATH or NAME=PATH; the same NAME twice is one reader who read twice. Writes
    agreement.csv, unpaired.csv, outlines.csv and Bland-Altman plots. What one reader lacks is
    named, and the exit code is then 1. Research use only; not a medical device.
    """
    from pyrhi.pain.model import NOTICE
    from pyrhi.rhi.measure import RhiParameters
    from pyrhi.study.agree import agreement_of, write_agreement
    from pyrhi.study.readings import read_readers

    parameters = RhiParameters.of(roles=roles, ignore_unnamed=ignore_unnamed)
    found = read_readers(readers, images=images, sheet=sheet_of(ctx), parameters=parameters)
    for failure in found.failures:
        click.echo(f"pyrhi: {failure}", err=True)
    agreement = agreement_of(found, tier_model=tier_model)
    moved = write_agreement(agreement, found, output)
    for note in (*agreement.notes, *filter(None, [moved])):
        click.echo(f"note: {note}", err=True)
    slices = [u for u in agreement.unpaired if u.region == "cord"]
    high = len(agreement.unpaired) - len(slices)
    if slices:
        click.echo(
            f"pyrhi: {counted(len(slices), 'slice')} not read by every reader: see unpaired.csv",
            err=True,
        )
    for row in agreement.rows:
        interval = (
            f" ({row.estimate.low:.3g} to {row.estimate.high:.3g})"
            if not isnan(row.estimate.low)
            else ""
        )
        text = f"{row.quantity}, {row.statistic}: {row.estimate.value:.3g}{interval} {row.unit}"
        click.echo(f"{text.rstrip()} [{row.readers}; n = {row.n}]")
    if high:
        click.echo(
            f"{counted(high, 'slice')} where only one reader marked high intensity: "
            "see unpaired.csv"
        )
    click.echo(f"results in {output}. {NOTICE}")
    return 1 if found.failures or slices else 0
