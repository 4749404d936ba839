"""A whole study without its patients."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pydicom
import pytest
from rigs.studies import copy_of

from pyrhi.batch.pseudonym import pseudonym
from pyrhi.cli.main import run
from pyrhi.deidentify import deidentify, dicom
from pyrhi.errors import OutputError
from pyrhi.io.rois import read_rois

SECRETS = (
    "Musterfrau", "Erika", "ID-4711-XYZ", "19700101", "Klinik am Berg", "Doktorius", "Wera",
    "ACC998877", "OTHER5566", "SCANNER7788", "SER991122", "Mueller", "Hans-Peter", "20240229",
)  # fmt: skip


def state(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def output(source: Path) -> Path:
    before = state(source)
    out, key = source.parent / "out", source.parent / "key"
    key.write_bytes(b"k" * 32)
    assert run(["deidentify", str(source), str(out), "--key", str(key), "--declare-clean"]) == 0
    assert state(source) == before
    return out


def tables(folder: Path, out: Path, *more: str) -> dict[str, list[dict[str, str]]]:
    key = folder.parent / "key"
    assert run(["measure", str(folder), "-o", str(out), "--key", str(key), *more]) == 0
    return {
        name: list(csv.DictReader((out / f"{name}.csv").open(encoding="utf-8")))
        for name in ("rhi", "rois", "patients")
    }


def without(rows: list[dict[str, str]], *columns: str) -> list[tuple[str, ...]]:
    return sorted(tuple(v for k, v in row.items() if k not in columns) for row in rows)


def test_tables_are_the_same_but_for_names(source: Path, output: Path, tmp_path: Path):
    before = tables(source, tmp_path / "before", "--patient-id")
    after = tables(output, tmp_path / "after", "--patient-id")
    assert len(before["rhi"]) > 40
    for name in before:
        columns = ("Patient", "Image", "Roi")
        assert without(before[name], *columns) == without(after[name], *columns)
    # Lesions over slices are still paired, and a patient has the pseudonym that measure gives.
    assert any(int(row["Lesions"]) for row in before["patients"])
    key = (source.parent / "key").read_bytes()
    named = {row["Patient"] for row in before["patients"]}
    assert {row["Patient"] for row in after["patients"]} == {pseudonym(n, key) for n in named}
    plain = {row["Patient"] for row in tables(source, tmp_path / "plain")["patients"]}
    assert pseudonym("ID-4711-XYZ", key) in plain


def test_no_identifier_in_any_byte_or_name(output: Path):
    seen = 0
    for path in output.rglob("*"):
        name = path.relative_to(output).as_posix()
        contents = [name.encode()]
        if path.is_file():
            contents.append(path.read_bytes())
            if path.suffix == ".zip":
                contents += [roi.data for roi in read_rois(path)]
        for secret in SECRETS:
            for form in (secret, secret.lower(), secret.upper()):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                    assert not [c for c in contents if form.encode(encoding) in c], name
        seen += 1
    assert seen > 50


def test_report_says_what_was_done(source: Path, output: Path):
    report = json.loads((output / "deidentify.json").read_text(encoding="utf-8"))
    assert report["use"] == "Research use only; not a medical device."
    assert report["audit"]["found"] == 0
    assert report["audit"]["identifiers"] > 50
    known = (".tif", ".zip", ".dcm")
    unknown = [p for p in source.rglob("*") if p.is_file() and not p.name.endswith(known)]
    assert report["left_out"] == len(unknown)
    assert report["refused"] == 0
    assert report["kinds"]["DICOM"]["actions"]["UIDs mapped"] > 80
    files = {f["path"] for f in report["files"]}
    assert files | {"deidentify.json"} == set(state(output))


def test_slices_keep_number_and_order_and_rois_stay_beside(source: Path, output: Path):
    key = (source.parent / "key").read_bytes()
    folder = output / pseudonym("Mueller_Hans-Peter", key)
    numbers = [p.stem.rsplit("_", 1)[1] for p in sorted(folder.glob("*.tif"))]
    old = [p.stem.rsplit("_", 1)[1] for p in sorted((source / "Mueller_Hans-Peter").glob("*.tif"))]
    assert numbers == old
    assert all(p.with_suffix(".zip").exists() for p in folder.glob("*.tif"))
    series = output / pseudonym("ID-4711-XYZ", key)
    assert series.is_dir()
    assert series.with_suffix(".zip").exists()


def test_same_key_gives_the_same_files_and_another_key_others(source: Path, output: Path):
    key = source.parent / "key"
    other = source.parent / "other-key"
    other.write_bytes(b"j" * 32)
    names = {}
    for name, path in (("again", key), ("other", other)):
        out = source.parent / name
        deidentify(source, out, key_path=path, declare_clean=True)
        names[name] = state(out)
        names[name].pop("deidentify.json")
    first = state(output)
    first.pop("deidentify.json")
    assert names["again"] == first
    assert not set(names["other"]) & set(first)


def errors_of(capsys) -> str:
    text = capsys.readouterr().err
    assert "Traceback" not in text
    return text


def test_nothing_is_left_when_the_audit_finds_something(
    source: Path, tmp_path: Path, monkeypatch, capsys
):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ")
    original = dicom._own_rules

    def forgetful(dataset, *rest):
        name = dataset.get("OtherPatientIDs")
        original(dataset, *rest)
        dataset.ManufacturerModelName = "Musterfrau"
        return name

    monkeypatch.setattr(dicom, "_own_rules", forgetful)
    arguments = ["deidentify", str(folder), str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert run([*arguments, "--declare-clean"]) == 1
    text = errors_of(capsys)
    assert "audit" in text
    assert "PatientName" in text
    assert "usterfrau" not in text
    assert text.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "key"]


def test_undeclared_pixels_are_refused_and_the_rest_is_done(source: Path, tmp_path: Path, capsys):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ", "ID-4711-XYZ.zip")
    files = sorted((folder / "ID-4711-XYZ").iterdir())
    for path in files[:2]:
        ds = pydicom.dcmread(path)
        ds.BurnedInAnnotation = "NO"
        ds.save_as(path)
    arguments = ["deidentify", str(folder), str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert run(arguments) == 1
    text = errors_of(capsys)
    assert text.count("--declare-clean") == len(files) - 2
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 2
    report = json.loads((tmp_path / "out" / "deidentify.json").read_text())
    assert report["refused"] == len(files) - 2


@pytest.mark.parametrize("case", ["same", "inside", "around", "key", "filled", "none"])
def test_folders_that_do_not_go_together(source: Path, tmp_path: Path, case: str):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ.zip")
    before = state(folder)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    where = {
        "same": (folder, folder),
        "inside": (folder, folder / "out"),
        "around": (folder, tmp_path),
        "key": (folder, tmp_path / "out"),
        "filled": (folder, tmp_path / "full"),
        "none": (tmp_path / "missing", tmp_path / "out"),
    }[case]
    key = tmp_path / "out" / "key" if case == "key" else tmp_path / "key"
    with pytest.raises(OutputError) as error:
        deidentify(*where, key_path=key, declare_clean=True)
    assert "\n" not in str(error.value)
    assert state(folder) == before
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "full" / "x").read_text() == "x"


def test_unknown_kinds_are_listed_and_not_copied(source: Path, output: Path, tmp_path, capsys):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ.zip", "Musterfrau letter.txt")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4")
    (folder / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    arguments = ["deidentify", str(folder), str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert run([*arguments, "--declare-clean"]) == 0
    text = errors_of(capsys)
    for name in ("scan.pdf", "DICOMDIR", "letter.txt"):
        assert name in text
    assert len(state(tmp_path / "out")) == 2


def test_file_that_cannot_be_written_leaves_nothing(source: Path, tmp_path: Path, monkeypatch):
    folder = copy_of(source, tmp_path, "ID-4711-XYZ")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        deidentify(folder, tmp_path / "out", key_path=tmp_path / "key", declare_clean=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "key"]
