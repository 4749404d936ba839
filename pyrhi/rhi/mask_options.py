"""How masks are read: conventions of labels, what the whole is, thresholds, grids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyrhi.errors import ParameterError
from pyrhi.rhi import labels as tables

HALF = 0.5
"""A pixel whose probability is at least this belongs to a soft mask."""


@dataclass(frozen=True)
class MaskOptions:
    """How masks are read.

    Parameters
    ----------
    labels
        Conventions of label maps: a name of `pyrhi.rhi.labels.CONVENTIONS`, a CSV file or
        ``"binary"``; ``cord=`` or ``high=`` before it says which mask it is for.
    whole
        ``"cord"``, ``"vertebra"`` or ``"canal"``; None as `pyrhi.rhi.labels.choose_whole` does.
    threshold
        Least probability at which a pixel belongs to a soft mask.
    resample
        True takes the nearest voxel of a mask on another grid.
    """

    labels: tuple[str, ...] = ()
    whole: str | None = None
    threshold: float = HALF
    resample: bool = False

    def __post_init__(self) -> None:
        for text in self.labels:
            tables.check_convention(_convention(text)[1])
        # A table is found again from any folder: a report opens the images once more.
        object.__setattr__(self, "labels", tuple(map(_with_absolute_path, self.labels)))
        if self.whole is not None and self.whole not in tables.WHOLES:
            msg = f"--whole {self.whole!r} is not one of {', '.join(tables.WHOLES)}"
            raise ParameterError(msg)
        if not 0.0 < self.threshold <= 1.0:
            msg = f"--mask-threshold {self.threshold:g} is not above 0 and at most 1"
            raise ParameterError(msg)

    @property
    def tables(self) -> list[str]:
        """Tables of one's own among the conventions: files whose content decides numbers."""
        names = (_convention(text)[1] for text in self.labels)
        return [name for name in names if not tables.is_known(name)]

    def convention(self, purpose: str) -> str | None:
        """Return the convention for a mask: one for it alone before one for all."""
        pairs = [_convention(text) for text in self.labels]
        own = [name for of, name in pairs if of == purpose]
        return next(iter([*own, *(name for of, name in pairs if not of)]), None)


def _convention(text: str) -> tuple[str, str]:
    of, _, name = text.rpartition("=")
    if of in ("cord", "high"):
        return of, name
    return "", text


def _with_absolute_path(text: str) -> str:
    of, name = _convention(text)
    if tables.is_known(name):
        return text
    return f"{of}={Path(name).absolute()}" if of else str(Path(name).absolute())
