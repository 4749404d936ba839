"""Plain zips against zipfile: the same entries, or none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pyrhi
from pyrhi.io.rois.entries import plain_entries

SAMPLE = Path(pyrhi.__file__).parent / "sample"
FILES = sorted([*(Path(__file__).parents[2] / "data").rglob("*.zip"), *SAMPLE.rglob("*.zip")])


def by_zipfile(data: bytes) -> list[tuple[str, bytes]] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    except Exception:  # zipfile raises nearly anything on a damaged file
        return None


def packed(method: int, **attributes: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in ("cord.roi", "high L5/S1.roi"):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            for key, value in attributes.items():
                setattr(entry, key, value)
            archive.writestr(entry, bytes(range(200)) * 3)
    return buffer.getvalue()


def encrypted(data: bytes) -> bytes:
    """Say so in the directory: zipfile then asks for a password."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_roisets_of_imagej_are_plain(path: Path):
    assert plain_entries(path.read_bytes()) == by_zipfile(path.read_bytes())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_entries_are_read(method: int):
    data = packed(method)
    assert plain_entries(data) == by_zipfile(data)


@pytest.mark.parametrize(
    "data",
    [
        packed(zipfile.ZIP_LZMA),
        encrypted(packed(zipfile.ZIP_STORED)),
        packed(zipfile.ZIP_STORED, extra=b"\x01\x00\x04\x00abcd"),
        packed(zipfile.ZIP_STORED)[:-1],
        b"PK\x05\x06" + bytes(18),
        b"",
    ],
)
def test_anything_else_is_left_to_zipfile(data: bytes):
    assert plain_entries(data) is None


GOLDEN = packed(zipfile.ZIP_DEFLATED)


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_damaged_zip_gives_what_zipfile_gives_or_nothing(changes: list[tuple[int, int]]):
    data = bytearray(GOLDEN)
    for at, value in changes:
        data[at % len(data)] = value
    ours = plain_entries(bytes(data))
    assert ours is None or ours == by_zipfile(bytes(data))
