"""Counting lesions of a patient: by named level, else by regions joined through slices."""

from __future__ import annotations

import re
import struct
import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.runs import pack_runs, touching, unpack_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


# The last number of a name: t2_axial_014.tif gives t2_axial_, 014 and .tif.
_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)")


def place_among_neighbours(
    name: str, number: int, n_slices: int, width: int, height: int, /
) -> tuple[str, int]:
    """Return the sequence that a slice belongs to, and its place there.

    Parameters
    ----------
    name
        Name of the image.
    number, n_slices
        The slice, and how many the image has.
    width, height
        Size of the image in pixels.

    Examples
    --------
    >>> place_among_neighbours("t2_014.tif", 1, 1, 512, 512)
    ('t2_#.tif 512x512', 14)
    >>> place_among_neighbours("t2_014.tif", 3, 9, 512, 512)
    ('t2_014.tif', 3)
    """
    # Slices exported one by one are neighbours where only a number in their name differs.
    if n_slices == 1 and (match := _NUMBERED.fullmatch(name)):
        return sys.intern(f"{match[1]}#{match[3]} {width}x{height}"), int(match[2])
    return name, number


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSlice:
    """Numbered 8-connected high regions of one slice.

    Parameters
    ----------
    sequence
        What slices must share to be neighbours, such as the name of their stack.
    number
        Place in the sequence; neighbours differ by 1.
    x, y
        Corner of `labels` on the image.
    height, width
        Size of the labels in pixels.
    packed
        Labels as `pyrhi.imagej.runs` packs them: those of many slices wait for one another.
    excluded
        True for a slice whose regions are not counted, but still join those of its neighbours:
        leaving out the middle of a lesion must not make it two.
    """

    sequence: str
    number: int
    x: int
    y: int
    height: int
    width: int
    packed: bytes
    excluded: bool = False

    @classmethod
    def of(
        cls, sequence: str, number: int, x: int, y: int, labels: NDArray[np.int32], /
    ) -> LabelledSlice:
        """Return the slice of some labels: 0 outside, 1 to n inside, shape ``(height, width)``."""
        height, width = labels.shape
        return cls(sequence, number, x, y, height, width, pack_runs(labels))

    @property
    def labels(self) -> NDArray[np.int32]:
        """Labels: 0 outside, 1 to n inside, int32, shape ``(height, width)``."""
        return self.numbered()[0]

    def numbered(self) -> tuple[NDArray[np.int32], int]:
        """Return `labels` and the greatest of them."""
        return unpack_runs(self.packed, self.height, self.width)


class PackedSlices:
    """Labelled slices in few bytes each: those of a patient wait for one another, up to a million.

    Examples
    --------
    >>> import numpy as np
    >>> packed = PackedSlices()
    >>> packed.add(LabelledSlice.of("a", 7, 1, 2, np.ones((2, 3), np.int32)))
    >>> [(x.sequence, x.number, x.labels.shape) for x in packed]
    [('a', 7, (2, 3))]
    """

    _HEAD = struct.Struct("<IqqqII?I")

    def __init__(self) -> None:
        self._sequences: dict[str, int] = {}
        self._data = bytearray()
        self._count = 0

    def add(self, labelled: LabelledSlice, /) -> None:
        """Add one slice."""
        sequence = self._sequences.setdefault(labelled.sequence, len(self._sequences))
        place = labelled.number, labelled.x, labelled.y, labelled.height, labelled.width
        size = len(labelled.packed)
        self._data += self._HEAD.pack(sequence, *place, labelled.excluded, size)
        self._data += labelled.packed
        self._count += 1

    def __iter__(self) -> Iterator[LabelledSlice]:
        sequences = list(self._sequences)
        for at in self._offsets_in_order(sequences):
            head = self._HEAD.unpack_from(self._data, at)
            sequence, number, x, y, height, width, excluded, size = head
            at += self._HEAD.size
            packed = bytes(self._data[at : at + size])
            yield LabelledSlice(sequences[sequence], number, x, y, height, width, packed, excluded)

    def _offsets_in_order(self, sequences: list[str]) -> NDArray[np.int64]:
        """Where the slices stand, in the order of sequence and number."""
        rank = {name: i for i, name in enumerate(sorted(sequences))}
        ranks = [rank[name] for name in sequences]
        keys = np.empty((self._count, 3), np.int64)
        at = 0
        for i in range(self._count):
            head = self._HEAD.unpack_from(self._data, at)
            keys[i] = ranks[head[0]], head[1], at
            at += self._HEAD.size + head[-1]
        offsets: NDArray[np.int64] = keys[np.lexsort(keys.T[::-1]), 2]
        return offsets


class LesionCounter:
    """Joins regions of neighbouring slices that share a pixel position, as slices come by.

    Slices of one sequence must come in the order of their numbers; of each, only the last ones
    are kept.
    """

    def __init__(self) -> None:
        # A region of the same lesion for each region, its own number at the root.
        self._parents = array("q")
        self._counted = bytearray()
        self._last: dict[str, list[tuple[LabelledSlice, int]]] = {}
        # Labels of the slice that was added last: it is the next one's neighbour.
        self._newest: tuple[LabelledSlice | None, NDArray[np.int32]] = None, np.zeros((0, 0), "i4")

    def add(self, current: LabelledSlice, /) -> range:
        """Add a slice and return the numbers that its regions got.

        Raises
        ------
        ValueError
            If a later slice of its sequence has come before.
        """
        labels, regions = current.numbered()
        first = len(self._parents)
        numbers = range(first, first + regions)
        self._parents.extend(numbers)
        self._counted.extend([not current.excluded] * len(numbers))
        # Several levels may lie on one slice, so all slices of the last number are kept.
        kept = self._last.get(current.sequence, [])
        for other, other_first in kept:
            if current.number < other.number:
                msg = f"slice {current.number} of {current.sequence!r} comes after {other.number}"
                raise ValueError(msg)
            if current.number - other.number == 1:
                newest, known = self._newest
                others = known if newest is other else other.labels
                for a, b in touching(others, (other.x, other.y), labels, (current.x, current.y)):
                    self._parents[self.root(first + b - 1)] = self.root(other_first + a - 1)
        self._newest = current, labels
        self._last[current.sequence] = [
            *(p for p in kept if current.number - p[0].number <= 1),
            (current, first),
        ]
        return numbers

    def root(self, region: int, /) -> int:
        """Return the number that all regions of a lesion share."""
        parents = self._parents
        while parents[region] != region:
            parents[region] = parents[parents[region]]
            region = parents[region]
        return region

    def count(self) -> int:
        """Return the number of lesions that have a region which is not excluded."""
        lesions = bytearray(len(self._parents))
        for region, counted in enumerate(self._counted):
            if counted:
                lesions[self.root(region)] = 1
        return sum(lesions)


def count_joined(slices: Iterable[LabelledSlice], /) -> int:
    """Count lesions: regions of neighbouring slices that share a pixel position are one.

    Parameters
    ----------
    slices
        Labelled slices of one patient, in any order; slices without high area may be left out.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((2, 2), np.int32)
    >>> stack = [LabelledSlice.of("a", 1, 0, 0, one), LabelledSlice.of("a", 2, 1, 1, one)]
    >>> count_joined(stack), count_joined([stack[0], LabelledSlice.of("a", 3, 0, 0, one)])
    (1, 2)
    """
    counter = LesionCounter()
    for current in _in_order(slices):
        counter.add(current)
    return counter.count()


def _in_order(slices: Iterable[LabelledSlice]) -> Iterable[LabelledSlice]:
    if isinstance(slices, PackedSlices):
        return slices
    return sorted(slices, key=lambda s: (s.sequence, s.number))


def joined_lesions(
    slices: Iterable[LabelledSlice], /
) -> tuple[tuple[tuple[LabelledSlice, int], ...], ...]:
    """Return which regions of which slices belong together, as `count_joined` joins them.

    Parameters
    ----------
    slices
        Labelled slices of one patient, in any order.

    Returns
    -------
    tuple
        For each lesion its slices, each with the number of a region; in the order of sequence
        and place.
    """
    counter = LesionCounter()
    numbered = [(current, counter.add(current)) for current in _in_order(slices)]
    lesions: dict[int, list[tuple[LabelledSlice, int]]] = {}
    for current, numbers in numbered:
        for label, region in enumerate(numbers, start=1):
            lesions.setdefault(counter.root(region), []).append((current, label))
    return tuple(tuple(lesion) for lesion in lesions.values())
