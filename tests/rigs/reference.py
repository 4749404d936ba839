"""Numbers of other programs, stored in ``tests/data/r`` beside the script that made them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "data" / "r"


def from_r(table: str) -> dict[str, list[float]]:
    """Read what an R script said: for each name its numbers in their order."""
    found: dict[str, list[float]] = {}
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["name"], []).append(float(row["value"]))
    return found


def coverage(
    interval: Callable[[np.random.Generator], tuple[float, float]],
    truth: float,
    *,
    seed: int,
    samples: int = 1500,
) -> float:
    """Percent of the intervals of simulated samples that hold the true value."""
    rng = np.random.default_rng(seed)
    ends = np.array([interval(rng) for _ in range(samples)])
    return 100 * float(np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])))
