"""Tables of labels, and the facts that other programs publish of theirs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pyrhi.errors import ParameterError, TableError
from pyrhi.rhi import labels
from pyrhi.rhi.labels import Label, choose_whole, label_of_name, read_labels, table_for
from pyrhi.rhi.roles import LEVELS


def labels_of(name: str) -> dict[int, Label]:
    return dict(table_for(name, [], {}, "m.nii").labels)


BUILT_IN = sorted(p.stem for p in labels.TABLES.glob("*.csv") if p.stem != labels.SOURCES)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_table_reads_and_names_its_source(name: str):
    found = read_labels(labels.TABLES / f"{name}.csv")
    assert any(label.of_spine for label in found.values())
    assert {label.level for label in found.values() if label.role != "disc"} <= {"", *LEVELS}
    with (labels.TABLES / "sources.csv").open() as stream:
        (row,) = [row for row in csv.DictReader(stream) if row["table"] == name]
    assert "/" in row["source"]
    assert "commit " in row["version"] or "v2.0.0" in row["version"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        # spinalcordtoolbox/types.py: Centerline.labels_regions
        ("sct", 1, ("cord", "C1")),
        ("sct", 8, ("cord", "T1")),
        ("sct", 19, ("cord", "T12")),
        ("sct", 20, ("cord", "L1")),
        ("sct", 29, ("cord", "S5")),
        # TotalSpineSeg's README: list of classes
        ("totalspineseg", 1, ("cord", "")),
        ("totalspineseg", 2, ("canal", "")),
        ("totalspineseg", 11, ("vertebra", "C1")),
        ("totalspineseg", 32, ("vertebra", "T12")),
        ("totalspineseg", 41, ("vertebra", "L1")),
        ("totalspineseg", 45, ("vertebra", "L5")),
        ("totalspineseg", 50, ("other", "")),
        ("totalspineseg", 91, ("disc", "T12-L1")),
        # VerSe's README, and SPINEPS's for discs, endplates and its semantic mask
        ("verse", 7, ("vertebra", "C7")),
        ("verse", 8, ("vertebra", "T1")),
        ("verse", 20, ("vertebra", "L1")),
        ("verse", 25, ("vertebra", "L6")),
        ("verse", 28, ("vertebra", "T13")),
        ("verse", 119, ("disc", "")),
        ("verse", 60, ("cord", "")),
        ("verse", 61, ("canal", "")),
        # SPIDER: from the bottom, L5 = 1
        ("spider", 1, ("vertebra", "L5")),
        ("spider", 5, ("vertebra", "L1")),
        ("spider", 6, ("vertebra", "T12")),
        ("spider", 100, ("canal", "")),
        ("spider", 101, ("other", "")),
        ("spider", 201, ("disc", "")),
    ],
)
def test_values_mean_what_their_programs_say(name: str, value: int, expected):
    label = labels_of(name)[value]
    assert (label.role, label.level) == expected


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([26, 27, 28], "total"),
        ([25, 26, 27], "total"),
        ([46, 47, 48, 49, 79], "total"),
        ([1, 5, 31, 117], "total"),
        ([2, 3, 4, 5], "vertebrae_mr"),
        ([21, 22, 23, 24], "vertebrae_mr"),
    ],
)
def test_the_task_of_totalsegmentator_is_told_by_its_values(values, task: str):
    assert table_for("totalsegmentator", values, {}, "m.nii").name == f"totalsegmentator-{task}"


@pytest.mark.parametrize("values", [[18, 19, 20, 21], [25], list(range(1, 51))])
def test_values_that_several_tasks_have_are_refused(values):
    with pytest.raises(ParameterError, match="--labels totalsegmentator-"):
        table_for("totalsegmentator", values, {}, "m.nii")


def test_the_names_in_a_file_of_totalsegmentator_decide():
    names = {19: "vertebrae", 21: "spinal_cord", 22: "heart"}
    found = table_for("totalsegmentator", [19, 21, 22], names, "m.nii").labels
    assert [found[v].role for v in (19, 21, 22)] == ["vertebra", "cord", "other"]
    mr = labels_of("totalsegmentator-total_mr")
    assert (mr[21].role, mr[18].name) == ("cord", "sacrum")


def test_unknown_values_are_named():
    with pytest.raises(ParameterError, match=r"m.nii: sct does not know the values 41, 42; check"):
        table_for("sct", [3, 41, 42], {}, "m.nii")


def test_a_table_of_ones_own(tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text("Value;Role;Level;Name\n1;cord;Th12;a\n\n2;HIGH;;b\n3;other;;c\n")
    found = table_for(str(path), [1, 2], {}, "m.nii")
    assert found.name == "mine.csv"
    assert found.labels[1] == Label("cord", "T12", "a")
    assert found.labels[2].role == "high"
    with pytest.raises(ParameterError, match=r"mine.csv does not know the values 9; add them"):
        table_for(str(path), [9], {}, "m.nii")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("value,colour\n1,cord\n", "column 'role' is missing; the file has value, colour"),
        ("a,role\n1,cord\n", "column 'value' is missing"),
        ("value,role,level\nx,cord,\n", "line 2, column value: 'x' is not a whole number above 0"),
        ("value,role,level\n0,cord,\n", "line 2, column value: '0' is not"),
        ("value,role,level\n1,brain,\n", "line 2, column role: 'brain' is not one of cord"),
        ("value,role,level\n1,cord,L9\n", "line 2, column level: 'L9' is not a vertebral level"),
        ("value,role,level\n1,cord,\n1,high,\n", "line 3, column value: the value 1 stands twice"),
    ],
)
def test_a_wrong_table_names_its_line(tmp_path: Path, text: str, message: str):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=r"mine\.csv") as caught:
        read_labels(path)
    assert message in str(caught.value)


def test_an_unknown_convention_lists_the_known_ones():
    with pytest.raises(ParameterError, match="'sctt' is not one of sct, totalspineseg, verse"):
        labels.check_convention("sctt")


def test_the_whole_is_a_vertebra_then_the_cord_then_the_canal():
    cord, canal = Label("cord"), Label("canal")
    level, bones = Label("vertebra", "L2"), Label("vertebra")
    assert choose_whole([cord, canal, level], None, "m") == "vertebra"
    assert choose_whole([cord, canal, bones], None, "m") == "cord"
    assert choose_whole([canal, bones], None, "m") == "canal"
    assert choose_whole([bones], None, "m") == "vertebra"
    assert choose_whole([cord, canal, level], "canal", "m") == "canal"
    with pytest.raises(ParameterError, match="holds no vertebra to be the whole; it holds cord"):
        choose_whole([cord], "vertebra", "m")
    with pytest.raises(ParameterError, match="neither cord, vertebra nor canal"):
        choose_whole([Label("disc")], None, "m")


def test_names_say_role_and_level_where_no_column_does(tmp_path: Path):
    path = tmp_path / "names.csv"
    path.write_text("label,name\n1,spinal cord\n2,canal\n12,vertebrae_C2\n13,C3\n63,disc_C2_C3\n"
                    "7,lesion\n8,liver\n")  # fmt: skip
    found = {v: (label.role, label.level) for v, label in read_labels(path).items()}
    assert found == {
        1: ("cord", ""), 2: ("canal", ""), 12: ("vertebra", "C2"), 13: ("vertebra", "C3"),
        63: ("disc", "C2-C3"), 7: ("high", ""), 8: ("other", ""),
    }  # fmt: skip
    assert label_of_name("CORD").role == "cord"
