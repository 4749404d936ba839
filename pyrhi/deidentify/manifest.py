"""A study's manifest with pseudonyms for its patients and paths."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pyrhi.batch.plan import MANIFEST_COLUMNS, MASK_COLUMNS
from pyrhi.batch.pseudonym import pseudonym
from pyrhi.deidentify.names import DICOM_ENDING
from pyrhi.errors import TableError
from pyrhi.io.reading import read_table
from pyrhi.io.rois.files import split_ending
from pyrhi.io.tables import csv_line, write_csv

if TYPE_CHECKING:
    from pyrhi.batch.identifiers import Identifiers
    from pyrhi.deidentify.names import Names

KEPT = ("location", "number")


def is_manifest(path: Path, /) -> bool:
    """True for a table with the columns patient and image."""
    try:
        columns = read_table(path, may_be_empty=True).columns
    except TableError:
        return False
    return set(MANIFEST_COLUMNS[:2]) <= set(columns)


def clean_manifest(
    source: Path, target: Path, path: Path, names: Names, key: bytes, identifiers: Identifiers, /
) -> dict[str, int]:
    """Write a manifest with pseudonyms; a patient's visits become 1, 2, 3 in the order of rows.

    Raises
    ------
    TableError
        If an image lies outside the input folder, where it has no pseudonym.
    """
    table = read_table(source, may_be_empty=True)
    columns = [c for c in MANIFEST_COLUMNS if c in table.columns]
    visits: dict[str, list[str]] = {}
    lines = []
    for line in table.rows:
        row = {column: line.get(column, "") for column in MANIFEST_COLUMNS}
        identifiers.add_words(row["patient"], "manifest patient")
        seen = visits.setdefault(row["patient"], [])
        if row["visit"] and row["visit"] not in seen:
            seen.append(row["visit"])
        out = {column: row[column] for column in KEPT}
        out["patient"] = pseudonym(row["patient"], key) if row["patient"] else ""
        out["visit"] = str(seen.index(row["visit"]) + 1) if row["visit"] else ""
        for column in ("image", "rois", *MASK_COLUMNS):
            out[column] = (
                _renamed(source, path, row[column], names, line.line) if row[column] else ""
            )
        lines.append(csv_line([out[column] for column in columns]))
    write_csv(target, columns, lines)
    return {"rows": len(table.rows)}


def _renamed(source: Path, path: Path, cell: str, names: Names, number: int) -> str:
    parts: list[str] = []
    for part in (path.parent / cell).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    relative = PurePath(*parts)
    root = Path(*source.parts[: len(source.parts) - len(path.parts)])
    if relative.is_absolute() or ".." in parts or not (root / relative).exists():
        msg = f"{source}: row {number}: its file is not in the input folder; move it there"
        raise TableError(msg)
    here = names.folder(path.parent)
    if (root / relative).is_dir():
        new: PurePath = names.folder(relative)
    else:
        ending = split_ending(relative.name)[1]
        dicom = ending.lower() in ("", ".dcm", ".dicom", ".ima")
        new = names.file(relative, DICOM_ENDING if dicom else ending)
    return PurePath(*_relative(new.parts, here.parts)).as_posix()


def _relative(parts: tuple[str, ...], start: tuple[str, ...]) -> tuple[str, ...]:
    shared = 0
    while shared < min(len(parts), len(start)) and parts[shared] == start[shared]:
        shared += 1
    return (*[".."] * (len(start) - shared), *parts[shared:])
