"""pyrhi fiji: what its commands print, and what they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rigs.fiji_folders import lay_out

from pyrhi import __version__
from pyrhi.cli.main import run
from pyrhi.fiji import shipped_files

PAGE = Path(__file__).parents[2] / "docs" / "fiji-install.md"


@pytest.fixture
def fiji(tmp_path: Path) -> Path:
    return lay_out("Fiji", tmp_path)


def test_the_package_behind_the_scripts_is_one_line(fiji: Path, capsys):
    assert run(["fiji", "install", str(fiji)]) == 0
    paths = [f.path for f in shipped_files()]
    inside = [path for path in paths if path.startswith("jars/Lib/pyrhi_fiji/")]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"pyrhi {__version__}, Fiji in {fiji}"
    assert lines[1] == f"new      jars/Lib/pyrhi_fiji/ ({len(inside)} files)"
    assert lines[2:-2] == [f"new      {path}" for path in paths if path not in inside]
    assert lines[-1] == "Research use only; not a medical device."


def test_json_is_read_by_a_program(fiji: Path, capsys):
    assert run(["fiji", "install", str(fiji), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["folder"], report["kind"], report["dry_run"]) == (str(fiji), "Fiji", False)
    assert {f["done"] for f in report["files"]} == {"new"}
    assert [f["path"] for f in report["files"]] == [f.path for f in shipped_files()]
    assert run(["fiji", "uninstall", str(fiji), "--json", "--dry-run"]) == 0
    assert {f["done"] for f in json.loads(capsys.readouterr().out)["files"]} == {"removed"}


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["install"], 2, "Missing argument 'FIJI_DIR'"),
        (["install", "nowhere-at-all"], 1, "is not there"),
        (["remove", "x"], 2, "No such command"),
        (["package"], 2, "Missing argument 'OUT'"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], code: int, text: str, capsys):
    assert run(["fiji", *arguments]) == code
    assert text in capsys.readouterr().err


@pytest.mark.parametrize("name", ["install", "uninstall", "package"])
def test_help_has_an_example(name: str, capsys):
    assert run(["fiji", name, "--help"]) == 0
    assert f"  pyrhi fiji {name} " in capsys.readouterr().out


def blocks(text: str) -> str:
    """Output of commands in a page or of a run, with every number of files as N."""
    return re.sub(r"\d+ files", "N files", text)


def test_the_page_shows_what_is_printed(fiji: Path, tmp_path: Path, monkeypatch, capsys):
    page = blocks(PAGE.read_text(encoding="utf-8"))

    def shown(*arguments: str) -> str:
        run(["fiji", *arguments])
        printed = capsys.readouterr().out.replace(str(fiji), "/home/anna/Fiji")
        given = " ".join(arguments).replace(str(fiji), "/home/anna/Fiji")
        return blocks(f"```console\n$ pyrhi fiji {given}\n{printed}```\n")

    assert shown("install", str(fiji)) in page
    with (fiji / "plugins/RHI/Macros/RHI_Measure.ijm").open("a") as stream:
        stream.write("// mine\n")
    assert shown("uninstall", str(fiji)) in page
    monkeypatch.chdir(tmp_path)
    assert shown("package", "dist-fiji") in page


def test_the_command_says_what_it_made(tmp_path: Path, capsys):
    out = tmp_path / "out"
    assert run(["fiji", "package", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "new      macros/toolsets/RHI_Tools.ijm\n" in printed
    assert str(out / "update-site") in printed
    assert run(["fiji", "package", str(out), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made == {
        "site": str(out / "update-site"),
        "jar": str(out / f"pyrhi-fiji-{__version__}.jar"),
        "drop_in": str(out / "drop-in"),
        "changed": [],
    }


def test_a_file_where_the_folder_should_be_is_one_line(tmp_path: Path, capsys):
    (tmp_path / "out").write_text("x")
    assert run(["fiji", "package", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
