"""Who is in the study: the paper's inclusion and exclusion criteria, and the flow of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyrhi.errors import TableError
from pyrhi.io.reading import TextRow


@dataclass(frozen=True)
class Criterion:
    """One criterion.

    Parameters
    ----------
    column
        Its column of yes and no.
    wanted
        The answer of an eligible patient.
    reason
        Why a row with the other answer is left out.
    """

    column: str
    wanted: bool
    reason: str


CRITERIA = (
    Criterion("primary_confirmed", True, "primary breast cancer not confirmed by histology"),
    Criterion("metastases_diagnosed", True, "spine metastases not diagnosed clinically"),
    Criterion("mri_in_period", True, "no MRI at a study hospital in the study period"),
    Criterion("data_complete", True, "clinicopathologic or MRI data not complete"),
    Criterion("other_malignancy", False, "another malignancy"),
    Criterion("diagnosis_unclear", False, "diagnosis of spine metastases unclear"),
    Criterion("images_available", True, "electronic images of the MRI not available"),
)
"""Inclusion, then exclusion, in the order of the paper's Methods."""

_ANSWERS = {"yes": True, "y": True, "true": True, "1": True} | dict.fromkeys(
    ("no", "n", "false", "0"), False
)


@dataclass(frozen=True)
class Excluded:
    """A row that is not eligible.

    Parameters
    ----------
    line, patient, lesion
        Which row of the cohort file.
    column, reason
        The first criterion that it fails, and why in words.
    """

    line: int
    patient: str
    lesion: str
    column: str
    reason: str


@dataclass(frozen=True)
class FlowStep:
    """One step of the flow.

    Parameters
    ----------
    step
        ``assessed``, ``excluded`` or ``included``.
    column, reason
        Criterion of an exclusion.
    rows
        Number of rows.
    applied
        False where the file lacks the criterion's column.
    """

    step: str
    column: str
    reason: str
    rows: int
    applied: bool = True


def exclusion_of(row: TextRow, /) -> Excluded | None:
    """Return why a row of the cohort is left out, or None for an eligible one.

    Parameters
    ----------
    row
        A row; criteria whose column is not there are not applied.

    Returns
    -------
    Excluded or None
        The first criterion that fails, in the order of `CRITERIA`.

    Raises
    ------
    TableError
        If a criterion's cell is neither yes nor no.
    """
    answers: dict[str, bool] = {}
    for criterion in CRITERIA:
        if criterion.column not in row:
            continue
        text = row[criterion.column].lower()
        if text not in _ANSWERS:
            msg = f"{row.where(criterion.column)}: {text!r} is neither yes nor no"
            raise TableError(msg)
        answers[criterion.column] = _ANSWERS[text]
    for criterion in CRITERIA:
        if answers.get(criterion.column, criterion.wanted) is not criterion.wanted:
            return Excluded(
                row.line,
                row["patient"],
                row.get("lesion", ""),
                criterion.column,
                criterion.reason,
            )
    return None


def flow_of(
    included: int, excluded: Sequence[Excluded], columns: Sequence[str], /
) -> tuple[FlowStep, ...]:
    """Count the rows assessed, excluded for each reason, and included.

    Parameters
    ----------
    included
        Number of eligible rows.
    excluded
        The others.
    columns
        Columns of the cohort file.

    Returns
    -------
    tuple of FlowStep
    """
    counts = Counter(row.column for row in excluded)
    return (
        FlowStep("assessed", "", "", included + len(excluded)),
        *(
            FlowStep("excluded", c.column, c.reason, counts[c.column], c.column in columns)
            for c in CRITERIA
        ),
        FlowStep("included", "", "", included),
    )
