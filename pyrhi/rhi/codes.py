"""Codes of DICOM segments, SNOMED CT, as roles and vertebral levels."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pyrhi.rhi.roles import LEVELS, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEME = "SCT"
CORD_CODES = ("SpinalCord", "Vertebra")
HIGH_CODES = (
    "Lesion", "Edema", "Mass", "Neoplasm", "NeoplasmMetastatic", "NeoplasmSecondary", "Metastasis",
)  # fmt: skip
"""Keywords of pydicom's dictionary of DICOM's context groups (PS3.16, CID 7150 to 7160)."""


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, Role]]:
    """Level by code of a vertebra, and role by code of a type."""
    from pydicom.sr.codedict import codes

    levels = {
        code.value: level
        for level in LEVELS
        if (code := getattr(codes.SCT, f"{level}Vertebra", None)) is not None
    }
    roles = dict.fromkeys(levels, Role.CORD)
    for names, role in ((CORD_CODES, Role.CORD), (HIGH_CODES, Role.HIGH)):
        for name in names:
            code = getattr(codes.SCT, name, None)
            if code is not None:
                roles[code.value] = role
    return levels, roles


def role_of_codes(codes: Sequence[tuple[str, str]], /) -> Role:
    """Return the role that the first known code stands for.

    Examples
    --------
    >>> role_of_codes([("SCT", "2748008")]).value, role_of_codes([("SCT", "52988006")]).value
    ('cord', 'high')
    """
    _, roles = _tables()
    found = [roles[value] for scheme, value in codes if scheme == SCHEME and value in roles]
    return found[0] if found else Role.OTHER


def level_of_codes(codes: Sequence[tuple[str, str]], /) -> str:
    """Return the levels that codes of vertebrae stand for, joined from head to foot.

    Examples
    --------
    >>> level_of_codes([("SCT", "23215003"), ("SCT", "66794005")])
    'T12-L1'
    """
    levels, _ = _tables()
    found = {levels[value] for scheme, value in codes if scheme == SCHEME and value in levels}
    return "-".join(level for level in LEVELS if level in found)
