"""Where the tests find what they measure."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
DATA = CHECKOUT / "tests" / "data"
SAMPLE = DATA / "sample"
AXIAL = SAMPLE / "axial_slices"
SAGITTAL = SAMPLE / "sagittal_stack"
GOLDEN = DATA / "golden"
