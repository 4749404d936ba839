"""Pipes where files are looked for: nothing is waited for, at every place that opens a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pyrhi.batch.names import first_header
from pyrhi.batch.pseudonym import read_key
from pyrhi.cli.main import run
from pyrhi.deidentify.run import kind_of
from pyrhi.errors import OutputError, PyrhiError
from pyrhi.io.images import read_image
from pyrhi.io.images.beginnings import Beginnings
from pyrhi.io.images.dicom import read_headers
from pyrhi.io.images.folder import images_below
from pyrhi.io.images.header import HEAD_BYTES
from pyrhi.io.images.read import read_plain
from pyrhi.io.masks import read_mask
from pyrhi.io.reading import read_table
from pyrhi.io.regular import NO_FILE, open_regular, read_regular
from pyrhi.io.rois.files import is_zipped_image, read_rois
from pyrhi.report.qc.results import read_results
from pyrhi.study.run import run_check

IMAGE = "t2_axial_022.tif"


@pytest.fixture
def pipe(tmp_path: Path) -> Callable[[str], Path]:
    """Make a pipe that nobody writes to."""

    def make(name: str) -> Path:
        os.mkfifo(tmp_path / name)
        return tmp_path / name

    return make


def test_a_file_and_a_link_to_one_are_read_and_a_folder_is_told_as_ever(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert [read_regular(tmp_path / name) for name in ("a", "b")] == [b"12", b"12"]
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


@pytest.mark.parametrize("name", ["a.zip", "a.roi"])
def test_rois(pipe: Callable[[str], Path], name: str):
    with pytest.raises(PyrhiError, match=NO_FILE):
        read_rois(pipe(name))


def test_images(pipe: Callable[[str], Path]):
    path = pipe("a.tif")
    with pytest.raises(PyrhiError, match=NO_FILE):
        read_image(path)
    assert read_plain(path) is None
    assert Beginnings().of(str(path), b"II*\0" + bytes(HEAD_BYTES), HEAD_BYTES) is None
    assert not is_zipped_image(pipe("a.zip"))
    with pytest.raises(PyrhiError, match=NO_FILE):
        read_image(Path(os.devnull))


def test_dicom(pipe: Callable[[str], Path]):
    path = pipe("a.dcm")
    with pytest.raises(OSError, match=NO_FILE):
        read_headers(path)
    assert first_header(path) is None
    with pytest.raises(PyrhiError, match="holds no DICOM image"):
        read_image(path.parent)


def test_masks(pipe: Callable[[str], Path], axial: Path):
    with read_image(axial / IMAGE) as image, pytest.raises(PyrhiError, match=NO_FILE):
        read_mask(image, pipe("a.nii.gz"))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_tables(pipe: Callable[[str], Path], name: str):
    with pytest.raises(PyrhiError, match=NO_FILE):
        read_table(pipe(name))


def test_results_and_numbers(pipe: Callable[[str], Path]):
    with pytest.raises(PyrhiError, match=NO_FILE):
        read_results(pipe("run.json").parent)
    with pytest.raises(PyrhiError, match=NO_FILE):
        run_check(pipe("numbers.json"), None)


def test_a_key_is_neither_read_from_a_pipe_nor_made_in_one(pipe: Callable[[str], Path]):
    with pytest.raises(OutputError, match=NO_FILE):
        read_key(pipe("key"))


def test_what_is_deidentified(pipe: Callable[[str], Path]):
    assert [kind_of(pipe(name)) for name in ("a.dcm", "a.csv", "a.tif")] == [None, None, None]


def test_a_folder_with_pipes_is_measured_but_for_the_image_whose_rois_are_one(
    pipe: Callable[[str], Path], axial: Path, tmp_path: Path
):
    for name in (IMAGE, "t2_axial_016.tif", "t2_axial_016.zip"):
        shutil.copy(axial / name, tmp_path)
    for name in ("x.tif", "y.dcm", "none", "z.jpg", "w.zip", "q.nrrd", "t2_axial_022.zip"):
        pipe(name)
    assert images_below(tmp_path) == ["t2_axial_016.tif", IMAGE]
    out = tmp_path / "out"
    assert run(["measure", str(tmp_path), "-o", str(out), "--jobs", "1", "--hash"]) == 1
    failed = (out / "failures.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in failed] == ["Image", IMAGE]
    assert f"t2_axial_022.zip: cannot be read ({NO_FILE})" in failed[1]
    assert len((out / "rhi.csv").read_text().splitlines()) == 2
