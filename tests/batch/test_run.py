"""Whole runs: tables, failures, resuming, masks, manifests, and whatever a folder may hold."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.command_line import rows as read
from rigs.rois import GOOD, box, make
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


def test_a_folder_gives_a_row_for_each_slice_roi_and_patient(axial: Path, tmp_path: Path):
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


def test_jobs_do_not_change_a_byte(sample: Path, tmp_path: Path):
    for jobs in (1, 2):
        run(find_tasks(sample / "axial_slices"), RunOptions(jobs=jobs), output=tmp_path / str(jobs))
    for table in TABLES:
        assert (tmp_path / "1" / table).read_bytes() == (tmp_path / "2" / table).read_bytes()


def test_slices_are_in_the_order_of_a_file_browser(tmp_path: Path):
    for number in (10, 9, 1):
        make(tmp_path, f"s{number}", GOOD)
    assert [task.name for task in find_tasks(tmp_path)] == ["s1.tif", "s9.tif", "s10.tif"]


def test_output_that_is_a_file(tmp_path: Path):
    make(tmp_path / "in", "a", GOOD)
    (tmp_path / "out").write_text("keep me")
    with pytest.raises(OutputError, match="is a file"):
        run(find_tasks(tmp_path / "in"), RunOptions(jobs=1), output=tmp_path / "out")
    assert (tmp_path / "out").read_text() == "keep me"


def test_a_folder_without_images_is_no_empty_table(tmp_path: Path):
    with pytest.raises(ImageError, match="holds no image"):
        find_tasks(tmp_path)
    with pytest.raises(ImageError, match="no such file or folder"):
        find_tasks(tmp_path / "none")


def test_a_manifest_gives_each_image_its_patient_rois_and_visit(tmp_path: Path):
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
    ("text", "message"),
    [
        ("image\na.tif\n", "column 'patient' is missing"),
        ("patient,image\n", "holds no row"),
        ("patient,image\n,a.tif\n", "line 2, column patient: the patient is missing"),
        ("patient,image,location\np,a.tif,brain\n", "line 2, column location: 'brain'"),
        ("patient,image,number\np,a.tif,many\n", "line 2, column number: 'many'"),
    ],
)
def test_a_wrong_cell_of_a_manifest_is_named(tmp_path: Path, text: str, message: str):
    manifest = tmp_path / "m.csv"
    manifest.write_text(text)
    with pytest.raises(TableError, match=f"m.csv.*{message}"):
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


def test_an_image_of_nan_has_areas_and_no_mean(tmp_path: Path):
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
