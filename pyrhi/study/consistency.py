"""Can printed summary tables all be true? Counts, percentages, means, zeros, F and p."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from pyrhi.errors import TableError
from pyrhi.extras import need

HEADINGS = ("check", "where", "printed", "possible", "verdict", "explanation")
"""Columns of ``consistency.csv``."""

CONTRADICTION = "contradiction"
POSSIBLE = "possible"
UNCHECKABLE = "cannot be checked"

HALF = 0.5
"""A whole number was rounded by at most this; both directions of a half are allowed."""

SLACK = 1e-9

Printed = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One check of printed numbers.

    Parameters
    ----------
    check
        Which check: ``percentage``, ``base``, ``sum``, ``overlap``, ``mean``, ``overall mean``,
        ``zeros``, ``range``, ``range end``, ``anova`` or ``one metastasis``.
    where
        The printed numbers that cannot hold beside the others, as paths in the file.
    printed, possible
        What is printed, and what the other numbers allow.
    verdict
        `CONTRADICTION`, `POSSIBLE` or `UNCHECKABLE`.
    explanation
        The reasoning in one sentence.
    """

    check: str
    where: tuple[str, ...]
    printed: str
    possible: str
    verdict: str
    explanation: str


@dataclass(frozen=True)
class Group:
    """A group of whole scores of which a summary is printed.

    Parameters
    ----------
    name
        Its path in the file.
    n
        Number of patients.
    mean
        Mean, rounded to a whole number.
    low, high
        Ends of the range; both are attained.
    """

    name: str
    n: int
    mean: float
    low: int
    high: int

    def sums(self) -> range:
        """Return the sums of `n` whole scores that give the printed mean and range."""
        if self.n == 1:
            least = most = self.low
        else:
            least = self.low + self.high + (self.n - 2) * self.low
            most = self.low + self.high + (self.n - 2) * self.high
        first = max(math.ceil((self.mean - HALF) * self.n - SLACK), least)
        last = min(math.floor((self.mean + HALF) * self.n + SLACK), most)
        return range(first, last + 1) if self.n > 1 or self.low == self.high else range(0)

    def most_zeros(self) -> int:
        """Return how many of the scores can be 0 at most."""
        sums = self.sums()
        if self.low > 0 or not sums:
            return 0
        if self.high == 0:
            return self.n
        return min(self.n - math.ceil(sums[0] / self.high), self.n - 1)

    def can_hold(self, score: int, /) -> bool:
        """Return whether one of the scores can be this one."""
        sums = self.sums()
        if not sums or not self.low <= score <= self.high:
            return False
        if score in (self.low, self.high):
            return True
        if self.n < 3:
            return False
        ends, free = self.low + self.high + score, self.n - 3
        return ends + free * self.low <= sums[-1] and sums[0] <= ends + free * self.high

    def within(self, total: int, /) -> tuple[float, float]:
        """Return the least and the largest sum of squares about the mean, for a given sum."""
        if self.n == 1:
            return 0.0, 0.0
        rest, free = total - self.low - self.high, self.n - 2
        squares = self.low**2 + self.high**2
        center = total**2 / self.n
        if free == 0:
            return squares - center, squares - center
        even, more = divmod(rest, free)
        least = squares + (free - more) * even**2 + more * (even + 1) ** 2
        width = self.high - self.low
        full, left = divmod(rest - free * self.low, width) if width else (0, 0)
        most = squares + full * self.high**2 + (free - full) * self.low**2
        if left:
            most += (self.low + left) ** 2 - self.low**2
        return least - center, most - center


def check_summaries(data: Printed, /) -> tuple[Finding, ...]:
    """Check printed summary tables for numbers that cannot all hold.

    Parameters
    ----------
    data
        Printed numbers in the form of `pyrhi.pain.published`. The lists ``cannot_all_hold`` and
        ``not_printed`` are not looked at: everything is computed from the tables.

    Returns
    -------
    tuple of Finding
        Every check made, the contradictions first.

    Raises
    ------
    TableError
        If the tables are not there.

    Notes
    -----
    Scores are whole numbers and percentages and means are rounded to whole ones. The bounds
    follow GRIM (Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017; 8: 363-369) and its
    extension to ranges and variances (SPRITE: Heathers JA et al. PeerJ Preprints 2018; 6:
    e26968): the possible sums of n whole scores with this rounded mean and range, and for each
    sum the least and largest spread.
    """
    try:
        n = int(data["n"])
        table_1, vas = data["table_1"], data["table_2_vas"]
        findings = [
            *_percentages(table_1, n),
            *_sums(table_1, n),
            *_means(table_1, vas),
            *_overall_mean(table_1, vas, n),
            *_zeros(table_1, vas),
            *_ranges(vas),
            *_range_ends(table_1, vas),
            *_one_metastasis(table_1, vas),
            *_location_anova(table_1, vas),
            *_number_anova(table_1, vas, n),
            *_rhi(data["table_3_rhi_percent"]),
        ]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        msg = f"the printed numbers lack or damage {error}; see published.json for their form"
        raise TableError(msg) from error
    return tuple(sorted(findings, key=lambda f: f.verdict != CONTRADICTION))


def _percentages(table_1: Printed, n: int) -> list[Finding]:
    findings = []
    for group, items in table_1.items():
        whole = sum(count for count, _ in items.values())
        wrong = {k: v for k, v in items.items() if v[1] is not None and not _rounds(v[0], v[1], n)}
        fits_sum = whole not in (0, n) and all(
            percent is None or _rounds(count, percent, whole) for count, percent in items.values()
        )
        if wrong and fits_sum:
            findings.append(
                Finding(
                    "base",
                    tuple(f"table_1.{group}.{k}" for k in items),
                    ", ".join(f"{c} ({p} %)" for c, p in items.values()),
                    f"percentages of {whole}, not of {n}",
                    CONTRADICTION,
                    f"the percentages are those of {whole} patients{_same(table_1, group, whole)}, "
                    f"while the table is headed n = {n}",
                )
            )
            continue
        for name, (count, percent) in items.items():
            if percent is None:
                continue
            exact = 100 * count / n
            verdict = POSSIBLE if name not in wrong else CONTRADICTION
            findings.append(
                Finding(
                    "percentage",
                    (f"table_1.{group}.{name}",),
                    f"{count} ({percent} %)",
                    f"{exact:.1f} %",
                    verdict,
                    f"{count} of {n} is {_half_up(exact)} %, printed {percent} %",
                )
            )
    return findings


def _rounds(count: int, percent: float, base: int) -> bool:
    return abs(100 * count / base - percent) <= HALF + SLACK


def _half_up(value: float) -> int:
    return math.floor(value + HALF)


def _same(table_1: Printed, group: str, count: int) -> str:
    same = [
        f"{other} {name}"
        for other, items in table_1.items()
        if other != group
        for name, (number, _) in items.items()
        if number == count
    ]
    return f" (as many as {', '.join(same)})" if same else ""


def _sums(table_1: Printed, n: int) -> list[Finding]:
    findings = []
    for group, items in table_1.items():
        where = tuple(f"table_1.{group}.{name}" for name in items)
        counts = {name: int(count) for name, (count, _) in items.items()}
        both = counts.pop("both", None)
        total = sum(counts.values()) - (both or 0)
        kind = "sum" if both is None else "overlap"
        how = " + ".join(str(c) for c in counts.values()) + (
            f" - {both}" if both is not None else ""
        )
        findings.append(
            Finding(
                kind,
                where,
                how,
                f"{total} of {n}",
                POSSIBLE if total == n else CONTRADICTION,
                f"{group}: {how} is {total} patients"
                + ("" if total == n else f", not {n}{_same(table_1, group, total)}"),
            )
        )
    return findings


def _rows(table: Printed) -> dict[str, Any]:
    """Return the groups of a table; its p is no group."""
    return {name: row for name, row in table.items() if name != "p"}


def _location_groups(table_1: Printed, vas: Printed) -> list[Group]:
    return [
        _group(f"table_2_vas.location.{name}", int(count), vas["location"][name])
        for name, (count, _) in table_1["location"].items()
    ]


def _group(name: str, n: int, row: Printed) -> Group:
    low, high = row["range"]
    return Group(name, n, float(row["mean"]), int(low), int(high))


def _means(table_1: Printed, vas: Printed) -> list[Finding]:
    groups = _location_groups(table_1, vas)
    groups.append(_group("table_2_vas.number.1", _one(table_1), vas["number"]["1"]))
    findings = []
    for group in groups:
        sums = group.sums()
        possible = f"sums {sums[0]} to {sums[-1]}" if sums else "no sum"
        findings.append(
            Finding(
                "mean",
                (group.name,),
                f"mean {group.mean:g}, range {group.low}-{group.high}, n {group.n}",
                possible,
                POSSIBLE if sums else CONTRADICTION,
                f"{group.n} whole scores from {group.low} to {group.high} with mean "
                f"{group.mean:g}: {possible}",
            )
        )
    return findings


def _one(table_1: Printed) -> int:
    return int(table_1["bone_metastases"]["one"][0])


def _overall_mean(table_1: Printed, vas: Printed, n: int) -> list[Finding]:
    groups = _location_groups(table_1, vas)
    mean = float(vas["overall"]["mean"])
    where = ("table_2_vas.overall.mean",)
    if sum(g.n for g in groups) != n or not all(g.sums() for g in groups):
        text = "the location groups are not n patients, or a group's mean is impossible"
        return [Finding("overall mean", where, f"{mean:g}", "", UNCHECKABLE, text)]
    low = sum(g.sums()[0] for g in groups) / n
    high = sum(g.sums()[-1] for g in groups) / n
    fits = low <= mean + HALF + SLACK and mean - HALF - SLACK <= high
    by_location = Finding(
        "overall mean",
        where,
        f"{mean:g}",
        f"{low:.2f} to {high:.2f}",
        POSSIBLE if fits else CONTRADICTION,
        f"the location groups' means weighted by their counts give {low:.2f} to {high:.2f} "
        f"within rounding; the overall mean is printed as {mean:g}",
    )
    one = _one(table_1)
    possible = [
        second for second in range(1, n - one) if _overall_by_number(vas, one, second, n, mean)
    ]
    text = f"two metastases in {possible[0]} to {possible[-1]} patients" if possible else "no split"
    by_number = Finding(
        "overall mean",
        (
            "table_2_vas.overall.mean",
            *(f"table_2_vas.number.{k}.mean" for k in _rows(vas["number"])),
        ),
        f"{mean:g}",
        text,
        POSSIBLE if possible else CONTRADICTION,
        f"the means by number give the overall mean {mean:g} with {text}",
    )
    return [by_location, by_number]


def _number_groups(vas: Printed, one: int, second: int, n: int) -> list[Group]:
    sizes = (one, second, n - one - second)
    return [
        _group(f"table_2_vas.number.{name}", size, row)
        for size, (name, row) in zip(sizes, _rows(vas["number"]).items(), strict=True)
    ]


def _overall_by_number(vas: Printed, one: int, second: int, n: int, mean: float) -> bool:
    sums = [g.sums() for g in _number_groups(vas, one, second, n)]
    if not all(sums):
        return False
    low, high = sum(s[0] for s in sums), sum(s[-1] for s in sums)
    return low <= (mean + HALF) * n + SLACK and (mean - HALF) * n - SLACK <= high


def _zeros(table_1: Printed, vas: Printed) -> list[Finding]:
    without = int(table_1["pain"]["without"][0])
    where = tuple(f"table_1.pain.{name}" for name in table_1["pain"])
    groups = _location_groups(table_1, vas)
    most = {g.name: g.most_zeros() for g in groups}
    holding = [g for g in groups if g.low == 0]
    total = sum(most.values())
    detail = "; ".join(
        f"{g.n} patients with mean {g.mean:g} and range {g.low}-{g.high} hold at most "
        f"{most[g.name]}"
        for g in holding
    )
    by_location = Finding(
        "zeros",
        where,
        f"{without} without pain",
        f"at most {total}",
        POSSIBLE if without <= total else CONTRADICTION,
        f"{without} patients without pain have VAS 0, and the ranges by location hold at most "
        f"{total} ({detail or 'no range includes 0'})",
    )
    rows = _rows(vas["number"])
    includes = [name for name, row in rows.items() if row["range"][0] == 0]
    by_number = Finding(
        "zeros",
        where,
        f"{without} without pain",
        f"VAS 0 in the groups {', '.join(includes)}" if includes else "at most 0",
        POSSIBLE if includes or not without else CONTRADICTION,
        f"{without} patients without pain have VAS 0, and "
        + ("a range by number includes 0" if includes else "the ranges by number hold none"),
    )
    return [by_location, by_number]


def _ranges(vas: Printed) -> list[Finding]:
    findings = []
    low, high = vas["overall"]["range"]
    for kind in ("location", "number"):
        rows = {k: r["range"] for k, r in _rows(vas[kind]).items()}
        ends = (min(r[0] for r in rows.values()), max(r[1] for r in rows.values()))
        fits = ends == (low, high)
        findings.append(
            Finding(
                "range",
                ("table_2_vas.overall.range",),
                f"{low}-{high}",
                f"{ends[0]}-{ends[1]}",
                POSSIBLE if fits else CONTRADICTION,
                f"the ranges by {kind} span {ends[0]}-{ends[1]}, the overall range is {low}-{high}",
            )
        )
    return findings


def _range_ends(table_1: Printed, vas: Printed) -> list[Finding]:
    """Both ends of a range by number are somebody's score, and everybody has a location."""
    groups = _location_groups(table_1, vas)
    findings = []
    for name, row in _rows(vas["number"]).items():
        low, high = row["range"]
        homeless = [v for v in (low, high) if not any(g.can_hold(v) for g in groups)]
        some = " and ".join(str(v) for v in homeless)
        findings.append(
            Finding(
                "range end",
                (f"table_2_vas.number.{name}.range",),
                f"{low}-{high}",
                f"nobody can have VAS {some}" if homeless else "both ends fit a location",
                CONTRADICTION if homeless else POSSIBLE,
                f"number {name}: the range {low}-{high} needs a VAS of {low} and of {high}; "
                + (
                    f"no location's count, mean and range leave room for {some}"
                    if homeless
                    else "both fit the counts, means and ranges by location"
                ),
            )
        )
    return findings


def _one_metastasis(table_1: Printed, vas: Printed) -> list[Finding]:
    """One metastasis lies in one region: those patients' scores must fit the regions' sums."""
    groups = [g for g in _location_groups(table_1, vas) if not g.name.endswith(".multiple")]
    one = _group("table_2_vas.number.1", _one(table_1), vas["number"]["1"])
    others = sum(g.n for g in groups) - one.n
    where = (f"{one.name}.mean",)
    if others < 0 or not one.sums() or not all(g.sums() for g in groups):
        text = "more patients have one metastasis than one region, or a mean is impossible"
        verdict = CONTRADICTION if others < 0 else UNCHECKABLE
        return [Finding("one metastasis", where, f"{one.n}", "", verdict, text)]
    least = sum(g.sums()[0] for g in groups)
    top = max(g.high for g in groups)
    most = one.sums()[-1] + others * top
    return [
        Finding(
            "one metastasis",
            where,
            f"mean {one.mean:g}",
            f"sum of VAS over single regions at least {least}; by number at most {most}",
            POSSIBLE if least <= most else CONTRADICTION,
            f"the {one.n} patients with one metastasis are among the {one.n + others} with one "
            f"region, whose scores sum to {least} or more; their own mean and {others} others of "
            f"at most {top} reach {most}",
        )
    ]


def _location_anova(table_1: Printed, vas: Printed) -> list[Finding]:
    where = ("table_2_vas.location.p",)
    limits = anova_limits(_location_groups(table_1, vas))
    return [_anova_finding(where, str(vas["location"]["p"]), limits, "by location")]


def _number_anova(table_1: Printed, vas: Printed, n: int) -> list[Finding]:
    one = _one(table_1)
    limits = [
        found
        for second in range(2, n - one - 1)
        if (found := anova_limits(_number_groups(vas, one, second, n))) is not None
    ]
    whole = (
        (
            min(low for low, _, _, _ in limits),
            max(high for _, high, _, _ in limits),
            min(p for _, _, p, _ in limits),
            max(p for _, _, _, p in limits),
        )
        if limits
        else None
    )
    where = ("table_2_vas.number.p",)
    text = "by number, over all splits into two and more"
    return [_anova_finding(where, str(vas["number"]["p"]), whole, text)]


def anova_limits(groups: Sequence[Group], /) -> tuple[float, float, float, float] | None:
    """Least and largest F and p of a one-way ANOVA that printed groups allow.

    Parameters
    ----------
    groups
        The groups: size, rounded mean and range of whole scores.

    Returns
    -------
    tuple or None
        Least F, largest F, least p, largest p; None where a group is impossible.
    """
    tables = []
    for group in groups:
        sums = group.sums()
        if not sums:
            return None
        tables.append([(total, *group.within(total)) for total in sums])
    n, k = sum(g.n for g in groups), len(groups)
    sizes = np.array([g.n for g in groups], dtype=float)
    cells = np.array(list(product(*tables)), dtype=float)
    totals = cells[:, :, 0]
    between = (totals**2 / sizes).sum(axis=1) - totals.sum(axis=1) ** 2 / n
    scale = (n - k) / (k - 1)
    with np.errstate(divide="ignore"):
        low = float((scale * between / cells[:, :, 2].sum(axis=1)).min())
        high = float((scale * between / cells[:, :, 1].sum(axis=1)).max())
    f = need("scipy.stats", "study").f
    return low, high, float(f.sf(high, k - 1, n - k)), float(f.sf(low, k - 1, n - k))


def _p_interval(printed: str) -> tuple[float, float]:
    """Return the p that a printed one stands for: ``0.0003`` or ``<0.0001``."""
    text = printed.strip()
    if text.startswith("<"):
        return 0.0, float(text[1:])
    half = 10.0 ** -len(text.partition(".")[2]) / 2
    return max(float(text) - half, 0.0), float(text) + half


def _anova_finding(
    where: tuple[str, ...],
    printed: str,
    limits: tuple[float, float, float, float] | None,
    what: str,
) -> Finding:
    if limits is None:
        text = f"VAS {what}: a group's mean is impossible"
        return Finding("anova", where, f"p {printed}", "", UNCHECKABLE, text)
    low_f, high_f, low_p, high_p = limits
    first, last = _p_interval(printed)
    fits = low_p <= last and first <= high_p
    return Finding(
        "anova",
        where,
        f"p {printed}",
        f"F {low_f:.2f} to {high_f:.2f}, p {low_p:.2g} to {high_p:.2g}",
        POSSIBLE if fits else CONTRADICTION,
        f"VAS {what}: sizes, rounded means and ranges allow p from {low_p:.2g} to {high_p:.2g} "
        f"in a one-way ANOVA; printed {printed}",
    )


def _rhi(table_3: Printed) -> list[Finding]:
    low, high = table_3["overall"]["range"]
    rows = _rows(table_3["tiers"])
    ends = (min(r["range"][0] for r in rows.values()), max(r["range"][1] for r in rows.values()))
    inside = all(r["range"][0] <= r["median"] <= r["range"][1] for r in rows.values())
    nested = low <= ends[0] and ends[1] <= high
    return [
        Finding(
            "range",
            ("table_3_rhi_percent.overall.range",),
            f"{low}-{high}",
            f"{ends[0]}-{ends[1]}",
            POSSIBLE if inside and nested else CONTRADICTION,
            f"RHI: the tiers span {ends[0]}-{ends[1]}, overall {low}-{high}; medians "
            + ("lie in their ranges" if inside else "do not all lie in their ranges"),
        ),
        Finding(
            "anova",
            ("table_3_rhi_percent.tiers.p",),
            f"p {table_3['tiers'].get('p', '')}",
            "",
            UNCHECKABLE,
            "RHI by tier: neither tier sizes nor means are printed",
        ),
    ]
