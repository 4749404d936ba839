"""The database ``db.xml.gz`` of an update site, as Fiji's updater reads it.

Notes
-----
Form and checksums follow imagej-updater 2.0: ``XMLFileWriter.java``, ``XMLFileReader.java``, and
``UpdaterUtil.getDigest`` for files that are no jars. A file lies on the site under its path with
``-`` and the 14 digits of its time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

DATABASE = "db.xml.gz"
TIMESTAMP = "%Y%m%d%H%M%S"
ROOT = "pluginRecords"
"""The updater's name for it, whatever the files are."""

DESCRIPTION = (
    "RHI (ratio of high-intensity area) on T2 spine MRI. Research use only; not a medical device."
)
AUTHOR = "The pyrhi developers"

DOCTYPE = f"""<!DOCTYPE {ROOT} [
<!ELEMENT pluginRecords (plugin*)>
<!ELEMENT plugin (version?, previous-version*)>
<!ELEMENT version (description?, author*)>
<!ELEMENT previous-version EMPTY>
<!ELEMENT description (#PCDATA)>
<!ELEMENT author (#PCDATA)>
<!ATTLIST plugin filename CDATA #REQUIRED>
<!ATTLIST version timestamp CDATA #REQUIRED>
<!ATTLIST version checksum CDATA #REQUIRED>
<!ATTLIST version filesize CDATA #REQUIRED>
<!ATTLIST previous-version timestamp CDATA #REQUIRED>
<!ATTLIST previous-version timestamp-obsolete CDATA #IMPLIED>
<!ATTLIST previous-version checksum CDATA #REQUIRED>]>
"""


@dataclass(frozen=True)
class Version:
    """One content of a file.

    Attributes
    ----------
    checksum
        By `checksum`.
    timestamp
        When it came, as a number of 14 digits in UTC.
    size
        Bytes; 0 for a version that is not offered any more.
    obsolete
        When it was replaced; 0 for the current one.
    """

    checksum: str
    timestamp: int
    size: int = 0
    obsolete: int = 0


@dataclass(frozen=True)
class Record:
    """What the site knows about one file: its current version, if any, and the older ones."""

    current: Version | None
    previous: tuple[Version, ...] = ()


def checksum(path: str, data: bytes, /) -> str:
    """Return the updater's checksum of a file that is no jar: SHA-1 of its path and content."""
    if path.endswith(".jar"):
        msg = f"{path}: jars have another checksum in update sites"
        raise ValueError(msg)
    return hashlib.sha1(path.encode("ascii") + data, usedforsecurity=False).hexdigest()


def merged(
    before: Mapping[str, Record], files: Mapping[str, bytes], times: Mapping[str, int], /
) -> dict[str, Record]:
    """Return what a site knows after these files are published on it.

    Parameters
    ----------
    before
        What it knew.
    files
        Content of each file, by path; a file of `before` that is not here is withdrawn.
    times
        Timestamp of each file, for those that are new or changed.

    Notes
    -----
    The updater calls a file that it does not know changed by hand, and leaves it alone: so the
    older checksums must stay. It looks at files newer than its last visit only: so a changed
    file is always later than the version before.
    """
    after = {}
    newest = max(times.values())
    for path in sorted({*before, *files}):
        old = before.get(path, Record(None))
        if path not in files:
            after[path] = _withdrawn(old, newest)
            continue
        data = files[path]
        digest = checksum(path, data)
        if old.current is not None and old.current.checksum == digest:
            after[path] = old
            continue
        last = max((v.timestamp for v in (old.current, *old.previous) if v), default=0)
        new = Version(digest, max(times[path], _second_after(last)), len(data))
        after[path] = Record(new, _withdrawn(old, new.timestamp).previous)
    return after


def _withdrawn(record: Record, when: int) -> Record:
    if record.current is None:
        return record
    gone = replace(
        record.current, size=0, obsolete=max(when, _second_after(record.current.timestamp))
    )
    return Record(None, (*record.previous, gone))


def _second_after(timestamp: int) -> int:
    if not timestamp:
        return 0
    moment = datetime.strptime(str(timestamp), TIMESTAMP) + timedelta(seconds=1)
    return int(moment.strftime(TIMESTAMP))


def write_database(records: Mapping[str, Record], /) -> bytes:
    """Return the XML of a database."""
    root = ET.Element(ROOT)
    for path, record in sorted(records.items()):
        plugin = ET.SubElement(root, "plugin", filename=path)
        if now := record.current:
            version = ET.SubElement(
                plugin,
                "version",
                checksum=now.checksum,
                timestamp=str(now.timestamp),
                filesize=str(now.size),
            )
            ET.SubElement(version, "description").text = DESCRIPTION
            ET.SubElement(version, "author").text = AUTHOR
        for old in record.previous:
            attributes = {
                "timestamp": str(old.timestamp),
                "timestamp-obsolete": str(old.obsolete),
                "checksum": old.checksum,
            }
            ET.SubElement(plugin, "previous-version", attributes)
    ET.indent(root, "    ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>{DOCTYPE}{text}\n'.encode()


def read_database(data: bytes, /) -> dict[str, Record]:
    """Return what a site knows.

    Raises
    ------
    ValueError
        If this is not such a database.
    """
    try:
        root = ET.fromstring(data)
        return {plugin.attrib["filename"]: _record(plugin) for plugin in root.iter("plugin")}
    except (ET.ParseError, KeyError) as error:
        msg = f"{type(error).__name__} {error}"
        raise ValueError(msg) from error


def _record(plugin: ET.Element) -> Record:
    current = plugin.find("version")
    return Record(
        None if current is None else _version(current),
        tuple(_version(old) for old in plugin.findall("previous-version")),
    )


def _version(element: ET.Element) -> Version:
    return Version(
        element.attrib["checksum"],
        int(element.attrib["timestamp"]),
        int(element.get("filesize", "0")),
        int(element.get("timestamp-obsolete", "0")),
    )
