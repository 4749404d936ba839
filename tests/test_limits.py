"""Limits on sizes: each is in the docs with its value, and each is kept."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from pyrhi import limits
from pyrhi.batch.plan import tasks_of_manifest
from pyrhi.errors import ImageError, TableError
from pyrhi.io.images import read_image
from pyrhi.io.reading import read_table

PAGE = Path(__file__).parents[1] / "docs" / "limits.md"
CONSTANTS = {name: value for name, value in vars(limits).items() if name.isupper()}


def test_the_page_has_every_limit_with_its_value():
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(value.replace(",", "")) for name, value in rows} == CONSTANTS
    assert len(rows) == len(CONSTANTS)


@pytest.mark.parametrize("read", [read_table, tasks_of_manifest])
def test_a_table_that_is_too_large(tmp_path: Path, read):
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(limits.MAX_TABLE_BYTES + 1)
    with pytest.raises(TableError, match=r"a\.csv: is larger than pyrhi reads of a table"):
        read(path)


def test_a_nifti_that_unpacks_to_too_much(sample: Path, tmp_path: Path):
    head = bytearray(gzip.decompress((sample / "nifti/t2.nii.gz").read_bytes())[:352])
    for axis, size in enumerate((3, 16000, 16000, 32000)):
        head[40 + 2 * axis : 42 + 2 * axis] = size.to_bytes(2, "little")
    path = tmp_path / "a.nii.gz"
    path.write_bytes(gzip.compress(bytes(head)))
    with pytest.raises(ImageError, match=r"a\.nii\.gz: unpacks to \d+ bytes, more than pyrhi"):
        read_image(path)
