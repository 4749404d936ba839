"""ImageJ's 17 automatic thresholds: on a histogram, and as it scales them back to raw values."""

from pyrhi.imagej.thresholds.apply import (
    OPTIONS,
    Levels,
    Planes,
    Threshold,
    auto_threshold,
    levels,
)
from pyrhi.imagej.thresholds.methods import METHODS, histogram_threshold

__all__ = [
    "METHODS",
    "OPTIONS",
    "Levels",
    "Planes",
    "Threshold",
    "auto_threshold",
    "histogram_threshold",
    "levels",
]
