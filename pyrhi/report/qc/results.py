"""What a folder of results holds: its tables as they are, and how they were made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import Task
from pyrhi.batch.write import FAILURE_HEADINGS, RHI_HEADINGS
from pyrhi.errors import TableError
from pyrhi.io.reading import read_table
from pyrhi.io.regular import read_regular
from pyrhi.rhi.assign import RoleRule
from pyrhi.rhi.high import HighKind, HighMode, parse_high
from pyrhi.rhi.mask_options import MaskOptions
from pyrhi.rhi.measure import RhiParameters
from pyrhi.rhi.roles import RolePatterns

NOT_RESULTS = "{folder}: holds no {name}; give a folder that pyrhi measure wrote"


@dataclass(frozen=True)
class Results:
    """A folder of results.

    Parameters
    ----------
    folder
        The folder.
    rhi, patients, failures
        Rows of the tables, text by heading.
    run
        ``run.json``.
    """

    folder: Path
    rhi: tuple[dict[str, str], ...]
    patients: tuple[dict[str, str], ...]
    failures: tuple[dict[str, str], ...]
    run: dict[str, Any]


def read_results(folder: Path, /) -> Results:
    """Read the tables of ``pyrhi measure``.

    Parameters
    ----------
    folder
        Its output.

    Raises
    ------
    TableError
        If a table is missing or is not one of pyrhi's.
    """
    path = folder / "run.json"
    try:
        document = json.loads(_text(path))
    except ValueError as error:
        msg = f"{path}: is not readable JSON ({error}); measure again"
        raise TableError(msg) from None
    if not isinstance(document, dict) or "parameters" not in document:
        raise TableError(NOT_RESULTS.format(folder=folder, name="run.json of pyrhi"))
    return Results(
        folder,
        _rows(folder / "rhi.csv", RHI_HEADINGS),
        _rows(folder / "patients.csv", ("Patient", "RHI")),
        _rows(folder / "failures.csv", FAILURE_HEADINGS),
        document,
    )


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8")
    except FileNotFoundError:
        raise TableError(NOT_RESULTS.format(folder=path.parent, name=path.name)) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error})"
        raise TableError(msg) from None
    except UnicodeDecodeError as error:
        msg = f"{path}: cannot be read ({error})"
        raise TableError(msg) from None


def _rows(path: Path, needed: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    if not path.is_file():
        raise TableError(NOT_RESULTS.format(folder=path.parent, name=path.name))
    table = read_table(path, may_be_empty=True)
    if not set(needed) <= set(table.headings):
        msg = f"{path}: is not a table of pyrhi measure; measure again"
        raise TableError(msg)
    return tuple(dict(zip(table.headings, row.values(), strict=True)) for row in table.rows)


def tasks_of(results: Results, /) -> list[Task]:
    """Return the images of a run, in its order.

    Raises
    ------
    TableError
        If ``run.json`` does not name them.
    """
    try:
        return [Task(**entry) for entry in results.run["tasks"]]
    except (KeyError, TypeError):
        msg = f"{results.folder / 'run.json'}: does not name the images; measure again"
        raise TableError(msg) from None


def _high(text: str | None, value: float | None) -> HighMode | None:
    if text is None:
        return None
    if text.startswith(HighKind.FIXED.value):
        # The text has six digits of the value.
        return HighMode(HighKind.FIXED, text, value=float(value or 0.0))
    return parse_high(text)


def options_of(results: Results, /) -> WorkOptions:
    """Return what the images of a run were measured with.

    Raises
    ------
    TableError
        If ``run.json`` does not say it.
    """
    asked = results.run["parameters"]
    try:
        patterns = {role: tuple(words) for role, words in asked["patterns"].items()}
        return WorkOptions(
            parameters=RhiParameters(
                patterns=RolePatterns(**patterns),
                high=_high(asked["high"], asked["high_value"]),
                clip=bool(asked["clip"]),
                rule=RoleRule(asked["roles"]) if asked["roles"] else None,
                ignore_unnamed=bool(asked["ignore_unnamed"]),
            ),
            series=asked["series"],
            imager_pixel_spacing=bool(asked["imager_pixel_spacing"]),
            patient_id=bool(asked["patient_id"]),
            masks=MaskOptions(
                labels=tuple(asked["labels"]),
                whole=asked["whole"],
                threshold=float(asked["mask_threshold"]),
                resample=bool(asked["resample_masks"]),
            ),
            plane=asked["plane"],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        msg = f"{results.folder / 'run.json'}: is of another version of pyrhi; measure again"
        raise TableError(msg) from None
