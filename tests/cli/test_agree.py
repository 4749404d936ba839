"""``pyrhi agree`` as it is run, on the real sample."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import roifile
from rigs.command_line import rows
from rigs.places import AXIAL

from pyrhi.cli.main import run
from pyrhi.pain.agreement import icc21
from pyrhi.study.bland_altman import bland_altman

NOTICE = "Research use only; not a medical device."


def second_reader(folder: Path, seed: int) -> Path:
    """Copy the drawn ROIs with every vertex moved by up to a pixel."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for path in sorted(AXIAL.glob("*.zip")):
        with zipfile.ZipFile(folder / path.name, "w") as archive:
            for roi in roifile.roiread(path, maxsize=10_000):
                points = roi.coordinates().astype(float)
                points += rng.integers(0, 2, points.shape)
                moved = roifile.ImagejRoi.frompoints(points, name=roi.name)
                moved.roitype = roifile.ROI_TYPE.POLYGON
                archive.writestr(f"{roi.name}.roi", moved.tobytes())
    return folder


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("readers")
    first = folder / "anna"
    first.mkdir()
    for path in AXIAL.glob("*.zip"):
        shutil.copy(path, first)
    return first, second_reader(folder / "bela", 1)


@pytest.mark.slow
def test_folders_of_roi_sets(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [*map(str, readers), "--images", str(AXIAL), "-o", str(out)]
    assert run(["agree", *arguments]) == 0
    assert NOTICE in capsys.readouterr().out
    # The tables that pyrhi measure writes give the same numbers.
    tables = []
    for reader in readers:
        folder = tmp_path / reader.name
        assert run(["measure", str(AXIAL), "--rois", str(reader), "-o", str(folder)]) == 0
        tables.append(folder)
    again = tmp_path / "again"
    assert run(["agree", *map(str, tables), "-o", str(again)]) == 0
    of_rois, of_tables = rows(out / "agreement.csv"), rows(again / "agreement.csv")
    assert [r for r in of_rois if "outline" not in r["Quantity"]] == of_tables
    # And the statistics are those of the columns.
    a, b = ([float(r["RHI"]) for r in rows(t / "rhi.csv")] for t in tables)
    found = {(r["Quantity"], r["Statistic"]): r for r in of_tables}
    assert float(found["RHI", "ICC(2,1)"]["Value"]) == pytest.approx(
        icc21(np.column_stack([a, b])).value, rel=1e-12
    )
    bias = bland_altman(a, b).bias
    row = found["RHI", "Bland-Altman bias"]
    assert (float(row["Value"]), float(row["Low"]), float(row["High"])) == pytest.approx(
        (bias.value, bias.low, bias.high), rel=1e-12
    )
    assert float(found["CordArea", "within-reader SD"]["Value"]) > 0
    assert found["CordArea", "ICC(3,1)"]["N"] == "16"
    assert ("Tier", "weighted kappa") in found
    outlines = rows(out / "outlines.csv")
    assert len(outlines) == 32
    cords = [r for r in outlines if r["Region"] == "cord"]
    assert all(0.6 < float(r["Dice"]) < 1 for r in cords)
    assert all(
        0 < float(r["MeanSurfaceDistance_mm"]) <= float(r["Hausdorff_mm"]) < 3 for r in cords
    )
    empty = [r for r in outlines if r["Region"] == "high" and r["Hausdorff_mm"] == "NaN"]
    assert empty
    assert all(r["Dice"] == "1" and "neither reader" in r["Note"] for r in empty)
    for quantity in ("CordArea", "HighArea", "RHI"):
        stem = out / f"bland_altman_{quantity}_anna_bela"
        assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        text = "".join(ET.parse(stem.with_suffix(".svg")).getroot().itertext())
        assert NOTICE in text
        assert "bias" in text


def test_unequal_folders_are_named_and_nothing_is_lost(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short"
    shutil.copytree(readers[1], short)
    (short / "t2_axial_014.zip").unlink()
    (short / "t2_axial_020.zip").write_bytes(b"no zip")
    out = tmp_path / "out"
    code = run(["agree", str(readers[0]), str(short), "--images", str(AXIAL), "-o", str(out)])
    error = capsys.readouterr().err
    assert code == 1
    assert "short: has no ROI set for t2_axial_014.tif" in error
    assert "t2_axial_020.tif" in error
    assert "Traceback" not in error
    missing = {r["Image"] for r in rows(out / "unpaired.csv") if r["Region"] == "cord"}
    assert missing == {"t2_axial_014.tif", "t2_axial_020.tif"}
    assert next(r for r in rows(out / "agreement.csv"))["N"] == "14"


@pytest.mark.slow
def test_a_reader_who_read_twice_gives_the_within_reader_sd(
    readers: tuple[Path, Path], tmp_path: Path
) -> None:
    second = second_reader(tmp_path / "again", 2)
    out = tmp_path / "out"
    arguments = [f"bela={readers[1]}", f"anna={readers[0]}", f"bela={second}"]
    assert run(["agree", *arguments, "--images", str(AXIAL), "-o", str(out)]) == 0
    found = {(r["Quantity"], r["Statistic"]): r for r in rows(out / "agreement.csv")}
    row = found["RHI", "repeatability coefficient"]
    assert "read twice" in row["Method"]
    assert row["Readers"] == "bela; anna; bela (2)"
    # track takes it from there.
    visits = tmp_path / "visits.csv"
    visits.write_text("patient,visit,rhi,vas\nA,1,40,3\nA,2,99,8\n=B,1,10,1\n", encoding="utf-8")
    tracked = tmp_path / "tracked"
    assert run(["track", str(visits), "--repeatability", str(out), "-o", str(tracked)]) == 0
    progression = rows(tracked / "progression.csv")
    assert {r["Repeatability"] for r in progression} == {row["Value"]}
    assert [r["BaselineCall"] for r in progression if r["Patient"] == "A"] == ["", "higher"]
    assert {r["Notice"] for r in progression} == {NOTICE}
    assert any(r["Patient"] == "'=B" for r in progression)
    for name in ("track_A", "track_B"):
        text = "".join(ET.parse(tracked / f"{name}.svg").getroot().itertext())
        assert NOTICE in text
        assert (tracked / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_slices_that_one_reader_lacks_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "Patient,Image,Slice,Level,CordArea,HighArea,Unit,RHI\n"
    lines = [f"P,i.tif,{i},,100,{i * 10},mm^2,{i * 10}\n" for i in range(6)]
    a = tmp_path / "a.csv"
    b = tmp_path / "b.csv"
    a.write_text(head + "".join(lines), encoding="utf-8")
    b.write_text(head + "".join(lines[:-1]) + "Q,j.tif,1,,100,5,mm^2,5\n", encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    unpaired = rows(tmp_path / "out" / "unpaired.csv")
    assert [(r["Image"], r["Slice"], r["Marked_by"]) for r in unpaired] == [
        ("i.tif", "5", "a"), ("j.tif", "1", "b"),
    ]  # fmt: skip
    capsys.readouterr()
    b.write_text(head + "".join(lines).replace("mm^2", "pixel^2"), encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "different units (mm^2, pixel^2)" in capsys.readouterr().err
    b.write_text(head + lines[0] + lines[0], encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "line 3: i.tif slice 0 is there twice" in capsys.readouterr().err
    b.write_text(head + lines[0], encoding="utf-8")
    assert run(["agree", str(a), str(b), "-o", str(tmp_path / "out")]) == 1
    assert "1 slices in common" in capsys.readouterr().err


def test_tiers_of_tables_are_compared(tmp_path: Path) -> None:
    for name, tiers in (
        ("a", ["mild", "moderate", "severe", ""]),
        ("b", ["mild", "moderate", "moderate", "mild"]),
    ):
        text = "Patient,RHI,Tier\n" + "".join(f"P{i},{10 * i},{t}\n" for i, t in enumerate(tiers))
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert (
        run(["agree", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "-o", str(tmp_path / "o")])
        == 0
    )
    row = next(r for r in rows(tmp_path / "o" / "agreement.csv") if r["Quantity"] == "Tier")
    # Quadratic kappa by its definition: 1 - observed / expected mean squared difference.
    first, second = [1, 2, 3], [1, 2, 2]
    expected = np.mean([(i - j) ** 2 for i in first for j in second])
    assert float(row["Value"]) == pytest.approx(1 - (1 / 3) / expected, rel=1e-12)
    assert row["N"] == "3"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agree", "none", "other", "-o", "out"], "none: no such file or folder"),
        (["track", "none.csv", "-o", "out"], "none.csv: cannot be read"),
        (["track", ".", "-o", "out"], "holds neither patients.csv nor rhi.csv"),
        (["agree", "a=.", "b=.", "-o", "out"], "neither rhi.csv nor images; give their folder by"),
    ],
)
def test_wrong_paths_are_one_line(
    arguments: list[str], message: str, refused: Callable[[list[str], int], str]
) -> None:
    error = refused(arguments, 1)
    assert message in error
    assert error.count("\n") == 1


def test_plots_of_readers_who_are_no_longer_compared_are_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = []
    for name, more in (("anna", 0.0), ("bela", 1.0), ("cora", 2.0)):
        path = tmp_path / f"{name}.csv"
        cells = [f"x,i{n}.tif,1,,{10 * n + more * (n % 3)},50,5" for n in range(1, 8)]
        head = "Patient,Image,Slice,Level,RHI,CordArea,HighArea\n"
        path.write_text(head + "\n".join(cells) + "\n")
        tables.append(str(path))
    out = tmp_path / "out"
    assert run(["agree", *tables, "-o", str(out)]) == 0
    (out / "outlines.csv").write_text("of other outlines\n")
    before = {p.name for p in out.glob("bland_altman_*")}
    capsys.readouterr()
    assert run(["agree", *tables[:2], "-o", str(out)]) == 0
    assert "of an earlier run" in capsys.readouterr().err
    after = {p.name for p in out.glob("bland_altman_*")}
    assert after == {name for name in before if "cora" not in name}
    assert after
    assert not (out / "outlines.csv").exists()
    assert {p.name for p in out.glob("earlier/*/*")} == {"outlines.csv", *(before - after)}
