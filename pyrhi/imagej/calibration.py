"""Spatial and value calibration of an image, as ``ij.measure.Calibration`` holds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

NO_UNIT = "pixel"


class Function(IntEnum):
    """Calibration functions by ImageJ's own numbers (``Calibration`` and ``CurveFitter``)."""

    STRAIGHT_LINE = 0
    NONE = 20
    UNCALIBRATED_OD = 21


@dataclass(frozen=True)
class Calibration:
    """Size of a pixel, its unit, the origin, and the function from raw to calibrated values.

    Parameters
    ----------
    pixel_width, pixel_height, pixel_depth
        Size of a pixel in `unit`.
    unit
        Unit of length; ``"pixel"`` where the image has none.
    x_origin, y_origin, z_origin
        Origin in pixels.
    function
        ImageJ's number of the calibration function; ``Function.NONE`` without one.
    coefficients
        Coefficients of `function`.
    value_unit
        Unit of the calibrated value.

    Notes
    -----
    Source: ``ij.measure.Calibration``.
    """

    pixel_width: float = 1.0
    pixel_height: float = 1.0
    pixel_depth: float = 1.0
    unit: str = NO_UNIT
    x_origin: float = 0.0
    y_origin: float = 0.0
    z_origin: float = 0.0
    function: int = Function.NONE
    coefficients: tuple[float, ...] = ()
    value_unit: str = "Gray Value"
