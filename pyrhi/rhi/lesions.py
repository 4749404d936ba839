"""Counting lesions of a patient: by named level, else by regions joined through slices."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


PACKING_LEVEL = 1
"""Of zlib: labels are small, and waiting for a better level costs more than it saves."""

LABELS_OF_A_BYTE = 2**8
"""With fewer regions, a label is packed as one byte."""


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
        Labels, compressed, so that those of many slices can wait for one another.
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
        small = labels.max(initial=0) < LABELS_OF_A_BYTE
        packed = zlib.compress(labels.astype("u1" if small else "<u4").tobytes(), PACKING_LEVEL)
        height, width = labels.shape
        return cls(sequence, number, x, y, height, width, packed)

    @property
    def labels(self) -> NDArray[np.int32]:
        """Labels: 0 outside, 1 to n inside, int32, shape ``(height, width)``."""
        data = zlib.decompress(self.packed)
        small = len(data) == self.height * self.width
        labels = np.frombuffer(data, "u1" if small else "<u4")
        return labels.astype(np.int32).reshape(self.height, self.width)


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
    return sum(
        any(not current.excluded for current, _ in lesion) for lesion in joined_lesions(slices)
    )


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
    parents: list[int] = []
    regions: list[tuple[LabelledSlice, int]] = []

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    previous: list[tuple[LabelledSlice, NDArray[np.int32], int]] = []
    ordered = sorted(slices, key=lambda s: (s.sequence, s.number))
    for current in ordered:
        labels = current.labels
        first = len(parents)
        count = int(labels.max(initial=0))
        parents.extend(range(first, first + count))
        regions.extend((current, number) for number in range(1, count + 1))
        # Several levels may lie on one slice, so all slices of the last number are kept.
        kept = [p for p in previous if p[0].sequence == current.sequence]
        for other, other_labels, other_first in kept:
            if current.number - other.number == 1:
                for a, b in _touching(other, other_labels, current, labels):
                    parents[root(first + b - 1)] = root(other_first + a - 1)
        previous = [p for p in kept if current.number - p[0].number <= 1]
        previous.append((current, labels, first))
    lesions: dict[int, list[tuple[LabelledSlice, int]]] = {}
    for i, region in enumerate(regions):
        lesions.setdefault(root(i), []).append(region)
    return tuple(tuple(lesion) for lesion in lesions.values())


def _touching(
    a: LabelledSlice, a_labels: NDArray[np.int32], b: LabelledSlice, b_labels: NDArray[np.int32]
) -> list[tuple[int, int]]:
    """Pairs of labels that share a pixel position."""
    x1, y1 = max(a.x, b.x), max(a.y, b.y)
    x2, y2 = min(a.x + a.width, b.x + b.width), min(a.y + a.height, b.y + b.height)
    if x2 <= x1 or y2 <= y1:
        return []
    la = a_labels[y1 - a.y : y2 - a.y, x1 - a.x : x2 - a.x]
    lb = b_labels[y1 - b.y : y2 - b.y, x1 - b.x : x2 - b.x]
    both = (la != 0) & (lb != 0)
    return list(set(zip(la[both].tolist(), lb[both].tolist(), strict=True)))
