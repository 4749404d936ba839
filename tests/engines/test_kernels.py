from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyrhi.engines.kernels import Kernels, find_kernels


def test_the_kernels_of_this_installation_are_compiled_from_what_is_there():
    assert find_kernels() is Kernels.COMPILED


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("area.py", "area.pxd", "table.py"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_kernel_without_a_compiled_module_is_uncompiled(package: Path):
    assert find_kernels(package) is Kernels.UNCOMPILED


def test_a_kernel_that_was_edited_since_is_old(package: Path):
    (package / "area.abi3.so").touch()
    assert find_kernels(package) is Kernels.COMPILED
    os.utime(package / "area.abi3.so", (1, 1))
    assert find_kernels(package) is Kernels.OLD
