"""A Methods section written from what was run, and the checklists of a manuscript."""

from __future__ import annotations

import csv
import io
import platform
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

from pyrhi import __version__
from pyrhi.pain.publication import CITATION
from pyrhi.study.cohort import Cohort
from pyrhi.study.eligibility import flow_of
from pyrhi.study.missing import missing_of
from pyrhi.study.plotting import templates
from pyrhi.study.statistics import PRIMARY, Statistics

PACKAGES = ("numpy", "scipy", "statsmodels", "scikit-posthocs")
"""What computes the statistics, beside pyrhi and Python."""

GUIDELINES = {
    "SAMPL": "Lang TA, Altman DG. Int J Nurs Stud 2015; 52: 5-9",
    "STARD": "Bossuyt PM, et al. STARD 2015. BMJ 2015; 351: h5527",
    "TRIPOD+AI": "Collins GS, et al. BMJ 2024; 385: e078378",
    "GRRAS": "Kottner J, et al. J Clin Epidemiol 2011; 64: 96-106",
}
"""The guidelines of the checklist and their papers."""

CHECKLIST_HEADINGS = ("guideline", "item", "topic", "where", "page", "citation")
"""Columns of ``checklist.csv``; ``page`` is the manuscript's, for its authors to fill in."""


@dataclass(frozen=True)
class ChecklistItem:
    """An item of a reporting guideline.

    Parameters
    ----------
    guideline, item
        One of `GUIDELINES`, and the item's number or heading there.
    topic
        What it asks for, in few words; the paper has the wording.
    where
        Which file of the results has it, or that it is to be written.
    """

    guideline: str
    item: str
    topic: str
    where: str


def checklist() -> tuple[ChecklistItem, ...]:
    """Read the checklist: where the results answer each guideline's items.

    Returns
    -------
    tuple of ChecklistItem
    """
    text = files("pyrhi.study").joinpath("data", "checklists.csv").read_text(encoding="utf-8")
    return tuple(ChecklistItem(**row) for row in csv.DictReader(io.StringIO(text)))


def methods_text(
    cohort: Cohort, statistics: Statistics, /, *, resamples: int, seed: int, decisions: bool
) -> str:
    """Write the Methods section of what was run.

    Parameters
    ----------
    cohort
        The cohort.
    statistics
        Its statistics; only what is among their rows is told.
    resamples, seed
        How the decision curve's intervals were resampled.
    decisions
        Whether there is a decision curve.

    Returns
    -------
    str
        Markdown, with the versions of all software and the sources of all methods.
    """
    tests = {row.test for row in statistics.rows}
    family = [row for row in statistics.rows if (row.analysis, row.test) in PRIMARY]
    flow = flow_of(len(cohort.rows), cohort.excluded, cohort.columns)
    gaps = [m for m in missing_of(cohort) if 0 < m.missing < m.rows]
    text: str = (
        templates(html=False)
        .get_template("methods.md.j2")
        .render(
            cohort=cohort,
            people=len(cohort.patients),
            excluded=len(cohort.excluded),
            criteria=[s.reason for s in flow if s.step == "excluded" and s.applied],
            gaps=gaps,
            tests=tests,
            family=[f"{r.analysis} ({r.test})" for r in family if r.p_holm == r.p_holm],
            sources=list(dict.fromkeys(row.source for row in statistics.rows)),
            versions=[(name, version(name)) for name in PACKAGES],
            pyrhi=__version__,
            python=platform.python_version(),
            paper=CITATION,
            resamples=resamples,
            seed=seed,
            decisions=decisions,
            guidelines=GUIDELINES,
        )
    )
    return text
