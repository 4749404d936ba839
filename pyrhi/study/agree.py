"""Agreement of readers: every number of ``pyrhi agree``, and its files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError, TableError
from pyrhi.io.atomic import make_folder, set_aside
from pyrhi.io.reading import read_table
from pyrhi.io.tables import csv_line, write_csv
from pyrhi.pain.agreement import Estimate, icc21, icc31, weighted_kappa
from pyrhi.pain.model import NOTICE, Patient, load_model
from pyrhi.pain.scores import TIERS, number_in
from pyrhi.study.bland_altman import bland_altman, draw_bland_altman
from pyrhi.study.precision import precision
from pyrhi.study.readings import Place, Reader, Reading, Readings
from pyrhi.wording import counted

HEADINGS = (
    "Quantity", "Readers", "Statistic", "N", "Value", "Low", "High", "Confidence", "Unit", "Method",
    "Notice",
)  # fmt: skip
"""Columns of ``agreement.csv``."""

OUTLINE_HEADINGS = (
    "Patient", "Image", "Slice", "Level", "Region", "Reader_A", "Reader_B", "Dice", "Jaccard",
    "Hausdorff_mm", "MeanSurfaceDistance_mm", "Note", "Notice",
)  # fmt: skip
"""Columns of ``outlines.csv``."""

UNPAIRED_HEADINGS = (
    "Patient", "Image", "Slice", "Level", "Region", "Marked_by", "Not_marked_by", "Notice",
)  # fmt: skip
"""Columns of ``unpaired.csv``."""

MIN_PLACES = 3
"""Slices that all readers read, below which nothing can be said."""

NOT_INDEPENDENT = (
    "slices of one patient are not independent: intervals over several slices of few patients are "
    "too narrow"
)

RHI = "RHI"
WITHIN = "within-reader SD"
REPEATABILITY = "repeatability coefficient"
REPRODUCIBILITY = "reproducibility coefficient"

FROM_REPEATS = "from readers who read twice; Bland & Altman 1996"
FROM_RESIDUAL = (
    "residual SD of one reading each: no reader read twice, so that it also holds the readers' "
    "disagreement on single slices"
)
TIER_MODEL = "cutpoints"


@dataclass(frozen=True)
class Quantity:
    """What is compared: its column, its unit, and how a reading has it."""

    name: str
    unit: str
    value: Callable[[Reading], float | None]


@dataclass(frozen=True)
class AgreementRow:
    """A row of ``agreement.csv``; NaN where a number does not exist."""

    quantity: str
    readers: str
    statistic: str
    n: int
    estimate: Estimate
    unit: str
    method: str


@dataclass(frozen=True)
class Unpaired:
    """A place that not every reader marked.

    Parameters
    ----------
    place
        Where.
    region
        ``cord`` (the slice was not read at all) or ``high``.
    marked, missing
        Labels of the readers who marked it and who did not.
    """

    place: Place
    region: str
    marked: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Values of two readers on one quantity, for the plot."""

    quantity: Quantity
    names: tuple[str, str]
    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Everything that ``pyrhi agree`` says.

    Parameters
    ----------
    rows
        Statistics.
    unpaired
        What not every reader marked.
    pairs
        Values to plot.
    notes
        What could not be computed, one line each.
    """

    rows: tuple[AgreementRow, ...]
    unpaired: tuple[Unpaired, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


def agreement_of(readings: Readings, /, *, tier_model: str = TIER_MODEL) -> Agreement:
    """Compute the agreement of readers.

    Parameters
    ----------
    readings
        What they measured.
    tier_model
        Model that gives tiers where the tables have none: a shipped name or a JSON file.

    Returns
    -------
    Agreement

    Raises
    ------
    ParameterError
        If there are fewer than two readings, fewer than `MIN_PLACES` places that all have, or
        areas in different units.
    """
    readers = readings.readers
    if len(readers) < 2:
        msg = f"agreement needs two or more readings, and there are {len(readers)}"
        raise ParameterError(msg)
    common = sorted(set.intersection(*(set(r.readings) for r in readers)))
    if len(common) < MIN_PLACES:
        msg = (
            f"{' and '.join(r.label for r in readers)}: {counted(len(common), 'slice')} in common, "
            f"but {MIN_PLACES} are needed; the readers must have read the same images"
        )
        raise ParameterError(msg)
    rows: list[AgreementRow] = []
    pairs: list[Pair] = []
    notes = [NOT_INDEPENDENT] if any(place.image for place in common) else []
    for quantity in _quantities(readers, common):
        kept, x = _matrix(readers, common, quantity)
        if len(kept) < len(common):
            notes.append(
                f"{quantity.name}: {counted(len(common) - len(kept), 'slice')} with a missing "
                "value left out"
            )
        if len(kept) < MIN_PLACES:
            continue
        rows += _whole(readers, quantity, x)
        for i, j in combinations(range(len(readers)), 2):
            names = (readers[i].label, readers[j].label)
            pair = Pair(quantity, names, x[:, i], x[:, j])
            rows += _pair(pair)
            pairs.append(pair)
    rows += _tiers(readers, common, tier_model, notes)
    rows += _outlines(readings)
    return Agreement(tuple(rows), tuple(_unpaired(readers)), tuple(pairs), tuple(notes))


def _quantities(readers: Sequence[Reader], common: Sequence[Place]) -> list[Quantity]:
    found = [r.readings[p] for r in readers for p in common]
    units = {r.unit for r in found if r.unit}
    areas = any(r.cord_area is not None for r in found)
    if areas and len(units) > 1:
        msg = f"the readers' areas are in different units ({', '.join(sorted(units))})"
        raise ParameterError(msg)
    unit = next(iter(units), "")
    rhi = [Quantity(RHI, "percentage points", lambda r: r.rhi)]
    if not areas:
        return rhi
    return [
        Quantity("CordArea", unit, lambda r: r.cord_area),
        Quantity("HighArea", unit, lambda r: r.high_area),
        *rhi,
    ]


def _matrix(
    readers: Sequence[Reader], common: Sequence[Place], quantity: Quantity
) -> tuple[list[Place], npt.NDArray[np.float64]]:
    kept, rows = [], []
    for place in common:
        values = [quantity.value(r.readings[place]) for r in readers]
        numbers = [v for v in values if v is not None]
        if len(numbers) == len(values):
            kept.append(place)
            rows.append(numbers)
    return kept, np.array(rows, dtype=float).reshape(len(rows), len(readers))


def _whole(
    readers: Sequence[Reader], quantity: Quantity, x: npt.NDArray[np.float64]
) -> Iterable[AgreementRow]:
    names = [r.name for r in readers]
    everybody = "; ".join(r.label for r in readers)
    n = len(x)

    def row(statistic: str, estimate: Estimate, unit: str, method: str) -> AgreementRow:
        return AgreementRow(quantity.name, everybody, statistic, n, estimate, unit, method)

    first = [names.index(name) for name in dict.fromkeys(names)]
    if len(first) > 1:
        method = "Shrout & Fleiss 1979; first reading of each reader"
        yield row("ICC(2,1)", icc21(x[:, first]), "", f"{method}, absolute agreement")
        yield row("ICC(3,1)", icc31(x[:, first]), "", f"{method}, consistency")
    found = precision(x, names)
    source = FROM_REPEATS if found.repeated else FROM_RESIDUAL
    yield row(WITHIN, found.within_reader_sd, quantity.unit, source)
    if len(first) > 1:
        yield row("SEM (consistency)", _bare(found.sem_consistency), quantity.unit,
                  "residual SD; de Vet et al. 2006")  # fmt: skip
        yield row("SEM (agreement)", _bare(found.sem_agreement), quantity.unit,
                  "with the readers' own levels; de Vet et al. 2006")  # fmt: skip
    yield row(REPEATABILITY, found.repeatability, quantity.unit,
              f"1.96 sqrt(2) within-reader SD; {source}")  # fmt: skip
    if len(first) > 1:
        yield row(REPRODUCIBILITY, _bare(found.reproducibility), quantity.unit,
                  "1.96 sqrt(2) SEM (agreement): two different readers")  # fmt: skip


def _pair(pair: Pair) -> Iterable[AgreementRow]:
    found = bland_altman(pair.first, pair.second)
    readers = "; ".join(pair.names)
    source = "Bland & Altman 1986, 1999; first minus second"
    exact = "interval exact for normal differences, Carkeet 2015"
    unit = pair.quantity.unit
    for statistic, estimate, of, method in (
        ("Bland-Altman bias", found.bias, unit, source),
        ("Bland-Altman SD", _bare(found.sd), unit, source),
        ("Bland-Altman lower limit", found.lower, unit, f"bias - 1.96 SD; {source}; {exact}"),
        ("Bland-Altman upper limit", found.upper, unit, f"bias + 1.96 SD; {source}; {exact}"),
        ("Bland-Altman half width", found.pair, unit, f"1.96 SD, both limits as a pair; {exact}"),
        ("proportional bias slope", found.slope, "", f"differences on means; {source}"),
        ("proportional bias p", _bare(found.slope_p), "", "two-sided"),
    ):
        yield AgreementRow(pair.quantity.name, readers, statistic, found.n, estimate, of, method)


def _tiers(
    readers: Sequence[Reader], common: Sequence[Place], tier_model: str, notes: list[str]
) -> Iterable[AgreementRow]:
    written = any(r.readings[p].tier for r in readers for p in common)
    model = None if written else load_model(tier_model)
    method = "quadratic weights; " + (
        "tiers of the tables" if model is None else f"tiers of the model {model.name}, by RHI"
    )

    def tier_of(reading: Reading) -> str | None:
        if model is None:
            return reading.tier
        tier = model.predict(Patient(reading.rhi)).tier
        return tier if tier in TIERS else None

    tiers = [[tier_of(r.readings[p]) for p in common] for r in readers]
    for (a, first), (b, second) in combinations(zip(readers, tiers, strict=True), 2):
        both = [
            (TIERS.index(s), TIERS.index(t))
            for s, t in zip(first, second, strict=True)
            if s is not None and t is not None
        ]
        pair = f"{a.label}; {b.label}"
        if len(both) < len(common):
            notes.append(
                f"tier: {pair}: {counted(len(common) - len(both), 'slice')} without a tier from "
                "both readers left out"
            )
        if both:
            one, two = np.array(both).T
            kappa = weighted_kappa(one, two, categories=len(TIERS))
            if math.isnan(kappa.value):
                notes.append(
                    f"tier: {pair}: both readers have one and the same tier throughout: kappa is "
                    "not defined"
                )
            yield AgreementRow("Tier", pair, "weighted kappa", len(both), kappa, "", method)


def _outlines(readings: Readings) -> Iterable[AgreementRow]:
    pairs = dict.fromkeys((o.first, o.second, o.region) for o in readings.outlines)
    for first, second, region in pairs:
        found = [
            o.agreement
            for o in readings.outlines
            if (o.first, o.second, o.region) == (first, second, region)
        ]
        for statistic, values, unit in (
            ("mean Dice", [f.dice for f in found], ""),
            ("mean Jaccard", [f.jaccard for f in found], ""),
            ("mean Hausdorff distance", [f.hausdorff for f in found], "mm"),
            ("mean surface distance", [f.mean_surface_distance for f in found], "mm"),
        ):
            defined = [v for v in values if not math.isnan(v)]
            if defined:
                yield AgreementRow(
                    f"{region} outline", f"{first}; {second}", statistic, len(defined),
                    _bare(float(np.mean(defined))), unit, "mean of the slices where it is defined",
                )  # fmt: skip


def _unpaired(readers: Sequence[Reader]) -> Iterable[Unpaired]:
    for place in sorted(set().union(*(r.readings for r in readers))):
        marked = tuple(r.label for r in readers if place in r.readings)
        if len(marked) < len(readers):
            missing = tuple(r.label for r in readers if place not in r.readings)
            yield Unpaired(place, "cord", marked, missing)
        areas = {r.label: r.readings[place].high_area for r in readers if place in r.readings}
        high = tuple(label for label, area in areas.items() if area)
        low = tuple(label for label, area in areas.items() if area == 0)
        if high and low:
            yield Unpaired(place, "high", high, low)


def _bare(value: float) -> Estimate:
    return Estimate(value, math.nan, math.nan, math.nan)


def write_agreement(agreement: Agreement, readings: Readings, folder: Path, /) -> str:
    """Write every file of ``pyrhi agree``.

    Parameters
    ----------
    agreement, readings
        What was computed, from what.
    folder
        Where to: ``agreement.csv``, ``unpaired.csv``, ``outlines.csv`` (where outlines were
        compared), ``notes.csv``, and a Bland-Altman plot of each pair and quantity.

    Returns
    -------
    str
        What of an earlier comparison was moved away; empty where nothing was.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    make_folder(folder)
    again = (folder / "agreement.csv").is_file()
    new = {"outlines.csv"} if readings.outlines else set()
    write_csv(
        folder / "agreement.csv",
        HEADINGS,
        (
            csv_line([
                r.quantity, r.readers, r.statistic, r.n, r.estimate.value, r.estimate.low,
                r.estimate.high, r.estimate.confidence, r.unit, r.method, NOTICE,
            ])
            for r in agreement.rows
        ),
    )  # fmt: skip
    write_csv(
        folder / "unpaired.csv",
        UNPAIRED_HEADINGS,
        (
            csv_line(
                [*_cells(u.place), u.region, "; ".join(u.marked), "; ".join(u.missing), NOTICE]
            )
            for u in agreement.unpaired
        ),
    )
    notes = (*readings.failures, *agreement.notes)
    write_csv(folder / "notes.csv", ("Note", "Notice"), (csv_line([n, NOTICE]) for n in notes))
    if readings.outlines:
        write_csv(
            folder / "outlines.csv",
            OUTLINE_HEADINGS,
            (
                csv_line([
                    *_cells(o.place), o.region, o.first, o.second, o.agreement.dice,
                    o.agreement.jaccard, o.agreement.hausdorff,
                    o.agreement.mean_surface_distance, o.agreement.note, NOTICE,
                ])
                for o in readings.outlines
            ),
        )  # fmt: skip
    for pair in agreement.pairs:
        unit = f" ({pair.quantity.unit})" if pair.quantity.unit else ""
        name = "_".join(["bland_altman", pair.quantity.name, *map(_file_name, pair.names)])
        title = f"{pair.quantity.name}{unit}"
        draw_bland_altman(pair.first, pair.second, pair.names, title, folder / name)
        new |= {f"{name}.png", f"{name}.svg"}
    return set_aside(folder, ("outlines.csv", "bland_altman_*.*"), new) if again else ""


def _cells(place: Place) -> list[str]:
    return [place.patient, place.image, place.slice, place.level]


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "reader"


def read_repeatability(path: Path, /, *, different_readers: bool = False) -> float:
    """Read the coefficient of RHI from ``agreement.csv``.

    Parameters
    ----------
    path
        The table, or the folder that holds it.
    different_readers
        True takes the reproducibility coefficient: visits were read by different people.

    Returns
    -------
    float
        In percentage points of RHI.

    Raises
    ------
    TableError
        If the table has no such row or number.
    """
    table = read_table(path / "agreement.csv" if path.is_dir() else path)
    table.require("quantity", "statistic", "value")
    wanted = REPRODUCIBILITY if different_readers else REPEATABILITY
    for row in table.rows:
        if (row["quantity"], row["statistic"]) == (RHI, wanted):
            value = number_in(row["value"], where=row.where("value"))
            if value is not None:
                return value
    msg = f"{table.path}: has no {wanted} of RHI; make it with pyrhi agree"
    raise TableError(msg)
