"""``pyrhi classify``: pain tiers from RHI."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pyrhi.cli.options import OUTPUT_FILE, PATH
from pyrhi.cli.tables import LOCALE, SHEET, TABLE
from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi classify patients.csv -o tiers.csv
  pyrhi classify --rhi 42
  pyrhi classify patients.csv --cutpoints 36,62
  pyrhi classify --rhi 42 --location lumbar --evidence rhi+location

Tier none (no pain) is never inferred by the published model. Research use only; not a medical
device.
"""


def numbers(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[float] | None:
    """Read numbers with commas between them."""
    if value is None:
        return None
    try:
        return [float(part) for part in value.split(",")]
    except ValueError:
        msg = f"{value!r}: give numbers with commas between them, such as 36,62"
        raise click.BadParameter(msg) from None


def wholes(ctx: click.Context, param: click.Parameter, value: str | None) -> list[int] | None:
    """Read whole numbers with commas between them."""
    read = numbers(ctx, param, value)
    if read is None:
        return None
    if any(v != int(v) for v in read):
        msg = f"{value!r}: give whole numbers, such as 13,13,13"
        raise click.BadParameter(msg)
    return [int(v) for v in read]


@click.command(epilog=EPILOG)
@click.argument("patients", required=False, type=TABLE)
@OUTPUT_FILE
@click.option("--rhi", type=float, help="Classify one patient with this RHI (percent).")
@click.option("--location", help="With --rhi: cervical, thoracic, lumbar, sacral or multiple.")
@click.option("--number", help="With --rhi: number of metastases, 1, 2 or >2.")
@click.option("--json", "as_json", is_flag=True, help="With --rhi: print JSON.")
@click.option(
    "--model", default="published", show_default=True, help="published, cutpoints, or a JSON file."
)
@click.option("--evidence", help="Of the published model: rhi [default], rhi+location, rhi+number.")
@click.option(
    "--tier-sizes",
    callback=wholes,
    help="Of the published model: patients with mild, moderate, severe pain [default: 13,13,13, "
    "an assumption].",
)
@click.option(
    "--priors", callback=numbers, help="Of the published model: prior weights [default: 1,1,1]."
)
@click.option("--cutpoints", callback=numbers, help="Two RHI cut-offs, such as 36,62.")
@click.option(
    "--cohort",
    type=TABLE,
    help="Cohort file: its columns location and number win over those of PATIENTS.",
)
@click.option(
    "--save-model",
    type=PATH,
    help="Write the model's JSON here, for Fiji or for later.",
)
@SHEET
@LOCALE
def command(
    patients: Path | None,
    output: Path | None,
    rhi: float | None,
    location: str | None,
    number: str | None,
    as_json: bool,
    model: str,
    evidence: str | None,
    tier_sizes: list[int] | None,
    priors: list[float] | None,
    cutpoints: list[float] | None,
    cohort: Path | None,
    save_model: Path | None,
) -> int:
    """Say the pain tier of each patient in PATIENTS (patients.csv of pyrhi measure).

    Probabilities come with their intervals; where the model should not decide, the row is
    indeterminate and says why.
    """
    from pyrhi.io.atomic import writing
    from pyrhi.io.tables import csv_line, table_text
    from pyrhi.io.workbook import write_table
    from pyrhi.pain.classify import choose_model, json_of, lines_of, table_of
    from pyrhi.pain.cohort import read_measured
    from pyrhi.pain.model import NOTICE, Patient, dump_model
    from pyrhi.pain.scores import location_in, number_group

    if (patients is None) == (rhi is None):
        msg = "give patients.csv, or --rhi for one patient"
        raise click.UsageError(msg)
    chosen = choose_model(
        model, evidence=evidence, sizes=tier_sizes, priors=priors, cutpoints=cutpoints
    )
    if save_model is not None:
        with writing(save_model) as stream:
            stream.write(dump_model(chosen.document).encode("ascii"))
    if patients is None:
        patient = Patient(
            rhi,
            location_in(location, where="--location"),
            number_group(number, where="--number"),
        )
        prediction = chosen.predict(patient)
        if as_json:
            click.echo(json.dumps(json_of(patient, prediction, chosen), indent=1))
        else:
            click.echo("\n".join(lines_of(patient, prediction, chosen)))
        return 0
    known, notes = read_measured(patients, cohort=cohort)
    headings, rows = table_of(known, chosen)
    lines = [csv_line(row) for row in rows]
    if output is None:
        click.echo(table_text(headings, lines), nl=False)
    else:
        write_table(output, headings, lines)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    open_ = sum(row[headings.index("Indeterminate")] == "yes" for row in rows)
    click.echo(
        f"{counted(len(rows), 'patient')}, {open_} indeterminate. Model: {chosen.name}", err=True
    )
    for caveat in chosen.caveats:
        click.echo(f"- {caveat}", err=True)
    click.echo(NOTICE, err=True)
    return 0
