"""Cut-offs in place of a model."""

from __future__ import annotations

import pytest

from pyrhi.errors import ModelError, ParameterError
from pyrhi.pain.model import Patient, dump_model, parse_model


def test_tiers_change_at_the_cutpoints_and_never_at_zero() -> None:
    from pyrhi.pain.cutpoints import build_cutpoints

    made = parse_model(dump_model(build_cutpoints(36, 62)).encode(), where="x")
    tiers = [made.predict(Patient(r)).tier for r in (1, 35.9, 36, 61.9, 62, 100)]
    assert tiers == ["mild", "mild", "moderate", "moderate", "severe", "severe"]
    zero = made.predict(Patient(0.0))
    assert zero.indeterminate
    assert zero.probabilities == {}
    for wrong in ((62, 36), (36, 36), (-1, 36), (36, 101), (float("nan"), 50)):
        with pytest.raises(ParameterError, match="ascending"):
            build_cutpoints(*wrong)
    with pytest.raises(ModelError, match="ascending"):
        parse_model(
            dump_model(build_cutpoints(36, 62) | {"cutpoints": [62, 36]}).encode(), where="x"
        )
