"""The study's rows: primary tests adjusted together, groups told apart, rows of one patient."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from rigs.reference import from_r
from scipy import stats

from pyrhi.pain.scores import TIERS
from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.statistics import (
    LEFT_OUT,
    MILD_OR_MORE,
    MIXED,
    ORDINAL,
    PRIMARY,
    RHI_AND_VAS,
    RHI_BY_TIER,
    ROC,
    ROC_NEWCOMBE,
    TOO_NARROW,
    VAS_BY_LOCATION,
    VAS_BY_NUMBER,
    Resampling,
    Statistic,
    Statistics,
    statistics_of,
    with_holm,
)


def cohort_of(folder: Path, patients: int, lesions: int, *, seed: int = 1) -> Statistics:
    rng = np.random.default_rng(seed)
    lines = ["patient,lesion,vas,rhi,number,location"]
    for i in range(patients):
        own = rng.normal()
        for j in range(lesions):
            rhi = float(np.clip(45 + 18 * own + 10 * rng.normal(), 1, 99))
            vas = int(np.clip(round(rhi / 10 + 1.5 * rng.normal()), 1, 10))
            place = ("lumbar", "thoracic", "cervical")[i % 3]
            lines.append(f"P{i},L{j},{vas},{rhi:.2f},{1 + i % 3},{place}")
    path = folder / "cohort.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return statistics_of(read_study_cohort(path), Resampling(100))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Statistics]:
    """A cohort of 25 patients with three lesions each."""
    folder = tmp_path_factory.mktemp("several")
    return folder, cohort_of(folder, 25, 3)


def test_the_primary_tests_are_adjusted_as_by_r() -> None:
    wanted = from_r("models")["holm"]
    rows = [
        Statistic(a, t, "", 9, "", 0.0, (), p, math.nan, "", 0, 0, 0, 0.95, "two-sided", "", "")
        for (a, t), p in zip(PRIMARY, (0.01, 0.04, 0.03, 0.005), strict=True)
    ]
    other = Statistic(RHI_AND_VAS, "Pearson r", "", 9, "", 0.0, (), 0.001, math.nan, "", 0, 0, 0,
                      0.95, "", "")  # fmt: skip
    adjusted = with_holm([*rows, other])
    assert [r.p_holm for r in adjusted[:4]] == pytest.approx(wanted)
    assert all("one of 4 primary tests" in r.method for r in adjusted[:4])
    assert math.isnan(adjusted[4].p_holm)
    assert with_holm([other]) == (other,)


def test_an_interval_that_contradicts_the_adjusted_p_says_why() -> None:
    rows = [
        Statistic(a, t, "", 9, "", 0.0, (), p, math.nan, "", 0.3, 0.1, 0.5, 0.95, "", "", "known")
        for (a, t), p in zip(PRIMARY, (0.001, 0.03, 0.03, 0.06), strict=True)
    ]
    notes = [r.note for r in with_holm(rows)]
    assert notes[0] == notes[3] == "known"
    assert notes[1].startswith("known; the interval leaves 0 out while p_holm is not below 0.05: ")


@pytest.mark.slow
def test_the_family_is_what_the_file_has(tmp_path: Path) -> None:
    found = cohort_of(tmp_path, 30, 1)
    family = [r for r in found.rows if not math.isnan(r.p_holm)]
    assert [(r.analysis, r.test) for r in family] == list(PRIMARY)
    assert all(r.p <= r.p_holm <= min(1, 4 * r.p) for r in family)
    assert {r.analysis for r in family} == {
        RHI_AND_VAS, RHI_BY_TIER, VAS_BY_NUMBER, VAS_BY_LOCATION,
    }  # fmt: skip


@pytest.mark.slow
def test_no_interval_stands_beside_a_p_that_contradicts_it_without_saying_why(
    tmp_path: Path,
) -> None:
    # Weak effects, ties, a group of three: p and intervals near the border of 0.05.
    rng = np.random.default_rng(20)
    explained = 0
    for _ in range(3):
        lines = ["patient,vas,rhi,number,location"]
        for i in range(30):
            x = rng.normal()
            rhi, vas = np.clip([45 + 20 * x, 6.5 + 0.9 * x + 2 * rng.normal()], 0, [100, 10])
            place = "sacral" if i < 3 else ("lumbar", "thoracic")[i % 2]
            lines.append(f"P{i},{vas:.0f},{10 * round(rhi / 10)},{1 + (x > rng.normal())},{place}")
        (tmp_path / "cohort.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        cohort = read_study_cohort(tmp_path / "cohort.csv")
        for row in statistics_of(cohort, Resampling(100)).rows:
            null = 0.5 if row.effect == "AUC" else 0.0
            leaves_out = row.ci_low > null or row.ci_high < null
            for p in (row.p, row.p_holm):
                if not math.isnan(p) and not math.isnan(row.ci_low) and (p < 0.05) != leaves_out:
                    assert "the interval " in row.note, row
                    explained += 1
            if not math.isnan(row.ci_low) and not row.ci_low <= row.effect_size <= row.ci_high:
                assert "the effect size lies outside" in row.note, row
    assert explained > 0


@pytest.mark.slow
def test_mild_pain_against_the_rest_is_mann_whitneys_share(tmp_path: Path) -> None:
    found = cohort_of(tmp_path, 40, 1)
    rows = read_study_cohort(tmp_path / "cohort.csv").rows
    mild = [r.rhi for r in rows if r.tier == "mild"]
    rest = [r.rhi for r in rows if r.tier in ("moderate", "severe")]
    share = stats.mannwhitneyu(rest, mild).statistic / (len(mild) * len(rest))
    for name in (ROC, ROC_NEWCOMBE):
        row = found.find(MILD_OR_MORE, name)
        assert row is not None
        assert row.effect_size == pytest.approx(share)
        assert row.groups == f"mild ({len(mild)}); moderate or severe ({len(rest)})"
    first = found.find(MILD_OR_MORE, ROC)
    assert first is not None
    assert (TOO_NARROW in first.note) == (min(len(mild), len(rest)) < 15)


@pytest.mark.slow
def test_several_lesions_have_models_that_know_of_patients(
    several: tuple[Path, Statistics], tmp_path: Path
) -> None:
    _, found = several
    for name in (MIXED, ORDINAL):
        row = found.find(RHI_AND_VAS, name)
        assert row is not None
        assert row.n == 75
        assert row.ci_low < row.effect_size < row.ci_high
        assert row.ci_low > 0
        assert "25 patients" in row.method
        assert "not independent" not in row.note
    left_out = found.find(MILD_OR_MORE, LEFT_OUT)
    assert left_out is not None
    assert 0.5 < left_out.ci_low < left_out.effect_size < left_out.ci_high < 1
    single = cohort_of(tmp_path, 25, 1)
    assert single.find(RHI_AND_VAS, MIXED) is None


@pytest.mark.slow
def test_nothing_that_takes_lesions_of_one_patient_as_independent_has_an_interval(
    several: tuple[Path, Statistics],
) -> None:
    _, found = several
    beside = {(r.analysis, r.effect) for r in found.rows if r.test == LEFT_OUT}
    assert (RHI_BY_TIER, "Kendall tau-b") in beside
    assert (VAS_BY_NUMBER, "Kendall tau-b") in beside
    groups = {"Kruskal-Wallis", "one-way ANOVA", "Dunn", "Tukey", "Games-Howell"}
    assert groups <= {r.test for r in found.rows}
    for row in found.rows:
        told = (row.analysis, row.effect) in beside
        # Whoever is sent to the cluster jackknife finds it.
        assert ("read the cluster jackknife" in row.note) == (told and row.test != LEFT_OUT)
        assert math.isnan(row.ci_low) == (not told and row.test not in (MIXED, ORDINAL))
        if row.test in groups:
            assert "no interval: none is known" in row.note
            assert "p takes them as if they were" in row.note
    assert found.roc is not None
    assert all(math.isnan(p.sensitivity.low) for p in found.roc.points)


@pytest.mark.slow
def test_the_trends_interval_leaves_out_patients_as_by_hand(
    several: tuple[Path, Statistics],
) -> None:
    folder, found = several
    cohort = read_study_cohort(folder / "cohort.csv")
    owner = np.array([r.patient for r in cohort.rows])
    rhi = np.array([r.rhi for r in cohort.rows], dtype=float)
    tier = np.array([TIERS.index(r.tier) for r in cohort.rows])
    tau = stats.kendalltau(tier, rhi).statistic
    without = [
        stats.kendalltau(tier[owner != p], rhi[owner != p]).statistic for p in np.unique(owner)
    ]
    error = np.sqrt(24 / 25 * np.var(without) * 25) / (1 - tau**2)
    half = stats.t.ppf(0.975, 24) * error
    row = next(r for r in found.rows if (r.analysis, r.test) == (RHI_BY_TIER, LEFT_OUT))
    wanted = (tau, np.tanh(np.arctanh(tau) - half), np.tanh(np.arctanh(tau) + half))
    assert (row.effect_size, row.ci_low, row.ci_high) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.slow
def test_a_model_that_cannot_be_fitted_is_named(tmp_path: Path) -> None:
    found = cohort_of(tmp_path, 4, 3)
    assert any("mixed model: 4 patients: 5 or more are needed" in n for n in found.notes)
    assert found.find(RHI_AND_VAS, MIXED) is None
