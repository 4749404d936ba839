"""What a project lives by agrees with the project."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

import pyrhi

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PAPERS = ("CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_a_citation_names_the_version_that_was_used():
    citation = yaml.safe_load(read("CITATION.cff"))
    heading = f"## {pyrhi.__version__} - {citation['date-released']}"
    assert citation["version"] == pyrhi.__version__
    assert heading in read("CHANGELOG.md").splitlines()


def test_a_commit_is_checked_as_make_lint_checks_it():
    hooks = [
        hook["entry"]
        for repo in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
        for hook in repo["hooks"]
    ]
    recipes = re.findall(r"^(?:lint|types):.*\n((?:\t.*\n)+)", read("Makefile"), re.M)
    lines = [line.strip() for recipe in recipes for line in recipe.splitlines()]
    assert hooks == [line.replace("$(BIN)", ".venv/bin") for line in lines]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_no_action_can_be_changed_under_us(path: Path):
    text = path.read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"].values()
    actions = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
    assert actions
    for action in actions:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
    assert len(re.findall(r"pip install [a-z]+==", text)) == len(
        re.findall(r"pip install (?!--)", text)
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_what_ci_runs_is_there_to_be_run_here(path: Path):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    run = re.findall(r"\brun: make ([a-z-]+)", path.read_text(encoding="utf-8"))
    assert set(run) <= targets


@pytest.mark.parametrize("paper", PAPERS)
def test_a_newcomer_finds_the_files_that_the_papers_name(paper: str):
    places = r"`((?:pyrhi|tests|docs|benchmarks|macros|fiji_scripts)/[\w/.]*)`"
    # Capitals stand for names that the reader chooses.
    named = {name for name in re.findall(places, read(paper)) if name == name.lower()}
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def wanted(lines: list[str]) -> set[tuple[str, str]]:
    """Names and least versions, however they are spaced."""
    found = [re.fullmatch(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", line) for line in lines]
    return {(match[1].lower(), match[2] or "") for match in found if match}


def test_conda_installs_what_pip_installs():
    project = tomllib.loads(read("pyproject.toml"))
    text = read("conda/recipe.yaml")
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
