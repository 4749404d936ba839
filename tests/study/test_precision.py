"""Precision of readings against published data and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.samples import MINI_1, MINI_2, WRIGHT_1, WRIGHT_2

from pyrhi.errors import ParameterError
from pyrhi.study.precision import precision


def test_repeatability_is_the_paper_of_1986() -> None:
    # The SD of the differences of repeats is 21.6 (Wright); twice that is their coefficient.
    wright = precision(np.column_stack([WRIGHT_1, WRIGHT_2]), ["W", "W"])
    differences = np.subtract(WRIGHT_1, WRIGHT_2)
    assert np.sqrt((differences**2).mean()) == pytest.approx(21.6, abs=0.06)
    assert wright.within_reader_sd.value == pytest.approx(15.3, abs=0.05)
    assert wright.repeatability.value == pytest.approx(1.96 * 21.6, abs=0.15)
    assert wright.repeated
    assert np.isnan(wright.sem_agreement)
    # Bland & Altman 1999 print the within-subject variances 234.29 (Wright) and 396.44 (mini).
    mini = precision(np.column_stack([MINI_1, MINI_2]), ["M", "M"])
    assert wright.within_reader_sd.value**2 == pytest.approx(234.29, abs=0.01)
    assert mini.within_reader_sd.value**2 == pytest.approx(396.44, abs=0.01)


def test_sem_is_that_of_shrout_and_fleiss_table() -> None:
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = precision(table, list("ABCD"))
    # Their mean squares: judges 32.49, residual 1.02.
    assert found.sem_consistency**2 == pytest.approx(1.02, abs=0.005)
    assert found.sem_agreement**2 == pytest.approx(1.02 + (32.49 - 1.02) / 6, abs=0.01)
    assert not found.repeated
    assert found.repeatability.value == pytest.approx(1.96 * np.sqrt(2) * found.sem_consistency)


def test_the_interval_of_the_within_reader_sd_covers() -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        truth = rng.normal(40, 20, 15)[:, None]
        found = precision(truth + rng.normal(0, 3, (15, 2)), ["A", "A"])
        hits += found.within_reader_sd.low <= 3 <= found.within_reader_sd.high
    assert hits / 400 == pytest.approx(0.95, abs=0.03)


def test_columns_without_readers_are_refused() -> None:
    with pytest.raises(ParameterError, match="one column for each of the 3"):
        precision([[1, 2], [2, 3]], ["A", "B", "C"])
