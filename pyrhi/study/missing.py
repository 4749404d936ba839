"""Missing values: which, of whom, and the one way in which they are handled."""

from __future__ import annotations

from dataclasses import dataclass

from pyrhi.study.cohort import Cohort

HANDLING = (
    "Missing values: every analysis takes the rows that have all its values (available cases); "
    "nothing is imputed, and missing.csv names every gap"
)
"""What is done with missing values, wherever an analysis needs them."""

COLUMNS = (
    "age", "sex", "histology", "months_to_metastasis", "location", "number", "onset", "therapy",
    "vas", "rhi",
)  # fmt: skip
"""What may be missing."""


@dataclass(frozen=True)
class Missing:
    """Gaps of a column.

    Parameters
    ----------
    column
        Column of the cohort file.
    rows
        Included rows.
    missing
        Rows without a value.
    patients
        Whose they are, each once.
    """

    column: str
    rows: int
    missing: int
    patients: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Percent of the rows."""
        return 100 * self.missing / self.rows


def missing_of(cohort: Cohort, /) -> tuple[Missing, ...]:
    """Count the gaps of every column that may have any.

    Parameters
    ----------
    cohort
        The cohort.

    Returns
    -------
    tuple of Missing
        One for each of `COLUMNS`, also where nothing is missing.
    """
    rows = cohort.rows
    gaps = {c: [r.patient for r in rows if getattr(r, c) is None] for c in COLUMNS}
    return tuple(
        Missing(column, len(rows), len(names), tuple(dict.fromkeys(names)))
        for column, names in gaps.items()
    )
