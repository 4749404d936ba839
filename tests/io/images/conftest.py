"""What several formats of volumes are tried with."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def values() -> np.ndarray:
    """A volume of labels."""
    return np.random.default_rng(2).integers(0, 3, (4, 30, 20)).astype(np.uint8)
