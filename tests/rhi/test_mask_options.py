"""How masks are to be read: refused where it cannot be meant, and found again from any folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.errors import ParameterError
from pyrhi.rhi.mask_options import MaskOptions


def test_a_threshold_beyond_1_is_refused():
    with pytest.raises(ParameterError, match="--mask-threshold 128 is not above 0 and at most 1"):
        MaskOptions(threshold=128)


def test_a_table_is_found_again_from_any_folder(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("value,role,level\n1,cord,\n")
    options = MaskOptions(labels=("mine.csv", "high=mine.csv", "cord=sct"))
    table = tmp_path / "mine.csv"
    assert options.labels == (str(table), f"high={table}", "cord=sct")
    assert options.tables == [str(table)] * 2
