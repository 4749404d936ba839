"""A copy of some of a study, which a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path


def copy_of(source: Path, tmp_path: Path, *names: str) -> Path:
    """Copy files and folders into a folder ``in`` with a key beside it, and return it."""
    (tmp_path / "in").mkdir()
    for name in names:
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy(source / name, tmp_path / "in" / name)
    (tmp_path / "key").write_bytes(b"k" * 32)
    return tmp_path / "in"
