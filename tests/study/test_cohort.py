"""The cohort file: who is in, what is joined, and what is refused by line and column."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pyrhi.errors import TableError
from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.missing import missing_of
from pyrhi.study.statistics import READERS, Resampling, statistics_of
from pyrhi.study.tables import tables_of

FEW = Resampling(resamples=100)


def write(folder: Path, *lines: str, name: str = "cohort.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rhi_is_joined_and_the_cohort_wins_with_a_note(tmp_path: Path) -> None:
    cohort = write(tmp_path, "patient,vas,location,number", "A,3,lumbar,", "B,8,,2", "C,1,,1")
    measured = write(
        tmp_path,
        "Patient,RHI,Lesions,Location", "A,20.5,1,thoracic", "B,66,2,lumbar", "Z,1,1,lumbar",
        name="patients.csv",
    )  # fmt: skip
    found = read_study_cohort(cohort, patients=measured)
    a, b, c = found.rows
    assert (a.rhi, a.location, a.number) == (20.5, "lumbar", "1")
    assert (b.rhi, b.location, b.number) == (66, "lumbar", "2")
    assert c.rhi is None
    text = "\n".join(found.notes)
    assert "cohort.csv, line 2, patient A: location: the cohort file says lumbar" in text
    assert "line 4, patient C: not in the measured table: no RHI" in text
    assert "1 measured patient not in cohort.csv, left out: Z" in text


def test_rhi_that_looks_like_a_share_of_one_is_said(tmp_path: Path) -> None:
    lines = ["patient,vas,rhi", "A,3,0.28", "B,9,0.62", "C,0,0", "D,5,0.41"]
    assert read_study_cohort(write(tmp_path, *lines)).notes == (
        "cohort.csv: RHI is 0.62 at most in 3 rows: it is a percentage, such as 28.4 and not "
        "0.284; check the column",
    )
    assert read_study_cohort(write(tmp_path, *lines, "E,4,28.4")).notes == ()


def test_two_readers_give_a_consensus_and_their_agreement(tmp_path: Path) -> None:
    lines = ["patient,vas_1,vas_2,vas_adjudicated,rhi"]
    lines += ["A,3,4,,10", "B,0,0,,0", "C,8,9,10,60", "D,5,5,,40", "E,2,2,,20", "F,6,7,,50"]
    cohort = read_study_cohort(write(tmp_path, *lines))
    assert [r.vas for r in cohort.rows] == [3.5, 0, 10, 5, 2, 6.5]
    assert [r.tier for r in cohort.rows][:3] == ["mild", "none", "severe"]
    assert cohort.rows[1].rhi == 0
    statistics = statistics_of(cohort, FEW)
    kappa = statistics.find(READERS, "weighted kappa")
    assert kappa is not None
    assert kappa.n == 6
    assert any("patient A: the readers differ by tier" in n for n in statistics.notes)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["patient,rhi", "A,1"], "column 'vas_1' is missing"),
        (["patient,vas", "A,1"], "column 'rhi' is missing"),
        (["patient,vas,rhi", "A,11,1"], "line 2, column vas: VAS 11 is outside of 0 to 10"),
        (["patient,vas,rhi", "A,4,x"], "line 2, column rhi: 'x' is not a number"),
        (["patient,vas,rhi", "A,4,-1"], "line 2, column rhi: -1 is below 0"),
        (["patient,vas,rhi", "A,4,130"], "line 2, column rhi: RHI 130 is over 100; check the pat"),
        (["patient,vas,rhi", "A,4,1", "A,5,2"], "line 3, column patient: patient 'A' is already"),
        (["patient,vas,rhi", ",4,1"], "line 2, column patient: the patient's name is missing"),
        (["patient,vas,rhi,histology", "A,4,1,luminal c"], "line 2, column histology"),
        (["patient,vas,rhi,location", "A,4,1,neck"], "line 2, column location"),
        (["patient,vas,rhi,number", "A,4,1,1.5"], "line 2, column number"),
        (["patient,vas,rhi,data_complete", "A,4,1,maybe"], "column data_complete: 'maybe'"),
        (["patient,vas,rhi,data_complete", "A,4,1,no"], "no row is eligible"),
        (
            ["patient,lesion,vas,rhi,age", "A,L1,4,1,50", "A,L2,4,1,51"],
            "line 3, column age: patient 'A' has another value on line 2",
        ),
        (
            ["patient,lesion,vas,rhi,number", "A,L1,4,1,1", "A,L2,4,1,2"],
            "line 3, column number: patient 'A' has another value on line 2",
        ),
    ],
)
def test_wrong_cells_are_named(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_study_cohort(write(tmp_path, *lines))


def test_several_lesions_count_as_one_patient_and_are_left_out_together(tmp_path: Path) -> None:
    lines = ["patient,lesion,vas,rhi,sex,number,location"]
    for i in range(12):
        for level in ("L1", "L3"):
            lines.append(f"P{i},{level},{i % 10},{5 * i + len(level)},female,2,lumbar")
    cohort = read_study_cohort(write(tmp_path, *lines))
    assert cohort.clustered
    statistics = statistics_of(cohort, FEW)
    row = statistics.find("RHI and VAS", "cluster jackknife", "Spearman rho")
    assert row is not None
    assert row.ci_low < row.effect_size < row.ci_high
    assert "12 patients" in row.method
    plain = statistics.find("RHI and VAS", "Spearman rho")
    assert plain is not None
    assert "not independent" in plain.note
    tables = tables_of(cohort, statistics)
    assert next(r for r in tables.characteristics if r.item == "Female").n == 12
    assert tables.vas[0].summary.n == 24
    assert math.isnan(tables.vas[0].summary.median_low)


def test_a_missing_score_costs_no_study_and_its_row_counts_wherever_it_can(tmp_path: Path) -> None:
    lines = ["patient,vas,rhi,number,age"] + [
        f"P{i},{i},{5 * i},{1 + i % 3},5{i}" for i in range(9)
    ]
    whole = statistics_of(read_study_cohort(write(tmp_path, *lines)), FEW)
    cohort = read_study_cohort(write(tmp_path, *lines, "X,,60,2,40", "Y,NA,70,1,41"))
    found = statistics_of(cohort, FEW)
    assert "cohort.csv: RHI and VAS: 2 rows have a missing value" in found.notes
    # Whoever has no score is in no test, but is a patient with an age and an RHI.
    assert found.rows == whole.rows
    assert found.decisions == whole.decisions
    tables = tables_of(cohort, found)
    assert tables.rhi[0].summary.n == 11
    assert tables.vas[0].summary.n == 9
    pain = [(r.item, r.n, r.of_n) for r in tables.characteristics if "Pain" in r.characteristic]
    assert pain == [("With", 8, 9), ("Without", 1, 9)]
    gap = next(m for m in missing_of(cohort) if m.column == "vas")
    assert (gap.missing, gap.patients) == (2, ("X", "Y"))


def test_one_readers_score_alone_is_no_consensus(tmp_path: Path) -> None:
    lines = ["patient,vas_1,vas_2,vas_adjudicated,rhi", "A,3,,,10", "B,,4,6,20", "C,2,3,,30"]
    assert [r.vas for r in read_study_cohort(write(tmp_path, *lines)).rows] == [None, 6, 2.5]


def test_a_patient_with_lesions_in_two_regions_is_counted_as_multiple(tmp_path: Path) -> None:
    lines = ["patient,lesion,vas,rhi,location,onset"]
    lines += ["A,1,4,20,lumbar,synchronous", "A,2,5,30,thoracic,metachronous"]
    lines += ["B,1,6,40,lumbar,synchronous", "B,2,7,50,lumbar,synchronous"]
    lines += ["C,1,6,40,lumbar,", "C,2,7,50,,"]
    cohort = read_study_cohort(write(tmp_path, *lines))
    counted = {
        (r.characteristic, r.item): (r.n, r.of_n)
        for r in tables_of(cohort, statistics_of(cohort, FEW)).characteristics
    }
    # C's second region is not known.
    assert counted["Location", "Lumbar"] == (1, 2)
    assert counted["Location", "Thoracic"] == (0, 2)
    assert counted["Location", "Multiple"] == (1, 2)
    onset = "Time of bone metastasis and pain"
    assert counted[onset, "Synchronous"] == (1, 1)


def test_a_tier_with_one_patient_is_left_out_and_named(tmp_path: Path) -> None:
    lines = ["patient,vas,rhi", "A,0,5"]
    lines += [f"M{i},2,{20 + i}" for i in range(4)] + [f"S{i},9,{60 + i}" for i in range(4)]
    statistics = statistics_of(read_study_cohort(write(tmp_path, *lines)), FEW)
    assert any(
        "line 2: RHI by pain tier: 'none' has one patient (A)" in n for n in statistics.notes
    )
    test = statistics.find("RHI by pain tier", "Kruskal-Wallis")
    assert test is not None
    assert test.groups == "mild (4); severe (4)"


def test_constant_rhi_is_named_and_the_rest_is_computed(tmp_path: Path) -> None:
    lines = ["patient,vas,rhi,number"]
    lines += [f"P{i},{i},50,{1 + i % 3}" for i in range(11)]
    statistics = statistics_of(read_study_cohort(write(tmp_path, *lines)), FEW)
    assert statistics.undefined
    assert "cohort.csv: RHI and VAS: the RHI is constant (50): there is no correlation" in (
        statistics.notes
    )
    assert statistics.find("RHI and VAS", "Pearson r") is None
    assert statistics.find("VAS by number", "Kruskal-Wallis") is not None


def test_a_column_that_nobody_recorded_is_said_and_is_no_failure(tmp_path: Path) -> None:
    lines = ["patient,vas,rhi"] + [f"P{i},{i},{5 * i}" for i in range(11)]
    statistics = statistics_of(read_study_cohort(write(tmp_path, *lines)), FEW)
    assert not statistics.undefined
    assert "cohort.csv: VAS by location: not recorded in any row, not analysed" in statistics.notes
    assert {r.analysis for r in statistics.rows} == {
        "RHI and VAS", "RHI by pain tier", "RHI: mild against the rest",
    }  # fmt: skip
