"""A DICOM run whose header, files and folders say who it is: no output does."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest

from pyrhi.batch.names import NameGate
from pyrhi.batch.pseudonym import pseudonym
from pyrhi.cli.main import run
from pyrhi.io.rois import encode_mask, read_rois, write_roiset

SECRETS = (
    "Musterfrau", "Erika", "ID-4711-XYZ", "19700101", "1970-01-01", "Klinik am Berg", "Doktorius",
    "Wera", "ACC998877", "STU5544", "OTHER5566", "SCANNER7788", "SER991122", "20240229",
)  # fmt: skip


@pytest.fixture
def study(tmp_path: Path, series_of, sagittal: Path, axial: Path) -> Path:
    """Folders called after a patient; a ROI, and one series that cannot be measured, as well."""
    folder = tmp_path / "in" / "Musterfrau_Erika 1970-01-01"
    stack = sagittal / "t2_sagittal.tif"
    headers = series_of(stack, folder / "ID-4711-XYZ", numbers=range(8, 14))
    for path, ds in zip(sorted((folder / "ID-4711-XYZ").iterdir()), headers, strict=True):
        path.rename(path.with_name(f"{ds.SOPInstanceUID}.dcm"))
    series_of(stack, folder / f"{headers[0].StudyInstanceUID} ACC998877", numbers=range(8, 9))
    cord = np.zeros((headers[0].Rows, headers[0].Columns), bool)
    cord[40:80, 30:60] = True
    name = "cord MUSTERFRAU"
    write_roiset(folder / "ID-4711-XYZ.zip", [(name, encode_mask(cord, name=name))])
    for path in sorted(axial.glob("*_014.*")):
        shutil.copy(path, folder)
    (tmp_path / "key").write_bytes(b"k" * 32)
    return tmp_path


def measure(study: Path, *more: str, out: str = "Musterfrau-results", code: int = 1) -> Path:
    arguments = ["measure", str(study / "in"), "-o", str(study / out), "--key", str(study / "key")]
    assert run([*arguments, *more]) == code
    return study / out


def contents(folder: Path) -> dict[str, list[bytes]]:
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        found[name] = [name.encode()]
        if path.is_file():
            found[name].append(path.read_bytes())
        if path.suffix == ".zip":
            found[name] += [roi.data for roi in read_rois(path)]
    return found


def leaks(folder: Path, secrets) -> list[tuple[str, str]]:
    return [
        (name, secret)
        for name, parts in contents(folder).items()
        for secret in secrets
        for form in (secret, secret.lower(), secret.upper())
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        if any(form.encode(encoding) in part for part in parts)
    ]


def uids(study: Path) -> set[str]:
    found = set()
    for path in (study / "in").rglob("*.dcm"):
        ds = pydicom.dcmread(path)
        found |= {ds.SOPInstanceUID, ds.SeriesInstanceUID, ds.StudyInstanceUID}
        found.add(ds.FrameOfReferenceUID)
    return found


WAYS = [(), ("--high", "auto"), ("--high", "Otsu", "--hash"), ("--report",), ("--jobs", "1")]


@pytest.mark.parametrize("more", WAYS, ids=" ".join)
def test_no_output_says_who_it_is(study: Path, more: tuple[str, ...], monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["pyrhi", "measure", str(study / "in"), "-o", "Musterfrau"])
    out = measure(study, *more)
    if "--report" in more:
        assert (out / "report.html").stat().st_size > 10_000
    if "Otsu" in more:
        assert list((out / "rois").rglob("*.zip"))
    assert len(contents(out)) >= 6
    secrets = {*SECRETS, *uids(study)}
    assert leaks(out, secrets) == []
    assert "written as pseudonyms" in capsys.readouterr().err
    again = measure(study, *more, "--resume")
    assert leaks(again, secrets) == []


def test_the_terminal_does_not_say_who_it_is(study: Path, capsys):
    """Notes and failures are shown on screens and kept in logs."""
    measure(study, out="results")
    printed = "".join(capsys.readouterr())
    assert "no ROIs beside the DICOM folder" in printed
    assert [s for s in {*SECRETS, *uids(study)} if s.lower() in printed.lower()] == []


def test_an_error_that_ends_a_run_passes_the_gate(study: Path, capsys):
    """A series of the patient rated twice: the sentence names the image, not the person."""
    ratings = study / "ratings.csv"
    image = "Musterfrau_Erika 1970-01-01/ID-4711-XYZ"
    ratings.write_text(
        "Patient,Image,Slice,Level,Rating,Comment,Reader,Date\n"
        f"x,{image},999,,accept,,anna,2026-01-01\n"
    )
    measure(study, "--ratings", str(ratings), out="results")
    printed = capsys.readouterr().err
    assert printed.startswith("pyrhi: ")
    assert [s for s in SECRETS if s.lower() in printed.lower()] == []


def test_a_name_is_hidden_by_each_patient_of_a_large_study(tmp_path: Path):
    """Thousands of patients: each hides its own names and no other's, written in any way."""
    (tmp_path / "key").write_bytes(b"k" * 32)
    gate = NameGate(str(tmp_path / "key"))
    people = [f"Muster{i}frau^Erika{i}" for i in range(3000)]
    gate.learn(people)
    for number in (0, 7, 2999):
        for name in (f"muster{number}frau_erika{number}", f"MUSTER{number}FRAU ERIKA{number}"):
            hidden = pseudonym(people[number], b"k" * 32)
            told = gate.text(f"in/{name}/s1.tif")
            assert told.startswith("in/P")
            assert name not in told
            assert (told == f"in/{hidden}/s1.tif") == (name == people[number])
    assert gate.text("in/muster3000frau_erika3000/s1.tif") == "in/muster3000frau_erika3000/s1.tif"


def numbers(out: Path) -> list[list[str]]:
    rows = csv.DictReader((out / "rhi.csv").open(encoding="utf-8"))
    return sorted([v for k, v in row.items() if k not in ("Patient", "Image")] for row in rows)


def test_numbers_are_those_of_the_same_run_with_names(study: Path):
    hidden, named = measure(study), measure(study, "--patient-id", out="named")
    assert numbers(hidden) == numbers(named)
    assert len(numbers(hidden)) > 5
    text = (named / "rhi.csv").read_text(encoding="utf-8")
    assert "Musterfrau_Erika 1970-01-01/ID-4711-XYZ" in text


def test_a_header_without_identity_hides_nothing(study: Path):
    for path in (study / "in").rglob("*.dcm"):
        ds = pydicom.dcmread(path)
        ds.PatientIdentityRemoved = "YES"
        ds.save_as(path)
    text = (measure(study, out="out") / "rhi.csv").read_text(encoding="utf-8")
    assert "Musterfrau_Erika 1970-01-01/ID-4711-XYZ" in text
