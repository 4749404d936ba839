"""What pyrhi ships for ImageJ and Fiji, which folder is one, and what goes where in it.

Notes
-----
Sources: ``ij/Menus.java`` of ImageJ 1.54p (plugins and toolsets), ``ScriptFinder.java`` of
scijava-common (``scripts/``), ``Platforms.java`` of imagej-updater (launchers, old and new).
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pyrhi.errors import OutputError, PyrhiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = "pyrhi_fiji"
"""The Python package that the Jython scripts share."""

PLUGINS = PurePosixPath("plugins/RHI")
MACROS_IN_FIJI = PLUGINS / "Macros"
"""Fiji has scripts for the macros' tasks; there they go on below the menu of the scripts."""

TOOLSETS = PurePosixPath("macros/toolsets")
SCRIPTS = PurePosixPath("scripts")
JYTHON_PACKAGES = PurePosixPath("jars/Lib")
PACKAGE_FOLDER = JYTHON_PACKAGES / PACKAGE
MODELS = PACKAGE_FOLDER / "models"
WORDS = PACKAGE_FOLDER / "words.csv"

TOOLSET_ENDING = "_Tools.ijm"
JUNK = (".pyc", "$py.class", "~", ".orig", ".bak")
"""Endings of what Python, Jython and editors leave behind."""

IJ_JARS = (
    "ij.jar",
    "ImageJ.app/Contents/Java/ij.jar",
    "ImageJ.app/Contents/Resources/Java/ij.jar",
)
SCIJAVA_JAR = "jars/scijava-common*.jar"
JAR_NAME = "pyrhi-fiji-{version}.jar"
JAR_FOLDERS = ("jars", "plugins")


class Kind(Enum):
    """What a folder holds: it says which files can work there."""

    FIJI = "Fiji"
    IMAGEJ = "ImageJ"


@dataclass(frozen=True)
class Target:
    """A folder of Fiji or ImageJ.

    Attributes
    ----------
    folder
        The folder that holds ``plugins/``, as an absolute path.
    kind
        Fiji stands for every ImageJ that has SciJava, so for ImageJ2 too.
    """

    folder: Path
    kind: Kind

    def place(self, path: str, /) -> Path:
        """Return where a shipped file is in this folder."""
        return self.folder.joinpath(*PurePosixPath(path).parts)


@dataclass(frozen=True)
class ShippedFile:
    """A file that pyrhi brings.

    Attributes
    ----------
    path
        Where it goes, from the folder of Fiji or ImageJ, with ``/`` on every system.
    source
        The file in pyrhi.
    data
        Its bytes.
    fiji_only
        Whether it needs SciJava, which plain ImageJ does not have.
    """

    path: str
    source: Path
    data: bytes = field(repr=False)
    fiji_only: bool


def shipped_files(kind: Kind = Kind.FIJI, /, *, root: Path | None = None) -> list[ShippedFile]:
    """Return the files that go into a folder of this kind, by path.

    Parameters
    ----------
    kind
        Whose folder it is.
    root
        Folder with ``macros`` and ``fiji_scripts``; None takes pyrhi's own.

    Raises
    ------
    PyrhiError
        If this pyrhi has no such files.
    """
    root = _own_root() if root is None else root
    pyrhi = Path(__file__).parents[1]
    found = [*_macros(root / "macros", kind), *_mirrored(root / "fiji_scripts")]
    if any(f.path.startswith(f"{PACKAGE_FOLDER}/") for f in found):
        models = (pyrhi / "pain" / "models").glob("*.json")
        found += [_shipped(MODELS / p.name, p, fiji_only=True) for p in models]
        found.append(_shipped(WORDS, pyrhi / "rhi" / "words.csv", fiji_only=True))
    wanted = [f for f in found if kind is Kind.FIJI or not f.fiji_only]
    if not wanted:
        msg = f"pyrhi has no files for {kind.value} in {root}: install pyrhi again"
        raise PyrhiError(msg)
    return sorted(wanted, key=lambda f: f.path)


def _own_root() -> Path:
    packaged = Path(__file__).parent / "files"
    # An editable installation has no packaged copy: the checkout is the source.
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def _macros(folder: Path, kind: Kind) -> Iterator[ShippedFile]:
    plugins = MACROS_IN_FIJI if kind is Kind.FIJI else PLUGINS
    # A .ijm would be a command in the menu, also where it is only asked by others.
    for path in [*folder.glob("*.ijm"), *folder.glob("*.txt")]:
        place = TOOLSETS if path.name.endswith(TOOLSET_ENDING) else plugins
        yield _shipped(place / path.name, path, fiji_only=False)


def _mirrored(folder: Path) -> Iterator[ShippedFile]:
    """Files below ``scripts`` and ``jars/Lib``: nothing else of Fiji is ever written to."""
    for place in (SCRIPTS, JYTHON_PACKAGES):
        for path in (folder / place).rglob("*"):
            inside = path.relative_to(folder)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.is_file() and not hidden and not path.name.endswith(JUNK):
                yield _shipped(PurePosixPath(*inside.parts), path, fiji_only=True)


def _shipped(place: PurePosixPath, path: Path, *, fiji_only: bool) -> ShippedFile:
    return ShippedFile(str(place), path, path.read_bytes(), fiji_only)


def find_target(folder: str | os.PathLike[str], /) -> Target:
    """Return the Fiji or ImageJ that a person means by this path.

    Parameters
    ----------
    folder
        Its folder; also the application or launcher inside it, or the folder above it where that
        holds one only.

    Raises
    ------
    OutputError
        If there is none, or more than one.
    """
    # Windows passes "C:\Fiji\" on with the closing quote in it.
    text = os.fspath(folder).rstrip('"')
    path = Path(text)
    # A user "~name" who does not exist is as good as a folder that does not.
    with suppress(RuntimeError):
        path = path.expanduser()
    path = path.absolute()
    if not path.exists():
        msg = f"{path}: is not there; give the folder of Fiji or ImageJ"
        raise OutputError(msg)
    for candidate in _around(path):
        if kind := _kind(candidate):
            return Target(candidate, kind)
    below = [Target(child, kind) for child in _folders(path) if (kind := _kind(child))]
    if len(below) == 1:
        return below[0]
    if below:
        names = ", ".join(t.folder.name for t in below)
        msg = f"{path}: holds {len(below)} of Fiji or ImageJ ({names}); give the folder of one"
        raise OutputError(msg)
    msg = (
        f"{path}: is not a folder of Fiji (no {SCIJAVA_JAR}) or ImageJ (no ij.jar beside "
        "plugins/); give the folder that holds jars/ or ij.jar, or unpack Fiji first"
    )
    raise OutputError(msg)


def _kind(folder: Path) -> Kind | None:
    if any(folder.glob(SCIJAVA_JAR)):
        return Kind.FIJI
    if (folder / "plugins").is_dir() and any((folder / jar).is_file() for jar in IJ_JARS):
        return Kind.IMAGEJ
    return None


def _around(path: Path) -> Iterator[Path]:
    """The path itself, the folder of a launcher, and the folder around a Mac's application."""
    if path.is_dir():
        yield path
    else:
        yield path.parent
    for outer in (path, *path.parents):
        if outer.suffix == ".app":
            yield outer
            yield outer.parent


def _folders(path: Path) -> Iterable[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir()) if path.is_dir() else ()
