"""What the tests of this folder share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rigs.mask_files import SHAPE, save

from pyrhi.io.images import read_image


@pytest.fixture
def image(tmp_path: Path):
    path = save(tmp_path / "t2.nii.gz", np.zeros(SHAPE, np.int16))
    with read_image(path) as opened:
        yield opened


@pytest.fixture
def values() -> np.ndarray:
    out = np.zeros(SHAPE, np.uint8)
    out[3:8, 2:6, 1:4] = np.random.default_rng(3).integers(0, 4, (5, 4, 3))
    return out
