"""Codes that a PACS reads: SNOMED CT's as DICOM prints them, and the level of a vertebra."""

from __future__ import annotations

import pytest

from pyrhi.report.dicom import codes
from pyrhi.rhi.codes import level_of_codes
from pyrhi.rhi.roles import LEVELS


def test_codes_are_those_of_the_context_groups():
    # PS3.16: CID 7150 (spinal cord, lesion), CID 7469 (area), CID 7181 (units).
    found = {c: c.value for c in (codes.SPINAL_CORD, codes.LESION, codes.AREA)}
    assert list(found.values()) == ["2748008", "52988006", "42798000"]
    assert {c.scheme_designator for c in found} == {"SCT"}
    assert (codes.SQUARE_MM.value, codes.PERCENT.value) == ("mm2", "%")


def test_a_private_code_is_never_called_snomed():
    for code in (codes.HIGH_AREA, codes.RHI, codes.PIXEL_COUNT, codes.AREA_RATIO):
        assert code.scheme_designator.startswith("99")
        assert len(code.value) <= 16  # VR SH


@pytest.mark.parametrize("level", [level for level in LEVELS if level[0] in "CTL"])
def test_a_level_that_is_written_is_read_back(level: str):
    written = [(c.scheme_designator, c.value) for c in codes.vertebrae(level)]
    assert level_of_codes(written) == (level if written else "")
    assert bool(written) == (level not in ("T13", "L6"))
