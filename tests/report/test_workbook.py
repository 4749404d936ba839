"""``results.xlsx``: pandas reads the sheets of the workbook as it reads the CSVs."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pyrhi.api import measure_folder
from pyrhi.errors import TableError
from pyrhi.report.workbook import write_results_workbook
from pyrhi.sample import sample_folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workbook")
    out = folder / "results"
    measure_folder(sample_folder() / "axial_slices", output=out, jobs=1)
    write_results_workbook(out)
    return out


@pytest.mark.parametrize("name", ["patients", "rhi", "rois", "failures"])
def test_a_sheet_is_the_table(results: Path, name: str):
    sheet = pd.read_excel(results / "results.xlsx", sheet_name=name)
    table = pd.read_csv(results / f"{name}.csv")
    pd.testing.assert_frame_equal(sheet, table, check_exact=True, check_dtype=False)


def test_the_last_sheet_says_what_the_columns_mean(results: Path):
    book = openpyxl.load_workbook(results / "results.xlsx")
    assert book.sheetnames == ["patients", "rhi", "rois", "failures", "columns"]
    rows = [[cell.value for cell in row] for row in book["columns"].iter_rows()]
    shown = {(row[0], row[1]): row[2:] for row in rows}
    for name in book.sheetnames[:-1]:
        for cell in book[name][1]:
            assert shown[name, cell.value][1]
    assert shown["rhi", "RHI"][0] == "%"
    assert rows[-1][3].endswith("Research use only; not a medical device.")
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


def test_a_folder_without_results_is_named(tmp_path: Path):
    with pytest.raises(TableError, match=r"holds no patients\.csv; give a folder that pyrhi"):
        write_results_workbook(tmp_path)
