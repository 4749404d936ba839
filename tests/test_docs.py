"""What the pages say is what the program says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@cache
def words_of_the_program() -> list[str]:
    """Every text in the program, cut where a name or number is put in."""
    return [
        node.value
        for path in (ROOT / "pyrhi").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def messages() -> list[str]:
    """The messages in the first column of the page of errors."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    cells = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    return [message for cell in cells for message in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("message", messages())
def test_a_message_that_a_user_searches_for_is_one_that_is_printed(message: str):
    printable = words_of_the_program()
    for fragment in filter(None, (part.strip() for part in message.split("…"))):
        assert any(fragment in text for text in printable), fragment
