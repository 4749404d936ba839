"""Lengths as tables give them: micrometres, which Bio-Formats writes, become millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrhi.imagej.calibration import Calibration

MM = "mm"
MICRONS = frozenset({"µm", "μm", "um", "micron", "microns", "micrometer", "micrometre"})
"""Spellings of micrometre in small letters, the micro sign as both of its characters."""

MICRON = "pixel size in micron: areas are in mm^2"
"""What a row says whose lengths were converted."""


def is_micron(unit: str, /) -> bool:
    """Return True where a unit of length is the micrometre.

    Examples
    --------
    >>> is_micron("micron"), is_micron("mm")
    (True, False)
    """
    return unit.strip().lower() in MICRONS


def pixel_size(calibration: Calibration, /) -> tuple[float, float, str]:
    """Return width and height of a pixel and their unit, as the tables have them.

    Parameters
    ----------
    calibration
        The image's.

    Examples
    --------
    >>> from pyrhi.imagej.calibration import Calibration
    >>> pixel_size(Calibration(pixel_width=500.0, pixel_height=250.0, unit="micron"))
    (0.5, 0.25, 'mm')
    """
    width, height, unit = calibration.pixel_width, calibration.pixel_height, calibration.unit
    return (width / 1000, height / 1000, MM) if is_micron(unit) else (width, height, unit)
