"""Data flows one way: a lower room never imports an upper one."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import pyrhi

PACKAGE = Path(pyrhi.__file__).parent
ROOMS = (
    {"errors", "limits", "extras", "notice", "wording", "sample"},
    {"imagej"},
    {"io"},
    {"rhi"},
    {"engines"},
    {"batch"},
    {"deidentify"},
    {"api", "notebook", "measured"},
    {"pain"},
    {"study"},
    {"report"},
    {"fiji"},
    {"cli", "__main__"},
)
"""From the lowest to the highest."""


def room_of(module: str) -> int:
    name = module.removeprefix("pyrhi").lstrip(".").split(".")[0]
    return next(i for i, names in enumerate(ROOMS) if name in names)


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            if node.module == "pyrhi":
                found |= {f"pyrhi.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("pyrhi.")} - {"pyrhi.__version__"}


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.stem != "__init__")


NO_LOGIC = {"notice", "batch/options", "imagej/_cython", "imagej/shape", "rhi/engine"}
"""A text, options and records without a method, a protocol: others' tests use them."""


def test_each_module_has_the_tests_of_its_name():
    tests = Path(__file__).parent
    modules = [p.relative_to(PACKAGE).with_suffix("") for p in MODULES if not p.stem.endswith("__")]
    without = {
        p.as_posix() for p in modules if not (tests / p.with_name(f"test_{p.stem}.py")).is_file()
    }
    assert without == NO_LOGIC


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_room_looks_up(path: Path):
    ours = room_of(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    upward = {
        name
        for name in imports_of(path)
        if not hasattr(pyrhi, name.removeprefix("pyrhi.")) or "." in name.removeprefix("pyrhi.")
        if room_of(name) > ours
    }
    assert upward == set()


@pytest.mark.parametrize("path", sorted((PACKAGE / "imagej").rglob("*.py")), ids=lambda p: p.stem)
def test_arithmetic_has_no_files_and_no_tables(path: Path):
    text = path.read_text(encoding="utf-8")
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not names & {"pandas", "tifffile", "roifile", "pydicom", "nibabel", "os", "pathlib"}
    assert "open(" not in text


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(("pyrhi", *parts)).removesuffix(".__init__")


NAMES = {module_name(path): path for path in MODULES}


def imported_to_run(body: list[ast.stmt], *, types: bool = False) -> set[str]:
    """Modules that are imported when this code runs, sooner or later; with `types`, all others."""
    found: set[str] = set()
    for node in body:
        is_of_types = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        if is_of_types and not types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in NAMES else node.module for name in full}
        blocks = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(node, "handlers", [])]
        for block in blocks:
            found |= imported_to_run(block, types=types)
    return found


def test_no_module_imports_itself_through_others():
    """Imports inside functions count as well: they would hide a circle, not open it."""
    graph = {
        name: NAMES.keys() & imported_to_run(ast.parse(path.read_text(encoding="utf-8")).body)
        for name, path in NAMES.items()
    }
    assert sum(map(len, graph.values())) > 500
    TopologicalSorter(graph).prepare()


def test_no_type_of_the_arithmetic_is_named_in_a_circle():
    graph = {
        name: NAMES.keys() & imported_to_run(ast.parse(path.read_text()).body, types=True)
        for name, path in NAMES.items()
        if name.startswith("pyrhi.imagej.")
    }
    assert "pyrhi.imagej.shape" in graph["pyrhi.imagej.perimeter"]
    TopologicalSorter(graph).prepare()


STEPS = (
    {"options", "plan", "identifiers", "pseudonym", "workers", "results"},
    {"inputs"},
    {"quick"},
    {"measure", "ratings", "names", "summarise", "measures", "journal"},
    {"verify", "references", "resume", "write", "outcome", "cluster", "series"},
    {"frames", "roisets", "run"},
)
"""The modules of a run, from the first to the last: none imports a later one, or its neighbour."""


def test_a_run_goes_one_way():
    """An image enters each step once: no step calls one that comes after it."""
    batch = {p.stem: p for p in (PACKAGE / "batch").glob("*.py") if p.stem != "__init__"}
    order = {name: number for number, names in enumerate(STEPS) for name in names}
    assert set(order) == set(batch)
    wrong = {
        (name, other)
        for name, path in batch.items()
        for other in at_run_time(path)
        if order[other] >= order[name]
    }
    assert wrong == set()


def at_run_time(path: Path) -> set[str]:
    """Modules of ``pyrhi.batch`` that a module needs to run: not those whose types it names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    return {
        node.module.split(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and id(node) not in of_types
        and (node.module or "").startswith("pyrhi.batch.")
    }
