"""``pyrhi track``: RHI and VAS over visits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import click

from pyrhi.cli.options import OUTPUT_FOLDER, VAS_SCALE
from pyrhi.cli.tables import LOCALE, SHEET, TABLE
from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi track baseline month3 month6 --repeatability 4.2 -o progression
  pyrhi track results --manifest study.csv --repeatability agreement -o progression
  pyrhi track visits.csv -o progression
  pyrhi track month_0 month_6 --lesions -o progression
"""

LESION_CHANGES = "lesion_changes.csv"


@click.command(epilog=EPILOG)
@click.argument("tables", nargs=-1, required=True, type=TABLE)
@OUTPUT_FOLDER
@click.option(
    "--repeatability",
    help="Repeatability coefficient of RHI in percentage points, or the output of pyrhi agree.",
)
@click.option(
    "--different-readers",
    is_flag=True,
    help="From pyrhi agree take the reproducibility coefficient: visits had different readers.",
)
@click.option(
    "--manifest",
    type=TABLE,
    help="The measurement's manifest: the visit of each image of rhi.csv.",
)
@click.option("--vas", type=TABLE, help="Table: patient, visit, vas.")
@VAS_SCALE
@click.option("--visits", help="Order of the visits, with commas [default: by number or date].")
@click.option(
    "--lesions",
    is_flag=True,
    help="Write lesion_changes.csv too: lesions that appear, vanish, grow, shrink, merge or split, "
    "by overlap of images that lie on one grid. TABLES are then folders of pyrhi measure.",
)
@SHEET
@LOCALE
def command(
    tables: tuple[Path, ...],
    output: Path,
    repeatability: str | None,
    different_readers: bool,
    manifest: Path | None,
    vas: Path | None,
    vas_scale: Literal["0-10", "mm"],
    visits: str | None,
    lesions: bool,
) -> int:
    """Follow patients and levels over visits.

    TABLES are the results of pyrhi measure, one folder or patients.csv for each visit, or one
    table with a column visit. Writes progression.csv and a plot for each patient. A change is
    called real only beyond the repeatability coefficient; without one, none is. There is no
    validated threshold for RHI. Research use only; not a medical device.
    """
    from pyrhi.pain.model import NOTICE
    from pyrhi.study.agree import read_repeatability
    from pyrhi.study.progression import NO_COEFFICIENT, progression_of, read_series, visit_order
    from pyrhi.study.track import write_progression

    coefficient: float | None = None
    if repeatability is not None:
        try:
            coefficient = float(repeatability)
        except ValueError:
            if not Path(repeatability).exists():
                msg = f"--repeatability {repeatability!r} is neither a number nor a file or folder"
                raise click.UsageError(msg) from None
            coefficient = read_repeatability(
                Path(repeatability), different_readers=different_readers
            )
    series = read_series(tables, manifest=manifest, vas=vas, scale=vas_scale)
    given = [v.strip() for v in visits.split(",")] if visits else None
    order = visit_order(series.visits, given)
    rows = progression_of(series, repeatability=coefficient, visits=order)
    again = (output / "progression.csv").is_file()
    written = write_progression(rows, order, coefficient, output)
    moved = _set_aside(output, written, lesions) if again else ""
    for note in (*series.notes, *filter(None, [moved])):
        click.echo(f"note: {note}", err=True)
    if coefficient is None:
        click.echo(f"note: {NO_COEFFICIENT}", err=True)
    else:
        click.echo(f"repeatability coefficient: {coefficient:g} percentage points of RHI")
    patients = {row.patient for row in rows}
    click.echo(
        f"{counted(len(patients), 'patient')} at {counted(len(order), 'visit')}: {', '.join(order)}"
    )
    for row in rows:
        if row.baseline_call not in ("", "within repeatability") or row.lesion in (
            "new",
            "vanished",
        ):
            what = [f"RHI {row.rhi.value:.4g} ({row.rhi.from_baseline:+.4g})", row.baseline_call]
            what.append(f"lesion {row.lesion}" if row.lesion else "")
            place = f"{row.patient} {row.level}".strip()
            click.echo(f"  {place}, {row.visit}: {', '.join(filter(None, what))}")
    click.echo(f"{written[0]} and {counted(len(patients), 'plot')}. {NOTICE}")
    if lesions:
        click.echo(_lesions(tables, given, output))
    return 0


def _set_aside(output: Path, written: tuple[Path, ...], lesions: bool) -> str:
    """Move plots of patients who are no longer followed, and old changes of lesions, away."""
    from pyrhi.io.atomic import remove, set_aside

    if lesions:
        remove(output / LESION_CHANGES)
    names = {path.name for path in written}
    return set_aside(output, ("track_*.png", "track_*.svg", LESION_CHANGES), names)


def _lesions(folders: tuple[Path, ...], order: list[str] | None, output: Path) -> str:
    """Write what became of the lesions, and say where and what."""
    from pyrhi.io.tables import csv_line, write_csv
    from pyrhi.report.qc.results import options_of, read_results, tasks_of
    from pyrhi.study.lesion_table import HEADINGS, Visit, lesion_rows
    from pyrhi.study.progression import visit_order

    found: dict[str, Visit] = {}
    for folder in folders:
        results = read_results(folder)
        patients = {row["Image"]: row["Patient"] for row in results.rhi}
        tasks = tasks_of(results)
        for name in dict.fromkeys(task.visit or folder.absolute().name for task in tasks):
            mine = [t for t in tasks if (t.visit or folder.absolute().name) == name]
            found[name] = Visit(name, mine, patients, options_of(results))
    rows = list(lesion_rows([found[name] for name in visit_order(list(found), order)]))
    path = output / LESION_CHANGES
    write_csv(path, HEADINGS, map(csv_line, rows))
    change, reason = HEADINGS.index("Change"), HEADINGS.index("Reason")
    changes = Counter(str(row[change] or row[reason]) for row in rows)
    counts = "; ".join(f"{count} {what}" for what, count in changes.most_common()) or "no lesions"
    return f"{path}: {counts}"
