"""Spatial and value calibration of an image, as ``ij.measure.Calibration`` holds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_UNIT = "pixel"
DEFAULT_VALUE_UNIT = "Gray Value"

SIGNED_16BIT_OFFSET = 32768
"""ImageJ holds signed 16-bit pixels as unsigned ones, raised by this."""


class Function(IntEnum):
    """Calibration functions by ImageJ's own numbers (``Calibration`` and ``CurveFitter``)."""

    STRAIGHT_LINE = 0
    POLY2 = 1
    POLY3 = 2
    POLY4 = 3
    EXPONENTIAL = 4
    POWER = 5
    LOG = 6
    RODBARD = 7
    GAMMA_VARIATE = 8
    LOG2 = 9
    RODBARD2 = 10
    EXP_WITH_OFFSET = 11
    GAUSSIAN = 12
    EXP_RECOVERY = 13
    NONE = 20
    UNCALIBRATED_OD = 21


COEFFICIENTS = {
    Function.STRAIGHT_LINE: 2,
    Function.POLY2: 3,
    Function.POLY3: 4,
    Function.POLY4: 5,
    Function.EXPONENTIAL: 2,
    Function.POWER: 2,
    Function.LOG: 2,
    Function.RODBARD: 4,
    Function.GAMMA_VARIATE: 4,
    Function.LOG2: 3,
    Function.RODBARD2: 4,
    Function.EXP_WITH_OFFSET: 3,
    Function.GAUSSIAN: 4,
    Function.EXP_RECOVERY: 3,
}
"""How many coefficients each fitted function needs (``CurveFitter.getNumParams``)."""


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
    invert_y
        True where y counts from the bottom of the image, or from the origin upwards.
    zero_clip
        True where negative calibrated values of an 8-bit image become 0.
    inverted_lut
        True where low values are shown bright (TIFF WhiteIsZero, DICOM MONOCHROME1, an inverting
        look-up table). It changes no pixel value; uncalibrated OD and the "dark" option of the
        auto thresholds depend on it.

    Notes
    -----
    Source: ``ij.measure.Calibration``; `inverted_lut` is ``ImageProcessor.isInvertedLut``.
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
    value_unit: str = DEFAULT_VALUE_UNIT
    invert_y: bool = False
    zero_clip: bool = False
    inverted_lut: bool = False


def table(calibration: Calibration, kind: str, /) -> NDArray[np.float32] | None:
    """Return the calibrated value of every possible pixel value.

    Parameters
    ----------
    calibration
        Calibration of the image.
    kind
        ``"8-bit"``, ``"16-bit"``, ``"32-bit"`` or ``"RGB"``.

    Returns
    -------
    ndarray or None
        float32, shape ``(256,)`` or ``(65536,)``, indexed by the raw value; None where the image
        has no calibration function or its kind cannot have one.

    Raises
    ------
    ParameterError
        If the function is unknown or lacks coefficients.

    Notes
    -----
    Source: ``Calibration.makeCTable`` and ``CurveFitter.f``: computed in double precision and
    rounded to float32. Uncalibrated OD exists for 8-bit images only, and only their tables are
    clipped at zero.
    """
    function = calibration.function
    if function == Function.NONE or kind not in ("8-bit", "16-bit"):
        return None
    eight_bit = kind == "8-bit"
    x = np.arange(256 if eight_bit else 65536, dtype=np.float64)
    with np.errstate(all="ignore"):
        if function == Function.UNCALIBRATED_OD:
            return _optical_density(x, calibration.inverted_lut) if eight_bit else None
        values = _curve(function, calibration.coefficients, x)
        if eight_bit and calibration.zero_clip:
            values = np.where(values < 0.0, 0.0, values)
        return values.astype(np.float32)


def calibrated_value(calibration: Calibration, value: int, /) -> float:
    """Return the calibrated value of one raw value, in double precision.

    Parameters
    ----------
    calibration
        Calibration of the image.
    value
        Raw 8-bit or 16-bit value.

    Raises
    ------
    ParameterError
        If the function is unknown or lacks coefficients.

    Notes
    -----
    Source: ``Calibration.getCValue(int)``, which evaluates a fitted function itself and takes the
    float32 table for uncalibrated OD only. ImageJ's median goes through it.
    """
    function = calibration.function
    if function == Function.NONE:
        return float(value)
    if function == Function.UNCALIBRATED_OD:
        values = _optical_density(np.array([float(value)]), calibration.inverted_lut)
        return float(values[0])
    with np.errstate(all="ignore"):
        exact = float(_curve(function, calibration.coefficients, np.array([float(value)]))[0])
    return 0.0 if calibration.zero_clip and exact < 0.0 else exact


def check_function(function: int, coefficients: tuple[float, ...], /) -> None:
    """Raise ParameterError unless ImageJ knows `function` and has enough coefficients for it."""
    needed = COEFFICIENTS.get(function)  # type: ignore[call-overload]
    if needed is None:
        msg = f"calibration function {function} is not one that pyrhi knows (0 to 13, 20, 21)"
        raise ParameterError(msg)
    if len(coefficients) < needed:
        msg = (
            f"calibration function {function} needs {needed} coefficients,"
            f" and {len(coefficients)} are given"
        )
        raise ParameterError(msg)


def _optical_density(x: NDArray[np.float64], inverted: bool) -> NDArray[np.float32]:
    if inverted:
        v = np.where(x == 255.0, 254.5, x)
        ratio = 255.0 / (255.0 - v)
    else:
        ratio = 255.0 / np.where(x == 0.0, 0.5, x)
    return np.asarray(0.434294481 * np.log(ratio), dtype=np.float32)


def _curve(function: int, p: tuple[float, ...], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate ``CurveFitter.f``, operation for operation."""
    check_function(function, p)
    y: NDArray[np.float64]
    match Function(function):
        case Function.STRAIGHT_LINE:
            y = p[0] + x * p[1]
        case Function.POLY2:
            y = p[0] + x * (p[1] + x * p[2])
        case Function.POLY3:
            y = p[0] + x * (p[1] + x * (p[2] + x * p[3]))
        case Function.POLY4:
            y = p[0] + x * (p[1] + x * (p[2] + x * (p[3] + x * p[4])))
        case Function.EXPONENTIAL:
            y = p[0] * np.exp(p[1] * x)
        case Function.POWER:
            y = p[0] * np.power(x, p[1])
        case Function.LOG:
            y = np.where(x == 0.0, -1000 * p[0], p[0] * np.log(p[1] * x))
        case Function.RODBARD:
            y = p[3] + (p[0] - p[3]) / (1.0 + np.power(x / np.float64(p[2]), p[1]))
        case Function.GAMMA_VARIATE:
            rise = x - p[0]
            y = p[1] * np.power(rise, p[2]) * np.exp(-rise / np.float64(p[3]))
            if not (p[1] > 0 and p[2] > 0 and p[3] > 0):
                y = np.full_like(x, np.nan)
            y = np.where(p[0] >= x, 0.0, y)
        case Function.LOG2:
            shifted = x - p[2]
            y = np.where(shifted <= 0, np.nan, p[0] + p[1] * np.log(shifted))
        case Function.RODBARD2:
            below = p[3] - x
            y = np.power((x - p[0]) / below, np.float64(1.0) / p[1]) * p[2]
            y = np.where((below < 2 * np.nextafter(0.0, 1.0)) | (x < p[0]), 0.0, y)
        case Function.EXP_WITH_OFFSET:
            y = p[0] * np.exp(-p[1] * x) + p[2]
        case Function.GAUSSIAN:
            y = p[0] + (p[1] - p[0]) * np.exp(
                -(x - p[2]) * (x - p[2]) / np.float64(2.0 * p[3] * p[3])
            )
        case Function.EXP_RECOVERY:
            y = p[0] * (1 - np.exp(-p[1] * x)) + p[2]
        case _:
            msg = f"calibration function {function} has no curve"
            raise ParameterError(msg)
    return y
