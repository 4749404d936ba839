"""``pyrhi dicom``: a DICOM series and its ROIs in, a Segmentation and a report for a PACS out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import OUTPUT_FOLDER, PATH, SERIES, how_measured

if TYPE_CHECKING:
    from pyrhi.rhi.measure import RhiParameters

EPILOG = """\b
Examples:
  pyrhi dicom series/ --rois series.zip -o results
  pyrhi dicom series/ --rois series.zip --high auto -o results
"""


@click.command(epilog=EPILOG)
@click.argument("source", type=PATH)
@OUTPUT_FOLDER
@click.option(
    "--rois",
    type=PATH,
    help="ROI file (.roi, .zip) of the series [default: the one beside it].",
)
@SERIES
@how_measured
def command(
    source: Path,
    output: Path,
    rois: Path | None,
    series: str | None,
    parameters: RhiParameters,
) -> int:
    """Measure RHI on a DICOM series and write it as DICOM: segmentation.dcm and report.dcm.

    The files carry the patient and study of SOURCE, as a PACS needs them.
    Research use only; not a medical device.
    """
    from pyrhi.notice import RESEARCH_USE
    from pyrhi.report.dicom import write_dicom

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
