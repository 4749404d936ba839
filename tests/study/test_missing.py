"""Every gap is counted and named."""

from __future__ import annotations

from pathlib import Path

from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.missing import COLUMNS, missing_of


def test_each_gap_is_counted_with_its_patient(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(
        "patient,lesion,vas,rhi,age,sex\nA,1,3,20,50,female\nA,2,4,,50,female\nB,1,5,,,male\n",
        encoding="utf-8",
    )
    found = {m.column: m for m in missing_of(read_study_cohort(path))}
    assert tuple(found) == COLUMNS
    assert (found["rhi"].missing, found["rhi"].patients) == (2, ("A", "B"))
    assert round(found["rhi"].percent, 1) == 66.7
    assert (found["age"].missing, found["age"].patients) == (1, ("B",))
    assert found["sex"].missing == 0
    assert found["therapy"].missing == found["therapy"].rows == 3
