"""``pyrhi evaluate``: how well the ordinal model foretells."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.options import OUTPUT_FOLDER
from pyrhi.cli.tables import LOCALE, SHEET, TABLE
from pyrhi.cli.train import PATIENTS, PENALTY, SCALE, TERMS, TIERS, words

EPILOG = """\b
Example:
  pyrhi evaluate cohort.csv -o evaluation

Research use only; not a medical device.
"""


@click.command(epilog=EPILOG)
@click.argument("cohort", type=TABLE)
@OUTPUT_FOLDER
@PATIENTS
@TERMS
@TIERS
@PENALTY
@SCALE
@SHEET
@LOCALE
@click.option("--folds", type=int, default=5, show_default=True)
@click.option("--repeats", type=int, default=10, show_default=True)
@click.option("--bootstraps", type=int, default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def command(
    cohort: Path,
    output: Path,
    patients: Path | None,
    terms: str,
    tiers: str | None,
    penalty: float,
    vas_scale: str,
    folds: int,
    repeats: int,
    bootstraps: int,
    seed: int,
) -> int:
    """Evaluate the ordinal model on COHORT beside the majority and the published baseline.

    Repeated stratified cross-validation and bootstrap optimism correction, every step refitted.
    """
    from pyrhi.pain.cohort import agreement_lines, chosen, read_cohort
    from pyrhi.pain.evaluation import evaluate
    from pyrhi.pain.evaluation_files import summary_lines, write_evaluation
    from pyrhi.pain.model import NOTICE
    from pyrhi.pain.scores import Scale

    scale: Scale = "mm" if vas_scale == "mm" else "0-10"
    known = read_cohort(cohort, measured=patients, scale=scale)
    for note in (*known.notes, *agreement_lines(known)):
        click.echo(f"note: {note}", err=True)
    kept, kept_tiers = chosen(known, words(tiers))
    result = evaluate(
        kept,
        kept_tiers,
        terms=words(terms) or [],
        penalty=penalty,
        folds=folds,
        repeats=repeats,
        bootstraps=bootstraps,
        seed=seed,
    )
    files = write_evaluation(result, output)
    click.echo("\n".join(summary_lines(result)))
    left_out = len(known.patients) - len(kept)
    more = f", {left_out} of other tiers left out" if left_out else ""
    click.echo(f"{len(kept)} patients{more}; {len(files)} files in {output}")
    click.echo(NOTICE)
    return 0
