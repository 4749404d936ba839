"""Whether the kernels run compiled, or as the plain Python that they are written in."""

from __future__ import annotations

from enum import Enum
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pyrhi

PACKAGE = Path(pyrhi.__file__).parent

UNPACKING_SECONDS = 60
"""Installers write the files of a wheel in any order; an edit comes later than that."""


class Kernels(Enum):
    """How the kernels run."""

    COMPILED = "compiled"
    UNCOMPILED = "uncompiled"
    OLD = "compiled from older sources"


def find_kernels(package: Path = PACKAGE, /) -> Kernels:
    """Return how the kernels of a package run.

    Parameters
    ----------
    package
        Its folder; every module with a ``.pxd`` beside it is a kernel.
    """
    for types in package.rglob("*.pxd"):
        source = types.with_suffix(".py")
        if not source.exists():
            continue
        compiled = [p for s in EXTENSION_SUFFIXES if (p := types.with_suffix(s)).exists()]
        if not compiled:
            return Kernels.UNCOMPILED
        newest = max(source.stat().st_mtime, types.stat().st_mtime)
        if compiled[0].stat().st_mtime < newest - UNPACKING_SECONDS:
            return Kernels.OLD
    return Kernels.COMPILED
