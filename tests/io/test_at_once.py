"""Files read in two steps, against reading them by Python."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pyrhi.io import at_once


@pytest.fixture(params=["compiled", "by os"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by os":
        # What stands for the compiled functions where there are none.
        monkeypatch.setattr(
            at_once,
            "open_all",
            lambda images, others, *, head, most: [
                at_once._open_by_os(a, b, head, most) for a, b in zip(images, others, strict=True)
            ],
        )
        monkeypatch.setattr(at_once, "_POSIX", 0, raising=False)


def open_both(image: str, other: str, *, head: int, most: int):
    return at_once.open_all([image], [other], head=head, most=most)[0]


def read_and_close(file: int, at: int, size: int):
    return read_all([(file, at, size)])[0]


def read_all(parts: list[tuple[int, int, int]]) -> list[bytes | None]:
    to = np.zeros(1 + sum(size for _, _, size in parts), np.uint8)
    there = at_once.read_all(parts, to)
    ends = np.cumsum([size for _, _, size in parts]).tolist()
    return [
        to[end - size : end].tobytes() if is_there else None
        for is_there, end, (_, _, size) in zip(there, ends, parts, strict=True)
    ]


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
    opened = open_both(str(image), str(other), head=100, most=600)
    assert opened is not None
    assert opened.head == image.read_bytes()[:100]
    assert opened.other == other.read_bytes()
    status, second = image.stat(), other.stat()
    assert (opened.size, opened.modified_ns) == (status.st_size, status.st_mtime_ns)
    assert (opened.other_size, opened.other_modified_ns) == (second.st_size, second.st_mtime_ns)
    assert read_and_close(opened.file, 990, 10) == image.read_bytes()[-10:]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened.file)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("which", [0, 1])
def test_a_pipe_is_not_waited_for(files: tuple[Path, Path], which: int):
    files[which].unlink()
    os.mkfifo(files[which])
    assert open_both(*map(str, files), head=100, most=600) is None


@pytest.mark.usefixtures("way")
def test_a_part_that_is_not_there_and_no_part_close_the_file(files: tuple[Path, Path]):
    image, other = files
    for at, size, expected in ((995, 10, None), (0, 0, b"")):
        opened = open_both(str(image), str(other), head=9999, most=9999)
        assert opened is not None
        assert len(opened.head) == 1000
        assert read_and_close(opened.file, at, size) == expected
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(opened.file)


@pytest.mark.usefixtures("way")
def test_what_cannot_be_read_leaves_no_file_open(files: tuple[Path, Path], tmp_path: Path):
    image, other = map(str, files)
    none, folder = str(tmp_path / "none"), str(tmp_path)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for pair in ((none, other), (image, none), (folder, other), (image, folder)):
        assert open_both(*pair, head=100, most=10**6) is None
    assert open_both(image, other, head=100, most=599) is None
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.usefixtures("way")
def test_many_files_keep_their_order(tmp_path: Path):
    paths = [tmp_path / str(i) for i in range(40)]
    for i, path in enumerate(paths):
        if i % 7:
            path.write_bytes(bytes([i]) * (10 + i))
    found = at_once.open_all([*map(str, paths)], [*map(str, paths)], head=5, most=99)
    assert [None if o is None else o.other for o in found] == [
        path.read_bytes() if path.exists() else None for path in paths
    ]
    parts = [(o.file, 10, i) for i, o in enumerate(found) if o is not None]
    assert read_all(parts) == [bytes([i]) * i for i in range(40) if i % 7]
    assert read_all([]) == at_once.open_all([], [], head=1, most=1) == []


def test_an_empty_file_is_read(tmp_path: Path):
    empty = tmp_path / "empty"
    empty.touch()
    opened = open_both(str(empty), str(empty), head=100, most=0)
    assert opened is not None
    assert (opened.head, opened.other, opened.size) == (b"", b"", 0)
    assert read_and_close(opened.file, 0, 1) is None
