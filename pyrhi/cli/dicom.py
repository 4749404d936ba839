"""``pyrhi dicom``: a DICOM series and its ROIs in, a Segmentation and a report for a PACS out."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import IGNORE_UNNAMED, OUTPUT_FOLDER, ROLES

EPILOG = """\b
Examples:
  pyrhi dicom series/ --rois series.zip -o results
  pyrhi dicom series/ --rois series.zip --high auto -o results
"""


@click.command(epilog=EPILOG)
@click.argument("source", type=click.Path(path_type=Path))
@OUTPUT_FOLDER
@click.option(
    "--rois",
    type=click.Path(path_type=Path),
    help="ROI file (.roi, .zip) of the series [default: the one beside it].",
)
@click.option("--series", help="DICOM series to take where a folder has several.")
@click.option(
    "--high",
    "high_text",
    metavar="MODE",
    help="Find the high area where none is drawn, as in pyrhi measure.",
)
@click.option("--clip", is_flag=True, help="Cut the high area to the cord, and say so.")
@ROLES
@IGNORE_UNNAMED
def command(
    source: Path,
    output: Path,
    rois: Path | None,
    series: str | None,
    high_text: str | None,
    clip: bool,
    roles: str | None,
    ignore_unnamed: bool,
) -> int:
    """Measure RHI on a DICOM series and write it as DICOM: segmentation.dcm and report.dcm.

    The files carry the patient and study of SOURCE, as a PACS needs them.
    Research use only; not a medical device.
    """
    from pyrhi.notice import RESEARCH_USE
    from pyrhi.report.dicom import write_dicom
    from pyrhi.rhi.assign import parse_rule
    from pyrhi.rhi.high import parse_high
    from pyrhi.rhi.measure import RhiParameters

    parameters = RhiParameters(
        high=parse_high(high_text) if high_text else None,
        clip=clip,
        rule=parse_rule(roles) if roles else None,
        ignore_unnamed=ignore_unnamed,
    )
    result = write_dicom(source, rois, output=output, series=series, parameters=parameters)
    for note in result.measured.notes:
        click.echo(f"note: {note}", err=True)
    for file in result.files:
        click.echo(file)
    count = len(result.measured.rhi)
    click.echo(
        f"{count} measurements of {source}; the files name the patient. {RESEARCH_USE}", err=True
    )
    return 0
