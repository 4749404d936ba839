"""Names of files and folders: pseudonyms that keep what belongs together, in its order."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pyrhi.batch.pseudonym import pseudonym
from pyrhi.io.rois.files import is_roi_word, split_ending
from pyrhi.rhi.roles import RolePatterns

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_SLICE = 999
"""A larger number in a name is no slice's; numbers are then counted from 1."""

DICOM_ENDING = ".dcm"
_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)", re.DOTALL)
_ROLE_WORDS = "|".join((*RolePatterns().plain_words, "mask", "seg", "label"))
_ROLE_TAIL = re.compile(rf"((?:[_-](?:{_ROLE_WORDS}))+)$", re.I)


class Names:
    """Pseudonyms for the paths of a folder.

    Parameters
    ----------
    paths
        All files, relative to the input folder.
    key
        Key of the pseudonyms.

    Notes
    -----
    A folder's pseudonym is that of its name, as ``pyrhi measure`` gives it to an identifier. A
    file's name is that of its text; files of a folder that differ in a number alone keep it, so
    that slices stay neighbours. What shares a name (an image, its RoiSet, its masks) goes on
    sharing it.
    """

    def __init__(self, paths: Iterable[PurePath], key: bytes, /) -> None:
        self._key = key
        self._folders: dict[PurePath, set[str]] = defaultdict(set)
        stems: dict[PurePath, set[str]] = defaultdict(set)
        for path in paths:
            stems[path.parent].add(_ROLE_TAIL.sub("", split_ending(path.name)[0]))
            for folder in path.parents:
                if folder != folder.parent:
                    self._folders[folder.parent].add(folder.name)
        self._numbers: dict[tuple[PurePath, str, str], dict[str, str]] = {}
        for parent, names in stems.items():
            groups: dict[tuple[str, str], set[str]] = defaultdict(set)
            for name in names - self._folders[parent]:
                if match := _NUMBERED.fullmatch(name):
                    groups[match[1], match[3]].add(match[2])
            for (prefix, tail), numbers in groups.items():
                self._numbers[parent, prefix, tail] = _renumbered(numbers)

    def folder(self, path: PurePath, /) -> Path:
        """Return the pseudonym of a folder's path; a folder ``ROIs`` keeps its name."""
        parts = (p if is_roi_word(p) else pseudonym(p, self._key) for p in path.parts)
        return Path(*parts)

    def file(self, path: PurePath, ending: str, /) -> Path:
        """Return the pseudonym of a file's path.

        Parameters
        ----------
        path
            Relative to the input folder.
        ending
            What the output's name ends with.
        """
        parent = self.folder(path.parent)
        if is_roi_word(path.name):
            return parent / path.name
        return parent / f"{self.stem(path)}{ending}"

    def stem(self, path: PurePath, /) -> str:
        """Return the pseudonym of a file's name without its ending."""
        stem = split_ending(path.name)[0]
        role = match[1].lower() if (match := _ROLE_TAIL.search(stem)) else ""
        base = stem[: len(stem) - len(role)]
        if base in self._folders[path.parent]:  # a RoiSet beside the folder of its series
            return pseudonym(base, self._key) + role
        match = _NUMBERED.fullmatch(base)
        if match:
            number = self._numbers.get((path.parent, match[1], match[3]), {}).get(match[2])
            if number is not None:
                hidden = pseudonym(f"{match[1]}#{match[3]}", self._key)
                return f"{hidden}_{number}{role}"
        return pseudonym(base, self._key) + role


def _renumbered(numbers: set[str]) -> dict[str, str]:
    """Return what becomes of the numbers of one sequence; nothing where there is only one."""
    if len(numbers) < 2:
        return {}
    if max(int(n) for n in numbers) <= LARGEST_SLICE:
        return {n: n for n in numbers}
    first, last = min(int(n) for n in numbers), max(int(n) for n in numbers)
    if len({int(n) for n in numbers}) < len(numbers):
        return {}
    width = len(str(last - first + 1))
    return {n: f"{int(n) - first + 1:0{width}d}" for n in numbers}
