"""The jobs of ``pyrhi study`` from files to files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyrhi.errors import TableError
from pyrhi.io.regular import read_regular
from pyrhi.pain.publication import published
from pyrhi.pain.scores import Scale
from pyrhi.study.cluster import SEED
from pyrhi.study.cohort import Cohort, read_study_cohort
from pyrhi.study.consistency import Finding, check_summaries
from pyrhi.study.kept import Kept, compare
from pyrhi.study.output import write_comparison, write_findings, write_study, write_synthetic
from pyrhi.study.simulate import simulate
from pyrhi.study.statistics import Resampling, Statistics, statistics_of
from pyrhi.study.tables import tables_of


def run_study(
    cohort_file: Path,
    folder: Path,
    /,
    *,
    patients: Path | None = None,
    scale: Scale = "0-10",
    resampling: Resampling | None = None,
    word: bool = False,
) -> tuple[Cohort, Statistics]:
    """Read a cohort and write the study's tables, statistics and figures.

    Parameters
    ----------
    cohort_file
        The cohort.
    folder
        Where the results go.
    patients
        ``patients.csv`` of ``pyrhi measure``, for RHI.
    scale
        Scale of VAS.
    resampling
        How the decision curve's intervals are resampled.
    word
        True writes Tables 1 to 3 for Word, too.

    Returns
    -------
    tuple
        The cohort and its statistics.

    Raises
    ------
    TableError
        If the cohort cannot be used; nothing is written then.
    OutputError
        If a result cannot be written.
    """
    cohort = read_study_cohort(cohort_file, patients=patients, scale=scale)
    statistics = statistics_of(cohort, resampling)
    tables = tables_of(cohort, statistics)
    moved = write_study(cohort, statistics, tables, folder, resampling=resampling, word=word)
    if moved:
        statistics = replace(statistics, notes=(*statistics.notes, moved))
    return cohort, statistics


def run_simulation(folder: Path, /, *, seed: int = SEED) -> tuple[Path, tuple[Kept, ...]]:
    """Write a synthetic cohort and what of the printed numbers it keeps.

    Parameters
    ----------
    folder
        Where the two files go.
    seed
        Seed of the generator.

    Returns
    -------
    tuple
        The cohort's file, and every printed number beside the cohort's.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    path = write_synthetic(simulate(seed), folder)
    cohort = read_study_cohort(path)
    # Intervals are not compared, so that few resamples do.
    tables = tables_of(cohort, statistics_of(cohort, Resampling(resamples=1)))
    numbers = published()
    rows = compare(tables, numbers, check_summaries(numbers))
    write_comparison(rows, folder)
    return path, rows


def run_check(numbers_file: Path | None, folder: Path | None, /) -> tuple[Finding, ...]:
    """Check printed numbers for contradictions.

    Parameters
    ----------
    numbers_file
        JSON in the form of ``published.json``; None takes the study's.
    folder
        Where ``consistency.csv`` goes; None writes none.

    Returns
    -------
    tuple of Finding

    Raises
    ------
    TableError
        If the file is not such JSON.
    OutputError
        If the table cannot be written.
    """
    findings = check_summaries(published() if numbers_file is None else _read_json(numbers_file))
    if folder is not None:
        write_findings(findings, folder)
    return findings


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(read_regular(path))
    except (OSError, ValueError) as error:
        msg = f"{path}: is not JSON of printed numbers ({error})"
        raise TableError(msg) from error
    if not isinstance(data, dict):
        msg = f"{path}: is not JSON of printed numbers; see published.json for its form"
        raise TableError(msg)
    return data
