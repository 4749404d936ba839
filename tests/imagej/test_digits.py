"""Numbers as cells against Python's own repr: the same characters for every double."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrhi.imagej.digits import lines_of

WRITTEN = {math.nan: "NaN", math.inf: "Infinity", -math.inf: "-Infinity"}
EDGES = (
    *(0.0, -0.0, 5e-324, 2.2250738585072009e-308, 2.2250738585072014e-308),
    *(1.7976931348623157e308, 1e16, 9999999999999998.0, 1e15, 1e17, 1e22, 1e23, 2.0**53),
    *(1e-4, 1e-5, 9.999e-5, 0.1, 2 / 3, 100.0, 123456789012345680.0, -1e100, -1.5e-300),
)


def by_python(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else WRITTEN[value]
    return repr(value).removesuffix(".0")


def check(values: np.ndarray) -> None:
    found = lines_of(values.reshape(1, -1), -1)[0].split(",")
    assert found == list(map(by_python, values.tolist()))


def test_the_smallest_and_largest_doubles_print_as_repr():
    check(np.array([*EDGES, *WRITTEN]))


@given(st.lists(st.floats(), min_size=1, max_size=50))
def test_a_number_has_the_digits_of_pythons_repr(values: list[float]):
    check(np.array(values))


@pytest.mark.parametrize("seed", range(4))
def test_many_doubles_of_all_sizes(seed: int):
    rng = np.random.default_rng(seed)
    check(rng.integers(0, 2**64, 100_000, np.uint64).view(np.float64))
    check(rng.integers(0, 2**52, 20_000, np.uint64).view(np.float64))  # subnormal
    check(10.0 ** rng.integers(-30, 30, 20_000) * rng.integers(-9, 9, 20_000))
    check(rng.normal(300, 200, 50_000))
    check(np.round(rng.normal(300, 200, 20_000), 3))


def test_rows_keep_their_columns():
    rows = np.arange(12.0).reshape(3, 4)
    assert lines_of(rows, 2) == ["0,1,3", "4,5,7", "8,9,11"]
    assert lines_of(rows[:, ::2], -1) == ["0,2", "4,6", "8,10"]
    assert lines_of(rows[:0], -1) == []
