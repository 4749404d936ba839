"""Where the tests find their data."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def sample() -> Path:
    return DATA / "sample"


@pytest.fixture(scope="session")
def axial(sample: Path) -> Path:
    return sample / "axial_slices"


@pytest.fixture(scope="session")
def sagittal(sample: Path) -> Path:
    return sample / "sagittal_stack"
