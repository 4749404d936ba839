"""A folder of results, read again: as it was measured, or refused in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from rigs.command_line import rows

from pyrhi.cli.main import run
from pyrhi.errors import TableError
from pyrhi.report.qc.results import options_of, read_results, tasks_of
from pyrhi.rhi.assign import RoleRule
from pyrhi.rhi.high import HighKind


@pytest.fixture(scope="module")
def results(tmp_path_factory, axial: Path) -> Path:
    top = tmp_path_factory.mktemp("results")
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_022.{ending}", top)
    options = ["--high", "1234.5678901", "--clip", "--roles", "larger=cord", "--ignore-unnamed"]
    assert run(["measure", str(top), "-o", str(top / "out"), "--jobs", "1", *options]) == 0
    return top / "out"


def test_the_report_measures_with_the_options_of_the_run(results: Path):
    work = options_of(read_results(results))
    p = work.parameters
    assert p.high is not None
    # To the last digit, though the text in Method is rounded.
    assert (p.high.kind, p.high.value) == (HighKind.FIXED, 1234.5678901)
    assert (p.clip, p.ignore_unnamed, p.rule) == (True, True, RoleRule("larger=cord"))


def test_tables_and_images_are_those_of_the_run(results: Path):
    read = read_results(results)
    assert list(read.rhi) == rows(results / "rhi.csv")
    (task,) = tasks_of(read)
    assert (task.name, Path(task.image).name) == ("t2_axial_022.tif", "t2_axial_022.tif")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rhi.csv", None, "holds no rhi.csv; give a folder that pyrhi measure wrote"),
        ("run.json", None, "holds no run.json; give"),
        ("run.json", "{", "run.json: is not readable JSON"),
        ("run.json", "[]", "holds no run.json of pyrhi"),
        ("patients.csv", "Name,RHI\n", "patients.csv: is not a table of pyrhi measure"),
    ],
)
def test_a_folder_that_is_none_of_ours_is_one_line(
    results: Path, tmp_path: Path, name: str, text: str | None, message: str
):
    folder = Path(shutil.copytree(results, tmp_path / "out"))
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as error:
        read_results(folder)
    assert message in str(error.value)


def test_a_run_of_another_version_is_not_guessed_at(results: Path):
    read = read_results(results)
    document = json.loads(json.dumps(read.run))
    del document["parameters"]["clip"]
    del document["tasks"]
    other = type(read)(read.folder, read.rhi, read.patients, read.failures, document)
    with pytest.raises(TableError, match="is of another version of pyrhi; measure again"):
        options_of(other)
    with pytest.raises(TableError, match="does not name the images; measure again"):
        tasks_of(other)
