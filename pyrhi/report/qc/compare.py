"""Two folders of results side by side: two readers of the same slices, or two visits."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi import __version__
from pyrhi.batch.workers import default_jobs
from pyrhi.batch.write import COMPARE_NAME
from pyrhi.errors import ParameterError, PyrhiError
from pyrhi.io.atomic import writing
from pyrhi.notice import RESEARCH_USE
from pyrhi.report.qc.page import environment
from pyrhi.report.qc.pictures import PictureOptions
from pyrhi.report.qc.results import options_of, read_results, tasks_of
from pyrhi.report.qc.write import Pictures
from pyrhi.study.agree import NOT_INDEPENDENT, agreement_of
from pyrhi.study.outlines import outline_agreement
from pyrhi.study.readings import read_readers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from pyrhi.report.qc.results import Results

SAME, WORST = "same slice", "highest RHI of each"
NOTHING = (
    "{a} and {b}: no slice and no patient is in both; give two readers' results of the same "
    "images, or two visits of the same patients"
)

_STEP = re.compile(r"([MHV])([\d ]+)")


@dataclass(frozen=True)
class Pair:
    """Rows of two folders that are shown side by side.

    Parameters
    ----------
    first, second
        Number of the row in each ``rhi.csv``.
    what
        `SAME` or `WORST`: why they are a pair.
    """

    first: int
    second: int
    what: str


@dataclass(frozen=True)
class Compared:
    """A page that was written.

    Parameters
    ----------
    path, size
        The file, and its size in bytes.
    pairs
        Pairs on it.
    unpaired
        Rows of both folders that have no counterpart.
    """

    path: Path
    size: int
    pairs: int
    unpaired: int


def pairs_of(first: Results, second: Results, /) -> list[Pair]:
    """Return which rows belong together.

    Parameters
    ----------
    first, second
        Both results.

    Returns
    -------
    list of Pair
        Rows of the same image, slice and level; of patients without one, the rows with the
        highest RHI of each level that both have.

    Raises
    ------
    ParameterError
        If there is none.
    """
    places = [_unique(r.rhi, ("Patient", "Image", "Slice", "Level")) for r in (first, second)]
    if not places[0].keys() & places[1].keys():
        # Folders named after readers name the patients of a study without a manifest.
        places = [_unique(r.rhi, ("Image", "Slice", "Level")) for r in (first, second)]
    pairs = [Pair(i, places[1][key], SAME) for key, i in places[0].items() if key in places[1]]
    seen = {first.rhi[pair.first]["Patient"] for pair in pairs}
    worst = [_worst(r.rhi) for r in (first, second)]
    pairs += [
        Pair(i, worst[1][key], WORST)
        for key, i in worst[0].items()
        if key in worst[1] and key[0] not in seen
    ]
    if not pairs:
        raise ParameterError(NOTHING.format(a=first.folder, b=second.folder))
    return pairs


def _unique(rows: Sequence[dict[str, str]], names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    keys = [tuple(row[name] for name in names) for row in rows]
    counts = Counter(keys)
    return {key: i for i, key in enumerate(keys) if counts[key] == 1}


def _worst(rows: Sequence[dict[str, str]]) -> dict[tuple[str, str], int]:
    worst: dict[tuple[str, str], int] = {}
    for i, row in enumerate(rows):
        key = row["Patient"], row["Level"]
        if key not in worst or float(row["RHI"]) > float(rows[worst[key]]["RHI"]):
            worst[key] = i
    return worst


def write_comparison(
    first: Path,
    second: Path,
    /,
    *,
    output: Path | None = None,
    jobs: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Compared:
    """Write a page with two folders of results side by side.

    Parameters
    ----------
    first, second
        What ``pyrhi measure`` wrote.
    output
        The file; None is ``compare.html`` in `first`.
    jobs, progress
        As of `pyrhi.report.qc.write.write_report`.

    Raises
    ------
    TableError
        If a folder has no results.
    ParameterError
        If nothing of them belongs together.
    OutputError
        If the page cannot be written.
    """
    both = read_results(first), read_results(second)
    pairs = pairs_of(*both)
    pictures = [_pictures(results, jobs, progress) for results in both]
    names = _names(first, second)
    items = [_item(pair, both, pictures) for pair in pairs]
    rows = [_row(pair, both, item) for pair, item in zip(pairs, items, strict=True)]
    unpaired = sum(len(r.rhi) for r in both) - 2 * len(pairs)
    differences = [row["difference"] for row in rows]
    page = environment().get_template("compare.html.j2")
    path = output or first / COMPARE_NAME
    text = page.render(
        title=f"RHI: {names[0]} and {names[1]}",
        notice=RESEARCH_USE,
        version=__version__,
        names=names,
        rows=rows,
        values=[{k: None if v != v else v for k, v in row.items()} for row in rows],
        items=items,
        unpaired=unpaired,
        mean=float(np.mean(differences)),
        largest=max(rows, key=lambda row: abs(row["difference"])),
        agreement=_agreement(first, second, names),
        failures=[(name, row) for name, r in zip(names, both, strict=True) for row in r.failures],
    )
    data = text.encode("utf-8")
    with writing(path) as stream:
        stream.write(data)
    return Compared(path, len(data), len(pairs), unpaired)


def _names(first: Path, second: Path) -> tuple[str, str]:
    a, b = first.absolute().name, second.absolute().name
    return (a, b) if a != b else (first.as_posix(), second.as_posix())


def _pictures(
    results: Results, jobs: int, progress: Callable[[int], object] | None
) -> dict[int, dict[str, Any]]:
    tasks = tasks_of(results)
    found = Pictures(results, [task.name for task in tasks])
    options = PictureOptions(options_of(results), whole=True)
    read = found.read(tasks, options, jobs or default_jobs(), progress)
    return {item["index"]: item for item in read}


def _item(
    pair: Pair, both: tuple[Results, Results], pictures: list[dict[int, dict[str, Any]]]
) -> dict[str, Any]:
    """What the page needs of a pair: two pictures, and how far their outlines agree."""
    sides = []
    for results, at, found in zip(both, (pair.first, pair.second), pictures, strict=True):
        item = found.get(at, {"problem": "no picture of this slice"})
        row = results.rhi[at]
        sides.append(
            {
                "picture": item.get("picture"),
                "problem": item.get("problem", ""),
                "says": f"{row['Image']}, slice {row['Slice']} {row['Level']}".rstrip(),
                "warnings": row["Warnings"],
            }
        )
    a, b = sides[0]["picture"], sides[1]["picture"]
    # One image shown alike: only then do the outlines of one belong on the other.
    same = bool(a and b and a["png"] == b["png"] and (a["x"], a["y"]) == (b["x"], b["y"]))
    return {"sides": sides, "same": same, "dice": _dice(a, b) if same else {}}


def _dice(a: dict[str, Any], b: dict[str, Any]) -> dict[str, float]:
    return {
        region: outline_agreement(mask_of_path(a[region], a), mask_of_path(b[region], b)).dice
        for region in ("cord", "lesion")
    }


def mask_of_path(path: str, size: dict[str, Any], /) -> NDArray[np.bool_]:
    """Return the pixels of an outline along pixel edges, as `pyrhi.rhi.picture.svg_path` made it.

    Parameters
    ----------
    path
        Data of the SVG path.
    size
        ``width`` and ``height`` of the picture.

    Examples
    --------
    >>> mask_of_path("M1 0H2V1H1Z", {"width": 3, "height": 1}).tolist()
    [[False, True, False]]
    """
    edges = np.zeros((size["height"], size["width"] + 1), bool)
    for part in path.split("Z"):
        x = y = start = 0
        for kind, text in _STEP.findall(part):
            numbers = [int(n) for n in text.split()]
            if kind == "M":
                x, y = numbers
                start = y
            elif kind == "H":
                x = numbers[0]
            else:
                top, bottom = sorted((y, numbers[0]))
                edges[top:bottom, x] ^= True
                y = numbers[0]
        if part and y != start:
            top, bottom = sorted((y, start))
            edges[top:bottom, x] ^= True
    inside: NDArray[np.bool_] = np.logical_xor.accumulate(edges, axis=1)[:, :-1]
    return inside


def _row(pair: Pair, both: tuple[Results, Results], item: dict[str, Any]) -> dict[str, Any]:
    a, b = both[0].rhi[pair.first], both[1].rhi[pair.second]
    nan = math.nan
    dice = item["dice"]
    return {
        "patient": a["Patient"],
        "image": a["Image"],
        "other": b["Image"] if pair.what == WORST else "",
        "slice": a["Slice"],
        "level": a["Level"],
        "what": pair.what,
        "first": float(a["RHI"]),
        "second": float(b["RHI"]),
        "difference": float(b["RHI"]) - float(a["RHI"]),
        "cord": dice.get("cord", nan),
        "high": dice.get("lesion", nan),
    }


def _agreement(first: Path, second: Path, names: tuple[str, str]) -> Iterator[dict[str, str]]:
    """Rows of ``pyrhi agree`` for RHI and the tier, where two readers saw the same slices.

    B comes first there, so that its "first minus second" is B minus A, as everywhere on the page.
    """
    both = zip(reversed(names), (second, first), strict=True)
    try:
        found = agreement_of(read_readers([f"{name}={path}" for name, path in both]))
    except PyrhiError as error:
        yield {"name": "", "value": str(error)}
        return
    for row in sorted(found.rows, key=lambda row: row.quantity != "RHI"):
        estimate = row.estimate
        ends = "" if math.isnan(estimate.low) else f" ({estimate.low:.3g} to {estimate.high:.3g})"
        value = f"{estimate.value:.3g}{ends} {row.unit}".rstrip()
        if math.isnan(estimate.value):
            value = "not defined for these values"
        way = ", B minus A" if "first minus second" in row.method else ""
        yield {"name": f"{row.quantity}, {row.statistic}{way} (n = {row.n})", "value": value}
    if NOT_INDEPENDENT in found.notes:
        yield {"name": "note", "value": NOT_INDEPENDENT}
