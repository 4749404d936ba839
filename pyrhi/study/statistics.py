"""The study's statistics: one tidy row for each test."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.ordinal import RHI_UNIT
from pyrhi.pain.scores import LOCATIONS, NUMBERS, TIERS, reader_agreement
from pyrhi.study.cluster import LEFT_OUT_SOURCE, RESAMPLES, SEED, Rows, cluster_jackknife
from pyrhi.study.cohort import Cohort, CohortRow
from pyrhi.study.correlation import coefficients, correlations
from pyrhi.study.decision import DecisionPoint, decisions_of
from pyrhi.study.groups import (
    MIN_GROUP,
    SHARE_SOURCE,
    GroupTest,
    Samples,
    anova,
    kruskal_wallis,
    levene,
    rank_share,
    variance_share,
    welch_anova,
)
from pyrhi.study.intervals import (
    ADJUSTED,
    FAMILY,
    NEWCOMBE_SOURCE,
    NULL_SPREAD,
    ONE_SIDED,
    OUTSIDE,
    disagreement,
)
from pyrhi.study.mixed import MIXED_SOURCE, ORDINAL_SOURCE, mixed_slope, ordinal_slope
from pyrhi.study.posthoc import PairTest, dunn, games_howell, jonckheere, tukey
from pyrhi.study.roc import DELONG_SOURCE, Roc, roc_of, without_intervals
from pyrhi.wording import counted

HEADINGS = (
    "analysis",
    "test",
    "groups",
    "n",
    "statistic_name",
    "statistic",
    "df",
    "p",
    "p_holm",
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
MILD_OR_MORE = "RHI: mild against the rest"
ROC, ROC_NEWCOMBE = "ROC area (DeLong)", "ROC area (Newcombe)"
FEW = 15
TOO_NARROW = f"fewer than {FEW} in a group: DeLong's interval is then too narrow, read Newcombe's"
"""In simulations it covers 54 to 98 % with 3 to 10 patients in a group, 89 to 97 % with 15."""

MIXED, ORDINAL = "mixed model", "ordinal model, clustered"

PRIMARY = (
    (RHI_AND_VAS, "Spearman rho"),
    (RHI_BY_TIER, "Kruskal-Wallis"),
    (VAS_BY_NUMBER, "Spearman rho"),
    (VAS_BY_LOCATION, "Kruskal-Wallis"),
)
"""The study's questions, each by its one primary test; their p are adjusted together."""

HOLM_SOURCE = "p_holm: Holm, Scand J Stat 1979; 6: 65-70"

KAPPA_SOURCE = "Fleiss, Cohen & Everitt, Psychol Bull 1969; 72: 323-327"
ICC_SOURCE = "Shrout & Fleiss, Psychol Bull 1979; 86: 420-428"
LEVENE_SOURCE = "scipy.stats (about medians); Brown & Forsythe, J Am Stat Assoc 1974; 69: 364-367"
CLUSTER_NOTE = "rows of one patient are not independent: read the cluster jackknife instead of p"
LEFT_OUT = "cluster jackknife"
NO_CLUSTERS = "rows of one patient are not independent, and p takes them as if they were"
NO_INTERVAL = "no interval: none is known that holds with several rows of one patient"
TOGETHER = "studentized range, p and intervals for all pairs together"

NONE = Estimate(math.nan, math.nan, math.nan, math.nan)
NO_TEST = GroupTest("", "", math.nan, (), math.nan)

PAIR_TESTS: tuple[tuple[str, Callable[[Samples], tuple[PairTest, ...]], str, str], ...] = (
    ("Dunn", dunn, "p adjusted by Holm",
     f"scikit-posthocs; Dunn, Technometrics 1964; 6: 241-252; {NEWCOMBE_SOURCE}"),
    ("Tukey", tukey, TOGETHER, "statsmodels; Tukey-Kramer"),
    ("Games-Howell", games_howell, TOGETHER,
     "statsmodels; Games & Howell, J Educ Stat 1976; 1: 113-125"),
)  # fmt: skip
"""Name, function, method and source of each comparison of pairs."""

Column = npt.NDArray[np.float64]
Value = Callable[[CohortRow], float | None]
Group = Callable[[CohortRow], str | None]


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
    p_holm: float
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
    roc
        ROC curve of RHI, mild pain against moderate or severe; None without one.
    decisions
        Decision curve of the published model; empty without one.
    """

    rows: tuple[Statistic, ...]
    notes: tuple[str, ...]
    undefined: bool = False
    roc: Roc | None = None
    decisions: tuple[DecisionPoint, ...] = ()

    def find(self, analysis: str, test: str, /, effect: str = "") -> Statistic | None:
        """Return the first row of a test, or None where it could not be computed."""
        for row in self.rows:
            if (row.analysis, row.test) == (analysis, test) and effect in ("", row.effect):
                return row
        return None


@dataclass(frozen=True)
class Resampling:
    """How the decision curve's intervals are resampled.

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
        How the decision curve's intervals are resampled; None takes the defaults.

    Returns
    -------
    Statistics
        Ranks come first, as VAS is ordinal and tied; Pearson and one-way ANOVA are there as
        the paper used them. What cannot be computed is a note, not an error.
    """
    job = _Job(cohort)
    job.correlate(RHI_AND_VAS, lambda r: r.rhi, "RHI", lambda r: r.vas, "VAS")
    job.compare(RHI_BY_TIER)
    job.correlate(
        VAS_BY_NUMBER,
        lambda r: None if r.number is None else float(NUMBERS.index(r.number) + 1),
        "number (1, 2, >2 as 1, 2, 3)",
        lambda r: r.vas,
        "VAS",
    )
    job.compare(VAS_BY_NUMBER)
    job.compare(VAS_BY_LOCATION)
    job.mild_or_more()
    if cohort.clustered:
        job.clustered_slopes()
    job.readers()
    how = resampling or Resampling()
    decisions = decisions_of(cohort, resamples=how.resamples, seed=how.seed)
    return Statistics(with_holm(job.rows), tuple(job.notes), job.undefined, job.roc, decisions)


def with_holm(rows: Sequence[Statistic], /) -> tuple[Statistic, ...]:
    """Adjust the p of the primary tests together, by Holm.

    Parameters
    ----------
    rows
        All rows; those of `PRIMARY` that are there and have a p are the family.

    Returns
    -------
    tuple of Statistic
        The same rows; the family's with ``p_holm`` and how many they are in the method.
    """
    family = [
        i for i, r in enumerate(rows) if (r.analysis, r.test) in PRIMARY and not math.isnan(r.p)
    ]
    if not family:
        return tuple(rows)
    multiple = need("statsmodels.stats.multitest", "study")
    adjusted = multiple.multipletests([rows[i].p for i in family], method="holm")[1]
    found = list(rows)
    for i, p in zip(family, adjusted, strict=True):
        method = f"{rows[i].method}; one of {len(family)} primary tests"
        source = f"{rows[i].source}; {HOLM_SOURCE}"
        size = Estimate(rows[i].effect_size, rows[i].ci_low, rows[i].ci_high, rows[i].ci_level)
        # Where p contradicts already, the note says why.
        contradicts = disagreement(rows[i].p, size, "")
        notes = rows[i].note, "" if contradicts else disagreement(p, size, FAMILY, name="p_holm")
        note = "; ".join(filter(None, notes))
        found[i] = replace(rows[i], p_holm=float(p), method=method, source=source, note=note)
    return tuple(found)


@dataclass(frozen=True)
class Grouping:
    """What is compared over which groups.

    Parameters
    ----------
    group, value
        What a row's group and value are; None leaves the row out.
    order
        The groups, in their order.
    column
        The value's column in the cohort file.
    ordered
        Whether a trend over the groups makes sense.
    """

    group: Group
    value: Value
    order: tuple[str, ...]
    column: str
    ordered: bool

    def samples(self, rows: Sequence[CohortRow], /) -> dict[str, Column]:
        """Collect the values of each group that has any, shape ``(n,)`` each."""
        return samples_by(rows, self.group, self.order, self.value)


GROUPINGS = {
    RHI_BY_TIER: Grouping(lambda r: r.tier, lambda r: r.rhi, TIERS, "rhi", ordered=True),
    VAS_BY_NUMBER: Grouping(lambda r: r.number, lambda r: r.vas, NUMBERS, "vas", ordered=True),
    VAS_BY_LOCATION: Grouping(
        lambda r: r.location, lambda r: r.vas, LOCATIONS, "vas", ordered=False
    ),
}
"""The study's comparisons over groups, by the analysis."""


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

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.rows: list[Statistic] = []
        self.notes: list[str] = []
        self.undefined = False
        self.roc: Roc | None = None

    def correlate(
        self, analysis: str, first: Value, first_name: str, second: Value, second_name: str
    ) -> None:
        every = self.cohort.rows
        rows = [r for r in every if first(r) is not None and second(r) is not None]
        self._say_missing(analysis, len(every) - len(rows))
        if not rows:
            return
        x, y = np.array([(first(r), second(r)) for r in rows], dtype=float).T
        try:
            results = correlations(x, y)
        except ParameterError as error:
            text = (
                str(error).replace("first column", first_name).replace("second column", second_name)
            )
            self._refuse(analysis, text)
            return
        groups = f"{first_name}; {second_name}"
        for place, c in enumerate(results):
            symbol = c.name.split()[1]
            test = GroupTest(c.name, symbol, c.estimate.value, (), c.p)
            source = f"scipy.stats; {c.source}"
            self._add(
                analysis, test, groups, c.n, c.name, c.estimate, source, why=NULL_SPREAD, twin=True
            )
            value = partial(_coefficient, x, y, place)
            self._left_out(analysis, groups, c.name, value, rows)

    def compare(self, analysis: str) -> None:
        by = GROUPINGS[analysis]
        every = self.cohort.rows
        rows = [r for r in every if by.group(r) is not None and by.value(r) is not None]
        self._say_missing(analysis, len(every) - len(rows))
        if not rows:
            return
        samples = by.samples(rows)
        for name in [n for n, values in samples.items() if len(values) < MIN_GROUP]:
            del samples[name]
            lone = next(r for r in rows if by.group(r) == name)
            self.notes.append(
                f"{self.cohort.name}, line {lone.line}: {analysis}: {name!r} has one patient "
                f"({lone.patient}) and is left out of the tests over groups"
            )
        try:
            tests = [kruskal_wallis(samples), anova(samples), welch_anova(samples), levene(samples)]
        except ParameterError as error:
            self._refuse(analysis, f"column {by.column}: {error}")
            return
        names = "; ".join(f"{name} ({len(values)})" for name, values in samples.items())
        n = sum(map(len, samples.values()))
        effect, size = "rank epsilon squared", rank_share(samples)
        source = f"scipy.stats; Tomczak & Tomczak 2014; of ranks; {SHARE_SOURCE}"
        self._add(analysis, tests[0], names, n, effect, size, source, why=ONE_SIDED)
        if by.ordered:
            self._trend_row(analysis, names, [r for r in rows if by.group(r) in samples])
        share = variance_share(samples)
        for effect, size in (
            ("eta squared", share.eta2),
            ("omega squared", share.omega2),
            ("epsilon squared", share.epsilon2),
        ):
            source = f"scipy.stats; {SHARE_SOURCE}"
            self._add(analysis, tests[1], names, n, effect, size, source, why=ONE_SIDED)
        sources = ("statsmodels; Welch, Biometrika 1951; 38: 330-336", LEVENE_SOURCE)
        for test, source in zip(tests[2:], sources, strict=True):
            self._add(analysis, test, names, n, "", NONE, source)
            if math.isnan(test.statistic):
                self.notes.append(
                    f"{self.cohort.name}: {analysis}: {by.column} is constant in a group, so that "
                    f"{test.test} is not defined"
                )
        self._pair_rows(analysis, samples)

    def mild_or_more(self) -> None:
        """ROC curve of RHI: mild pain against moderate or severe."""
        rows = [r for r in self.cohort.rows if r.tier in TIERS[1:] and r.rhi is not None]
        more = np.array([r.tier != "mild" for r in rows], dtype=bool)
        rhi = np.array([r.rhi for r in rows], dtype=float)
        try:
            found = roc_of(rhi[~more], rhi[more])
        except ParameterError as error:
            self.notes.append(f"{self.cohort.name}: {MILD_OR_MORE}: {error}")
            return
        self.roc = without_intervals(found) if self.cohort.clustered else found
        without = sum(r.tier == "none" and r.rhi is not None for r in self.cohort.rows)
        if without:
            self.notes.append(
                f"{self.cohort.name}: {MILD_OR_MORE}: {without} without pain are in neither group"
            )
        groups = f"mild ({found.negatives}); moderate or severe ({found.positives})"
        n, method = len(rows), "higher RHI for more pain"
        test = GroupTest(ROC, "z", found.z, (), found.p)
        few = min(found.negatives, found.positives) < FEW
        self._add(
            MILD_OR_MORE, test, groups, n, "AUC", found.delong, DELONG_SOURCE, method=method,
            note=TOO_NARROW if few else "", twin=True,
        )  # fmt: skip
        test = replace(NO_TEST, test=ROC_NEWCOMBE)
        self._add(
            MILD_OR_MORE, test, groups, n, "AUC", found.newcombe, NEWCOMBE_SOURCE, method=method,
            twin=True,
        )  # fmt: skip
        self._left_out(
            MILD_OR_MORE, groups, "AUC", lambda i: 2 * _area(rhi[i], more[i]) - 1, rows,
            shown=lambda delta: (delta + 1) / 2,
        )  # fmt: skip

    def clustered_slopes(self) -> None:
        """VAS and tier on RHI, where patients have several rows."""
        rows = [r for r in self.cohort.rows if r.rhi is not None and r.vas is not None]
        x = np.array([r.rhi for r in rows], dtype=float) / RHI_UNIT
        patients = [r.patient for r in rows]
        vas = np.array([r.vas for r in rows], dtype=float)
        tier = [TIERS.index(r.tier or "") for r in rows]
        for name, effect, fit, y, source in (
            (MIXED, f"VAS per {RHI_UNIT:g} RHI", mixed_slope, vas, MIXED_SOURCE),
            (ORDINAL, f"log odds of a higher tier per {RHI_UNIT:g} RHI", ordinal_slope, tier,
             ORDINAL_SOURCE),
        ):  # fmt: skip
            try:
                found = fit(x, y, patients)
            except ParameterError as error:
                self.notes.append(f"{self.cohort.name}: {RHI_AND_VAS}: {name}: {error}")
                continue
            test = GroupTest(name, "t", found.statistic, (found.df,), found.p)
            method = counted(found.patients, "patient") + (
                "" if math.isnan(found.icc) else f", ICC of patients {found.icc:.3g}"
            )
            self._add(
                RHI_AND_VAS, test, "RHI; VAS", found.n, effect, found.slope, source, method=method
            )

    def readers(self) -> None:
        """Agreement of the two blinded readers of VAS, where the file has both."""
        rows = [r for r in self.cohort.rows if r.vas_1 is not None and r.vas_2 is not None]
        if len(rows) < MIN_GROUP:
            return
        first = [r.vas_1 for r in rows if r.vas_1 is not None]
        second = [r.vas_2 for r in rows if r.vas_2 is not None]
        found = reader_agreement([r.patient for r in rows], first, second)
        for test, effect, size, method, source in (
            ("weighted kappa", "kappa", found.kappa, "pain tiers, quadratic weights", KAPPA_SOURCE),
            ("ICC(2,1)", "ICC(2,1)", found.icc, "absolute agreement, single readings", ICC_SOURCE),
        ):
            named = replace(NO_TEST, test=test)
            self._add(READERS, named, "vas_1; vas_2", found.n, effect, size, source, method=method)
        for d in found.differences:
            self.notes.append(
                f"{self.cohort.name}: patient {d.patient}: the readers differ by tier: "
                f"VAS {d.vas_1:g} ({d.tier_1}) and {d.vas_2:g} ({d.tier_2})"
            )

    def _trend_row(self, analysis: str, names: str, rows: Sequence[CohortRow]) -> None:
        by = GROUPINGS[analysis]
        samples = by.samples(rows)
        place = np.array([by.order.index(by.group(r) or "") for r in rows])
        value = np.array([by.value(r) for r in rows], dtype=float)
        try:
            tau = correlations(place, value)[1]
        except ParameterError as error:
            self.notes.append(f"{self.cohort.name}: {analysis}: {error}")
            return
        source = f"scikit-posthocs; Jonckheere, Biometrika 1954; 41: 133-145; {tau.source}"
        self._add(
            analysis, jonckheere(samples), names, len(rows), tau.name, tau.estimate, source,
            why=NULL_SPREAD, twin=True,
        )  # fmt: skip
        self._left_out(analysis, names, tau.name, partial(_coefficient, place, value, 1), rows)

    def _pair_rows(self, analysis: str, samples: Samples) -> None:
        for name, compare, method, source in PAIR_TESTS:
            for pair in compare(samples):
                self._add(
                    analysis,
                    GroupTest(name, pair.symbol, pair.statistic, pair.df, pair.p),
                    f"{pair.first}; {pair.second}",
                    len(samples[pair.first]) + len(samples[pair.second]),
                    pair.effect,
                    pair.size,
                    source,
                    method=f"{method}; second minus first",
                    why=ADJUSTED,
                )

    def _left_out(
        self,
        analysis: str,
        groups: str,
        effect: str,
        statistic: Callable[[Rows], float],
        rows: Sequence[CohortRow],
        *,
        shown: Callable[[float], float] = float,
    ) -> None:
        """Add the interval that leaves out patients, where patients have several rows."""
        if not self.cohort.clustered:
            return
        patients = [r.patient for r in rows]
        found = cluster_jackknife(statistic, patients)
        self._add(
            analysis,
            replace(NO_TEST, test=LEFT_OUT),
            groups,
            len(rows),
            effect,
            Estimate(*map(shown, (found.value, found.low, found.high))),
            LEFT_OUT_SOURCE,
            method=f"leaving out each of {len(set(patients))} patients",
        )

    def _add(
        self,
        analysis: str,
        test: GroupTest,
        groups: str,
        n: int,
        effect: str,
        size: Estimate,
        source: str,
        *,
        method: str = "two-sided",
        why: str = "",
        note: str = "",
        twin: bool = False,
    ) -> None:
        """Add a row; `why` its interval may disagree with its p; `_left_out` adds its twin."""
        clustered = self.cohort.clustered and test.test not in (LEFT_OUT, MIXED, ORDINAL)
        if clustered and not twin:
            note = "; ".join(filter(None, [note, NO_INTERVAL if effect else ""]))
            size = replace(size, low=math.nan, high=math.nan)
        notes = [note, disagreement(test.p, size, why) if why else ""]
        if not (math.isnan(size.low) or size.low <= size.value <= size.high):
            notes.append(OUTSIDE)
        if effect and abs(size.value) == 1 and math.isnan(size.low) and not clustered:
            notes.append("no interval: the effect is complete, so that nothing tells its spread")
        if clustered and (twin or test.symbol):
            notes.append(CLUSTER_NOTE if twin else NO_CLUSTERS)
        self.rows.append(
            Statistic(
                analysis,
                test.test,
                groups,
                n,
                test.symbol,
                test.statistic,
                test.df,
                test.p,
                math.nan,
                effect,
                size.value,
                size.low,
                size.high,
                size.confidence,
                method,
                source,
                "; ".join(filter(None, notes)),
            )
        )

    def _refuse(self, analysis: str, text: str) -> None:
        self.notes.append(f"{self.cohort.name}: {analysis}: {text}")
        self.undefined = True

    def _say_missing(self, analysis: str, missing: int) -> None:
        """Say how many rows an analysis lacks; with none left it is not made, and no failure."""
        if missing:
            rows = "row has" if missing == 1 else "rows have"
            text = f"{self.cohort.name}: {analysis}: {missing} {rows} a missing value"
            if missing == len(self.cohort.rows):
                text = f"{self.cohort.name}: {analysis}: not recorded in any row, not analysed"
            if text not in self.notes:
                self.notes.append(text)


def _coefficient(x: Column, y: Column, which: int, rows: Rows) -> float:
    """Rho, tau-b or r of some rows."""
    return coefficients(x[rows], y[rows])[which]


def _area(rhi: Column, more: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve without an interval."""
    return roc_of(rhi[~more], rhi[more]).newcombe.value
