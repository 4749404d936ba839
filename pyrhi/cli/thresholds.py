"""``pyrhi thresholds``: ImageJ's automatic thresholds of a slice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import OUTPUT_FILE, PATH, SERIES
from pyrhi.cli.tables import LOCALE

if TYPE_CHECKING:
    from pyrhi.imagej.thresholds import Levels
    from pyrhi.io.images import Image

HEADINGS = ("Method", "Options", "Slice", "Lower", "Upper")

EPILOG = """\b
Examples:
  pyrhi thresholds spine.tif --slice 5 -o thresholds.csv
  pyrhi thresholds spine.tif --options "dark no-reset" --method Otsu
"""


@click.command(epilog=EPILOG)
@click.argument("image", type=PATH)
@click.option(
    "--slice",
    "slices",
    type=int,
    multiple=True,
    help="Slice, from 1; may be given again [default: 1].",
)
@click.option(
    "--options",
    multiple=True,
    help='ImageJ\'s option words, such as "dark no-reset", "dark stack", "dark 16-bit"; "" takes '
    "the low values; may be given again [default: dark].",
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    help="Method, spelled as in ImageJ; may be given again [default: all 17].",
)
@SERIES
@OUTPUT_FILE
@LOCALE
def command(
    image: Path,
    slices: tuple[int, ...],
    options: tuple[str, ...],
    methods: tuple[str, ...],
    series: str | None,
    output: Path | None,
) -> int:
    """Print what ImageJ's setAutoThreshold("METHOD OPTIONS") gives on IMAGE without selection.

    Lower and Upper are raw values, as ImageJ's processor holds them (not calibrated). A method
    that finds no threshold has NaN in the table and a line on the error stream.
    Research use only; not a medical device.
    """
    from pyrhi.errors import ThresholdError
    from pyrhi.imagej.thresholds import METHODS
    from pyrhi.imagej.thresholds.methods import check_method
    from pyrhi.io.images import read_image
    from pyrhi.io.tables import table_text
    from pyrhi.io.workbook import write_table

    for method in methods:
        check_method(method)
    failed = False
    lines: list[str] = []
    with read_image(image, series=series) as opened:
        taken = {
            (words, n): _levels(opened, n, words)
            for words in options or ("dark",)
            for n in slices or (1,)
        }
    for method in methods or METHODS:
        for (_, n), levels in taken.items():
            # Thresholds are doubles in ImageJ: all digits, and "1004.0" for a whole one.
            try:
                found = levels.threshold(method)
                ends = f"{found.lower!r},{found.upper!r}"
            except ThresholdError as error:
                failed = True
                ends = "NaN,NaN"
                click.echo(f"pyrhi: {image}: slice {n}: {error}", err=True)
            lines.append(f"{method},{levels.options},{n},{ends}\n")
    if output is None:
        click.echo(table_text(HEADINGS, lines), nl=False)
    else:
        write_table(output, HEADINGS, lines)
    return 1 if failed else 0


def _levels(image: Image, n: int, options: str) -> Levels:
    """Histogram of slice `n`, with the image's name in what goes wrong."""
    from pyrhi.errors import ThresholdError
    from pyrhi.imagej.calibration import Function
    from pyrhi.imagej.thresholds import levels

    try:
        if image.kind == "RGB":
            msg = "ImageJ sets no threshold on an RGB image; convert it to 8-bit"
            raise ThresholdError(msg)
        calibrated = image.calibration.function != Function.NONE
        if calibrated and image.kind == "16-bit" and "stack" in options.split():
            msg = (
                "no 'stack' threshold of a signed or calibrated 16-bit image (ImageJ mixes raw "
                "and calibrated values there); leave 'stack' out"
            )
            raise ThresholdError(msg)
        return levels(
            image.plane(n),
            options=options,
            display_range=image.display_range,
            inverted_lut=image.calibration.inverted_lut,
            stack=lambda: ((image.plane(k), None) for k in range(1, image.n_slices + 1)),
        )
    except ThresholdError as error:
        msg = f"{image.name}: slice {n}: {error}"
        raise ThresholdError(msg) from error
