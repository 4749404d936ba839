"""Engines that measure: arrays by numpy, or a real ImageJ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrhi.engines.imagej import ImageJ

__all__ = ["ImageJ"]


def __getattr__(name: str) -> object:
    if name == "ImageJ":
        from pyrhi.engines.imagej import ImageJ

        return ImageJ
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
