"""pyrhi fiji install from an installed wheel, which was built from the sdist."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from rigs.fiji_folders import tree

from pyrhi.fiji import Kind, shipped_files

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
PACKAGED = "pyrhi/fiji/files"


def run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=CHECKOUT)
    return next(folder.glob("pyrhi-*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """The wheel of the sdist's files; what this checkout compiled of the same ones serves again."""
    with tarfile.open(sdist) as archive:
        archive.extractall(sdist.parent, filter="data")
    source = sdist.with_name(sdist.name.removesuffix(".tar.gz"))
    # The sdist's files are dated 2020, so that the compiler sees no change.
    for made in (CHECKOUT / "build" / "cython", *CHECKOUT.glob("build/*-*-cpython-*")):
        shutil.copytree(made, source / "build" / made.name)
    options = ("--no-deps", "--no-index", "--no-build-isolation", "-w", sdist.parent)
    run(*PIP, "wheel", *options, source, cwd=sdist.parent)
    return next(sdist.parent.glob("pyrhi-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment that has the wheel, and the libraries of this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    home = folder / ("Scripts" if os.name == "nt" else "bin")
    run(*PIP, "--python", home / "python", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    # A path in a .pth brings packages, but not the .pth files of that path: so not the checkout.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "pyrhi"


def test_the_sdist_holds_all_that_a_build_needs(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {str(f.source.relative_to(CHECKOUT)) for f in shipped_files()} <= names
    assert "hatch_build.py" in names
    files = {
        p
        for p in (CHECKOUT / "pyrhi").rglob("*")
        if p.is_file() and p.suffix not in {".so", ".pyd"} and p.parent.name != "__pycache__"
    }
    assert {p.relative_to(CHECKOUT).as_posix() for p in files} <= names


def test_the_wheel_brings_macros_scripts_and_compiled_kernels(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    ours = {f.source.relative_to(CHECKOUT).as_posix() for f in shipped_files()}
    expected = {n if n.startswith("pyrhi/") else f"{PACKAGED}/{n}" for n in ours}
    assert expected <= names
    kernels = {p.relative_to(CHECKOUT) for p in CHECKOUT.glob("pyrhi/**/*.pxd")}
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert kernels
    assert {p.with_suffix(suffix).as_posix() for p in kernels} <= names
    assert not any(n.startswith(("macros/", "fiji_scripts/", "tests/")) for n in names)


def test_installs_from_the_wheel(installed: Path, fiji: Path, imagej: Path):
    where = "import pyrhi; print(pyrhi.__file__)"
    module = run(installed.with_name("python"), "-c", where, cwd=fiji).strip()
    assert str(CHECKOUT) not in module
    for folder, kind in ((fiji, Kind.FIJI), (imagej, Kind.IMAGEJ)):
        before = tree(folder)
        report = json.loads(run(installed, "fiji", "install", folder, "--json", cwd=folder.parent))
        assert {f["done"] for f in report["files"]} == {"new"}
        after = tree(folder)
        del after["pyrhi-installed.json"]
        assert after == before | {f.path: f.data for f in shipped_files(kind)}
        run(installed, "fiji", "uninstall", folder, cwd=folder.parent)
        assert tree(folder) == before


def test_an_editable_installation_reads_the_checkout():
    assert all(CHECKOUT in f.source.parents for f in shipped_files())
    assert not (Path(sysconfig.get_path("purelib")) / "pyrhi").exists()
