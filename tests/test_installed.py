"""Installations that differ from a developer's: read-only, without home, compiler or Cython."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rigs.small_disk import own_mounts

import pyrhi

pytestmark = pytest.mark.slow

PACKAGE = Path(pyrhi.__file__).parent
GOLDEN = Path(__file__).parent / "data/golden"
SAMPLE = PACKAGE / "sample/axial_slices"
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
MEASURE = """
import sys
# Nothing compiles on the user's machine.
sys.modules["numba"] = None
from pyrhi.cli import main
import pyrhi
print(pyrhi.__file__)
sys.exit(main())
"""
RESULTS = """
import sys
from pyrhi.engines.kernels import find_kernels
from pyrhi.cli import main
print(find_kernels().value, file=sys.stderr)
sys.exit(main())
"""


def installation(folder: Path, *, compiled: bool = True) -> Path:
    """Copy the package to where another Python finds it first."""
    left_out = ("__pycache__",) if compiled else ("__pycache__", "*.so", "*.pyd")
    shutil.copytree(PACKAGE, folder / "pyrhi", ignore=shutil.ignore_patterns(*left_out))
    return folder


def test_measures_where_it_can_write_nowhere_but_to_the_output(tmp_path: Path):
    site = installation(tmp_path / "site")
    command = (sys.executable, "-c", MEASURE, "measure", SAMPLE, "-o", tmp_path / "out")
    done = subprocess.run(
        [*own_mounts(), "sh", "-c", READ_ONLY, "sh", site, *command],
        env={"HOME": "/proc/none", "PATH": os.environ["PATH"], "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    table = tmp_path / "out/rois.csv"
    subprocess.run([sys.executable, *command[1:-1], tmp_path / "usual"], check=True)
    assert table.read_bytes() == (tmp_path / "usual/rois.csv").read_bytes()
    assert table.read_bytes().count(b"\n") > 20
    assert not list(site.rglob("__pycache__"))


@pytest.mark.parametrize("name", ["8bit", "16bit", "32bit"])
def test_uncompiled_kernels_write_the_same_bytes(tmp_path: Path, name: str):
    image, rois = (GOLDEN / f"t2_sagittal_{name}{e}" for e in (".tif", ".RoiSet.zip"))
    tables = {}
    for how in ("compiled", "uncompiled"):
        site = installation(tmp_path / how, compiled=how == "compiled")
        # An installation without a compiler has no Cython either.
        code = 'import sys; sys.modules["cython"] = None\n' + RESULTS
        done = subprocess.run(
            [sys.executable, "-c", code, "results", image, rois],
            env=os.environ | {"PYTHONPATH": str(site)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        first, *warned = done.stderr.splitlines()
        assert (done.returncode, first) == (0, how)
        assert all("covers no pixel" in line for line in warned)
        tables[how] = done.stdout
    assert tables["compiled"].count("\n") > 100
    assert tables["uncompiled"] == tables["compiled"]
