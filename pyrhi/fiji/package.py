"""What is published for Fiji: an update site, a jar, and a folder to drop in."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyrhi
from pyrhi.errors import OutputError
from pyrhi.fiji.install import install
from pyrhi.fiji.layout import (
    JAR_NAME,
    JYTHON_PACKAGES,
    PACKAGE_FOLDER,
    SCRIPTS,
    Kind,
    Target,
    shipped_files,
)
from pyrhi.fiji.site import DATABASE, TIMESTAMP, merged, read_database, write_database
from pyrhi.io.atomic import make_folder, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyrhi.fiji.layout import ShippedFile

SITE = "update-site"
DROP_IN = "drop-in"

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""Seconds since 1970: the time of what is new, as reproducible-builds.org defines it."""

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold: the same bytes, whenever it is made."""

MANIFEST_NAME = "META-INF/MANIFEST.MF"


@dataclass(frozen=True)
class Package:
    """Where the parts of a package are.

    Attributes
    ----------
    site
        Folder to put on a web server as it is: an update site.
    jar
        Jar with the scripts, for ``jars/`` or ``plugins/`` of a Fiji.
    drop_in
        Folder whose content is copied into a Fiji.
    changed
        Paths that are new or other than in the update site before.
    """

    site: Path
    jar: Path
    drop_in: Path
    changed: tuple[str, ...]


def package(
    output: str | os.PathLike[str], /, *, shipped: Iterable[ShippedFile] | None = None
) -> Package:
    """Write an update site, a jar, and a folder to drop in.

    Parameters
    ----------
    output
        Folder for them. Where it holds an earlier package, the update site goes on from it, so
        that Fiji knows the older versions and updates them.
    shipped
        The files; None takes pyrhi's own.

    Raises
    ------
    OutputError
        If they cannot be written, or files that pyrhi did not write are in the way.
    """
    output = Path(output)
    files = shipped_files(Kind.FIJI) if shipped is None else list(shipped)
    make_folder(output / DROP_IN)
    install(Target(output / DROP_IN, Kind.FIJI), shipped=files)
    jar = output / JAR_NAME.format(version=pyrhi.__version__)
    with writing(jar) as stream:
        stream.write(jar_bytes(files))
    site = output / SITE
    changed = _write_site(site, files)
    return Package(site, jar, output / DROP_IN, changed)


def jar_bytes(files: list[ShippedFile], /) -> bytes:
    """Return a jar with the scripts, and their Python package at its root."""
    manifest = (
        "Manifest-Version: 1.0\r\n"
        "Implementation-Title: pyrhi scripts for Fiji\r\n"
        f"Implementation-Version: {pyrhi.__version__}\r\n\r\n"
    )
    content = {MANIFEST_NAME: manifest.encode()}
    for file in files:
        if file.path.startswith((f"{SCRIPTS}/", f"{PACKAGE_FOLDER}/")):
            content[file.path.removeprefix(f"{JYTHON_PACKAGES}/")] = file.data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            for folder in reversed(PurePosixPath(name).parents):
                # SciJava asks for the resource "scripts/": a jar without folders has none.
                if folder.parts and f"{folder}/" not in archive.NameToInfo:
                    archive.writestr(_entry(f"{folder}/", 0o755), b"")
            archive.writestr(_entry(name, 0o644), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _entry(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.external_attr = mode << 16
    # Else the system that it was made on would be in it.
    entry.create_system = 3
    return entry


def _write_site(folder: Path, files: list[ShippedFile]) -> tuple[str, ...]:
    """Write the files under their timed names, then the database: a reader never sees too much."""
    database = folder / DATABASE
    try:
        before = read_database(gzip.decompress(database.read_bytes()))
    except FileNotFoundError:
        before = {}
    except (OSError, EOFError, ValueError) as error:
        msg = f"{database}: is not the database of an update site ({error}); remove it"
        raise OutputError(msg) from error
    now = merged(before, {f.path: f.data for f in files}, {f.path: _time_of(f) for f in files})
    changed = []
    for file in files:
        version = now[file.path].current
        if version is None:
            continue
        if file.path not in before or before[file.path].current != version:
            changed.append(file.path)
        timed = folder.joinpath(*f"{file.path}-{version.timestamp}".split("/"))
        with writing(timed) as stream:
            stream.write(file.data)
    with writing(database) as stream:
        stream.write(gzip.compress(write_database(now), mtime=0))
    return tuple(changed)


def _time_of(file: ShippedFile) -> int:
    epoch = os.environ.get(EPOCH_VARIABLE)
    try:
        seconds = file.source.stat().st_mtime if epoch is None else int(epoch)
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        msg = f"{EPOCH_VARIABLE}={epoch} is not a time in seconds since 1970"
        raise OutputError(msg) from error
    return int(moment.strftime(TIMESTAMP))
