"""``pyrhi measure --dry-run``: what would be measured, with which ROIs, for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.batch.options import RunOptions
    from pyrhi.batch.plan import Task
    from pyrhi.rhi.record import RoiTable

NAMES_SHOWN = 3
INSIDE, MASKS = "(inside the image)", "(masks)"


def dry_run(tasks: Sequence[Task], options: RunOptions, /) -> int:
    """Print a line for each image, and what would fail; nothing is written.

    Parameters
    ----------
    tasks
        The images.
    options
        How they would be measured.

    Returns
    -------
    code : int
        1 where an image would fail.
    """
    from pyrhi.batch.names import NameGate
    from pyrhi.batch.run import run
    from pyrhi.io.rois.files import find_rois
    from pyrhi.report.console import text_table
    from pyrhi.rhi.roles import Role

    # Measured as it would be: whatever refuses an image in the run refuses it here.
    result = run(tasks, options, keep=True)
    hide = NameGate.of(tasks, options.work).text
    rows = []
    for task, (record, _) in zip(tasks, result.kept, strict=True):
        if record.error:
            continue
        beside = task.rois or find_rois(Path(task.image))
        found = MASKS if task.has_masks else INSIDE
        roles = [_names(record.rois, role.value) for role in Role]
        source = hide(Path(beside).name) if beside else found
        rows.append([record.name, record.patient, source, *roles])
    if rows:
        headings = ("Image", "Patient", "ROIs in", *(_heading(role.value) for role in Role))
        # A role that no ROI has only takes room, but a missing high area is worth a look.
        kept = [i for i, h in enumerate(headings) if i < 5 or any(row[i] for row in rows)]
        shown = [[row[i] for i in kept] for row in rows]
        click.echo(text_table([headings[i] for i in kept], shown, [headings[i] for i in kept]))
    for _, error in result.failures:
        click.echo(f"pyrhi: {error}", err=True)
    failed = len(result.failures)
    fail = f", {failed} would fail" if failed else ""
    click.echo(
        f"{counted(result.images, 'image')} would be measured{fail}; nothing was written.", err=True
    )
    return 1 if failed else 0


def _heading(role: str) -> str:
    return "without role" if role == "other" else role


def _names(rois: RoiTable, role: str) -> str:
    named = zip(rois.names, rois.roles, strict=True)
    names = list(dict.fromkeys(name for name, of in named if of == role))
    more = f", ... ({len(names)})" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
