"""Codes of DICOM segments against the meanings that DICOM's own dictionary prints."""

from __future__ import annotations

import re

import pytest
from pydicom.sr.codedict import codes

from pyrhi.rhi.codes import CORD_CODES, HIGH_CODES, level_of_codes, role_of_codes
from pyrhi.rhi.roles import LEVELS, Role

VERTEBRAE = [level for level in LEVELS if hasattr(codes.SCT, f"{level}Vertebra")]


def test_every_vertebra_of_the_dictionary_is_a_level():
    known = {name.removesuffix("Vertebra") for name in dir(codes.SCT)
             if re.fullmatch(r"[CTL]\d+Vertebra", name)}  # fmt: skip
    assert known == set(VERTEBRAE)


@pytest.mark.parametrize("level", VERTEBRAE)
def test_a_segment_gets_the_level_that_the_meaning_of_its_code_says(level: str):
    code = getattr(codes.SCT, f"{level}Vertebra")
    assert level in code.meaning.upper().split()
    assert level_of_codes([(code.scheme_designator, code.value)]) == level
    assert role_of_codes([(code.scheme_designator, code.value)]) is Role.CORD


def test_a_code_of_another_scheme_or_of_another_organ_says_nothing():
    kidney = codes.SCT.Kidney
    assert role_of_codes([("99LOCAL", codes.SCT.SpinalCord.value)]) is Role.OTHER
    assert role_of_codes([("SCT", kidney.value)]) is Role.OTHER
    assert level_of_codes([("99LOCAL", codes.SCT.L1Vertebra.value)]) == ""


@pytest.mark.parametrize(
    ("names", "role"), [(CORD_CODES, Role.CORD), (HIGH_CODES, Role.HIGH)], ids=["cord", "high"]
)
def test_types_have_their_role(names: tuple[str, ...], role: Role):
    known = [code for name in names if (code := getattr(codes.SCT, name, None)) is not None]
    assert known
    assert {role_of_codes([("SCT", code.value)]) for code in known} == {role}
