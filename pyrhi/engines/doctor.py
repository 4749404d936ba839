"""What of pyrhi works on this machine, and what to do about what does not."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.engines import jvm
from pyrhi.engines.kernels import Kernels, find_kernels
from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import EngineError, PyrhiError
from pyrhi.imagej.results import HEADINGS
from pyrhi.io.images.array import array_image
from pyrhi.io.rois import decode_roi, encode_mask

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from pyrhi.io.images import Image
    from pyrhi.rhi.engine import Engine

DISTRIBUTION = "pyrhi"

TRIAL_SIDE = 64
TRIAL_BOX = (slice(5, 47), slice(11, 38))
TRIAL_AREA = float((47 - 5) * (38 - 11))
TRIAL_MEAN = 1200.0


KERNELS = {
    Kernels.COMPILED: "its kernels are compiled",
    Kernels.UNCOMPILED: "its kernels run uncompiled: the same numbers, much slower; "
    "install a C compiler, then pyrhi again",
    Kernels.OLD: "its kernels were compiled from older sources: install pyrhi again",
}


class State(Enum):
    """How a part of pyrhi is."""

    WORKS = "works"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    part
        What was looked at.
    state
        Whether it works.
    text
        Version and place, or what is wrong and what to do.
    needed
        True where a part that does not work makes the exit code 1; ImageJ and the extras are
        not needed for measuring.
    """

    part: str
    state: State
    text: str
    needed: bool = True


def examine(fiji: str | os.PathLike[str] | None = None, /) -> Iterator[Finding]:
    """Look at every part and yield what was found, one at a time (starting Java takes seconds).

    Parameters
    ----------
    fiji
        Folder of a local Fiji or ImageJ to try; None tries ImageJ 1.54p from Maven Central.
    """
    yield Finding("Python", State.WORKS, f"{platform.python_version()} at {sys.executable}")
    yield Finding(DISTRIBUTION, State.WORKS, version(DISTRIBUTION))
    yield _packages("")
    yield _numpy_engine()
    for extra in ("imagej", "study"):
        yield _packages(extra)
    yield _java()
    if fiji is not None:
        yield _fiji(fiji)
    yield _imagej_engine(fiji)


def _packages(extra: str) -> Finding:
    """Find the packages that pyrhi itself, or one of its extras, declares."""
    part = f"extra {extra}" if extra else "packages"
    found, missing = [], []
    for name in _declared(extra):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if not missing:
        return Finding(part, State.WORKS, ", ".join(found), needed=not extra)
    what = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
    text = f'without {", ".join(missing)}: run pip install "{what}"'
    return Finding(part, State.MISSING, text, needed=not extra)


def _declared(extra: str) -> list[str]:
    """Return the names of the packages that pyrhi declares for an extra, or without one."""
    names = []
    for line in requires(DISTRIBUTION) or ():
        requirement, _, marker = line.partition(";")
        if (f"extra == '{extra}'" in marker.replace('"', "'")) if extra else not marker:
            name = requirement
            for sign in "<>=!~[ ":
                name = name.partition(sign)[0]
            names.append(name)
    return names


def _numpy_engine() -> Finding:
    try:
        _try(NumpyEngine)
    except (PyrhiError, ImportError) as error:
        return Finding("numpy engine", State.BROKEN, f"{error}; install pyrhi again")
    text = f"measures a trial ROI as ImageJ does; {KERNELS[find_kernels()]}"
    return Finding("numpy engine", State.WORKS, text)


def _java() -> Finding:
    try:
        library, numbers = jvm.find_java()
    except PyrhiError as error:
        return Finding("Java", State.MISSING, str(error), needed=False)
    shown = ".".join(map(str, numbers)) or "of unknown version"
    return Finding("Java", State.WORKS, f"{shown} at {library}", needed=False)


def _fiji(folder: str | os.PathLike[str]) -> Finding:
    try:
        path = jvm.check_fiji(folder)
    except PyrhiError as error:
        return Finding("Fiji", State.MISSING, str(error))
    jars = sorted(jar.name for jar in path.glob("jars/ij-*.jar"))
    return Finding("Fiji", State.WORKS, f"{path} ({', '.join(jars) or 'ij.jar'})")


def _imagej_engine(fiji: str | os.PathLike[str] | None) -> Finding:
    needed = fiji is not None
    try:
        from pyrhi.engines.imagej import ImageJ

        imagej = ImageJ(fiji=fiji)
        _try(imagej.engine)
    except PyrhiError as error:
        return Finding("ImageJ engine", State.MISSING, str(error), needed)
    text = f"ImageJ {imagej.version} at {imagej.source} measures the same"
    return Finding("ImageJ engine", State.WORKS, text, needed)


def _try(engine_of: Callable[[Image], Engine]) -> None:
    """Measure a rectangle of known area and mean.

    Raises
    ------
    EngineError
        If the engine gives other numbers.
    """
    mask = np.zeros((TRIAL_SIDE, TRIAL_SIDE), bool)
    mask[TRIAL_BOX] = True
    image = array_image(np.where(mask, TRIAL_MEAN, 0.0).astype(np.uint16), name="trial image")
    roi = decode_roi(encode_mask(mask, name="cord"), name="cord")
    row, _ = engine_of(image).measure(roi, 1)
    found = dict(zip(HEADINGS, row, strict=True))
    if (found["Area"], found["Mean"]) != (TRIAL_AREA, TRIAL_MEAN):
        msg = (
            f"a trial ROI of area {TRIAL_AREA:g} and mean {TRIAL_MEAN:g} was measured as "
            f"{found['Area']:g} and {found['Mean']:g}"
        )
        raise EngineError(msg)
