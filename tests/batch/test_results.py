"""The Results table of an image as text."""

from __future__ import annotations

from pathlib import Path

from pyrhi.batch.results import results_table


def test_nan_is_written_NaN(data: Path):  # noqa: N802
    table = results_table(
        data / "golden/t2_sagittal_32bit.tif", data / "golden/t2_sagittal_32bit.RoiSet.zip"
    )
    text = "".join(table.lines)
    assert ",NaN," in text
    assert "nan" not in text
