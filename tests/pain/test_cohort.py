"""Cohort files and patients.csv: what is read, what is refused and how it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.errors import TableError
from pyrhi.pain.cohort import chosen, read_measured, read_pain_cohort
from pyrhi.pain.model import Patient


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_measured_table_with_true_zero_and_missing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "patients.csv",
        "Patient,RHI,Lesions,Location\na,0,0,unknown\nb,NaN,2,lumbar\n'=c,55.5,3,multiple\n",
    )
    patients, notes = read_measured(path)
    assert [p.patient for p in patients] == [
        Patient(0.0),
        Patient(None, "lumbar", "2"),
        Patient(55.5, "multiple", ">2"),
    ]
    assert patients[2].name == "=c"
    assert notes == ()


def test_cohort_wins_over_the_measured_location(tmp_path: Path) -> None:
    measured = write(tmp_path / "p.csv", "Patient,RHI,Lesions,Location\na,40,2,lumbar\nb,50,1,\n")
    cohort = write(tmp_path / "c.csv", "patient,location,number\na,multiple,>2\n")
    patients, notes = read_measured(measured, cohort=cohort)
    assert patients[0].patient == Patient(40.0, "multiple", ">2")
    assert patients[1].patient == Patient(50.0, None, "1")
    assert len(notes) == 3
    assert notes[0] == (
        "patient a: location: the cohort file says multiple, the measured tables say lumbar"
    )
    assert notes[2] == "1 patient not in c.csv: b"


def test_a_patient_whose_name_lost_its_zeros_in_excel_is_not_lost_without_a_word(
    tmp_path: Path,
) -> None:
    measured = write(tmp_path / "p.csv", "Patient,RHI\n001,20\n002,30\n")
    cohort = write(tmp_path / "c.csv", "patient,vas,location\n1,5,lumbar\n002,3,\n")
    assert read_measured(measured, cohort=cohort)[1] == (
        "1 patient not in p.csv: 1", "1 patient not in c.csv: 001",
    )  # fmt: skip
    cohort = write(tmp_path / "c.csv", "patient,vas\n002,3\n")
    assert read_pain_cohort(cohort, measured=measured).notes == ("1 patient not in c.csv: 001",)


def test_visits_may_repeat_a_patient(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", "Patient,Visit,RHI\na,1,40\na,2,50\n")
    assert [p.visit for p in read_measured(path)[0]] == ["1", "2"]


def test_the_adjudicated_score_wins_over_two_readers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.csv",
        "patient,rhi,vas_1,vas_2,vas_adjudicated\na,20,3,4,\nb,50,3,6,6\nc,60,8,8,\n",
    )
    cohort = read_pain_cohort(path)
    assert [p.vas for p in cohort.patients] == [3.5, 6, 8]
    assert [p.tier for p in cohort.patients] == ["mild", "moderate", "severe"]
    assert cohort.agreement is not None
    assert [d.patient for d in cohort.agreement.differences] == ["a", "b"]
    patients, tiers = chosen(cohort, ["moderate", "severe"])
    assert [p.rhi for p in patients] == [50, 60]
    assert tiers == ["moderate", "severe"]


def test_rhi_from_the_measured_table(tmp_path: Path) -> None:
    measured = write(tmp_path / "p.csv", "Patient,RHI\na,40\n")
    path = write(tmp_path / "c.csv", "patient,vas\na,5\n")
    assert read_pain_cohort(path, measured=measured).patients[0].patient.rhi == 40
    path = write(tmp_path / "c.csv", "patient,vas\nb,5\n")
    with pytest.raises(
        TableError, match=r"c\.csv, line 2, column rhi: RHI of patient b is missing"
    ):
        read_pain_cohort(path, measured=measured)


def test_tiers_without_vas_and_millimetres(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "Patient;RHI;Tier\na;20;Mild\n")
    assert read_pain_cohort(path).patients[0].tier == "mild"
    path = write(tmp_path / "c.csv", "patient,rhi,vas\na,20,39\n")
    assert read_pain_cohort(path, scale="mm").patients[0].tier == "mild"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient,vas\na,1\n", "column 'rhi' is missing"),
        ("patient,rhi\na,1\n", "column 'vas' is missing"),
        ("patient,rhi,vas\na,1,2\nb,1,11\n", "line 3, column vas: VAS 11"),
        ("patient,rhi,vas\na,1,\n", "line 2, column vas: the VAS score is missing"),
        ("patient,rhi,vas\na,-3,2\n", "line 2, column rhi: RHI -3 is negative"),
        ("patient,rhi,vas\na,101,2\n", "line 2, column rhi: RHI 101 is over 100"),
        ("patient,rhi,vas\na,x,2\n", "line 2, column rhi: 'x' is not a number"),
        ("patient,rhi,vas\na,1,2\na,2,3\n", "line 3, column patient: patient 'a' is already"),
        ("patient,rhi,vas\n,1,2\n", "line 2, column patient: the patient's name is missing"),
        ("patient,rhi,vas,tier\na,1,2,severe\n", "line 2, column tier: 'severe', but a VAS of 2"),
        ("patient,rhi,vas,location\na,1,2,neck\n", "line 2, column location: 'neck'"),
    ],
)
def test_wrong_cells_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_pain_cohort(write(tmp_path / "c.csv", text))
    assert message in str(caught.value)
    assert "c.csv" in str(caught.value)
