"""``pyrhi train``: the ordinal model on the user's own patients."""

from __future__ import annotations

from pathlib import Path

import click

from pyrhi.cli.tables import SHEET, TABLE

EPILOG = """\b
Example:
  pyrhi train cohort.csv -o model.json
  pyrhi classify patients.csv --model model.json -o tiers.csv

Research use only; not a medical device.
"""

TERMS = click.option(
    "--terms",
    default="rhi",
    show_default=True,
    help="rhi, optionally with location and number: rhi,location,number.",
)
TIERS = click.option(
    "--tiers", help="Only patients of these tiers, such as mild,moderate,severe [default: all]."
)
PENALTY = click.option(
    "--penalty", type=float, default=0.0, show_default=True, help="Ridge penalty of the slopes."
)
SCALE = click.option(
    "--vas-scale", type=click.Choice(["0-10", "mm"]), default="0-10", show_default=True
)
PATIENTS = click.option(
    "--patients",
    type=TABLE,
    help="patients.csv of pyrhi measure, for RHI, location and number that the cohort lacks.",
)


def words(value: str | None) -> list[str] | None:
    """Split a list with commas."""
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


@click.command(epilog=EPILOG)
@click.argument("cohort", type=TABLE)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Model JSON.")
@PATIENTS
@TERMS
@TIERS
@PENALTY
@SCALE
@SHEET
def command(
    cohort: Path,
    output: Path,
    patients: Path | None,
    terms: str,
    tiers: str | None,
    penalty: float,
    vas_scale: str,
) -> int:
    """Fit a proportional-odds model on COHORT (patient, rhi, vas or tier, location, number).

    It is refused where a tier has fewer than five patients, where there are fewer than ten
    effective patients for each slope, or where no finite fit exists.
    """
    from pyrhi.io.atomic import writing
    from pyrhi.pain.cohort import agreement_lines, chosen, read_cohort
    from pyrhi.pain.model import NOTICE, dump_model
    from pyrhi.pain.ordinal import train
    from pyrhi.pain.scores import Scale

    scale: Scale = "mm" if vas_scale == "mm" else "0-10"
    known = read_cohort(cohort, measured=patients, scale=scale)
    for note in (*known.notes, *agreement_lines(known)):
        click.echo(f"note: {note}", err=True)
    kept, kept_tiers = chosen(known, words(tiers))
    model = train(kept, kept_tiers, terms=words(terms) or [], penalty=penalty)
    with writing(output) as stream:
        stream.write(dump_model(model.document).encode("ascii"))
    left_out = len(known.patients) - len(kept)
    more = f", {left_out} of other tiers left out" if left_out else ""
    click.echo(f"{model.name}: {len(kept)} patients{more}; model in {output}")
    for name, slope in zip(model.fit.columns, model.fit.coefficients, strict=True):
        click.echo(f"  log odds of a higher tier, {name}: {slope:.3f}")
    for caveat in model.caveats:
        click.echo(f"- {caveat}")
    click.echo(NOTICE)
    return 0
