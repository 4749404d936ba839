"""``pyrhi train``: the ordinal model on the user's own patients."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.cohort import ChosenCohort, of_cohort
from pyrhi.cli.options import PATH

EPILOG = """\b
Example:
  pyrhi train cohort.csv -o model.json
  pyrhi classify patients.csv --model model.json -o tiers.csv

Research use only; not a medical device.
"""


@click.command(epilog=EPILOG)
@click.option("-o", "--output", required=True, type=PATH, help="Model JSON.")
@of_cohort
def command(output: Path, cohort: ChosenCohort) -> int:
    """Fit a proportional-odds model on COHORT (patient, rhi, vas or tier, location, number).

    It is refused where a tier has fewer than five patients, where there are fewer than ten
    effective patients for each slope, or where no finite fit exists.
    """
    from pyrhi.io.atomic import writing
    from pyrhi.pain.model import NOTICE, dump_model
    from pyrhi.pain.ordinal import train

    model = train(cohort.patients, cohort.tiers, terms=cohort.terms, penalty=cohort.penalty)
    with writing(output) as stream:
        stream.write(dump_model(model.document).encode("ascii"))
    click.echo(f"{model.name}: {cohort.counted}; model in {output}")
    for name, slope in zip(model.fit.columns, model.fit.coefficients, strict=True):
        click.echo(f"  log odds of a higher tier, {name}: {slope:.3f}")
    for caveat in model.caveats:
        click.echo(f"- {caveat}")
    click.echo(NOTICE)
    return 0
