"""Ratings of slices: marked in rhi.csv, and out of the patients' summaries where excluded."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import tifffile
from rigs.command_line import rows as read
from rigs.rois import box

import pyrhi
from pyrhi.batch.options import RunOptions
from pyrhi.batch.plan import find_tasks, tasks_of_manifest
from pyrhi.batch.ratings import FILE_HEADINGS, RATING_HEADINGS, read_ratings
from pyrhi.batch.run import run
from pyrhi.batch.write import RHI_HEADINGS
from pyrhi.errors import TableError
from pyrhi.io.rois import write_roiset

TABLES = ("rois.csv", "rhi.csv", "patients.csv", "failures.csv")
# As reports without scores wrote it.
HEADING = ",".join(h for h in FILE_HEADINGS if h != "Score")


def make(folder: Path, name: str, rois, slices: int = 1) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((slices, 64, 64), np.uint16) if slices > 1 else np.zeros((64, 64), np.uint16)
    tifffile.imwrite(
        folder / f"{name}.tif", pixels, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "mm"}
    )
    if rois:
        write_roiset(folder / f"{name}.zip", rois)


def stack(folder: Path, name: str = "s", highs=(4, 8, 2)) -> None:
    """Cord of 400 pixels on each slice, high boxes of `highs` rows of 10: RHI 10, 20 and 5."""
    rois = [box(f"cord {i}", 0, 0, 20, 20, i) for i in range(1, len(highs) + 1)]
    rois += [box(f"high {i}", 0, 0, 10, n, i) for i, n in enumerate(highs, start=1) if n]
    make(folder, name, rois, len(highs))


def rate(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")
    return path


def measure(source: Path, output: Path, ratings: Path | None = None, *, resume: bool = False):
    chosen = read_ratings(ratings) if ratings else None
    return run(find_tasks(source), RunOptions(jobs=1, ratings=chosen, resume=resume), output=output)


def test_excluded_slice_stays_marked_and_does_not_count(tmp_path: Path):
    stack(tmp_path / "in")
    ratings = rate(
        tmp_path / "r.csv",
        "in,s.tif,2,,exclude,motion,anna,2026-11-20",
        "in,s.tif,1,,redo,,anna,2026-11-20",
        "in,s.tif,3,,accept,good,bela,2026-11-20",
    )
    measure(tmp_path / "in", tmp_path / "plain")
    result = measure(tmp_path / "in", tmp_path / "out", ratings)
    rows, before = (read(tmp_path / f / "rhi.csv") for f in ("out", "plain"))
    assert tuple(rows[0]) == (*RHI_HEADINGS, *RATING_HEADINGS)
    assert [[r[h] for h in RHI_HEADINGS] for r in rows] == [list(r.values()) for r in before]
    assert [[r[h] for h in RATING_HEADINGS] for r in rows] == [
        ["redo", "", "", "anna"],
        ["exclude", "", "motion", "anna"],
        ["accept", "", "good", "bela"],
    ]
    (patient,) = read(tmp_path / "out/patients.csv")
    # Areas 10 mm² of 100 mm² and 5 mm² of 100 mm², with and without the slice of 20 mm².
    assert (patient["RHI"], patient["RHI_max"], patient["RHI_mean"]) == ("10", "10", "7.5")
    assert (patient["RHI_pooled"], patient["Slices"], patient["Images"]) == ("7.5", "2", "1")
    (whole,) = read(tmp_path / "plain/patients.csv")
    assert (whole["RHI_max"], whole["Slices"], whole["Lesions"]) == ("20", "3", "1")
    assert any("1 of 3 rows of rhi.csv rated exclude" in note for note in result.notes)


def test_tables_are_those_of_a_run_that_never_saw_the_slice(tmp_path: Path):
    """The summary of what is left, against the same images without the excluded one."""
    cord = box("cord", 0, 0, 20, 20)
    for name, high in (("a1", [box("high", 0, 0, 10, 4)]), ("a5", [])):
        for folder in ("all", "left"):
            make(tmp_path / folder / "p", name, [cord, *high])
    make(tmp_path / "all/p", "a3", [cord, box("high", 0, 0, 10, 8)])
    ratings = rate(tmp_path / "r.csv", "p,p/a3.tif,1,,exclude,,,")
    measure(tmp_path / "all", tmp_path / "out", ratings)
    measure(tmp_path / "left", tmp_path / "expected")
    (got,), (expected,) = (read(tmp_path / f / "patients.csv") for f in ("out", "expected"))
    assert got.pop("Images") == "3"
    assert expected.pop("Images") == "2"
    assert got == expected


def test_all_excluded_is_a_missing_value_not_zero(tmp_path: Path):
    stack(tmp_path / "in", highs=(4, 0))
    make(tmp_path / "in" / "other", "t", [box("cord", 0, 0, 20, 20)])
    ratings = rate(
        tmp_path / "r.csv",
        "in,s.tif,1,,exclude,,anna,",
        "in,s.tif,2,,exclude,,anna,",
        "other,other/t.tif,1,,accept,,anna,",
    )
    measure(tmp_path / "in", tmp_path / "out", ratings)
    gone, zero = read(tmp_path / "out/patients.csv")
    numbers = [gone[h] for h in ("RHI", "RHI_max", "RHI_mean", "RHI_pooled")]
    assert numbers == ["NaN"] * 4
    assert (gone["Slices"], gone["Lesions"], gone["Location"]) == ("0", "0", "unknown")
    assert (zero["RHI"], zero["Slices"]) == ("0", "1")
    frame = pyrhi.measure_folder(tmp_path / "in", ratings=ratings, jobs=1)
    assert math.isnan(frame.patients["RHI"][0])
    assert list(frame.rhi["Rating"]) == ["exclude", "exclude", "accept"]
    assert list(frame.rhi["Comment"]) == ["", "", ""]


def test_middle_of_a_lesion_excluded_leaves_one_lesion(tmp_path: Path):
    stack(tmp_path / "in", highs=(4, 8, 2, 0, 3))
    middle = rate(tmp_path / "m.csv", "in,s.tif,2,,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out")
    assert read(tmp_path / "out/patients.csv")[0]["Lesions"] == "2"
    measure(tmp_path / "in", tmp_path / "out", middle)
    assert read(tmp_path / "out/patients.csv")[0]["Lesions"] == "2"
    last = rate(tmp_path / "l.csv", "in,s.tif,5,,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out", last)
    assert read(tmp_path / "out/patients.csv")[0]["Lesions"] == "1"


def test_levels_of_one_slice_are_rated_apart(tmp_path: Path):
    rois = [
        box("cord L2", 0, 0, 20, 20),
        box("high L2", 0, 0, 10, 8),
        box("cord T4", 30, 30, 20, 20),
        box("high T4", 30, 30, 10, 4),
    ]
    make(tmp_path / "in", "a", rois)
    ratings = rate(tmp_path / "r.csv", "in,a.tif,1,L2,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out", ratings)
    (patient,) = read(tmp_path / "out/patients.csv")
    assert (patient["RHI"], patient["Slices"], patient["Lesions"]) == ("10", "1", "1")
    assert patient["Location"] == "thoracic"
    marked = {r["Level"]: r["Rating"] for r in read(tmp_path / "out/rhi.csv")}
    assert marked == {"L2": "exclude", "T4": ""}


def test_readers_who_agree_are_joined(tmp_path: Path):
    stack(tmp_path / "in")
    ratings = rate(
        tmp_path / "r.csv",
        "in,s.tif,1,,Exclude,motion,anna,2026-11-20",
        'in,s.tif,1,,exclude,"also\nmotion",bela,2026-11-21',
        "in,s.tif,1,,exclude,motion,anna,2026-11-22",
    )
    measure(tmp_path / "in", tmp_path / "out", ratings)
    row = read(tmp_path / "out/rhi.csv")[0]
    assert [row[h] for h in RATING_HEADINGS] == ["exclude", "", "motion; also motion", "anna; bela"]


def test_without_ratings_nothing_changes(axial: Path, tmp_path: Path):
    result = measure(axial, tmp_path / "out")
    assert tuple(read(tmp_path / "out/rhi.csv")[0]) == RHI_HEADINGS
    assert result.rhi_headings == RHI_HEADINGS
    assert "ratings" not in json.loads((tmp_path / "out/run.json").read_text())


def test_other_ratings_count_without_measuring_anew(tmp_path: Path):
    stack(tmp_path / "in")
    one = rate(tmp_path / "1.csv", "in,s.tif,2,,exclude,,anna,")
    two = rate(tmp_path / "2.csv", "in,s.tif,1,,exclude,,anna,", "in,s.tif,2,,redo,,anna,")
    for name, ratings in (("none", None), ("one", one), ("two", two)):
        measure(tmp_path / "in", tmp_path / name, ratings)
    for name, ratings in (("one", one), ("two", two), ("none", None)):
        result = measure(tmp_path / "in", tmp_path / "again", ratings, resume=True)
        for table in TABLES:
            expected = (tmp_path / name / table).read_bytes()
            assert (tmp_path / "again" / table).read_bytes() == expected
    assert result.resumed == 1


def test_run_json_names_the_file(tmp_path: Path):
    stack(tmp_path / "in")
    ratings = rate(tmp_path / "r.csv", "in,s.tif,2,,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out", ratings)
    document = json.loads((tmp_path / "out/run.json").read_text())["ratings"]
    assert document["path"] == str(ratings)
    assert document["sha256"] == hashlib.sha256(ratings.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Patient,Image,Slice\np,s.tif,1\n", r"r\.csv, line 1: lacks the column 'Level'.*export"),
        (f"{HEADING}\nin,s.tif,1,,maybe,,anna,\n", "line 2: rating 'maybe' is not one of accept"),
        (f"{HEADING}\nin,s.tif,1,,,,anna,\n", "line 2: rating '' is not one of accept, redo"),
        (f"{HEADING}\nin,s.tif,x,,redo,,anna,\n", "line 2: slice 'x' is not a whole number"),
        (f"{HEADING}\nin,s.tif,{'9' * 5000},,redo,,,\n", "line 2: slice '9+' is not a whole"),
        (f"{HEADING}\nin,,1,,redo,,anna,\n", "line 2: names no image"),
        (
            f"{HEADING}\nin,s.tif,1,L2,redo,,anna,\nin,s.tif,1,L2,accept,,bela,\n",
            "line 3: slice 1 L2 of 's.tif' is rated accept by bela, and redo by anna on line 2",
        ),
        (f"{HEADING}\n", "holds no row"),
        (f"{HEADING}\nin,s.tif,1\n", "line 2: has 3 cells"),
    ],
)
def test_a_wrong_rating_is_named_by_its_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=message) as raised:
        read_ratings(path)
    assert len(str(raised.value).splitlines()) == 1


def test_unknown_image_is_told_before_anything_is_written(tmp_path: Path):
    stack(tmp_path / "in")
    ratings = rate(tmp_path / "r.csv", "in,s.tif,1,,redo,,,", "in,other.tif,1,,redo,,,")
    with pytest.raises(TableError, match=r"line 3: rates 'other.tif', which is not among"):
        measure(tmp_path / "in", tmp_path / "out", ratings)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["s.tif,9,", "s.tif,1,L2"])
def test_unknown_slice_leaves_the_old_tables(tmp_path: Path, place: str):
    stack(tmp_path / "in")
    measure(tmp_path / "in", tmp_path / "out")
    before = {t: (tmp_path / "out" / t).read_bytes() for t in TABLES}
    ratings = rate(tmp_path / "r.csv", f"in,{place},exclude,,anna,")
    with pytest.raises(TableError, match=r"line 2: rates slice . ?.*of 's.tif', which has no cord"):
        measure(tmp_path / "in", tmp_path / "out", ratings)
    assert {t: (tmp_path / "out" / t).read_bytes() for t in TABLES} == before


def test_rating_of_an_image_that_failed_is_left(tmp_path: Path):
    stack(tmp_path / "in")
    (tmp_path / "in/bad.tif").write_bytes(b"II*\0")
    ratings = rate(tmp_path / "r.csv", "in,bad.tif,4,,exclude,,anna,", "in,s.tif,1,,redo,,anna,")
    result = measure(tmp_path / "in", tmp_path / "out", ratings)
    assert len(result.failures) == 1
    assert read(tmp_path / "out/rhi.csv")[0]["Rating"] == "redo"


def test_one_image_of_two_patients_cannot_be_told(tmp_path: Path):
    stack(tmp_path)
    manifest = tmp_path / "m.csv"
    manifest.write_text("patient,image\np,s.tif\nq,s.tif\n")
    ratings = rate(tmp_path / "r.csv", "p,s.tif,1,,exclude,,anna,")
    options = RunOptions(jobs=1, ratings=read_ratings(ratings))
    with pytest.raises(TableError, match="stands 2 times in this run"):
        run(tasks_of_manifest(manifest), options)


def test_ratings_of_another_patients_images_of_the_same_names_are_refused(tmp_path: Path):
    """Exports of a PACS are called alike: anna's exclusion of B must not take a slice of A away."""
    for patient in ("A", "B"):
        stack(tmp_path / patient)
    ratings = rate(tmp_path / "r.csv", ",s.tif,1,,accept,,anna,", "B,s.tif,2,,exclude,,anna,")
    with pytest.raises(
        TableError,
        match=r"line 3: rates slice 2 of 's.tif' of patient 'B', which in this run is of patient "
        r"'A'; take the ratings of this run, or correct the column Patient or leave it empty$",
    ):
        measure(tmp_path / "A", tmp_path / "out", ratings)
    assert not (tmp_path / "out/rhi.csv").exists()
    measure(tmp_path / "B", tmp_path / "out", ratings)
    assert [row["Rating"] for row in read(tmp_path / "out/rhi.csv")] == ["accept", "exclude", ""]


def test_one_slice_rated_for_two_patients_is_refused(tmp_path: Path):
    ratings = rate(tmp_path / "r.csv", "A,s.tif,1,,redo,,anna,", "B,s.tif,1,,redo,,bela,")
    with pytest.raises(TableError, match=r"line 3: slice 1 of 's.tif' is of patient 'B', and of"):
        read_ratings(ratings)


def test_names_and_comments_that_look_like_formulas(tmp_path: Path):
    stack(tmp_path / "in", "=s")
    measure(tmp_path / "in", tmp_path / "plain")
    image = read(tmp_path / "plain/rhi.csv")[0]["Image"]
    assert image == "'=s.tif"
    ratings = rate(tmp_path / "r.csv", f"in,{image},1,,redo,'=1+1,@anna,")
    measure(tmp_path / "in", tmp_path / "out", ratings)
    row = read(tmp_path / "out/rhi.csv")[0]
    assert [row[h] for h in RATING_HEADINGS] == ["redo", "", "'=1+1", "'@anna"]


def test_dicom_is_rated_under_its_written_name(sample: Path, series_of, tmp_path: Path):
    """A folder called after its patient gets a pseudonym in rhi.csv: ratings know that name."""
    tiff = sample / "axial_slices/t2_axial_022.tif"
    series_of(tiff, tmp_path / "in" / "ID-4711-XYZ")
    (tmp_path / "in/ID-4711-XYZ.zip").write_bytes(tiff.with_suffix(".zip").read_bytes())
    measure(tmp_path / "in", tmp_path / "plain")
    (row,) = read(tmp_path / "plain/rhi.csv")
    assert "4711" not in row["Image"]
    ratings = rate(tmp_path / "r.csv", f"{row['Patient']},{row['Image']},1,,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out", ratings)
    assert read(tmp_path / "out/rhi.csv")[0]["Rating"] == "exclude"
    assert read(tmp_path / "out/patients.csv")[0]["RHI"] == "NaN"
    assert "4711" not in (tmp_path / "out/run.json").read_text()
    wrong = rate(tmp_path / "w.csv", "P,ID-4711-XYZ,1,,exclude,,anna,")
    with pytest.raises(TableError, match="not among the images"):
        measure(tmp_path / "in", tmp_path / "none", wrong)


def test_followers_of_the_tables_leave_excluded_slices_out(tmp_path: Path):
    from pyrhi.pain.cohort import read_measured
    from pyrhi.study.progression import read_series
    from pyrhi.study.readings import read_readers

    rois = [box("cord L2", 0, 0, 20, 20), box("high L2", 0, 0, 10, 8)]
    make(tmp_path / "in", "a", rois)
    make(tmp_path / "in", "b", [rois[0], box("high L2", 0, 0, 10, 4)])
    ratings = rate(tmp_path / "r.csv", "in,a.tif,1,L2,exclude,,anna,")
    measure(tmp_path / "in", tmp_path / "out", ratings)
    measure(tmp_path / "in", tmp_path / "plain")
    series = read_series([tmp_path / "out"])
    assert series.rhi == {("in", ""): {"out": 10.0}, ("in", "L2"): {"out": 10.0}}
    one, two = read_readers([str(tmp_path / "out"), str(tmp_path / "plain")]).readers
    assert [place.image for place in one.readings] == ["b.tif"]
    assert [place.image for place in two.readings] == ["a.tif", "b.tif"]
    both = rate(tmp_path / "b.csv", "in,a.tif,1,L2,exclude,,,", "in,b.tif,1,L2,exclude,,,")
    measure(tmp_path / "in", tmp_path / "none", both)
    (patient,), notes = read_measured(tmp_path / "none/patients.csv")
    assert (patient.patient.rhi, notes) == (None, ())
