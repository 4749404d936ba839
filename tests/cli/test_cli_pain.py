"""``pyrhi classify``, ``train`` and ``evaluate`` as a person runs them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from pyrhi.cli.main import run
from pyrhi.pain.classify import HEADINGS

PATIENTS = (
    "Patient,Images,Slices,RHI,RHI_max,RHI_mean,RHI_pooled,Lesions,Location\n"
    "a,1,3,20,20,10,12,1,lumbar\nb,1,3,0,0,0,0,0,unknown\nc,1,3,NaN,,,,,\n"
    "'=d,1,1,70,70,70,70,3,multiple\ne,1,1,130,130,130,130,1,lumbar\n"
)


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(PATIENTS, encoding="utf-8")
    return path


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "cohort.csv"
    lines = ["patient,rhi,vas_1,vas_2,number"]
    for k, (mean, vas) in enumerate([(27, 2), (57, 5), (66, 9)]):
        for i in range(15):
            rhi = float(np.clip(rng.normal(mean, 13), 1, 99))
            lines.append(f"p{k}{i},{rhi:.1f},{vas},{vas + (i == 0)},{i % 3 + 1}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_classify_table(patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "tiers.csv"
    assert run(["classify", str(patients), "-o", str(out)]) == 0
    rows = rows_of(out)
    assert tuple(rows[0]) == HEADINGS
    assert [r["Tier"] for r in rows] == ["mild", "", "", "moderate or severe", ""]
    assert [r["Indeterminate"] for r in rows] == ["no", "yes", "yes", "no", "yes"]
    assert [r["RHI"] for r in rows] == ["20", "0", "", "70", "130"]
    assert {r["P_none"] for r in rows} == {""}
    assert rows[3]["Patient"] == "'=d"
    assert "no lesion is not no pain" in rows[1]["Reason"]
    assert rows[2]["Reason"] == "RHI is missing"
    assert "over 100" in rows[4]["Reason"]
    assert float(rows[0]["P_mild"]) == pytest.approx(0.937, abs=0.001)
    assert all("not a medical device" in r["Model"] for r in rows)
    said = capsys.readouterr().err
    assert "5 patients, 3 indeterminate" in said
    assert "barely separable" in said
    assert "Research use only; not a medical device." in said


def test_classify_one_patient(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "--rhi", "42"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("RHI 42 %: indeterminate\n  near the boundary")
    assert "P(moderate or severe) 0.64" in said
    assert "Research use only; not a medical device." in said


def test_classify_one_patient_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "--rhi", "60", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["Tier"] == "moderate or severe"
    assert said["P_none"] is None
    assert said["P_moderate"] == pytest.approx(0.499, abs=0.001)
    assert said["Indeterminate"] is False
    assert "not a medical device" in said["Notice"]


def test_classify_by_hand_and_saved_model(patients: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "tiers.csv", tmp_path / "cut.json"
    by_hand = ["classify", str(patients), "--cutpoints", "36,62", "--save-model", str(model)]
    assert run([*by_hand, "-o", str(out)]) == 0
    assert [r["Tier"] for r in rows_of(out)] == ["mild", "", "", "severe", ""]
    assert {r["P_mild"] for r in rows_of(out)} == {""}
    again = tmp_path / "again.csv"
    assert run(["classify", str(patients), "--model", str(model), "-o", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_classify_with_location(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["classify", "--rhi", "42", "--json", "--evidence", "rhi+location"]
    assert run([*asked, "--location", "lumbar"]) == 0
    heavy = json.loads(capsys.readouterr().out)["P_moderate_or_severe"]
    assert heavy > 0.65
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out)["Reason"] == "location is missing"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rhi", "-1"], "RHI -1 is impossible"),
        (["--rhi", "nan"], "RHI nan is impossible"),
        (["--rhi", "40", "--evidence", "rhi+location+number"], "not both"),
        (["--rhi", "40", "--cutpoints", "62,36"], "two ascending"),
        (["--rhi", "40", "--cutpoints", "36"], "two cut-offs"),
        (["--rhi", "40", "--model", "absent.json"], "absent.json: no such model"),
        (["--rhi", "40", "--location", "neck"], "--location: 'neck'"),
        (["--rhi", "40", "--tier-sizes", "20,20,20"], "45 patients"),
        (["--rhi", "40", "--model", "cutpoints", "--priors", "1,2,1"], "published model only"),
        (["absent.csv"], "absent.csv"),
    ],
)
def test_classify_wrong_use_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["classify", *arguments]) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_negative_rhi_names_the_row_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "patients.csv", tmp_path / "tiers.csv"
    path.write_text("Patient,RHI\na,40\nb,-4\n", encoding="utf-8")
    assert run(["classify", str(path), "-o", str(out)]) == 1
    assert "patients.csv, line 3, column rhi: RHI -4 is negative" in capsys.readouterr().err
    assert not out.exists()


def test_train_then_classify(
    cohort: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = tmp_path / "model.json", tmp_path / "tiers.csv"
    assert run(["train", str(cohort), "-o", str(model)]) == 0
    streams = capsys.readouterr()
    assert "45 patients" in streams.out
    assert "Research use only; not a medical device." in streams.out
    assert "quadratic weighted kappa" in streams.err
    assert run(["classify", str(patients), "--model", str(model), "-o", str(out)]) == 0
    first = rows_of(out)[0]
    assert first["Tier"] == "mild"
    assert float(first["P_mild_low"]) < float(first["P_mild"]) < float(first["P_mild_high"])


def test_train_refuses_a_tier_with_one_patient(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with cohort.open("a", encoding="utf-8") as stream:
        stream.write("x,5,0,0,1\n")
    model = tmp_path / "model.json"
    assert run(["train", str(cohort), "-o", str(model)]) == 1
    assert "tier none has 1" in capsys.readouterr().err
    assert not model.exists()
    assert run(["train", str(cohort), "-o", str(model), "--tiers", "mild,moderate,severe"]) == 0
    assert "1 of other tiers left out" in capsys.readouterr().out
    assert run(["train", str(cohort), "-o", str(model), "--tiers", "mild,bad"]) == 1
    assert "'bad' is not a tier" in capsys.readouterr().err


def test_evaluate_writes_the_same_bytes_for_the_same_seed(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = ["--repeats", "2", "--bootstraps", "10"]
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        assert run(["evaluate", str(cohort), "-o", str(folder), *quick]) == 0
    names = sorted(p.name for p in folders[0].iterdir())
    assert names == [
        "calibration.csv", "calibration.png", "calibration.svg", "confusion.csv",
        "evaluation.csv", "evaluation.json",
    ]  # fmt: skip
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    scores = rows_of(folders[0] / "evaluation.csv")
    assert {r["Model"] for r in scores} == {"ordinal", "majority", "published"}
    assert {r["Notice"] for r in scores} == {"Research use only; not a medical device."}
    assert "accuracy_moderate_or_severe" in capsys.readouterr().out


def test_evaluate_in_the_place_of_a_file_is_one_line(
    cohort: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = ["--repeats", "1", "--bootstraps", "2"]
    assert run(["evaluate", str(cohort), "-o", str(cohort), *quick]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("pyrhi: ")
