"""``pyrhi evaluate``: how well the ordinal model foretells."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.cohort import ChosenCohort, of_cohort
from pyrhi.cli.options import OUTPUT_FOLDER
from pyrhi.cli.tables import LOCALE
from pyrhi.wording import counted

EPILOG = """\b
Example:
  pyrhi evaluate cohort.csv -o evaluation

Research use only; not a medical device.
"""


@click.command(epilog=EPILOG)
@OUTPUT_FOLDER
@of_cohort
@LOCALE
@click.option("--folds", type=int, default=5, show_default=True)
@click.option("--repeats", type=int, default=10, show_default=True)
@click.option("--bootstraps", type=int, default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def command(
    output: Path,
    cohort: ChosenCohort,
    folds: int,
    repeats: int,
    bootstraps: int,
    seed: int,
) -> int:
    """Evaluate the ordinal model on COHORT beside the majority and the published baseline.

    Repeated stratified cross-validation and bootstrap optimism correction, every step refitted.
    """
    from pyrhi.pain.evaluation import evaluate
    from pyrhi.pain.evaluation_files import summary_lines, write_evaluation
    from pyrhi.pain.model import NOTICE

    result = evaluate(
        cohort.patients,
        cohort.tiers,
        terms=cohort.terms,
        penalty=cohort.penalty,
        folds=folds,
        repeats=repeats,
        bootstraps=bootstraps,
        seed=seed,
    )
    files = write_evaluation(result, output)
    click.echo("\n".join(summary_lines(result)))
    click.echo(f"{cohort.counted}; {counted(len(files), 'file')} in {output}")
    click.echo(NOTICE)
    return 0
