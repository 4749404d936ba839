"""The rows of a run's tables, as a reader of the files would see them, and workbooks."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import openpyxl

from pyrhi.batch.options import RunOptions
from pyrhi.batch.run import run
from pyrhi.batch.write import rhi_rows
from pyrhi.io.tables import csv_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyrhi.batch.plan import Task


def rhi_of(tasks: Sequence[Task], options: RunOptions | None = None) -> list[dict[str, str]]:
    """Return the rows of ``rhi.csv`` of a run that writes nothing."""
    result = run(tasks, options or RunOptions(jobs=1), keep=True)
    return list(csv.DictReader(map(csv_line, rhi_rows(result.kept)), result.rhi_headings))


def workbook(folder: Path, **sheets: list[list[Any]]) -> Path:
    """Write the sheets, row by row, to ``study.xlsx`` and return its path."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "study.xlsx"
    book.save(path)
    return path
