"""Who is left out of a study, for which reason, and that nobody is lost."""

from __future__ import annotations

from pathlib import Path

from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.eligibility import CRITERIA, flow_of


def write(folder: Path, *lines: str, name: str = "cohort.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_each_excluded_row_has_its_reason_and_nothing_is_lost(tmp_path: Path) -> None:
    heading = ",".join(["patient", "vas", "rhi", *(c.column for c in CRITERIA)])
    good = ["yes" if c.wanted else "no" for c in CRITERIA]
    lines = [heading, ",".join(["P0", "5", "40", *good])]
    for i, criterion in enumerate(CRITERIA):
        answers = list(good)
        answers[i] = "no" if criterion.wanted else "yes"
        # Who is left out may lack a score.
        lines.append(",".join([f"X{i}", "", "", *answers]))
    cohort = read_study_cohort(write(tmp_path, *lines))
    assert [r.patient for r in cohort.rows] == ["P0"]
    assert [(e.patient, e.column) for e in cohort.excluded] == [
        (f"X{i}", c.column) for i, c in enumerate(CRITERIA)
    ]
    flow = flow_of(len(cohort.rows), cohort.excluded, cohort.columns)
    assert (flow[0].rows, flow[-1].rows) == (8, 1)
    assert [s.rows for s in flow[1:-1]] == [1] * len(CRITERIA)
    assert all(s.applied for s in flow)


def test_a_criterion_without_column_is_said_not_to_be_applied(tmp_path: Path) -> None:
    cohort = read_study_cohort(write(tmp_path, "patient,vas,rhi,other_malignancy", "A,3,20,no"))
    flow = flow_of(1, (), cohort.columns)
    assert [s.column for s in flow if s.step == "excluded" and s.applied] == ["other_malignancy"]
