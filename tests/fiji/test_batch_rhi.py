"""Batch RHI in a real SciJava context writes what ``pyrhi measure`` writes, byte for byte."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from rigs.scijava import ScriptContext, run_script_batch

import pyrhi
from pyrhi.cli.main import run

SAMPLE = Path(pyrhi.__file__).parent / "sample"
TABLES = ("rhi.csv", "failures.csv")


def measured(source: Path, output: Path, *options: str) -> str:
    """Run ``pyrhi measure`` and return what it says."""
    arguments = ["measure", str(source), "-o", str(output), "--jobs", "1", *options]
    with redirect_stderr(io.StringIO()) as said:
        run(arguments)
    return said.getvalue()


@pytest.mark.parametrize("name", ["axial_slices", "sagittal_stack"])
def test_sample_gives_the_same_tables(scripts: ScriptContext, tmp_path: Path, name: str):
    said = run_script_batch(SAMPLE / name, tmp_path / "fiji", context=scripts)
    expected = measured(SAMPLE / name, tmp_path / "pyrhi")
    assert said == expected.strip().replace(str(tmp_path / "pyrhi"), str(tmp_path / "fiji"))
    for table in TABLES:
        assert (tmp_path / "fiji" / table).read_bytes() == (tmp_path / "pyrhi" / table).read_bytes()
