"""Change over visits: what is real, what is not defined, and lesions that come and go."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pyrhi.errors import ParameterError, TableError
from pyrhi.study.agree import read_repeatability
from pyrhi.study.progression import (
    HIGHER,
    LOWER,
    NO_COEFFICIENT,
    NOT_BEFORE,
    WITHIN,
    ProgressionRow,
    progression_of,
    read_series,
    visit_order,
)


def write(folder: Path, text: str, name: str = "visits.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def by_visit(
    rows: tuple[ProgressionRow, ...], patient: str, level: str = ""
) -> dict[str, ProgressionRow]:
    return {r.visit: r for r in rows if (r.patient, r.level) == (patient, level)}


def test_changes_from_baseline_and_nadir(tmp_path: Path) -> None:
    text = "patient,visit,rhi,vas\nA,10,50,8\nA,2,40,6\nA,5,20,\nA,7,23,3\n"
    rows = by_visit(progression_of(read_series([write(tmp_path, text)]), repeatability=4), "A")
    # Visits are numbers and come in their order, not in the file's.
    assert list(rows) == ["2", "5", "7", "10"]
    last = rows["10"].rhi
    assert (last.from_baseline, last.from_baseline_percent) == (10, 25)
    assert (last.from_nadir, last.from_nadir_percent) == (30, 150)
    assert [r.baseline_call for r in rows.values()] == ["", LOWER, LOWER, HIGHER]
    assert [r.nadir_call for r in rows.values()] == ["", LOWER, WITHIN, HIGHER]
    vas = rows["10"].vas
    assert (vas.from_baseline, vas.from_nadir) == (2, 5)
    assert math.isnan(rows["5"].vas.value)


def test_a_change_of_just_the_coefficient_is_not_real(tmp_path: Path) -> None:
    text = "patient,visit,rhi\nA,1,40\nA,2,45\nA,3,45.1\n"
    series = read_series([write(tmp_path, text)])
    assert [r.baseline_call for r in progression_of(series, repeatability=5)] == [
        "",
        WITHIN,
        HIGHER,
    ]


def test_without_a_coefficient_nothing_is_called(tmp_path: Path) -> None:
    series = read_series([write(tmp_path, "patient,visit,rhi\nA,1,10\nA,2,90\n")])
    last = progression_of(series)[-1]
    assert (last.baseline_call, last.nadir_call) == ("", "")
    assert last.reasons == (NO_COEFFICIENT,)
    assert last.rhi.from_baseline == 80


def test_percent_of_zero_is_blank_with_a_reason(tmp_path: Path) -> None:
    text = "patient,visit,rhi,vas\nA,1,0,0\nA,2,12,2\n"
    last = progression_of(read_series([write(tmp_path, text)]), repeatability=5)[-1]
    assert last.rhi.from_baseline == 12
    assert math.isnan(last.rhi.from_baseline_percent)
    assert last.baseline_call == HIGHER
    assert [r.partition(":")[0] for r in last.reasons] == ["RHI", "RHI", "VAS", "VAS"]


LEVELS = "Patient,Image,Slice,Level,CordArea,HighArea,RHI\n"


def test_a_new_or_vanished_lesion_is_told_by_its_level(tmp_path: Path) -> None:
    before = (
        LEVELS
        + "A,a.tif,1,L1,10,5,50\nA,a.tif,2,L1,10,6,60\nA,a.tif,1,L2,10,0,0\nA,a.tif,1,L3,10,1,10\n"
    )
    after = (
        LEVELS
        + "A,a.tif,1,L1,10,6,61\nA,a.tif,1,L2,10,2,20\nA,a.tif,1,L3,10,0,0\nA,a.tif,1,L4,10,3,30\n"
    )
    last = LEVELS + "A,a.tif,1,L1,10,6,40\nA,a.tif,1,L2,10,2,20\nA,a.tif,1,L4,10,0,0\n"
    folders = []
    for name, text in (("base", before), ("month3", after), ("month6", last)):
        write(tmp_path / name, text, "rhi.csv")
        write(tmp_path / name, f"Patient,RHI\nA,{60 if name == 'base' else 61}\n", "patients.csv")
        folders.append(tmp_path / name)
    rows = progression_of(read_series(folders), repeatability=5)
    found = {
        level: [r.lesion for r in by_visit(rows, "A", level).values()]
        for level in ("L1", "L2", "L3", "L4")
    }
    assert found == {
        "L1": ["present", "continuing", "continuing"],
        "L2": ["absent", "new", "continuing"],
        # Not measured is not vanished.
        "L3": ["present", "vanished", "not measured"],
        # A level that was not measured at the baseline cannot be called new.
        "L4": ["not measured", "first measured", "vanished"],
    }
    assert NOT_BEFORE in by_visit(rows, "A", "L4")["month3"].reasons
    # The worst slice of a level stands for it, as in patients.csv.
    assert by_visit(rows, "A", "L1")["base"].rhi.value == 60
    assert by_visit(rows, "A")["month3"].rhi.from_baseline == 1


def test_a_manifest_gives_the_visit_of_an_image(tmp_path: Path) -> None:
    rhi = write(tmp_path, LEVELS + "A,v1/a.tif,1,L1,10,5,50\nA,v2/a.tif,1,L1,10,0,0\n", "rhi.csv")
    write(tmp_path, "Patient,RHI,Visit\nA,50,1\nA,0,2\n", "patients.csv")
    manifest = write(tmp_path, "patient,image,visit\nA,v1/a.tif,1\nA,v2/a.tif,2\n", "manifest.csv")
    rows = progression_of(read_series([tmp_path], manifest=manifest), repeatability=5)
    assert [r.lesion for r in by_visit(rows, "A", "L1").values()] == ["present", "vanished"]
    series = read_series([tmp_path])
    assert any("give the --manifest" in note for note in series.notes)
    assert ("A", "L1") not in series.rhi
    manifest.write_text("patient,image,visit\nA,v1/a.tif,1\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"'v2/a\.tif' is not in the manifest"):
        read_series([rhi], manifest=manifest)


def test_vas_may_come_from_its_own_table(tmp_path: Path) -> None:
    rhi = write(tmp_path, "patient,visit,rhi\nA,1,40\nA,2,44\n")
    vas = write(tmp_path, "patient,visit,vas\nA,1,30\nA,2,80\n", "vas.csv")
    rows = progression_of(read_series([rhi], vas=vas, scale="mm"), repeatability=5)
    assert rows[-1].vas.from_baseline == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient,visit\nA,1\n", "column 'rhi' is missing"),
        ("patient,visit,rhi\nA,1,5\nA,1,6\n", "line 3, column patient: patient 'A' is already"),
        ("patient,visit,rhi\nA,,5\n", "line 2, column visit: the visit is missing"),
        ("patient,visit,rhi\nA,1,x\n", "line 2, column rhi"),
        ("patient,visit,rhi\nA,1,-2\n", "line 2, column rhi: RHI -2 is below 0"),
        ("patient,visit,rhi,vas\nA,1,2,12\n", "line 2, column vas"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_series([write(tmp_path, text)])


def test_visits_are_in_the_order_of_time_or_as_asked_for() -> None:
    assert visit_order(["10", "9", "0"]) == ["0", "9", "10"]
    assert visit_order(["2024-02-01", "2023-12-31"]) == ["2023-12-31", "2024-02-01"]
    assert visit_order(["base", "after"]) == ["base", "after"]
    assert visit_order(["b", "a"], ["a", "b", "c"]) == ["a", "b"]
    with pytest.raises(ParameterError, match="visit 'b'"):
        visit_order(["a", "b"], ["a"])


def test_visits_as_a_shell_lists_them_are_not_followed_in_the_wrong_order() -> None:
    assert visit_order(["month_0", "month_12", "month_6"]) == ["month_0", "month_6", "month_12"]
    assert visit_order(["t2 10 w", "t2 9.5 w"]) == ["t2 9.5 w", "t2 10 w"]
    assert visit_order(["baseline", "m3", "m12"]) == ["baseline", "m3", "m12"]
    assert visit_order(["01.02.2025"]) == ["01.02.2025"]
    for visits in (["baseline", "m12", "m3"], ["01.02.2025", "03.11.2024"], ["1/2/25", "11/3/24"]):
        with pytest.raises(ParameterError, match=f"order of the visits {', '.join(visits)} cannot"):
            visit_order(visits)
        assert visit_order(visits, visits[::-1]) == visits[::-1]


def test_a_coefficient_that_is_none_is_refused(tmp_path: Path) -> None:
    series = read_series([write(tmp_path, "patient,visit,rhi\nA,1,5\n")])
    with pytest.raises(ParameterError, match="-1"):
        progression_of(series, repeatability=-1)
    table = write(tmp_path, "Quantity,Statistic,Value\nCordArea,repeatability coefficient,3\n")
    with pytest.raises(TableError, match="no repeatability coefficient of RHI"):
        read_repeatability(table)
