"""Putting the shipped files into a Fiji or ImageJ, and taking them out again."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyrhi
from pyrhi.errors import OutputError
from pyrhi.fiji.layout import JAR_FOLDERS, JAR_NAME, ShippedFile, Target, shipped_files
from pyrhi.io.atomic import writing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST = "pyrhi-installed.json"
FORMAT = 1


class Done(Enum):
    """What happens to one file."""

    NEW = "new"
    UPDATED = "updated"
    SAME = "same"
    REPLACED = "replaced"
    REMOVED = "removed"
    GONE = "gone"
    KEPT = "kept"


@dataclass(frozen=True)
class Action:
    """What was done, or would be done, with one file.

    Attributes
    ----------
    path
        From the target's folder, with ``/``.
    done
        What.
    note
        Why; empty where that is plain.
    backup
        Name of the file beside it that keeps the old content; empty where none is lost.
    """

    path: str
    done: Done
    note: str = ""
    backup: str = ""


@dataclass(frozen=True)
class Report:
    """What an installation or its removal did.

    Attributes
    ----------
    target
        Where.
    version
        The version of pyrhi that was installed, or is being removed.
    actions
        One for each file, by path.
    dry_run
        True where nothing was written.
    """

    target: Target
    version: str
    actions: tuple[Action, ...]
    dry_run: bool

    def count(self, *done: Done) -> int:
        """Return how many files had one of these done to them."""
        return sum(action.done in done for action in self.actions)


@dataclass(frozen=True)
class Manifest:
    """What pyrhi wrote into a target.

    Attributes
    ----------
    version
        The version of pyrhi that wrote it.
    files
        SHA-256 of each file, by path.
    folders
        Folders that pyrhi made.
    """

    version: str
    files: dict[str, str]
    folders: frozenset[str]


def install(
    target: Target,
    /,
    *,
    dry_run: bool = False,
    force: bool = False,
    shipped: Iterable[ShippedFile] | None = None,
) -> Report:
    """Put the shipped files into a Fiji or ImageJ, and remove what an older pyrhi shipped.

    Parameters
    ----------
    target
        Where.
    dry_run
        Write nothing; say what would be done.
    force
        Replace also files that pyrhi did not write or that were changed since; the old content
        is kept beside them as ``NAME.bak``.
    shipped
        The files; None takes pyrhi's own.

    Raises
    ------
    OutputError
        If such files are in the way and `force` is not set, or a file cannot be written. Nothing
        is written in the first case: half an update would mix two versions.
    """
    _refuse_jar(target)
    files = list(shipped_files(target.kind) if shipped is None else shipped)
    before = read_manifest(target)
    known = before.files if before else {}
    actions, foreign = [], []
    for file in files:
        found = _sha256_at(target.place(file.path))
        if found is None:
            actions.append(Action(file.path, Done.NEW))
        elif found == _sha256(file.data):
            actions.append(Action(file.path, Done.SAME))
        elif found == known.get(file.path):
            actions.append(Action(file.path, Done.UPDATED))
        else:
            foreign.append(file.path)
            copy = _free_name(target.place(file.path))
            actions.append(Action(file.path, Done.REPLACED, f"the old one is kept as {copy}", copy))
    now = {file.path for file in files}
    actions += _removals(target, {p: h for p, h in known.items() if p not in now}, force=force)
    if foreign and not force:
        why = "was changed since pyrhi wrote it" if foreign[0] in known else "is not pyrhi's"
        more = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
        msg = (
            f"{target.place(foreign[0])}: {why}{more}; nothing was installed: move it away, or "
            "use --force, which replaces it and keeps it as .bak"
        )
        raise OutputError(msg)
    report = Report(target, pyrhi.__version__, _sorted(actions), dry_run)
    if dry_run:
        return report
    folders = set(before.folders if before else ()) | _missing_folders(target, now)
    _carry_out(report, known, {file.path: file.data for file in files}, folders)
    return report


def uninstall(target: Target, /, *, dry_run: bool = False, force: bool = False) -> Report:
    """Remove what pyrhi installed, and the folders that it made and that are empty then.

    Parameters
    ----------
    target, dry_run
        As of `install`.
    force
        Take away also files that were changed since; their content stays as ``NAME.bak``.

    Returns
    -------
    report
        Changed files are `KEPT` in it without `force`, and stay in the manifest.

    Raises
    ------
    OutputError
        If pyrhi is not installed there, or a file cannot be removed.
    """
    before = read_manifest(target)
    if before is None:
        msg = (
            f"{target.folder}: pyrhi is not installed here (no {MANIFEST}); files that were "
            "dropped in by hand are removed by hand"
        )
        raise OutputError(msg)
    actions = _sorted(_removals(target, before.files, force=force))
    report = Report(target, before.version, actions, dry_run)
    if dry_run:
        return report
    _carry_out(report, before.files, {}, set(before.folders))
    return report


def read_manifest(target: Target, /) -> Manifest | None:
    """Return what pyrhi wrote into a target, or None where it wrote nothing.

    Raises
    ------
    OutputError
        If the manifest is damaged: without it nobody knows which files are pyrhi's.
    """
    path = target.folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            msg = f"{path}: was written by another version of pyrhi; use that one, or a newer one"
            raise OutputError(msg)
        files = {_inside(p): str(entry["sha256"]) for p, entry in document["files"].items()}
        folders = frozenset(_inside(p) for p in document["folders"])
        return Manifest(str(document["version"]), files, folders)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path}: is damaged ({error}); remove it and the files of pyrhi by hand"
        raise OutputError(msg) from error


def _inside(path: str) -> str:
    pure = PurePosixPath(path)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        msg = f"{path} leads out of the folder"
        raise ValueError(msg)
    return str(pure)


def _write_manifest(target: Target, manifest: Manifest) -> None:
    document = {
        "format": FORMAT,
        "pyrhi": "Files that `pyrhi fiji install` wrote; `pyrhi fiji uninstall` removes them.",
        "version": manifest.version,
        "files": {path: {"sha256": manifest.files[path]} for path in sorted(manifest.files)},
        "folders": sorted(manifest.folders),
    }
    with writing(target.folder / MANIFEST) as stream:
        stream.write((json.dumps(document, indent=1) + "\n").encode())


def _removals(target: Target, files: dict[str, str], *, force: bool) -> list[Action]:
    actions = []
    for path, sha256 in files.items():
        found = _sha256_at(target.place(path))
        if found is None:
            actions.append(Action(path, Done.GONE, "was removed before"))
        elif found == sha256:
            actions.append(Action(path, Done.REMOVED))
        elif force:
            copy = _free_name(target.place(path))
            actions.append(Action(path, Done.REMOVED, f"its content is kept as {copy}", copy))
        else:
            note = "was changed since pyrhi wrote it; --force removes it and keeps it as .bak"
            actions.append(Action(path, Done.KEPT, note))
    return actions


def _carry_out(
    report: Report, known: dict[str, str], content: dict[str, bytes], folders: set[str]
) -> None:
    """Do what was planned; where that fails midway the manifest still says what is pyrhi's."""
    target = report.target
    _need_writable(target)
    files = dict(known)
    try:
        for action in report.actions:
            _write_or_remove(target.place(action.path), action, content.get(action.path, b""))
            if action.done in (Done.REMOVED, Done.GONE):
                files.pop(action.path, None)
            elif action.done is not Done.KEPT:
                files[action.path] = _sha256(content[action.path])
    finally:
        _remove_empty(target, folders)
        if files:
            there = frozenset(folder for folder in folders if target.place(folder).is_dir())
            _write_manifest(target, Manifest(report.version, files, there))
        else:
            (target.folder / MANIFEST).unlink(missing_ok=True)


def _write_or_remove(path: Path, action: Action, data: bytes) -> None:
    try:
        if action.backup:
            path.rename(path.with_name(action.backup))
        elif action.done is Done.REMOVED:
            path.unlink()
        if action.done is Done.REMOVED:
            for compiled in _compiled(path):
                compiled.unlink()
    except OSError as error:
        msg = f"{path}: cannot be removed ({error.strerror or error}); close Fiji and try again"
        raise OutputError(msg) from error
    if action.done in (Done.NEW, Done.UPDATED, Done.REPLACED):
        with writing(path) as stream:
            stream.write(data)


def _compiled(path: Path) -> list[Path]:
    """What Jython or Python made of a module: left alone it would be imported without it."""
    beside = path.parent / f"{path.stem}$py.class"
    return [p for p in (beside, *path.parent.glob(f"__pycache__/{path.stem}.*")) if p.exists()]


def _free_name(path: Path) -> str:
    """Return a name for a copy that is not taken, so that no older copy is lost."""
    names = (f"{path.name}.bak{number or ''}" for number in itertools.count())
    return next(name for name in names if not path.with_name(name).exists())


def _missing_folders(target: Target, paths: Iterable[str]) -> set[str]:
    parents = {
        str(parent)
        for path in paths
        for parent in PurePosixPath(path).parents
        if parent != PurePosixPath(".")
    }
    return {parent for parent in parents if not target.place(parent).exists()}


def _remove_empty(target: Target, folders: Iterable[str]) -> None:
    # The deepest first; one that holds something of the user stays.
    for folder in sorted(folders, key=lambda f: -f.count("/")):
        path = target.place(folder)
        with suppress(OSError):
            (path / "__pycache__").rmdir()
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _refuse_jar(target: Target) -> None:
    for folder in JAR_FOLDERS:
        for jar in (target.folder / folder).glob(JAR_NAME.format(version="*")):
            msg = f"{jar}: brings the same commands, which would be shown twice; remove it first"
            raise OutputError(msg)


def _need_writable(target: Target) -> None:
    if not os.access(target.folder, os.W_OK):
        msg = (
            f"{target.folder}: you may not write here; move {target.kind.value} to a folder of "
            "your own, or ask its owner to run this"
        )
        raise OutputError(msg)


def _sorted(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(sorted(actions, key=lambda action: action.path))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha256_at(path: Path) -> str | None:
    try:
        return _sha256(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error}); move it away"
        raise OutputError(msg) from error
