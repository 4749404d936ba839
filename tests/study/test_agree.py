"""Agreement of readers on the real sample: outlines, tables and the statistics of their columns."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from rigs.command_line import rows
from rigs.places import AXIAL
from rigs.second_reader import second_reader

from pyrhi.cli.main import run
from pyrhi.pain.agreement import icc21
from pyrhi.study.agree import NOT_INDEPENDENT
from pyrhi.study.bland_altman import bland_altman

NOTICE = "Research use only; not a medical device."


@pytest.mark.slow
def test_agreement_of_roi_sets_is_that_of_the_tables(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [*map(str, readers), "--images", str(AXIAL), "-o", str(out)]
    assert run(["agree", *arguments]) == 0
    printed = capsys.readouterr()
    assert NOTICE in printed.out
    assert f"note: {NOT_INDEPENDENT}\n" in printed.err
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
    # A row for each patient: nothing stands for one patient twice.
    assert all(r["Note"] != NOT_INDEPENDENT for r in rows(tmp_path / "o" / "notes.csv"))
    # Quadratic kappa by its definition: 1 - observed / expected mean squared difference.
    first, second = [1, 2, 3], [1, 2, 2]
    expected = np.mean([(i - j) ** 2 for i in first for j in second])
    assert float(row["Value"]) == pytest.approx(1 - (1 / 3) / expected, rel=1e-12)
    assert row["N"] == "3"
