"""Files read in two steps, against reading them by Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyrhi.io import at_once
from pyrhi.io.at_once import open_both, read_and_close


@pytest.fixture(params=["compiled", "by os"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by os":
        # What stands for the compiled functions where there are none.
        monkeypatch.setattr(at_once, "open_both", _by_os)
        monkeypatch.setattr(at_once, "read_and_close", _close_by_os)


def _by_os(image: str, other: str, /, *, head: int, most: int):
    try:
        return at_once._open_both_by_os(image, other, head, most)
    except OSError:
        return None


def _close_by_os(file: int, at: int, size: int, /):
    data = at_once._read_at(file, at, size)
    os.close(file)
    return data if len(data) == size else None


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    image, other = tmp_path / "bild ä 椎.tif", tmp_path / "b.zip"
    image.write_bytes(bytes(range(250)) * 4)
    other.write_bytes(b"PK" * 300)
    os.utime(image, ns=(5, 1_700_000_000_123_456_789))
    return image, other


@pytest.mark.usefixtures("way")
def test_both_files_are_read_as_they_are(files: tuple[Path, Path]):
    image, other = files
    opened = at_once.open_both(str(image), str(other), head=100, most=600)
    assert opened is not None
    assert opened.head == image.read_bytes()[:100]
    assert opened.other == other.read_bytes()
    status, second = image.stat(), other.stat()
    assert (opened.size, opened.modified_ns) == (status.st_size, status.st_mtime_ns)
    assert (opened.other_size, opened.other_modified_ns) == (second.st_size, second.st_mtime_ns)
    assert at_once.read_and_close(opened.file, 990, 10) == image.read_bytes()[-10:]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened.file)


@pytest.mark.usefixtures("way")
def test_a_part_that_is_not_there_and_no_part_close_the_file(files: tuple[Path, Path]):
    image, other = files
    for at, size, expected in ((995, 10, None), (0, 0, b"")):
        opened = at_once.open_both(str(image), str(other), head=9999, most=9999)
        assert opened is not None
        assert len(opened.head) == 1000
        assert at_once.read_and_close(opened.file, at, size) == expected
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(opened.file)


@pytest.mark.usefixtures("way")
def test_what_cannot_be_read_leaves_no_file_open(files: tuple[Path, Path], tmp_path: Path):
    image, other = map(str, files)
    none, folder = str(tmp_path / "none"), str(tmp_path)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for pair in ((none, other), (image, none), (folder, other), (image, folder)):
        assert at_once.open_both(*pair, head=100, most=10**6) is None
    assert at_once.open_both(image, other, head=100, most=599) is None
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


def test_a_path_with_a_zero_byte_is_no_path(files: tuple[Path, Path]):
    image, other = map(str, files)
    assert open_both(image + "\0.tif", other, head=1, most=10**6) is None
    assert open_both(image, other + "\0", head=1, most=10**6) is None


def test_an_empty_file_is_read(tmp_path: Path):
    empty = tmp_path / "empty"
    empty.touch()
    opened = open_both(str(empty), str(empty), head=100, most=0)
    assert opened is not None
    assert (opened.head, opened.other, opened.size) == (b"", b"", 0)
    assert read_and_close(opened.file, 0, 1) is None
