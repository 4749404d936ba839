"""One workbook of a run: its tables as sheets, and a sheet that says what the columns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrhi.batch.write import MEASURES_TABLES, WORKBOOK_NAME
from pyrhi.errors import TableError
from pyrhi.io.reading import TextTable, read_table
from pyrhi.io.tables import csv_line
from pyrhi.io.workbook import Sheet, write_workbook
from pyrhi.notice import RESEARCH_USE
from pyrhi.report.columns import TABLES, column_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEASURED = ("patients", "rhi", "rois", "failures")
"""Tables of ``pyrhi measure``, in the order of the sheets."""

MEANINGS = "columns"
MEANING_HEADINGS = ("Sheet", "Column", "Unit", "Meaning")


def write_results_workbook(folder: Path, /) -> Path:
    """Write the tables of a folder of results as one workbook into it.

    Parameters
    ----------
    folder
        What ``pyrhi measure`` wrote.

    Returns
    -------
    path : Path
        ``results.xlsx`` in the folder.

    Raises
    ------
    TableError
        If a table is missing.
    OutputError
        If the workbook cannot be written.
    PyrhiError
        If openpyxl is not installed.
    """
    tables: dict[str, TextTable] = {}
    for name in MEASURED:
        path = folder / f"{name}.csv"
        if not path.is_file():
            msg = f"{folder}: holds no {path.name}; give a folder that pyrhi measure wrote"
            raise TableError(msg)
        tables[name] = read_table(path, may_be_empty=True)
    for name in MEASURES_TABLES:
        if (folder / f"{name}.csv").is_file():
            tables[name] = read_table(folder / f"{name}.csv", may_be_empty=True)
    sheets = [Sheet(name, table.headings, _lines(table)) for name, table in tables.items()]
    sheets.append(Sheet(MEANINGS, MEANING_HEADINGS, list(_meanings(tables))))
    out = folder / WORKBOOK_NAME
    write_workbook(out, sheets)
    return out


def _lines(table: TextTable) -> Iterator[str]:
    return (csv_line(row.values()) for row in table.rows)


def _meanings(tables: dict[str, TextTable]) -> Iterator[str]:
    for name, table in tables.items():
        yield csv_line((name, "", "", TABLES[name]))
        for heading in table.headings:
            column = column_of(name, heading)
            yield csv_line((name, heading, column.unit, column.meaning))
    yield csv_line(("", "", "", f"RHI = 100 · HighArea / CordArea. {RESEARCH_USE}"))
