"""Looking again: every output is searched for every identifier of the input.

Texts of six bytes and more are searched in all bytes (UTF-8, Latin-1, UTF-16 in both orders, case
ignored), inside zip and gzip files too. Shorter ones are searched as whole words in what is text:
in four bytes of pixels anything stands by chance.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.limits import MAX_ROISET_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pyrhi.batch.identifiers import Identifiers

PREFIX = 6
"""Bytes by which candidates are found; a text must have as many to be searched among pixels."""

ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
TEXT_VRS = frozenset(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT", "UR", "DA", "DT", "AS"))
BLOCK = 2**24
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Finding:
    """An identifier that got through: in which output and of which kind, never which one."""

    output: str
    kind: str

    def __str__(self) -> str:
        return f"{self.output} ({self.kind})"


class Search:
    """Searches outputs for identifiers.

    Parameters
    ----------
    identifiers
        What may not be found.
    written
        Texts that were put into the outputs on purpose: dates that moved to another patient's.
    """

    def __init__(self, identifiers: Identifiers, /, written: Collection[str] = ()) -> None:
        self._long: dict[bytes, list[tuple[bytes, str]]] = {}
        self._short: dict[str, str] = {}
        to_find = {t: kind for t, kind in identifiers.kind_of.items() if t not in written}
        for text, kind in to_find.items():
            for form in {text, text.lower(), text.upper(), text.title()}:
                if len(form) < PREFIX:
                    self._short[form.lower()] = kind
                for encoding in ENCODINGS:
                    self._add(form.encode(encoding, "ignore"), kind, len(form))
        for raw, kind in identifiers.raw.items():
            self._add(raw, kind, len(raw))
        prefixes = b"".join(self._long)
        keys = np.frombuffer(prefixes, np.uint8).reshape(-1, PREFIX)
        self._keys = np.unique(_packed(keys.T)) if prefixes else np.zeros(0, np.uint64)
        self.count = len(to_find) + len(identifiers.raw)

    def _add(self, pattern: bytes, kind: str, letters: int) -> None:
        if letters >= PREFIX and len(pattern) >= PREFIX:
            pattern = pattern.lower()
            self._long.setdefault(pattern[:PREFIX], []).append((pattern, kind))

    def kinds_in(self, data: bytes, /) -> set[str]:
        """Return the kinds of the longer identifiers that stand in bytes."""
        found: set[str] = set()
        longest = max((len(p) for each in self._long.values() for p, _ in each), default=0)
        for start in range(0, len(data), BLOCK):
            found |= self._kinds_in_block(data[start : start + BLOCK + longest])
        return found

    def _kinds_in_block(self, data: bytes) -> set[str]:
        low = data.lower()
        n = len(low) - PREFIX + 1
        if n < 1 or not self._keys.size:
            return set()
        array = np.frombuffer(low, np.uint8)
        values = _packed([array[i : i + n] for i in range(PREFIX)])
        places = np.minimum(np.searchsorted(self._keys, values), self._keys.size - 1)
        found: set[str] = set()
        for at in np.flatnonzero(self._keys[places] == values).tolist():
            for pattern, kind in self._long.get(low[at : at + PREFIX], ()):
                if low.startswith(pattern, at) and not _inside_number(low, at, pattern):
                    found.add(kind)
        return found

    def kinds_in_text(self, text: str, /) -> set[str]:
        """Return the kinds of all identifiers that stand in a text, short ones as whole words."""
        found = self.kinds_in(text.encode("utf-8", "surrogateescape"))
        if self._short:
            words = {word.lower() for word in _WORD.findall(text)}
            found |= {self._short[word] for word in words if word in self._short}
        return found

    def file(self, path: Path, name: str, /) -> list[Finding]:
        """Search a file: its name, its bytes, what is packed in it, and its texts.

        Parameters
        ----------
        path
            The file.
        name
            Its path below the output folder.
        """
        found = self.kinds_in_text(name)
        data = path.read_bytes()
        found |= self.kinds_in(data)
        for part in _unpacked(path, data):
            found |= self.kinds_in(part)
        for text in _texts(path, data):
            found |= self.kinds_in_text(text)
        return [Finding(name, kind) for kind in sorted(found)]


def _packed(columns: Any) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Six bytes as one number each, so that a whole file is compared at once."""
    value: np.ndarray[tuple[int], np.dtype[np.uint64]] | None = None
    for shift, column in enumerate(columns):
        part = column.astype(np.uint64) << np.uint64(8 * shift)
        value = part if value is None else value | part
    assert value is not None
    return value


def _inside_number(data: bytes, at: int, pattern: bytes) -> bool:
    """True where digits are part of a longer number, such as a UID made of random digits."""
    before, after = data[at - 1 : at] if at else b"", data[at + len(pattern) :][:1]
    starts, ends = pattern[:1].isdigit(), pattern[-1:].isdigit()
    return (starts and before.isdigit()) or (ends and after.isdigit())


def _unpacked(path: Path, data: bytes) -> Iterator[bytes]:
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                yield entry.filename.encode("utf-8")
                with archive.open(entry) as stream:
                    yield stream.read(MAX_ROISET_BYTES)
    elif data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)


def _texts(path: Path, data: bytes) -> Iterator[str]:
    """Yield what is text in a file, for the short identifiers."""
    suffix = path.suffix.lower()
    if suffix == ".dcm":
        import pydicom

        dataset = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
        for element in dataset.iterall():
            if element.VR in TEXT_VRS:
                yield str(element.value)
    elif suffix in (".tif", ".tiff"):
        import tifffile

        with tifffile.TiffFile(io.BytesIO(data)) as tif:
            for page in tif.pages:
                for tag in getattr(page, "tags", ()):
                    if isinstance(tag.value, str):
                        yield tag.value
    elif suffix in (".roi", ".zip"):
        from pyrhi.io.rois.files import read_rois

        yield from (roi.name for roi in read_rois(path))
    elif suffix in (".json", ".csv"):
        yield data.decode("utf-8", "replace")
