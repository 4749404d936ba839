"""The study's statistics: one tidy row for each test."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.scores import LOCATIONS, NUMBERS, TIERS, reader_agreement
from pyrhi.study.cluster import RESAMPLES, SEED, Rows, cluster_bootstrap
from pyrhi.study.cluster import SOURCE as BOOTSTRAP_SOURCE
from pyrhi.study.cohort import Cohort, CohortRow
from pyrhi.study.correlation import correlations
from pyrhi.study.groups import (
    MIN_GROUP,
    STEIGER,
    GroupTest,
    Samples,
    anova,
    kruskal_wallis,
    levene,
    rank_epsilon2,
    variance_share,
    welch_anova,
)
from pyrhi.study.posthoc import PairTest, dunn, games_howell, jonckheere, tukey

HEADINGS = (
    "analysis",
    "test",
    "groups",
    "n",
    "statistic_name",
    "statistic",
    "df",
    "p",
    "effect",
    "effect_size",
    "ci_low",
    "ci_high",
    "ci_level",
    "method",
    "source",
    "note",
)
"""Columns of ``statistics.csv``."""

VAS_BY_LOCATION = "VAS by location"
VAS_BY_NUMBER = "VAS by number"
RHI_AND_VAS = "RHI and VAS"
RHI_BY_TIER = "RHI by pain tier"
READERS = "VAS readers"

KAPPA_SOURCE = "Fleiss, Cohen & Everitt, Psychol Bull 1969; 72: 323-327"
ICC_SOURCE = "Shrout & Fleiss, Psychol Bull 1979; 86: 420-428"
LEVENE_SOURCE = "scipy.stats (about medians); Brown & Forsythe, J Am Stat Assoc 1974; 69: 364-367"
CLUSTER_NOTE = "rows of one patient are not independent: read the cluster bootstrap instead of p"


@dataclass(frozen=True)
class Statistic:
    """One row of ``statistics.csv``, in the order of `HEADINGS`."""

    analysis: str
    test: str
    groups: str
    n: int
    statistic_name: str
    statistic: float
    df: tuple[float, ...]
    p: float
    effect: str
    effect_size: float
    ci_low: float
    ci_high: float
    ci_level: float
    method: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Statistics:
    """All tests of a cohort.

    Parameters
    ----------
    rows
        The tests.
    notes
        What could not be computed and why, and missing values, one line each.
    undefined
        Whether a whole analysis could not be computed.
    """

    rows: tuple[Statistic, ...]
    notes: tuple[str, ...]
    undefined: bool = False

    def find(self, analysis: str, test: str, /, effect: str = "") -> Statistic | None:
        """Return the first row of a test, or None where it could not be computed."""
        for row in self.rows:
            if (row.analysis, row.test) == (analysis, test) and effect in ("", row.effect):
                return row
        return None


@dataclass(frozen=True)
class Resampling:
    """How intervals are resampled.

    Parameters
    ----------
    resamples
        Number of resamples.
    seed
        Seed of the generator.
    """

    resamples: int = RESAMPLES
    seed: int = SEED


def statistics_of(cohort: Cohort, resampling: Resampling | None = None, /) -> Statistics:
    """Compute the study's statistics of a cohort.

    Parameters
    ----------
    cohort
        The cohort.
    resampling
        How intervals are resampled; None takes the defaults.

    Returns
    -------
    Statistics
        Ranks come first, as VAS is ordinal and tied; Pearson and one-way ANOVA are there as
        the paper used them. What cannot be computed is a note, not an error.
    """
    job = _Job(cohort, resampling or Resampling())
    job.correlate(RHI_AND_VAS, lambda r: r.rhi, "RHI", lambda r: r.vas, "VAS")
    job.compare(RHI_BY_TIER, lambda r: r.tier, TIERS, lambda r: r.rhi, "rhi", ordered=True)
    job.correlate(
        VAS_BY_NUMBER,
        lambda r: None if r.number is None else float(NUMBERS.index(r.number) + 1),
        "number (1, 2, >2 as 1, 2, 3)",
        lambda r: r.vas,
        "VAS",
    )
    job.compare(VAS_BY_NUMBER, lambda r: r.number, NUMBERS, lambda r: r.vas, "vas", ordered=True)
    job.compare(
        VAS_BY_LOCATION, lambda r: r.location, LOCATIONS, lambda r: r.vas, "vas", ordered=False
    )
    job.readers()
    return Statistics(tuple(job.rows), tuple(job.notes), job.undefined)


def samples_by(
    rows: Sequence[CohortRow],
    group: Callable[[CohortRow], str | None],
    order: Sequence[str],
    value: Callable[[CohortRow], float | None],
    /,
) -> dict[str, npt.NDArray[np.float64]]:
    """Collect the values of each group that has any.

    Parameters
    ----------
    rows
        Rows of the cohort.
    group, value
        What a row's group and value are; None leaves the row out.
    order
        The groups, in their order.

    Returns
    -------
    dict
        Values by group, shape ``(n,)`` each.
    """
    found: dict[str, list[float]] = {name: [] for name in order}
    for row in rows:
        name, number = group(row), value(row)
        if name is not None and number is not None:
            found[name].append(number)
    return {name: np.array(values) for name, values in found.items() if values}


class _Job:
    """Collects rows and notes; one method for each kind of analysis."""

    def __init__(self, cohort: Cohort, resampling: Resampling) -> None:
        self.cohort = cohort
        self.resampling = resampling
        self.rows: list[Statistic] = []
        self.notes: list[str] = []
        self.undefined = False
        self.row_note = CLUSTER_NOTE if cohort.clustered else ""

    def correlate(
        self,
        analysis: str,
        first: Callable[[CohortRow], float | None],
        first_name: str,
        second: Callable[[CohortRow], float | None],
        second_name: str,
    ) -> None:
        pairs = [(r.patient, first(r), second(r)) for r in self.cohort.rows]
        whole = [(p, a, b) for p, a, b in pairs if a is not None and b is not None]
        self._say_missing(analysis, len(pairs) - len(whole))
        if not whole:
            return
        x = np.array([a for _, a, _ in whole])
        y = np.array([b for _, _, b in whole])
        try:
            results = correlations(x, y)
        except ParameterError as error:
            text = (
                str(error).replace("first column", first_name).replace("second column", second_name)
            )
            self.notes.append(f"{self.cohort.name}: {analysis}: {text}")
            self.undefined = True
            return
        groups = f"{first_name}; {second_name}"
        for i, c in enumerate(results):
            self._add(
                analysis,
                c.name,
                groups,
                c.n,
                (c.name.split()[1], c.estimate.value, (), c.p),
                c.name,
                c.estimate,
                "two-sided",
                f"scipy.stats; {c.source}",
            )
            if self.cohort.clustered:
                interval = self._bootstrap(
                    lambda rows, i=i: correlations(x[rows], y[rows])[i].estimate.value,  # type: ignore[misc]
                    [p for p, _, _ in whole],
                )
                self._bootstrap_row(analysis, groups, c.n, c.name, interval)

    def compare(
        self,
        analysis: str,
        group: Callable[[CohortRow], str | None],
        order: Sequence[str],
        value: Callable[[CohortRow], float | None],
        column: str,
        *,
        ordered: bool,
    ) -> None:
        rows = [r for r in self.cohort.rows if group(r) is not None and value(r) is not None]
        self._say_missing(analysis, len(self.cohort.rows) - len(rows))
        if not rows:
            return
        samples = samples_by(rows, group, order, value)
        for name in [n for n, values in samples.items() if len(values) < MIN_GROUP]:
            del samples[name]
            lone = next(r for r in rows if group(r) == name)
            self.notes.append(
                f"{self.cohort.name}, line {lone.line}: {analysis}: {name!r} has one patient "
                f"({lone.patient}) and is left out of the tests over groups"
            )
        rows = [r for r in rows if group(r) in samples]
        try:
            tests = [kruskal_wallis(samples), anova(samples), welch_anova(samples), levene(samples)]
        except ParameterError as error:
            self.notes.append(f"{self.cohort.name}: {analysis}: column {column}: {error}")
            self.undefined = True
            return
        names = "; ".join(f"{name} ({len(values)})" for name, values in samples.items())
        n = len(rows)
        self._rank_rows(analysis, names, n, tests[0], rows, group, order, value)
        if ordered:
            self._trend_row(analysis, names, n, samples)
        share = variance_share(tests[1])
        for effect, size in (
            ("eta squared", share.eta2),
            ("omega squared", share.omega2),
            ("epsilon squared", share.epsilon2),
        ):
            self._add_test(analysis, tests[1], names, n, effect, size, f"scipy.stats; {STEIGER}")
        none = Estimate(math.nan, math.nan, math.nan, math.nan)
        sources = ("statsmodels; Welch, Biometrika 1951; 38: 330-336", LEVENE_SOURCE)
        for test, source in zip(tests[2:], sources, strict=True):
            self._add_test(analysis, test, names, n, "", none, source)
            if math.isnan(test.statistic):
                self.notes.append(
                    f"{self.cohort.name}: {analysis}: {column} is constant in a group, so that "
                    f"{test.test} is not defined"
                )
        for name, method, source, pairs in (
            (
                "Dunn",
                "p adjusted by Holm",
                "scikit-posthocs; Dunn, Technometrics 1964; 6: 241-252",
                dunn(samples),
            ),
            (
                "Tukey",
                "studentized range, p and intervals for all pairs together",
                "statsmodels; Tukey-Kramer",
                tukey(samples),
            ),
            (
                "Games-Howell",
                "studentized range, p and intervals for all pairs together",
                "statsmodels; Games & Howell, J Educ Stat 1976; 1: 113-125",
                games_howell(samples),
            ),
        ):
            for pair in pairs:
                self._pair_row(analysis, name, method, source, pair, samples)

    def readers(self) -> None:
        """Agreement of the two blinded readers of VAS, where the file has both."""
        rows = [r for r in self.cohort.rows if r.vas_1 is not None and r.vas_2 is not None]
        if len(rows) < MIN_GROUP:
            return
        first = [r.vas_1 for r in rows if r.vas_1 is not None]
        second = [r.vas_2 for r in rows if r.vas_2 is not None]
        found = reader_agreement([r.patient for r in rows], first, second)
        nothing = ("", math.nan, (), math.nan)
        names = "vas_1; vas_2"
        self._add(
            READERS,
            "weighted kappa",
            names,
            found.n,
            nothing,
            "kappa",
            found.kappa,
            "pain tiers, quadratic weights",
            KAPPA_SOURCE,
        )
        self._add(
            READERS,
            "ICC(2,1)",
            names,
            found.n,
            nothing,
            "ICC(2,1)",
            found.icc,
            "absolute agreement, single readings",
            ICC_SOURCE,
        )
        for d in found.differences:
            self.notes.append(
                f"{self.cohort.name}: patient {d.patient}: the readers differ by tier: "
                f"VAS {d.vas_1:g} ({d.tier_1}) and {d.vas_2:g} ({d.tier_2})"
            )

    def _rank_rows(
        self,
        analysis: str,
        names: str,
        n: int,
        test: GroupTest,
        rows: Sequence[CohortRow],
        group: Callable[[CohortRow], str | None],
        order: Sequence[str],
        value: Callable[[CohortRow], float | None],
    ) -> None:
        def epsilon(chosen: Rows) -> float:
            return rank_epsilon2(samples_by([rows[i] for i in chosen], group, order, value))

        size = self._bootstrap(epsilon, [r.patient for r in rows])
        self._add_test(
            analysis,
            test,
            names,
            n,
            "rank epsilon squared",
            size,
            f"scipy.stats; Tomczak & Tomczak 2014; interval: {BOOTSTRAP_SOURCE}",
        )

    def _trend_row(self, analysis: str, names: str, n: int, samples: Samples) -> None:
        test = jonckheere(samples)
        place = np.repeat(np.arange(len(samples)), [len(v) for v in samples.values()])
        try:
            tau = correlations(place, np.concatenate(list(samples.values())))[1]
        except ParameterError as error:
            self.notes.append(f"{self.cohort.name}: {analysis}: {error}")
            return
        self._add_test(
            analysis,
            test,
            names,
            n,
            "Kendall tau-b",
            tau.estimate,
            f"scikit-posthocs; Jonckheere, Biometrika 1954; 41: 133-145; {tau.source}",
        )

    def _pair_row(
        self, analysis: str, test: str, method: str, source: str, pair: PairTest, samples: Samples
    ) -> None:
        n = len(samples[pair.first]) + len(samples[pair.second])
        self._add(
            analysis,
            test,
            f"{pair.first}; {pair.second}",
            n,
            (pair.symbol, pair.statistic, pair.df, pair.p),
            pair.effect,
            pair.size,
            f"{method}; second minus first",
            source,
        )

    def _bootstrap(self, statistic: Callable[[Rows], float], patients: Sequence[str]) -> Estimate:
        return cluster_bootstrap(
            statistic,
            patients,
            resamples=self.resampling.resamples,
            seed=self.resampling.seed,
        )

    def _bootstrap_row(
        self, analysis: str, groups: str, n: int, effect: str, size: Estimate
    ) -> None:
        patients = len({r.patient for r in self.cohort.rows})
        method = f"{self.resampling.resamples} resamples of {patients} patients"
        self.rows.append(
            Statistic(
                analysis,
                "cluster bootstrap",
                groups,
                n,
                "",
                math.nan,
                (),
                math.nan,
                effect,
                size.value,
                size.low,
                size.high,
                size.level,
                method,
                BOOTSTRAP_SOURCE,
            )
        )

    def _add_test(
        self,
        analysis: str,
        test: GroupTest,
        groups: str,
        n: int,
        effect: str,
        size: Estimate,
        source: str,
    ) -> None:
        numbers = (test.symbol, test.statistic, test.df, test.p)
        self._add(analysis, test.test, groups, n, numbers, effect, size, "two-sided", source)

    def _add(
        self,
        analysis: str,
        test: str,
        groups: str,
        n: int,
        numbers: tuple[str, float, tuple[float, ...], float],
        effect: str,
        size: Estimate,
        method: str,
        source: str,
    ) -> None:
        symbol, statistic, df, p = numbers
        self.rows.append(
            Statistic(
                analysis,
                test,
                groups,
                n,
                symbol,
                statistic,
                df,
                p,
                effect,
                size.value,
                size.low,
                size.high,
                size.level,
                method,
                source,
                self.row_note,
            )
        )

    def _say_missing(self, analysis: str, missing: int) -> None:
        """Say how many rows an analysis lacks; with none left it is not made, and no failure."""
        if missing:
            rows = "row has" if missing == 1 else "rows have"
            text = f"{self.cohort.name}: {analysis}: {missing} {rows} a missing value"
            if missing == len(self.cohort.rows):
                text = f"{self.cohort.name}: {analysis}: not recorded in any row, not analysed"
            if text not in self.notes:
                self.notes.append(text)
