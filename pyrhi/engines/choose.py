"""Choosing the engine that measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ParameterError

if TYPE_CHECKING:
    import os

    from pyrhi.engines.imagej import ImageJ
    from pyrhi.io.images import Image
    from pyrhi.rhi.engine import Engine

NUMPY = "numpy"
IMAGEJ = "imagej"
ENGINES = (NUMPY, IMAGEJ)


def check_engine(engine: str, /) -> None:
    """Raise ParameterError unless there is such an engine."""
    if engine not in ENGINES:
        msg = f"there is no engine {engine!r}; take one of {', '.join(ENGINES)}"
        raise ParameterError(msg)


def start_engine(engine: str, fiji: str | os.PathLike[str] | None = None, /) -> str:
    """Start an engine and return what it is, such as ``ImageJ 1.54p``.

    Parameters
    ----------
    engine
        One of `ENGINES`.
    fiji
        Folder of a local Fiji or ImageJ; None takes ImageJ 1.54p from Maven Central.

    Raises
    ------
    ParameterError
        If there is no such engine.
    EngineError
        If ImageJ cannot be started.
    """
    check_engine(engine)
    if engine == NUMPY:
        return NUMPY
    from pyrhi.engines.imagej import ImageJ

    return f"ImageJ {ImageJ(fiji=fiji).version}"


def engine_of(
    image: Image, engine: str | ImageJ = NUMPY, fiji: str | os.PathLike[str] | None = None, /
) -> Engine:
    """Return what measures an image.

    Parameters
    ----------
    image
        The image.
    engine
        One of `ENGINES`, or an ImageJ that runs.
    fiji
        As of `start_engine`, which raises the same errors.
    """
    if not isinstance(engine, str):
        return engine.engine(image)
    check_engine(engine)
    if engine == NUMPY:
        return NumpyEngine(image)
    from pyrhi.engines.imagej import ImageJ

    return ImageJ(fiji=fiji).engine(image)
