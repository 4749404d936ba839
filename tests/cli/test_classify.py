"""``pyrhi classify`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run
from pyrhi.pain.classify import HEADINGS


def test_every_patient_of_a_table_gets_a_tier_or_a_reason(
    patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tiers.csv"
    assert run(["classify", str(patients), "-o", str(out)]) == 0
    found = rows(out)
    assert tuple(found[0]) == HEADINGS
    assert [r["Tier"] for r in found] == ["mild", "", "", "moderate or severe", ""]
    assert [r["Indeterminate"] for r in found] == ["no", "yes", "yes", "no", "yes"]
    assert [r["RHI"] for r in found] == ["20", "0", "", "70", "130"]
    assert {r["P_none"] for r in found} == {""}
    assert found[3]["Patient"] == "'=d"
    assert "no lesion is not no pain" in found[1]["Reason"]
    assert found[2]["Reason"] == "RHI is missing"
    assert "over 100" in found[4]["Reason"]
    assert float(found[0]["P_mild"]) == pytest.approx(0.937, abs=0.001)
    assert all("not a medical device" in r["Model"] for r in found)
    errors = capsys.readouterr().err
    assert "5 patients, 3 indeterminate" in errors
    assert "barely separable" in errors
    assert "Research use only; not a medical device." in errors


def test_one_patient_gets_a_tier_in_words_with_the_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "--rhi", "42"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("RHI 42 %: indeterminate\n  near the boundary")
    assert "P(moderate or severe) 0.64" in printed
    assert "Research use only; not a medical device." in printed


def test_classify_one_patient_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["classify", "--rhi", "60", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["Tier"] == "moderate or severe"
    assert document["P_none"] is None
    assert document["P_moderate"] == pytest.approx(0.499, abs=0.001)
    assert document["Indeterminate"] is False
    assert "not a medical device" in document["Notice"]


def test_classify_by_hand_and_saved_model(patients: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "tiers.csv", tmp_path / "cut.json"
    by_hand = ["classify", str(patients), "--cutpoints", "36,62", "--save-model", str(model)]
    assert run([*by_hand, "-o", str(out)]) == 0
    assert [r["Tier"] for r in rows(out)] == ["mild", "", "", "severe", ""]
    assert {r["P_mild"] for r in rows(out)} == {""}
    again = tmp_path / "again.csv"
    assert run(["classify", str(patients), "--model", str(model), "-o", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.slow
def test_a_location_counts_or_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, model = ["classify", "--rhi", "42", "--json"], str(tmp_path / "model.json")
    line = [*asked, "--evidence", "rhi+location", "--location", "lumbar", "--save-model", model]
    assert run(line) == 0
    heavy = json.loads(capsys.readouterr().out)["P_moderate_or_severe"]
    assert heavy > 0.65
    assert run([*asked, "--model", model]) == 0
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
def test_wrong_use_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["classify", *arguments]) == 1
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1


def test_negative_rhi_names_the_row_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "patients.csv", tmp_path / "tiers.csv"
    path.write_text("Patient,RHI\na,40\nb,-4\n", encoding="utf-8")
    assert run(["classify", str(path), "-o", str(out)]) == 1
    assert "patients.csv, line 3, column rhi: RHI -4 is negative" in capsys.readouterr().err
    assert not out.exists()
