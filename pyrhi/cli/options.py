"""Options and messages that several commands share."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyrhi.batch.outcome import RunResult

PATH = click.Path(path_type=Path)
"""A file or folder; whether it is there, and what it is, the room below says."""

OUTPUT_FOLDER = click.option(
    "-o",
    "--output",
    required=True,
    type=PATH,
    help="Folder for the results; made where it does not exist.",
)

OUTPUT_FILE = click.option(
    "-o",
    "--output",
    type=PATH,
    help="CSV to write [default: print it].",
)

JOBS = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="Images measured at the same time [default: the cores there are].",
)

ROIS = click.option(
    "--rois",
    type=PATH,
    help="ROI file (.roi, .zip) of the image, or a folder with one for each image.",
)

VAS_SCALE = click.option(
    "--vas-scale",
    type=click.Choice(["0-10", "mm"]),
    default="0-10",
    show_default=True,
    help="Scale of VAS; mm is 0 to 100 mm.",
)

SERIES = click.option("--series", help="DICOM series to take where a folder has several.")

HIGH = click.option(
    "--high",
    "high_text",
    metavar="MODE",
    help="Find the high area where none is drawn, as in pyrhi measure.",
)

CLIP = click.option("--clip", is_flag=True, help="Cut the high area to the cord, and say so.")

ROLES = click.option(
    "--roles",
    metavar="RULE",
    help="Roles of ROIs whose names say none: larger=cord, first=cord or all=high (cord mask).",
)

IGNORE_UNNAMED = click.option(
    "--ignore-unnamed",
    is_flag=True,
    help="Count ROIs without a role as nothing, also where no ROI of the slice is high.",
)


def how_measured(command: Callable[..., int], /) -> Callable[..., int]:
    """Add the options that decide the numbers; the command gets them as `parameters`."""

    @HIGH
    @CLIP
    @ROLES
    @IGNORE_UNNAMED
    @wraps(command)
    def with_parameters(
        *args: Any,
        high_text: str | None,
        clip: bool,
        roles: str | None,
        ignore_unnamed: bool,
        **more: Any,
    ) -> int:
        from pyrhi.rhi.measure import RhiParameters

        parameters = RhiParameters.of(
            find_high=high_text, roles=roles, clip=clip, ignore_unnamed=ignore_unnamed
        )
        return command(*args, parameters=parameters, **more)

    return with_parameters


@contextmanager
def progress_bar(total: int, unit: str, /) -> Iterator[Callable[[int], object] | None]:
    """Show a progress bar on a terminal, and nothing in a pipe."""
    if total < 2 or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", leave=False) as bar:
        yield bar.update


def say_failures(result: RunResult, output: Path, /) -> int:
    """Print notes and failures to the error stream and where the tables are; return the code."""
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    for _, error in result.failures:
        click.echo(f"pyrhi: {error}", err=True)
    done, failed = result.images, len(result.failures)
    more = f", {failed} failed (see {output / 'failures.csv'})" if failed else ""
    resumed = f", {result.resumed} of them before" if result.resumed else ""
    click.echo(
        f"{counted(done, 'image')} measured{resumed}{more}; tables in {output}. Research use only.",
        err=True,
    )
    return 1 if failed else 0
