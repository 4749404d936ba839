"""What location and number say beside RHI."""

from __future__ import annotations

import numpy as np
import pytest
from rigs.models import made_document, made_model
from scipy import stats

from pyrhi.errors import ParameterError
from pyrhi.pain.evidence import likelihood, score_distribution, tier_counts
from pyrhi.pain.model import Patient


def test_score_distribution_has_the_mean_and_the_greatest_entropy() -> None:
    p = score_distribution(8, 5, 10)
    scores = np.arange(11)
    assert p @ scores == pytest.approx(8, abs=1e-9)
    assert p[:5].sum() == 0
    # any change that keeps sum and mean lowers the entropy
    change = np.array([0] * 5 + [1, -2, 1, 0, 0, 0]) * 1e-3
    assert stats.entropy(p + change) < stats.entropy(p)
    assert stats.entropy(p - change) < stats.entropy(p)
    assert score_distribution(5, 0, 10) == pytest.approx(np.full(11, 1 / 11))
    with pytest.raises(ParameterError, match="not inside"):
        score_distribution(5, 5, 10)


@pytest.mark.slow
def test_location_and_number_pull_as_table_2_says() -> None:
    for evidence, light, heavy in (
        ("rhi+location", "cervical", "lumbar"),
        ("rhi+number", "1", ">2"),
    ):
        made = made_model(evidence)
        low, high = (made.predict(Patient(42, g, g)).moderate_or_severe for g in (light, heavy))
        assert low is not None
        assert high is not None
        assert low.value < 0.643 < high.value
        absent = made.predict(Patient(42))
        assert absent.indeterminate
        assert "missing" in absent.reason
    sacral = made_model("rhi+location").predict(Patient(60, "sacral"))
    assert "sacral: the study prints no pain score" in sacral.reason


@pytest.mark.slow
def test_location_multiplies_odds_by_the_groups_likelihood() -> None:
    plain = made_document()["tables"]["any"]
    with_place = made_document("rhi+location")["tables"]["lumbar"]
    ratio = likelihood(tier_counts("rhi+location"))["lumbar"]
    odds = with_place["P_severe"][420] / with_place["P_mild"][420]
    expected = plain["P_severe"][420] / plain["P_mild"][420] * ratio[2] / ratio[0]
    assert odds == pytest.approx(expected, rel=1e-6)
