"""Builds pyrhi: compiles the kernels and puts the files for ImageJ and Fiji into the wheel."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("macros", "fiji_scripts")

WITHOUT = "PYRHI_WITHOUT_COMPILER"
"""Set to 1, this variable leaves the modules uncompiled: for coverage, or to compare."""

ZIGLANG = "ziglang>=0.13"
"""A C compiler as a wheel, asked for only where the machine has none."""

SHARED = "pyrhi.imagej._shared"
"""Cython's own helpers, once instead of in every module."""

DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "autotestdict": False,
    "cdivision": True,
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
}

CXX_KERNELS = ("pyrhi.imagej.digits",)
"""Compiled as C++17 where there is a compiler for it, for `std::to_chars`; else as C."""

# Java's doubles: no reordering, no fused multiply-add. Java's int is two's complement.
UNIX_FLAGS = ("-O3", "-g0", "-fno-fast-math", "-ffp-contract=off", "-fwrapv")
MSVC_FLAGS = ("/O2", "/fp:precise")

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
LIBRARY = f"build/lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}"
"""Compiled modules of this Python and machine, kept for the next build."""


class Build(BuildHookInterface):
    """Compiled modules go beside their sources, in an editable installation too.

    The folders for Fiji go into a wheel only: as ``force-include`` in pyproject.toml they would be
    copied into site-packages by an editable installation, as half a second package ``pyrhi``.
    """

    def dependencies(self) -> list[str]:
        """Ask for a compiler that pip can bring where there is none."""
        return [] if os.environ.get(WITHOUT) or sys.platform == "win32" or has_cc() else [ZIGLANG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name what the wheel holds beside the package."""
        editable = version == "editable"
        root = Path(self.root)
        files = build_data["force_include"]
        if not editable:
            files.update({f: f"pyrhi/fiji/files/{f}" for f in FOLDERS})
        else:
            for old in root.glob(f"pyrhi/**/*{SUFFIX}"):
                old.unlink()
        if not compile_kernels(root):
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for name in (SHARED, *kernels(root)):
            target = name.replace(".", "/") + SUFFIX
            if editable:
                shutil.copy2(root / LIBRARY / target, root / target)
            else:
                files[str(root / LIBRARY / target)] = target


def has_cc() -> bool:
    """Return whether the compiler that Python was built with, or CC, is there."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return shutil.which(shlex.split(command)[0]) is not None


def has_cxx() -> bool:
    """Return whether a C++ compiler goes with the C compiler."""
    command = os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "c++"
    return sys.platform == "win32" or shutil.which(shlex.split(command)[0]) is not None


def kernels(root: Path) -> list[str]:
    """Names of the modules to compile: those with a .pxd beside them."""
    found = (p.relative_to(root).with_suffix("") for p in root.glob("pyrhi/**/*.pxd"))
    return sorted(".".join(p.parts) for p in found)


def compile_kernels(root: Path) -> bool:
    """Compile the kernels; where that cannot be done, say so in one line and return False."""
    if os.environ.get(WITHOUT):
        print(f"pyrhi: {WITHOUT} is set, the kernels stay uncompiled", file=sys.stderr)
        return False
    environment = dict(os.environ)
    if sys.platform != "win32" and not has_cc():
        zig = f"{shlex.quote(sys.executable)} -m ziglang cc"
        environment |= {"CC": zig, "LDSHARED": f"{zig} -shared", "CXX": "none"}
    command = [sys.executable, str(root / "hatch_build.py"), str(root)]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["unknown"])[-1][:80]
        print(
            f"pyrhi: the kernels could not be compiled ({reason}); "
            "they run as plain Python: the same numbers, much slower",
            file=sys.stderr,
        )
    return done.returncode == 0


def main(root: Path) -> None:
    """Compile below build/: a process of its own, so that the compiler may be chosen by CC."""
    from Cython.Build import cythonize
    from setuptools import Extension, setup

    os.chdir(root)
    windows = sys.platform == "win32"
    flags = list(MSVC_FLAGS if windows else UNIX_FLAGS)
    link = [] if windows or sys.platform == "darwin" else ["-s"]

    def extension(name: str, source: str) -> Extension:
        compile_args, link_args, language = flags, link, None
        if name in CXX_KERNELS and has_cxx():
            language = "c++"
            compile_args = [*flags, "/std:c++17" if windows else "-std=c++17"]
            # So that the wheel needs no library of C++ where it is installed.
            link_args = (
                [*link, "-static-libstdc++", "-static-libgcc"] if sys.platform == "linux" else link
            )
        return Extension(
            name,
            [source],
            extra_compile_args=compile_args,
            extra_link_args=link_args,
            language=language,
        )

    extensions = cythonize(
        [
            extension(SHARED, SHARED.replace(".", "/") + ".c"),
            *(extension(name, name.replace(".", "/") + ".py") for name in kernels(root)),
        ],
        build_dir="build/cython",
        compiler_directives=DIRECTIVES,
        shared_utility_qualified_name=SHARED,
        quiet=True,
    )
    # Named, because setup() would otherwise look for packages.
    setup(
        name="pyrhi",
        packages=[],
        py_modules=[],
        ext_modules=extensions,
        script_args=[
            "--quiet",
            "build_ext",
            f"--build-lib={LIBRARY}",
            f"--build-temp={LIBRARY.replace('lib.', 'temp.')}",
            f"--parallel={os.cpu_count() or 1}",
        ],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
