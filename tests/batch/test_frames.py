"""The tables of a run as pandas has them: the same cells as in the files."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

import pyrhi
import pyrhi.api


def test_folder_gives_the_tables_of_the_files(axial: Path, tmp_path: Path):
    result = pyrhi.measure_folder(axial, output=tmp_path, jobs=1)
    assert list(result.rhi["RHI"])[8] == 28.409090909090907
    for name in ("rois", "rhi", "patients"):
        table = getattr(result, name)
        written = pd.read_csv(tmp_path / f"{name}.csv")
        assert list(table.columns) == list(written.columns)
        numbers = [c for c in table.columns if pd.api.types.is_numeric_dtype(table[c])]
        pd.testing.assert_frame_equal(
            table[numbers], written[numbers], check_dtype=False, rtol=1e-14
        )
    assert result.failures.empty
    assert result.rhi["Level"].tolist() == [""] * 16
    assert math.isnan(result.rhi["HighMean"][0])
