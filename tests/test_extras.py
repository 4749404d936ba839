"""A missing library is named with the command that installs it, and that command does."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

from pyrhi.errors import PyrhiError
from pyrhi.extras import need

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def needed() -> set[tuple[str, str]]:
    """Return package and extra of every call of `need` in pyrhi."""
    found = set()
    for path in (ROOT / "pyrhi").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "need":
                module, extra = (
                    a.value if isinstance(a, ast.Constant) else texts[a.id] for a in node.args
                )
                found.add((module.partition(".")[0], extra))
    return found


@cache
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


@cache
def installed_by(distribution: str) -> frozenset[str]:
    """Return a distribution and all that comes with it."""
    found = {distribution}
    for line in requires(distribution) or ():
        if "extra ==" not in line and name_of(line) not in found:
            with suppress(PackageNotFoundError):
                found |= installed_by(name_of(line))
    return frozenset(found)


@pytest.mark.parametrize(("package", "extra"), sorted(needed()))
def test_the_extra_that_is_named_installs_what_was_missing(package: str, extra: str):
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"][extra]]
    found = frozenset().union(*(installed_by(name_of(line)) for line in asked))
    assert {name_of(name) for name in distributions()[package]} & found


def test_a_missing_library_is_one_line_with_its_remedy():
    with pytest.raises(PyrhiError) as error:
        need("no_such_library.part", "study")
    assert str(error.value) == (
        'this needs no_such_library, which is not installed: run pip install "pyrhi[study]"'
    )
