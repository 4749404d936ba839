"""Pain Tier in a real SciJava context says what ``pyrhi classify`` says."""

from __future__ import annotations

import csv
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pyrhi.cli.main import run
from pyrhi.errors import ModelError
from pyrhi.pain.classify import choose_model
from pyrhi.pain.model import Patient, dump_model, load_model
from pyrhi.pain.ordinal import train

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.scijava import ScriptContext

FROM_NUMBER = {"source": "the RHI below", "location": "unknown", "number": "unknown"}
FROM_FILE = {"source": "a CSV file", "location": "unknown", "number": "unknown", "save": True}
RHIS = ("0", "7.5", "10", "33.3", "42", "61.7", "84.01", "101.5")
ORDINAL_TERMS = (("rhi",), ("rhi", "number"), ("rhi", "location", "number"))


def python_says(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    run(["classify", *arguments])
    done = capsys.readouterr()
    return done.out.strip() or done.err.strip().removeprefix("pyrhi: ")


@cache
def trained(terms: tuple[str, ...]) -> str:
    """Return the JSON of a model that was fitted on made-up patients."""
    rng = np.random.default_rng(1)
    means = ((27, 10), (57, 14), (64, 14))
    rhi = np.concatenate([rng.normal(mean, sd, 40) for mean, sd in means]).clip(1, 99)
    patients = [
        Patient(float(r), ("lumbar", "sacral", "cervical")[i % 3], ("1", "2", ">2")[i % 7 % 3])
        for i, r in enumerate(rhi)
    ]
    tiers = [name for name in ("mild", "moderate", "severe") for _ in range(40)]
    return dump_model(train(patients, tiers, terms=terms, penalty=1.0).document)


@pytest.mark.parametrize("model", ["published", "cutpoints"])
@pytest.mark.parametrize("rhi", RHIS)
def test_words_are_those_of_the_command_line(
    scripts: ScriptContext, capsys: pytest.CaptureFixture[str], model: str, rhi: str
):
    outputs = scripts.run("Pain_Tier", rhi=rhi, model=model, save=False, **FROM_NUMBER)
    assert outputs["text"] == python_says(capsys, "--rhi", rhi, "--model", model)
    assert "Research use only; not a medical device." in outputs["text"]


@pytest.mark.parametrize("rhi", ["-1", "NaN", "Infinity"])
def test_impossible_rhi_is_refused(
    scripts: ScriptContext, capsys: pytest.CaptureFixture[str], rhi: str
):
    outputs = scripts.run("Pain_Tier", rhi=rhi, model="published", save=False, **FROM_NUMBER)
    assert outputs["text"] == python_says(capsys, f"--rhi={rhi.lower()}")
    assert outputs["tiers"] == "null"


@pytest.mark.parametrize("terms", ORDINAL_TERMS)
@pytest.mark.parametrize("rhi", ["0.5", "42", "57.25"])
def test_a_model_of_ones_own_patients_with_the_same_intervals(
    scripts: ScriptContext,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    terms: tuple[str, ...],
    rhi: str,
):
    path = tmp_path / "own.json"
    path.write_text(trained(terms), encoding="ascii")
    given = FROM_NUMBER | {"location": "sacral", "number": ">2"}
    outputs = scripts.run("Pain_Tier", rhi=rhi, model="a JSON file", json=path, save=False, **given)
    options = ["--rhi", rhi, "--model", str(path), "--location", "sacral", "--number", ">2"]
    assert outputs["text"] == python_says(capsys, *options)
    assert outputs["text"].count("95% interval") == 4


@cache
def built(evidence: str) -> str:
    """Return the JSON of the published model on other evidence."""
    return dump_model(choose_model(evidence=evidence).document)


@pytest.mark.parametrize("evidence", ["rhi+location", "rhi+number"])
@pytest.mark.parametrize("location", ["unknown", "sacral", "multiple"])
def test_other_evidence(
    scripts: ScriptContext,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    evidence: str,
    location: str,
):
    path = tmp_path / "saved.json"
    path.write_text(built(evidence), encoding="ascii")
    given = FROM_NUMBER | {"location": location, "number": "2"}
    outputs = scripts.run("Pain_Tier", rhi=42, model="a JSON file", json=path, save=False, **given)
    options = ["--rhi", "42", "--model", str(path), "--location", location, "--number", "2"]
    assert outputs["text"] == python_says(capsys, *options)


def test_table_of_a_thousand_patients_byte_for_byte(scripts: ScriptContext, tmp_path: Path):
    patients = tmp_path / "patients.csv"
    rng = np.random.default_rng(3)
    rows = [f"'=P{i},{i / 10!r},lumbar,{i % 4},v{i % 2}" for i in range(1001)]
    rows += [f'"Größe, {i}",{v!r},,,' for i, v in enumerate((rng.random(200) * 101).tolist())]
    rows += ["Müller,NaN,,,", "Meier,,unknown,0,", "over,100.1,,,"]
    text = "\n".join(["Patient,RHI,Location,Lesions,Visit", *rows, ""])
    patients.write_text(text, encoding="utf-8")
    for model in ("published", "cutpoints"):
        outputs = scripts.run("Pain_Tier", table=patients, model=model, **FROM_FILE)
        run(["classify", str(patients), "-o", str(tmp_path / "python.csv"), "--model", model])
        written = (tmp_path / "patients.tiers.csv").read_bytes()
        assert written == (tmp_path / "python.csv").read_bytes()
        assert outputs["text"].splitlines()[-2] == "Research use only; not a medical device."
        assert outputs["text"].startswith("1204 patients, ")
    assert len(outputs["tiers"].splitlines()) == 1205


def test_slices_that_a_reader_excluded_do_not_count(
    scripts: ScriptContext, axial: Path, tmp_path: Path
):
    out = tmp_path / "out"
    run(["measure", str(axial), "-o", str(out), "--jobs", "1"])
    (before,) = csv.DictReader((out / "patients.csv").open(encoding="utf-8"))
    with (out / "rhi.csv").open(encoding="utf-8") as stream:
        largest = max(csv.DictReader(stream), key=lambda row: float(row["RHI"]))
    ratings = tmp_path / "ratings.csv"
    row = f"{largest['Patient']},{largest['Image']},1,,exclude,,,anna,"
    ratings.write_text(f"Patient,Image,Slice,Level,Rating,Score,Comment,Reader,Date\n{row}\n")
    run(["measure", str(axial), "-o", str(out), "--jobs", "1", "--ratings", str(ratings)])
    (patient,) = csv.DictReader((out / "patients.csv").open(encoding="utf-8"))
    assert float(patient["RHI"]) < float(before["RHI"])
    said = [
        scripts.run("Pain_Tier", table=out / f"{name}.csv", model="published", **FROM_FILE)["tiers"]
        for name in ("rhi", "patients")
    ]
    assert said[0].splitlines()[1].split("\t")[1] == said[1].splitlines()[1].split("\t")[1]
    run(["classify", str(out / "patients.csv"), "-o", str(tmp_path / "python.csv")])
    assert (out / "patients.tiers.csv").read_bytes() == (tmp_path / "python.csv").read_bytes()
    # All slices excluded: missing, and never 0.
    ratings.write_text("Patient,Slice,RHI,Rating\nA,1,90,Exclude\nB,1,90,exclude\nB,2,NaN,\nB,3,7,\n")
    tiers = scripts.run("Pain_Tier", table=ratings, model="published", **FROM_FILE)["tiers"]
    assert [row.split("\t")[:2] for row in tiers.splitlines()[1:]] == [["A", ""], ["B", "7"]]


def test_table_by_a_model_of_ones_own(scripts: ScriptContext, tmp_path: Path):
    model = tmp_path / "own.json"
    model.write_text(trained(("rhi",)), encoding="ascii")
    patients = tmp_path / "patients.csv"
    patients.write_text(
        "Patient;RHI\n" + "".join(f"P{i};{i * 1.7!r}\n" for i in range(60)), encoding="utf-8"
    )
    scripts.run("Pain_Tier", table=patients, model="a JSON file", json=model, **FROM_FILE)
    run(["classify", str(patients), "-o", str(tmp_path / "python.csv"), "--model", str(model)])
    ours, theirs = (
        list(csv.DictReader(path.open(encoding="utf-8")))
        for path in (tmp_path / "patients.tiers.csv", tmp_path / "python.csv")
    )
    assert len(ours) == len(theirs) == 60
    for our, their in zip(ours, theirs, strict=True):
        assert our.keys() == their.keys()
        for heading, cell in their.items():
            if heading.startswith("P_") and cell:
                assert float(our[heading]) == pytest.approx(float(cell), rel=1e-9)
            else:
                assert our[heading] == cell


def test_rows_of_slices_count_by_their_largest_rhi(scripts: ScriptContext, tmp_path: Path):
    table = tmp_path / "rhi.csv"
    rows = ["Patient,Image,Slice,RHI", "A,a.tif,1,12.5", "A,a.tif,2,60.25", "B,b.tif,1,0"]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    scripts.run("Pain_Tier", table=table, model="published", **FROM_FILE)
    with (tmp_path / "rhi.tiers.csv").open(encoding="utf-8") as stream:
        found = [(row["Patient"], row["RHI"], row["Tier"]) for row in csv.DictReader(stream)]
    tier = load_model("published").predict(Patient(60.25)).tier
    assert found == [("A", "60.25", tier), ("B", "0", "")]


@pytest.mark.parametrize(
    "text",
    [
        "Patient,Area\nA,1\n",
        "Patient,RHI\nA,ten\n",
        'Patient,RHI\nA,"1,5"\n',
        "Patient,RHI\nA,-3\n",
        "Patient,RHI\nA,3\nA,4\n",
        "Patient,RHI\n,3\n",
        "Patient,RHI\n",
        "Patient,RHI\nA,3,4\n",
        "Patient,RHI,rhi\nA,3,4\n",
        "Patient,RHI,Location\nA,3,knee\n",
        "Patient,RHI,Lesions\nA,3,1.5\n",
    ],
)
def test_damaged_tables_are_refused_in_the_same_words(
    scripts: ScriptContext, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
):
    path = tmp_path / "patients.csv"
    path.write_text(text, encoding="utf-8")
    outputs = scripts.run("Pain_Tier", table=path, model="published", **FROM_FILE)
    assert outputs["text"] == python_says(capsys, str(path))
    assert outputs["tiers"] == "null"


def changed(**fields: Any) -> str:
    document = load_model("published").document | fields
    return json.dumps({k: v for k, v in document.items() if v is not None})


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        '{"format": "pyrhi-pain-model", "version": NaN}',
        changed(version=2),
        changed(version=True),
        changed(kind="other"),
        changed(name=""),
        changed(caveats=None),
        changed(tiers=["severe", "mild"]),
        changed(tiers=["none", "mild", "moderate", "severe"]),
        changed(rhi_range=[84, 10]),
        changed(rhi_range=[10]),
        changed(decision={"mild_at_most": 0.7, "moderate_or_severe_at_least": 0.8}),
        changed(tables={}),
        changed(tables={"any": {}}),
        changed(steps_per_unit=0),
        changed(performance={}),
        changed(interval_level=2),
    ],
)
def test_damaged_models_are_refused_in_the_same_words(
    scripts: ScriptContext, tmp_path: Path, text: str
):
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    outputs = scripts.run(
        "Pain_Tier", rhi=42, model="a JSON file", json=path, save=False, **FROM_NUMBER
    )
    with pytest.raises(ModelError) as refused:
        load_model(path)
    assert outputs["text"] == str(refused.value)


def test_what_is_not_given_is_asked_for(scripts: ScriptContext):
    given = {"model": "published", "save": False, "location": "unknown", "number": "unknown"}
    ask = scripts.run("Pain_Tier", source="a CSV file", **given)["text"]
    assert ask == "choose a CSV file with the columns Patient and RHI, such as patients.csv"
    ask = scripts.run("Pain_Tier", source="the RHI below", **given)["text"]
    assert ask == "give the RHI of one patient, from 0 to 100"
    ask = scripts.run("Pain_Tier", rhi="42,5", save=False, **FROM_NUMBER, model="published")
    assert ask["text"] == "RHI: '42,5' is not a number; write a decimal point"
    ask = scripts.run("Pain_Tier", rhi=42, **(FROM_NUMBER | {"model": "a JSON file"}), save=False)
    assert ask["text"] == "choose the JSON file of the model"
    ask = scripts.run("Pain_Tier", source="the table RHI on the screen", **given)["text"]
    assert ask.startswith("there is no table RHI with the columns Patient and RHI; run Plugins")
