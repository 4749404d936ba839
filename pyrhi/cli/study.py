"""``pyrhi study``: the study's tables, statistics and figures from a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from pyrhi.cli.options import PATH, VAS_SCALE
from pyrhi.cli.tables import LOCALE, SHEET, TABLE
from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi study cohort.csv -o study
  pyrhi study cohort.csv --patients results/patients.csv -o study
  pyrhi study --simulate -o example
  pyrhi study example/synthetic_cohort.csv -o study
  pyrhi study --published
"""


@click.command(epilog=EPILOG)
@click.argument("source", required=False, type=TABLE)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Folder for the results; made where it does not exist.",
)
@click.option(
    "--patients",
    type=TABLE,
    help="patients.csv of pyrhi measure: RHI, joined on the patient.",
)
@VAS_SCALE
@click.option(
    "--resamples",
    type=click.IntRange(min=100),
    help="Resamples of patients for the decision curve [default: 2000].",
)
@click.option("--seed", type=int, help="Seed of bootstrap and simulation.")
@click.option("--word", is_flag=True, help="Write Tables 1 to 3 as tables.docx, too.")
@click.option(
    "--published",
    is_flag=True,
    help="Check the paper's printed numbers (or SOURCE, JSON of the same form).",
)
@click.option("--simulate", is_flag=True, help="Write a synthetic cohort that keeps them.")
@SHEET
@LOCALE
def command(
    source: Path | None,
    output: Path | None,
    patients: Path | None,
    vas_scale: Literal["0-10", "mm"],
    resamples: int | None,
    seed: int | None,
    word: bool,
    published: bool,
    simulate: bool,
) -> int:
    """Make tables, statistics and figures of a study.

    SOURCE is a cohort, CSV or .xlsx; docs/study.md has its columns. Writes flow.csv, table_1.csv to
    table_3.csv, statistics.csv, study.html and the figures. What cannot be computed is named,
    and the exit code is then 1. Research use only; not a medical device.
    """
    from pyrhi.pain.model import NOTICE
    from pyrhi.study.cluster import RESAMPLES, SEED
    from pyrhi.study.consistency import CONTRADICTION
    from pyrhi.study.run import run_check, run_simulation, run_study
    from pyrhi.study.statistics import Resampling

    if published and simulate:
        msg = "--published and --simulate are two jobs: give one"
        raise click.UsageError(msg)
    if published:
        findings = run_check(source, output)
        wrong = [f for f in findings if f.verdict == CONTRADICTION]
        for finding in wrong:
            click.echo(f"{finding.check}: {finding.explanation}")
        click.echo(f"{len(wrong)} of {len(findings)} checks find numbers that cannot all hold.")
        click.echo(NOTICE)
        return 0
    if output is None:
        msg = "give a folder for the results: -o FOLDER"
        raise click.UsageError(msg)
    chosen_seed = SEED if seed is None else seed
    if simulate:
        path, rows = run_simulation(output, seed=chosen_seed)
        lost = [r for r in rows if not r.kept]
        click.echo(f"{path}: synthetic, no patient was measured")
        click.echo(f"keeps {len(rows) - len(lost)} of {len(rows)} printed numbers, but not:")
        for row in lost:
            click.echo(f"  {row.quantity}: {row.published}, here {row.synthetic} ({row.reason})")
        click.echo(NOTICE)
        return 0
    if source is None:
        msg = "give a cohort (CSV or .xlsx), or --published or --simulate"
        raise click.UsageError(msg)
    resampling = Resampling(RESAMPLES if resamples is None else resamples, chosen_seed)
    cohort, statistics = run_study(
        source, output, patients=patients, scale=vas_scale, resampling=resampling, word=word
    )
    for note in (*cohort.notes, *statistics.notes):
        click.echo(f"note: {note}", err=True)
    click.echo(
        f"{counted(len(cohort.rows), 'row')} included, {len(cohort.excluded)} excluded; "
        f"{counted(len(statistics.rows), 'statistic')}; results in {output}"
    )
    click.echo(NOTICE)
    return 1 if statistics.undefined else 0
