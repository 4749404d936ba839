"""Whole runs: tables, failures, resuming, masks, manifests, and whatever a folder may hold."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.command_line import rows as read
from rigs.rois import box
from rigs.tables import rhi_of

from pyrhi.batch.options import RunOptions, WorkOptions
from pyrhi.batch.plan import find_tasks, tasks_of_manifest
from pyrhi.batch.pseudonym import pseudonym, read_key
from pyrhi.batch.run import run
from pyrhi.batch.write import RHI_HEADINGS, ROI_HEADINGS
from pyrhi.errors import ImageError, OutputError, RoleError, TableError
from pyrhi.io.rois import read_rois, write_roiset
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters

TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")


def make(folder: Path, name: str, rois, pixels=None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tif"
    pixels = np.arange(4096, dtype=np.uint16).reshape(64, 64) if pixels is None else pixels
    tifffile.imwrite(path, pixels, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "mm"})
    if rois:
        write_roiset(folder / f"{name}.zip", rois)
    return path


GOOD = [box("cord", 0, 0, 20, 20), box("high", 0, 0, 5, 8)]


def test_tables_of_a_folder(axial: Path, tmp_path: Path):
    run(find_tasks(axial), RunOptions(jobs=2), output=tmp_path)
    rhi = read(tmp_path / "rhi.csv")
    assert tuple(rhi[0]) == RHI_HEADINGS
    assert len(rhi) == 16
    assert [row["Image"] for row in rhi] == sorted(row["Image"] for row in rhi)
    rois = read(tmp_path / "rois.csv")
    assert tuple(rois[0]) == ROI_HEADINGS
    assert len(rois) == 28
    (patient,) = read(tmp_path / "patients.csv")
    assert patient["Patient"] == "axial_slices"
    assert (patient["Images"], patient["Slices"], patient["Lesions"]) == ("16", "16", "1")
    assert read(tmp_path / "failures.csv") == []
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["images"] == 16
    assert len(document["inputs"]) == 32
    assert "not a medical device" in document["use"]


def test_rois_table_is_the_results_table(axial: Path, tmp_path: Path):
    from pyrhi.batch.results import results_table

    run(find_tasks(axial), RunOptions(jobs=1), output=tmp_path)
    rows = [r for r in read(tmp_path / "rois.csv") if r["Image"] == "t2_axial_020.tif"]
    table = results_table(axial / "t2_axial_020.tif", axial / "t2_axial_020.zip")
    for got, line in zip(rows, csv.DictReader(table.lines, table.headings), strict=True):
        assert {h: got[h] for h in table.headings} == line


def test_jobs_do_not_change_a_byte(sample: Path, tmp_path: Path):
    for jobs in (1, 2):
        run(find_tasks(sample / "axial_slices"), RunOptions(jobs=jobs), output=tmp_path / str(jobs))
    for table in TABLES:
        assert (tmp_path / "1" / table).read_bytes() == (tmp_path / "2" / table).read_bytes()


def test_folders_below_are_patients(tmp_path: Path):
    for patient in ("b", "a"):
        make(tmp_path / "in" / patient, "slice", GOOD)
    run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    assert [r["Patient"] for r in read(tmp_path / "out/patients.csv")] == ["a", "b"]
    assert [r["Image"] for r in read(tmp_path / "out/rhi.csv")] == ["a/slice.tif", "b/slice.tif"]


def test_slices_are_in_the_order_of_a_file_browser(tmp_path: Path):
    for number in (10, 9, 1):
        make(tmp_path, f"s{number}", GOOD)
    assert [task.name for task in find_tasks(tmp_path)] == ["s1.tif", "s9.tif", "s10.tif"]


def test_one_broken_file_never_ends_a_batch(tmp_path: Path):
    source = tmp_path / "in"
    make(source, "a", GOOD)
    make(source, "no rois", [])
    make(source, "z", GOOD)
    make(source, "two", [*GOOD, box("cord-2", 30, 30, 5, 5)])
    make(source, "outside", [box("cord", 0, 0, 9, 9)], np.zeros((4, 4), np.uint16))
    (source / "empty.tif").touch()
    (source / "fake.tif").write_text("not a TIFF")
    (source / "cut.tif").write_bytes((source / "a.tif").read_bytes()[:900])
    shutil.copy(source / "a.zip", source / "cut.zip")
    make(source, "badzip", GOOD)
    (source / "badzip.zip").write_bytes(b"PK")
    make(source, "ünï côté", GOOD)
    make(source, "脊髄", GOOD)
    result = run(find_tasks(source), RunOptions(jobs=2), output=tmp_path / "out")
    failed = {r["Image"]: r["Error"] for r in read(tmp_path / "out/failures.csv")}
    bad = ("badzip.tif", "cut.tif", "empty.tif", "fake.tif", "no rois.tif", "two.tif")
    assert set(failed) == set(bad)
    for name, error in failed.items():
        assert name.split(".")[0] in error
        assert "\n" not in error
        assert "Traceback" not in error
    assert {r["Image"] for r in read(tmp_path / "out/rhi.csv")} == {
        "a.tif",
        "z.tif",
        "outside.tif",
        "ünï côté.tif",
        "脊髄.tif",
    }
    assert len(result.failures) == len(bad)


def test_resume_skips_what_is_done(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b", "c"):
        make(source, name, GOOD)
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    before = {t: (out / t).read_bytes() for t in TABLES}
    make(source, "b", [box("cord", 0, 0, 10, 10)])
    again = run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out)
    assert again.resumed == 2
    assert read(out / "rhi.csv")[1]["CordArea"] == "25"
    make(source, "b", GOOD)
    assert run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).resumed == 2
    assert {t: (out / t).read_bytes() for t in TABLES} == before
    clip = RunOptions(work=WorkOptions(RhiParameters(clip=True)), jobs=1, resume=True)
    assert run(find_tasks(source), clip, output=out).resumed == 0


def test_resume_after_half_a_line(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b"):
        make(source, name, GOOD)
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    journal = out / ".pyrhi-journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    assert run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).resumed == 1


def test_failed_images_are_tried_again(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    make(source, "a", [])
    run(find_tasks(source), RunOptions(jobs=1), output=out)
    make(source, "a", GOOD)
    assert not run(find_tasks(source), RunOptions(jobs=1, resume=True), output=out).failures


def test_formula_in_a_name_is_neutralised(tmp_path: Path):
    make(tmp_path / "in", "=cmd()", [box("-high 1", 0, 0, 4, 4), box("cord", 0, 0, 9, 9)])
    run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    rows = read(tmp_path / "out/rois.csv")
    assert {row["Image"] for row in rows} == {"'=cmd().tif"}
    assert rows[0]["Roi"] == "'-high 1"


def test_file_names_that_are_no_unicode(tmp_path: Path):
    source, out = tmp_path / "in", tmp_path / "out"
    make(source, "a", GOOD)
    for suffix in ("tif", "zip"):
        (source / f"a.{suffix}").rename(source / os.fsdecode(b"\xff." + suffix.encode()))
    make(source, "b", [])
    (source / "b.tif").rename(source / os.fsdecode(b"\xfe.tif"))
    for resume in (False, True):
        result = run(find_tasks(source), RunOptions(jobs=1, resume=resume), output=out)
        assert result.resumed == resume
        assert [r["Image"] for r in read(out / "rhi.csv")] == ["\\udcff.tif"]
        assert [r["Image"] for r in read(out / "failures.csv")] == ["\\udcfe.tif"]
    assert "\udcff" in json.loads((out / "run.json").read_text())["inputs"][2]["path"]


def test_output_that_is_a_file(tmp_path: Path):
    make(tmp_path / "in", "a", GOOD)
    (tmp_path / "out").write_text("keep me")
    with pytest.raises(OutputError, match="is a file"):
        run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    assert (tmp_path / "out").read_text() == "keep me"


def test_nothing_to_measure(tmp_path: Path):
    with pytest.raises(ImageError, match="holds no image"):
        find_tasks(tmp_path)
    with pytest.raises(ImageError, match="no such file or folder"):
        find_tasks(tmp_path / "none")


def test_manifest(tmp_path: Path):
    make(tmp_path / "x", "a", GOOD)
    make(tmp_path / "y", "b", [box("cord", 0, 0, 10, 10)])
    manifest = tmp_path / "study.csv"
    manifest.write_text(
        "Patient,Image,Rois,Location,Number,Visit\n"
        "p1,x/a.tif,,lumbar,2,1\np1,y/b.tif,x/a.zip,,,2\n",
        encoding="utf-8-sig",
    )
    run(tasks_of_manifest(manifest), RunOptions(jobs=1), output=tmp_path / "out")
    first, second = read(tmp_path / "out/patients.csv")
    assert (first["Patient"], first["Visit"], first["Number"]) == ("p1", "1", "2")
    assert (first["Location"], second["Location"]) == ("lumbar", "unknown")
    assert (first["RHI"], second["RHI"]) == ("10", "10")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image\na.tif\n", "column 'patient' is missing"),
        ("patient,image\n", "holds no row"),
        ("patient,image\n,a.tif\n", "line 2, column patient: the patient is missing"),
        ("patient,image,location\np,a.tif,brain\n", "line 2, column location: 'brain'"),
        ("patient,image,number\np,a.tif,many\n", "line 2, column number: 'many'"),
    ],
)
def test_bad_manifest(tmp_path: Path, text: str, said: str):
    manifest = tmp_path / "m.csv"
    manifest.write_text(text)
    with pytest.raises(TableError, match=f"m.csv.*{said}"):
        tasks_of_manifest(manifest)


def test_an_error_is_one_line_whatever_it_quotes(tmp_path: Path):
    manifest = tmp_path / "m.csv"
    manifest.write_bytes(b"patie,image,number\x0cvisit\n1,2,3\n")
    with pytest.raises(TableError) as raised:
        tasks_of_manifest(manifest)
    (line,) = str(raised.value).splitlines()
    assert "number visit" in line


def test_image_twice_in_a_manifest(tmp_path: Path):
    manifest = tmp_path / "m.csv"
    manifest.write_text("patient,image\np,a.tif\np,a.tif\n")
    with pytest.raises(TableError, match="stands 2 times"):
        run(tasks_of_manifest(manifest), RunOptions(jobs=1))


def test_nifti_masks_give_the_rhi_of_imagej(sample: Path):
    """The published masks, against ImageJ's RHI of the stack that was made from them."""
    folder = sample / "nifti"
    tasks = find_tasks(folder, cord_mask="{stem}_cord.nii.gz", high_mask="{stem}_high.nii.gz")
    assert [task.name for task in tasks] == ["t2.nii.gz"]
    ours = rhi_of(tasks)
    with (sample / "sagittal_stack/expected_rhi_imagej.csv").open(newline="") as stream:
        theirs = list(csv.DictReader(stream))
    assert [r["Slice"] for r in ours] == [r["Slice"] for r in theirs]
    assert [float(r["RHI"]) for r in ours] == pytest.approx(
        [float(r["RHI"]) for r in theirs], rel=1e-9, abs=1e-12
    )


def test_found_regions_can_be_measured_again(axial: Path, tmp_path: Path):
    images = tmp_path / "in"
    images.mkdir()
    for path in axial.glob("*.tif"):
        shutil.copy(path, images)
        cord = next(r for r in read_rois(path.with_suffix(".zip")) if r.name == "cord")
        write_roiset(images / f"{path.stem}.zip", [("cord", cord.data)])
    work = WorkOptions(RhiParameters(high=parse_high("Otsu")))
    run(find_tasks(images), RunOptions(work, jobs=2), output=tmp_path / "a")
    again = find_tasks(images, rois=tmp_path / "a/rois")
    run(again, RunOptions(jobs=2), output=tmp_path / "b")
    first, second = (read(tmp_path / f / "rhi.csv") for f in "ab")
    assert len(first) == len(second) == 16
    for a, b in zip(first, second, strict=True):
        assert (a["Method"], b["Method"]) == ("Otsu", "drawn")
        for heading in RHI_HEADINGS[:13]:
            assert a[heading] == b[heading]


def test_auto_calls_lesion_free_slices_zero(sample: Path, tmp_path: Path):
    """At most 1 % where there is no lesion, over all slices of the patient, in both planes."""
    for folder in ("axial_slices", "sagittal_stack"):
        work = WorkOptions(RhiParameters(high=parse_high("auto")))
        rows = rhi_of(find_tasks(sample / folder), RunOptions(work, jobs=1))
        found = [float(r["RHI"]) for r in rows if r["Method"] == "auto"]
        drawn = [r for r in rows if r["Method"] == "drawn"]
        assert len(found) == {"axial_slices": 4, "sagittal_stack": 13}[folder]
        assert max(found) <= 1.0
        assert drawn


def test_masks_and_rois_of_another_shape(tmp_path: Path):
    source = make(tmp_path, "a", [])
    tifffile.imwrite(tmp_path / "m.tif", np.ones((9, 9), np.uint8))
    result = run(find_tasks(source, cord_mask=str(tmp_path / "m.tif")), RunOptions(jobs=1))
    assert "m.tif: the mask has 9 x 9" in result.failures[0][1]


def test_nan_image(tmp_path: Path):
    make(tmp_path, "a", GOOD, np.full((64, 64), np.nan, np.float32))
    run(find_tasks(tmp_path), RunOptions(jobs=1), output=tmp_path / "out")
    (row,) = read(tmp_path / "out/rhi.csv")
    assert (row["RHI"], row["CordMean"]) == ("10", "NaN")


def test_no_pixel_size_is_warned_about(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint16), imagej=True)
    write_roiset(tmp_path / "a.zip", GOOD)
    run(find_tasks(tmp_path), RunOptions(jobs=1), output=tmp_path / "out")
    (row,) = read(tmp_path / "out/rhi.csv")
    assert (row["Unit"], row["CordArea"]) == ("pixel^2", "400")
    assert "no pixel size" in row["Warnings"]


def test_pseudonym_is_a_keyed_hash(tmp_path: Path):
    key = read_key(tmp_path / "k" / "key")
    assert (tmp_path / "k" / "key").stat().st_mode & 0o077 == 0
    assert read_key(tmp_path / "k" / "key") == key
    assert pseudonym("123", key) == pseudonym("123", key) != pseudonym("123", b"x" * 32)
    assert "123" not in pseudonym("123", key)


def test_no_cord_lists_the_names(tmp_path: Path):
    from pyrhi import measure

    path = make(tmp_path, "a", [box("roi1", 0, 0, 4, 4)])
    with pytest.raises(RoleError, match="'roi1'"):
        measure(path)


def test_roi_without_role_is_said(tmp_path: Path):
    """A name that was nearly right must not become a silent RHI of 0."""
    named = [box("cord", 0, 0, 20, 20), box("high", 0, 0, 5, 5)]
    make(tmp_path, "a", [*named, box("cyst", 8, 8, 5, 5)])
    (line,) = rhi_of(find_tasks(tmp_path))
    assert "ROI cyst has no role and was not counted" in line["Warnings"]


def test_empty_high_mask_is_a_true_zero(tmp_path: Path):
    source = make(tmp_path, "a", [])
    cord = np.zeros((64, 64), np.uint8)
    cord[:10, :10] = 1
    tifffile.imwrite(tmp_path / "c.tif", cord)
    tifffile.imwrite(tmp_path / "h.tif", np.zeros_like(cord))
    masks = {"cord_mask": str(tmp_path / "c.tif"), "high_mask": str(tmp_path / "h.tif")}
    (line,) = rhi_of(find_tasks(source, **masks))
    assert (line["RHI"], line["HighArea"], line["CordArea"]) == ("0", "0", "25")


def test_roiset_belongs_to_the_only_image(tmp_path: Path):
    source = make(tmp_path, "a", GOOD)
    (tmp_path / "a.zip").rename(tmp_path / "RoiSet.zip")
    (tmp_path / "results").mkdir()
    assert not run(find_tasks(source), RunOptions(jobs=1)).failures
    make(tmp_path, "b", GOOD)
    assert len(run(find_tasks(tmp_path), RunOptions(jobs=1)).failures) == 1


def test_inverted_look_up_table_turns_dark_round(tmp_path: Path):
    """WhiteIsZero: ``dark`` takes the low values, as ``isInvertedLut`` makes ImageJ do."""
    pixels = np.full((64, 64), 200, np.uint8)
    pixels[:4, :10] = 20
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="miniswhite")
    write_roiset(tmp_path / "a.zip", [box("cord", 0, 0, 20, 20)])
    work = WorkOptions(RhiParameters(high=parse_high("Otsu")))
    (line,) = rhi_of(find_tasks(tmp_path), RunOptions(work, jobs=1))
    assert line["RHI"] == "10"


def test_rgb_is_not_thresholded(tmp_path: Path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64, 3), np.uint8), photometric="rgb")
    write_roiset(tmp_path / "a.zip", [box("cord", 0, 0, 20, 20)])
    work = WorkOptions(RhiParameters(high=parse_high("Otsu")))
    ((_, failure),) = run(find_tasks(tmp_path), RunOptions(work, jobs=1)).failures
    assert "does not threshold RGB" in failure
