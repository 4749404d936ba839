"""Names of many files in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class SortedNames(Sequence[str]):
    """Sorted names as one text: a quarter of the bytes of as many texts.

    Parameters
    ----------
    names
        The names, sorted.

    Examples
    --------
    >>> names = SortedNames(["a.zip", "b1.zip", "b2.zip"])
    >>> len(names), names[1], names.place("b"), names.place("c")
    (3, 'b1.zip', 1, 3)
    """

    def __init__(self, names: Sequence[str], /) -> None:
        self._text = "".join(names)
        self._ends = array("I", accumulate(map(len, names), initial=0))
        self._near = 0

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:  # type: ignore[override]
        return self._text[self._ends[index] : self._ends[index + 1]]

    def place(self, beginning: str, /) -> int:
        """Return the place of the first name that is not before a text."""
        at = self._near
        # Images come in order: most are found behind the one before.
        if not (at < len(self) and self[at] >= beginning and (at == 0 or self[at - 1] < beginning)):
            at = bisect_left(self, beginning)
        self._near = at + 1
        return at
