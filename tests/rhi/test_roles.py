"""Roles and levels by the names that people give, against a reading of the names by hand."""

from __future__ import annotations

import csv
import itertools
import re
from pathlib import Path

import pytest

import pyrhi.rhi.roles as roles_module
from pyrhi.errors import ParameterError, RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.rhi.roles import (
    LEVELS,
    Role,
    RolePatterns,
    check_some_role,
    level_of,
    listed,
    role_of,
)


def roi(name: str, group: int = 0) -> Roi:
    return Roi(name, RoiType.RECT, 0, 0, 5, 5, group=group)


SAID = {
    Role.CORD: "cord|cords|Cord_1|Whole Cord|CANAL-3|canals|vertebra_L2|vertebrae|body L2|bodies"
    "|Myelon|myelon Th12|spinal cord|SpinalCord|wholecord 3|vertebral L2|vertebral canal"
    "|Vertebral body L3|cord low|low cord",
    Role.HIGH: "high-L2-1|Hyper 2|lesion1|met|T2hyperintense|T2 hyperintensity L3|Lesions"
    "|hyperintensity|Mets_1|metastasis|Metastases 2|metastatic|oedema|edema|Edematous"
    "|Oedem|high signal|signal 3|hypersignal T2|vertebral lesion|vertebral mets|HighIntensity"
    "|hyperL2",
    Role.REFERENCE: "normal|ref-1|reference 2|refs|References",
    Role.EXCLUDE: "exclude|Excluded 2|artefact|Artifacts_3|implant|implants L2|exclude cyst"
    "|exclusion",
    Role.OTHER: "highland|method|metal|metallic|abnormal|cyst|hypertrophy|Hyperostosis L2"
    "|hyperplasia|highL2|highlight|low|hypointense|mark|0003-0123|signalling|recorder|bodyguard"
    "|normally|Implantation|spinalcordx",
}


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for role, names in SAID.items() for name in names.split("|")]
)
def test_names_as_people_give_them(name: str, role: Role):
    for spelling in (name, name.upper(), name.lower()):
        assert role_of(roi(spelling)) is role


@pytest.mark.parametrize(
    ("name", "group", "role"),
    [
        ("0003-0123", 1, Role.CORD),
        ("0003-0123", 2, Role.HIGH),
        ("0003-0123", 3, Role.REFERENCE),
        ("0003-0123", 4, Role.OTHER),
        ("high", 1, Role.HIGH),
        ("exclude", 1, Role.EXCLUDE),
        ("hypertrophy", 2, Role.HIGH),
    ],
)
def test_the_group_counts_where_the_name_says_nothing(name: str, group: int, role: Role):
    assert role_of(roi(name, group)) is role


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lesion in cord", "cord and high"),
        ("normal cord", "cord and reference"),
        ("cord edema", "cord and high"),
        ("reference signal", "high and reference"),
        ("exclude lesion", "high and exclude"),
        ("cord artefact", "cord and exclude"),
        ("vertebral lesion ref", "high and reference"),
        ("cord high normal exclude", "cord and high and reference and exclude"),
        ("low signal", "high and not high"),
        ("hypointense lesion", "high and not high"),
        ("non-lesion 2", "high and not high"),
    ],
)
def test_two_roles_in_one_name_are_refused(name: str, message: str):
    with pytest.raises(RoleError) as error:
        role_of(roi(name))
    assert str(error.value) == (
        f"the name of ROI {name!r} says {message}; rename it so that it says one"
    )


OLD = {
    "cord": ("cord", "whole", "canal", "vertebra", "body"),
    "high": ("high", "hyper", "lesion", "met"),
    "reference": ("normal", "reference", "ref"),
}
"""The words of version 0.1 and earlier, all of them whole words."""


def test_names_of_old_words_keep_their_role():
    for role, words in OLD.items():
        for word, form in itertools.product(
            words, ("{}", "{}1", "{}_2", "0{}-3", "{} left", "vertebral {}", "a.{}.b", "low T {}")
        ):
            if form == "low T {}" and role == "high":
                continue
            assert role_of(roi(form.format(word))).value == role


def test_every_row_of_the_table_counts():
    with Path(roles_module.__file__).with_name("words.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len({(row["word"]) for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch("[a-z]+", row["word"])
        names = {"whole": [row["word"]], "start": [row["word"], row["word"] + "xyz"]}
        for name in names.get(row["match"], [row["word"]]):
            found = role_of(roi(name))
            assert found.value == ("" if row["role"] in ("not high", "no role") else row["role"])
        if row["match"] != "start":
            assert role_of(roi(row["word"] + "xyz")) is Role.OTHER


def test_patterns_replace_the_words_of_a_role():
    patterns = RolePatterns(cord=("Rückenmark",), high=("hell", "blitz*"))
    assert role_of(roi("rückenmark 3"), patterns) is Role.CORD
    assert role_of(roi("cord"), patterns) is Role.OTHER
    assert role_of(roi("Hell 2"), patterns) is Role.HIGH
    assert role_of(roi("helle"), patterns) is Role.OTHER
    assert role_of(roi("Blitze"), patterns) is Role.HIGH
    assert role_of(roi("hyperintense"), patterns) is Role.OTHER
    assert role_of(roi("artefact"), patterns) is Role.EXCLUDE


def test_a_word_that_a_person_gives_is_taken_from_the_rest():
    assert role_of(roi("low 3"), RolePatterns(high=("low",))) is Role.HIGH
    assert role_of(roi("hypertrophy"), RolePatterns(high=("hypertrophy",))) is Role.HIGH
    assert role_of(roi("hyperspace"), RolePatterns(cord=("hyperspace",))) is Role.CORD


@pytest.mark.parametrize("word", ["cord", "Canal"])
def test_one_word_for_two_roles_is_refused(word: str):
    with pytest.raises(ParameterError, match=f"'{word}' stands for cord and for high; choose one"):
        RolePatterns(high=(word,))


@pytest.mark.parametrize("word", ["two words", "L2", "", "*", "a*b"])
def test_what_is_no_word_is_refused(word: str):
    with pytest.raises(ParameterError, match="is not a word; use letters alone"):
        RolePatterns(exclude=(word,))


@pytest.mark.parametrize("level", LEVELS)
def test_every_vertebral_level_is_read_from_a_roi_name(level: str):
    assert level_of(f"cord {level}") == level
    assert level_of(f"high-{level.lower()}-1") == level


SPELLINGS = {
    "T12": "Th12|TH12|th12|D12|d12|BWK12|BWK-12|TH_12|cord.Th.12|bwk 12|high(TH12)",
    "L2": "LWK2|lwk2|LWK 2|high LWK_2 3|L2|L2-1",
    "C3": "HWK3|HWK 3|C3",
    "S1": "SWK1|S1",
    "L6": "L6|LWK6|high_L6",
    "T13": "T13|Th13|D13|BWK 13",
    "L5-S1": "L5/S1|S1 L5|LWK5/S1|L5-S1|L5 / S1",
    "C5-C6": "C5/6|C5/C6|HWK 5/6|C5 / 6|c6 c5",
    "T12-L1": "D12 LWK1|Th12/L1|T12-L1",
    "L3": "T2 hyperintense L3|T2_signal_L3|T1w L3|T2 TSE L3|T2-weighted L3|L3/1|L3 4",
    "T2": "T2 lesion|lesion T2|T2|high T2|T2 high|Th2 signal|D2 hyperintense|T2 hyper",
    "": "cord-014|C8|S6|S0|L7|T14|D14|XL2|L22|cordL2x|T2hyperintense|L02|T 12|L 2|LWK|LWK two"
    "|T1w|t2 hyperintensity|2|level 3|HWK 8|BWK  12|slice 12/13|5/6",
}


@pytest.mark.parametrize(
    ("name", "level"), [(n, level) for level, names in SPELLINGS.items() for n in names.split("|")]
)
def test_a_level_is_read_however_people_spell_it(name: str, level: str):
    assert level_of(name) == level


_OLD_LEVEL = re.compile(r"(?<![^\W_])(C[1-7]|T(?:1[0-2]|[1-9])|L[1-5]|S[1-5])(?![^\W_])", re.I)


def test_levels_of_old_spelling_are_the_same():
    """Every name whose levels version 0.1 read: neighbours, separators and words around them."""
    old = [level for level in LEVELS if level not in ("T13", "L6")]
    for first, second in itertools.product(old, ["", *old]):
        for form in ("cord {} {}", "high-{}-{}-1", "{}_{}_a", "x{} {}", "{}.{}", "{}/{}"):
            name = form.format(first, second)
            found = {match.upper() for match in _OLD_LEVEL.findall(name)}
            assert level_of(name) == "-".join(level for level in LEVELS if level in found)


def test_no_cord_is_said_with_five_names():
    rois = [roi(f"{i:04d}") for i in range(1, 15)]
    with pytest.raises(RoleError) as error:
        check_some_role(rois, [Role.OTHER] * len(rois))
    assert str(error.value) == (
        "no cord ROI among '0001', '0002', '0003', '0004', '0005' and 9 more; name the whole cord"
        " 'cord' and the high-intensity area 'high' (with a level where there are several:"
        " 'cord L2', 'high L2'), or give them the ROI groups 1 and 2"
    )
    check_some_role(rois, [Role.OTHER, Role.CORD])


def test_messages_list_five_names_and_count_the_rest():
    assert listed([]) == ""
    assert listed(["a"]) == "'a'"
    assert listed(list("abcde")) == "'a', 'b', 'c', 'd', 'e'"
    assert listed(list("abcdef")) == "'a', 'b', 'c', 'd', 'e' and 1 more"
