"""The three jobs of a study: check printed numbers, simulate, analyse."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run

pytestmark = pytest.mark.slow
NOTICE = "Research use only; not a medical device."


def test_published_prints_the_contradictions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["study", "--published", "-o", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "29 of 45 is 64 %, printed 46 %" in printed
    assert NOTICE in printed
    found = rows(tmp_path / "consistency.csv")
    assert {r["verdict"] for r in found} == {"contradiction", "possible", "cannot be checked"}
