"""Ways to install: the conda recipe asks for what pyproject.toml asks for."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

import pyrhi

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


def wanted(lines: list[str]) -> set[tuple[str, str]]:
    """Names and least versions, however they are spaced."""
    found = [re.fullmatch(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", line) for line in lines]
    return {(match[1].lower(), match[2] or "") for match in found if match}


def test_the_conda_recipe_follows_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / "conda/recipe.yaml").read_text(encoding="utf-8")
    recipe = yaml.safe_load(text)
    asked = project["project"]
    run = wanted(recipe["requirements"]["run"]) - {("python", "3.10")}
    assert run == wanted(asked["dependencies"])
    assert ("python", asked["requires-python"].removeprefix(">=")) == ("python", "3.10")
    host = wanted(recipe["requirements"]["host"]) - {("python", ""), ("pip", "")}
    assert host == wanted(project["build-system"]["requires"])
    assert recipe["context"]["version"] == pyrhi.__version__
    assert recipe["build"]["python"]["entry_points"] == [
        f"{name} = {place}" for name, place in asked["scripts"].items()
    ]
