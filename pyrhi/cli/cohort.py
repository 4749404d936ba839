"""The cohort that ``pyrhi train`` and ``pyrhi evaluate`` take, and which of its patients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from pyrhi.cli.options import VAS_SCALE
from pyrhi.cli.tables import SHEET, TABLE
from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyrhi.pain.model import Patient

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
PATIENTS = click.option(
    "--patients",
    type=TABLE,
    help="patients.csv of pyrhi measure, for RHI, location and number that the cohort lacks.",
)


@dataclass(frozen=True)
class ChosenCohort:
    """The patients that a model is fitted to, and how.

    Parameters
    ----------
    patients, tiers
        One of each for a patient.
    left_out
        Number of patients of other tiers.
    terms
        What the model is made of, such as rhi and location.
    penalty
        Ridge penalty of the slopes.
    """

    patients: list[Patient]
    tiers: list[str]
    left_out: int
    terms: list[str]
    penalty: float

    @property
    def counted(self) -> str:
        """How many patients there are, for a person."""
        more = f", {self.left_out} of other tiers left out" if self.left_out else ""
        return f"{counted(len(self.patients), 'patient')}{more}"


def split_list(value: str | None) -> list[str] | None:
    """Split a list with commas."""
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


def of_cohort(command: Callable[..., int], /) -> Callable[..., int]:
    """Add COHORT and its options; the command gets a `ChosenCohort`, and notes are printed."""

    @click.argument("cohort", type=TABLE)
    @PATIENTS
    @TERMS
    @TIERS
    @PENALTY
    @VAS_SCALE
    @SHEET
    @wraps(command)
    def with_cohort(
        *args: Any,
        cohort: Path,
        patients: Path | None,
        terms: str,
        tiers: str | None,
        penalty: float,
        vas_scale: Literal["0-10", "mm"],
        **more: Any,
    ) -> int:
        from pyrhi.pain.cohort import agreement_lines, chosen, read_pain_cohort

        known = read_pain_cohort(cohort, measured=patients, scale=vas_scale)
        for note in (*known.notes, *agreement_lines(known)):
            click.echo(f"note: {note}", err=True)
        kept, kept_tiers = chosen(known, split_list(tiers))
        left_out = len(known.patients) - len(kept)
        made = ChosenCohort(kept, kept_tiers, left_out, split_list(terms) or [], penalty)
        return command(*args, cohort=made, **more)

    return with_cohort
