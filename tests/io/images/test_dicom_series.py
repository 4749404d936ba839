"""Labels of series: numbers where they tell, letters where they do not, and never a UID."""

from __future__ import annotations

from pathlib import Path

import pytest
from rigs.dicom_files import write_series

from pyrhi.errors import ImageError
from pyrhi.io.images import read_image


def folder_of(tmp_path: Path) -> Path:
    """Series 3 twice, 10, and one without a number, in one folder."""
    for i, (uid, number, slices) in enumerate(
        [("1.2.9", 3, 2), ("1.2.8", 3, 3), ("1.2.7", 10, 4), ("1.2.6", None, 5)]
    ):
        part = write_series(
            tmp_path / f"part{i}", slices, SeriesInstanceUID=uid, SeriesNumber=number
        )
        for file in part.iterdir():
            (tmp_path / "all").mkdir(exist_ok=True)
            file.rename(tmp_path / "all" / f"{i}{file.name}")
    return tmp_path / "all"


@pytest.mark.parametrize(
    ("wanted", "slices"),
    [("3a", 3), ("3b", 2), ("10", 4), ("none", 5), ("1.2.9", 2)],
)
def test_each_label_is_taken(tmp_path: Path, wanted: str, slices: int):
    with read_image(folder_of(tmp_path), series=wanted) as image:
        assert image.n_slices == slices


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        (None, "the folder holds several series; choose one (--series NUMBER)"),
        ("3", "several series have the number 3; choose one by its letter"),
        ("4", "there is no such series"),
    ],
)
def test_what_is_there_is_listed(tmp_path: Path, wanted: str | None, what: str):
    folder = folder_of(tmp_path)
    with pytest.raises(ImageError) as error:
        read_image(folder, series=wanted)
    assert str(error.value) == (
        f"{folder}: {what}: series 3a (3 slices), series 3b (2 slices), series 10 (4 slices),"
        " series none (5 slices); pyrhi series lists what is there"
    )
