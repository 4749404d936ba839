"""``pyrhi figure``: panels for print, the whole cord and the high-intensity area."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import PATH, SERIES, how_measured

if TYPE_CHECKING:
    from pyrhi.rhi.measure import RhiParameters

EPILOG = """\b
Examples:
  pyrhi figure t2.tif t2.RoiSet.zip -o figure.png
  pyrhi figure t2.tif t2.RoiSet.zip -o figure.pdf --slice 14 --slice 15
  pyrhi figure t2.tif t2.RoiSet.zip -o figure.svg --level L2
"""


@click.command(epilog=EPILOG)
@click.argument("image", type=PATH)
@click.argument("rois", type=PATH)
@click.option(
    "-o",
    "--output",
    required=True,
    type=PATH,
    help="Figure to write: .png, .svg or .pdf.",
)
@click.option(
    "--slice",
    "slices",
    multiple=True,
    type=click.IntRange(min=1),
    help="Slice to draw; may be given several times [default: the one of the largest RHI].",
)
@click.option("--level", help="Vertebral level to draw, such as L2 [default: all of a slice].")
@click.option(
    "--dpi",
    type=click.IntRange(min=50, max=1200),
    default=300,
    show_default=True,
    help="Resolution of a PNG in dots per inch.",
)
@how_measured
@SERIES
def command(
    image: Path,
    rois: Path,
    output: Path,
    slices: tuple[int, ...],
    level: str | None,
    dpi: int,
    parameters: RhiParameters,
    series: str | None,
) -> int:
    """Draw A the whole cord and B the high-intensity area of IMAGE with its ROIS.

    One row of two panels for each slice, with outlines along the measured pixels, a scale bar
    and RHI. Research use only; not a medical device.
    """
    from pyrhi.report.figure import draw_figure

    result = draw_figure(
        image,
        rois,
        output,
        slices=slices,
        level=level,
        dpi=dpi,
        parameters=parameters,
        series=series,
    )
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    drawn = ", ".join(f"slice {row.slice}: RHI {row.rhi:.2f} %" for row in result.rows)
    click.echo(f"{result.path}: {drawn}. Research use only.", err=True)
    return 0
