"""Which printed numbers a cohort keeps, and why it cannot keep the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyrhi.study.consistency import CONTRADICTION, HALF, Finding
from pyrhi.study.tables import Summary, Tables

HEADINGS = ("quantity", "published", "synthetic", "kept", "reason")
"""Columns of ``synthetic_against_published.csv``."""

NOT_ASKED = "not among the numbers that the synthetic cohort is made to keep"


@dataclass(frozen=True)
class Kept:
    """A printed number beside the cohort's.

    Parameters
    ----------
    quantity
        Its path in ``published.json``.
    published, synthetic
        What is printed, and the cohort's number.
    kept
        Whether the cohort's number rounds to the printed one.
    reason
        Why it is not kept.
    """

    quantity: str
    published: str
    synthetic: str
    kept: bool
    reason: str


def compare(
    tables: Tables, numbers: Mapping[str, Any], findings: Sequence[Finding], /
) -> tuple[Kept, ...]:
    """Compare a cohort's tables with the printed numbers.

    Parameters
    ----------
    tables
        Tables 1 to 3 of the cohort.
    numbers
        The printed numbers, in the form of `pyrhi.pain.published`.
    findings
        Result of `pyrhi.study.consistency.check_summaries` on them, for the reasons.

    Returns
    -------
    tuple of Kept
        Counts, then percentages of all n, means, medians, ranges and p.
    """
    kept: list[Kept] = []

    def add(quantity: str, printed: str, found: str, same: bool) -> None:
        reason = "" if same else _reason(quantity, findings)
        kept.append(Kept(quantity, printed, found, same, reason))

    n = int(numbers["n"])
    for row in tables.characteristics:
        if row.summary is not None:
            _number(add, row.key, numbers[row.key], row.summary.median)
            continue
        _, group, item = row.key.split(".", 2)
        count, percent = numbers["table_1"][group].get(item, (0, None))
        add(row.key, f"{count}", f"{row.n}", row.n == count)
        if percent is not None:
            _number(add, f"{row.key} (%)", percent, 100 * row.n / n)
    for part in (*tables.vas, *tables.rhi):
        printed = _find(numbers, part.key)
        if printed is not None:
            _summary(add, part.key, printed, part.summary)
        if not math.isnan(part.p_anova):
            factor = part.key.rsplit(".", 1)[0]
            text = str(_find(numbers, f"{factor}.p"))
            limit = float(text.lstrip("<"))
            p = part.p_anova
            digits = len(text.partition(".")[2])
            same = p < limit if text.startswith("<") else round(p, digits) == limit
            add(f"{factor}.p", text, f"{p:.2g} (one-way ANOVA)", same)
    return tuple(kept)


def _number(add: Any, quantity: str, printed: float, found: float) -> None:
    add(quantity, f"{printed:g}", f"{found:.4g}", abs(found - printed) <= HALF + 1e-9)


def _summary(add: Any, key: str, printed: Mapping[str, Any], found: Summary) -> None:
    for name in ("mean", "median"):
        if name in printed:
            _number(add, f"{key}.{name}", printed[name], getattr(found, name))
    low, high = printed["range"]
    same = (found.low, found.high) == (low, high)
    add(f"{key}.range", f"{low}-{high}", f"{found.low:g}-{found.high:g}", same)


def _find(numbers: Mapping[str, Any], path: str) -> Any:
    node: Any = numbers
    for part in path.split("."):
        if not isinstance(node, Mapping) or part not in node:
            return None
        node = node[part]
    return node


def _reason(quantity: str, findings: Sequence[Finding]) -> str:
    name = quantity.removesuffix(" (%)")
    for finding in findings:
        if finding.verdict == CONTRADICTION and any(
            name == where or name.startswith(f"{where}.") for where in finding.where
        ):
            return finding.explanation
    return NOT_ASKED
