"""Columns of which nothing can be computed are refused, with what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from pyrhi.errors import ParameterError
from pyrhi.study.pairs import pairs_of, refuse_constant


def test_pairs_are_the_numbers_that_were_given():
    first, second = pairs_of(["1", "2.5"], (3, 4), least=2, what="x")
    assert (first.tolist(), second.tolist()) == ([1.0, 2.5], [3.0, 4.0])


@pytest.mark.parametrize(
    ("first", "second"), [([1, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([[1, 2, 3]], [[1, 2, 3]])]
)
def test_values_without_a_partner_are_never_cut_off_silently(first, second):
    with pytest.raises(ParameterError, match="a test needs 3 or more pairs, and there are"):
        pairs_of(first, second, least=3, what="a test")


def test_a_constant_is_named_with_its_value():
    refuse_constant(np.array([1.0, 1.0 + 1e-12]), "outcome")
    with pytest.raises(ParameterError, match=r"^the outcome is constant \(50\)$"):
        refuse_constant(np.array([50.0, 50.0]), "outcome")
    with pytest.raises(ParameterError, match=r"\(0\): there is no slope$"):
        refuse_constant(np.zeros(3), "RHI", "there is no slope")
