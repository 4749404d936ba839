"""``pyrhi study`` as it is run, from a synthetic cohort to the last file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

NOTICE = "Research use only; not a medical device."


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["study"], 2, "give a folder"),
        (["study", "-o", "out"], 2, "give a cohort"),
        (["study", "--published", "--simulate"], 2, "two jobs"),
        (["study", "none.csv", "-o", "out"], 1, "pyrhi: none.csv: cannot be read"),
        (["study", "--published", "none.json"], 1, "pyrhi: none.json: is not JSON"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str],
    code: int,
    message: str,
    refused: Callable[[list[str], int], str],
    tmp_path: Path,
) -> None:
    error = refused(arguments, code)
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()
