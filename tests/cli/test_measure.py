"""``pyrhi measure`` as a person runs it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from rigs.command_line import pyrhi

from pyrhi.cli.main import run


def test_a_script_learns_from_the_exit_code_what_failed(axial: Path, tmp_path: Path):
    images = tmp_path / "in"
    images.mkdir()
    shutil.copy(axial / "t2_axial_020.tif", images)
    shutil.copy(axial / "t2_axial_020.zip", images)
    good = pyrhi("measure", images, "-o", tmp_path / "out")
    assert good.returncode == 0
    assert good.stdout == ""
    (images / "bad.tif").write_bytes(b"II*\0")
    bad = pyrhi("measure", images, "-o", tmp_path / "out")
    assert bad.returncode == 1
    assert "bad.tif" in bad.stderr
    assert "Traceback" not in bad.stderr
    assert len(bad.stderr.splitlines()) == 2
    wrong = pyrhi("measure", images)
    assert wrong.returncode == 2
    assert "--output" in wrong.stderr


def test_a_table_as_source_is_sent_to_the_manifest(tmp_path: Path, capsys):
    table = tmp_path / "study.CSV"
    table.write_text("patient,image\nA,x.tif\n")
    assert run(["measure", str(table), "-o", str(tmp_path / "out")]) == 2
    assert "study.CSV is a table: give it as --manifest" in capsys.readouterr().err


def test_output_that_cannot_be_written(axial: Path, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    done = pyrhi("measure", axial, "-o", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_measure_of_one_image_with_masks(sample: Path, tmp_path: Path):
    folder = sample / "nifti"
    done = pyrhi(
        "measure",
        folder / "t2.nii.gz",
        "--cord-mask",
        folder / "t2_cord.nii.gz",
        "--high-mask",
        folder / "t2_high.nii.gz",
        "--hash",
        "-o",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "run.json").read_text())
    assert [len(entry["sha256"]) for entry in document["inputs"]] == [64, 64, 64]


def test_ratings_of_the_report_count(axial: Path, tmp_path: Path):
    ratings = tmp_path / "ratings.csv"
    heading = "Patient,Image,Slice,Level,Rating,Comment,Reader,Date\n"
    row = "axial_slices,t2_axial_022.tif,1,,exclude,motion,anna,2026-11-20\n"
    ratings.write_text(heading + row)
    out = tmp_path / "out"
    done = pyrhi("measure", axial, "-o", out, "--ratings", ratings)
    assert done.returncode == 0, done.stderr
    assert "note: 1 of 16 rows of rhi.csv rated exclude" in done.stderr
    with (out / "rhi.csv").open(newline="") as stream:
        rated = [r for r in csv.DictReader(stream) if r["Rating"]]
    assert [(r["Image"], r["Rating"], r["Reader"]) for r in rated] == [
        ("t2_axial_022.tif", "exclude", "anna")
    ]
    with (out / "patients.csv").open(newline="") as stream:
        (patient,) = csv.DictReader(stream)
    # ImageJ's RHI of the worst slice that is left, t2_axial_021.tif.
    assert (patient["Slices"], round(float(patient["RHI"]), 9)) == ("15", 26.666666667)
    ratings.write_text(heading + row + row.replace("exclude", "accept").replace("anna", "bela"))
    wrong = pyrhi("measure", axial, "-o", tmp_path / "new", "--ratings", ratings)
    assert wrong.returncode == 1
    (line,) = wrong.stderr.splitlines()
    assert "line 3: slice 1 of 't2_axial_022.tif' is rated accept by bela, and exclude by" in line
    assert not (tmp_path / "new").exists()
    classified = pyrhi("classify", out / "patients.csv")
    assert classified.returncode == 0, classified.stderr


def test_patient_without_a_slice_left_is_not_classified(axial: Path, tmp_path: Path):
    images = tmp_path / "in"
    images.mkdir()
    for suffix in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_022.{suffix}", images)
    ratings = tmp_path / "ratings.csv"
    heading = "Patient,Image,Slice,Level,Rating,Comment,Reader,Date\n"
    ratings.write_text(f"{heading}in,t2_axial_022.tif,1,,exclude,,anna,\n")
    out = tmp_path / "out"
    assert pyrhi("measure", images, "-o", out, "--ratings", ratings).returncode == 0
    done = pyrhi("classify", out / "patients.csv")
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["Indeterminate"], row["Tier"]) == ("yes", "")
    assert "1 patient, 1 indeterminate" in done.stderr


def test_no_numbers_of_an_earlier_run_beside_new_ones(
    axial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(axial, source)
    line = ["measure", str(source), "-o", str(out), "--jobs", "1"]
    assert run([*line, "--measures", "--excel", "--report"]) == 0
    made = ("lesions.csv", "measures.csv", "report.html", "results.xlsx", "signal.csv")
    before = {name: (out / name).read_bytes() for name in made}
    for path in source.glob("t2_axial_022.*"):
        path.unlink()
    capsys.readouterr()
    assert run([*line, "--excel"]) == 0
    (note,) = [x for x in capsys.readouterr().err.splitlines() if "earlier run" in x]
    assert "lesions.csv, measures.csv, report.html, signal.csv; moved to" in note
    assert {p.name for p in out.iterdir() if p.name in made} == {"results.xlsx"}
    book = openpyxl.load_workbook(out / "results.xlsx")
    assert book.sheetnames == ["patients", "rhi", "rois", "failures", "columns"]
    assert book["rhi"].max_row == 16
    (folder,) = (out / "earlier").iterdir()
    assert {p.name for p in folder.iterdir()} == set(made) - {"results.xlsx"}
    assert all(p.read_bytes() == before[p.name] for p in folder.iterdir())
    # A run that fails moves nothing.
    assert run(["measure", str(tmp_path / "none"), "-o", str(out)]) == 1
    assert (out / "results.xlsx").is_file()


def test_files_that_no_run_made_stay(axial: Path, tmp_path: Path):
    (tmp_path / "results.xlsx").write_bytes(b"my own")
    assert run(["measure", str(axial), "-o", str(tmp_path), "--jobs", "1"]) == 0
    assert (tmp_path / "results.xlsx").read_bytes() == b"my own"
