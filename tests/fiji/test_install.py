"""pyrhi fiji install and uninstall: what is written, kept and removed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from rigs.fiji_folders import LAYOUTS, folders, shipped, tree

from pyrhi.cli.main import run
from pyrhi.errors import OutputError
from pyrhi.fiji import Done, ShippedFile, find_target, install, shipped_files, uninstall

MANIFEST = "pyrhi-installed.json"


def done(report) -> dict[str, Done]:
    return {action.path: action.done for action in report.actions}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_in_and_out_again_leaves_no_trace(lay_out, layout: str, capsys):
    folder = lay_out(layout)
    before, folders_before = tree(folder), folders(folder)
    target = find_target(folder)
    wanted = {f.path: f.data for f in shipped_files(target.kind)}

    assert run(["fiji", "install", str(folder), "--dry-run"]) == 0
    assert tree(folder) == before
    assert folders(folder) == folders_before
    assert run(["fiji", "install", str(folder)]) == 0
    after = tree(folder)
    manifest = json.loads(after.pop(MANIFEST))
    assert after == before | wanted
    assert {p: e["sha256"] for p, e in manifest["files"].items()} == {
        p: hashlib.sha256(data).hexdigest() for p, data in wanted.items()
    }
    assert run(["fiji", "install", str(folder)]) == 0
    assert json.loads((folder / MANIFEST).read_bytes()) == manifest

    assert run(["fiji", "uninstall", str(folder), "--dry-run"]) == 0
    assert set(tree(folder)) == {*before, *wanted, MANIFEST}
    assert run(["fiji", "uninstall", str(folder)]) == 0
    assert tree(folder) == before
    assert folders(folder) == folders_before
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.count("nothing was written (--dry-run)") == 2


def test_a_second_run_writes_nothing_anew(fiji: Path):
    install(find_target(fiji))
    times = {p: p.stat().st_mtime_ns for p in fiji.rglob("*.ijm")}
    report = install(find_target(fiji))
    assert set(done(report).values()) == {Done.SAME}
    assert times == {p: p.stat().st_mtime_ns for p in fiji.rglob("*.ijm")}


def test_a_newer_pyrhi_replaces_adds_and_removes(imagej: Path):
    target = find_target(imagej)
    install(target, shipped=shipped(A_ijm="1", B_ijm="1", C_ijm="1"))
    report = install(target, shipped=shipped(A_ijm="1", B_ijm="2", D_ijm="2"))
    assert done(report) == {
        "plugins/RHI/A.ijm": Done.SAME,
        "plugins/RHI/B.ijm": Done.UPDATED,
        "plugins/RHI/C.ijm": Done.REMOVED,
        "plugins/RHI/D.ijm": Done.NEW,
    }
    assert tree(imagej / "plugins" / "RHI") == {"A.ijm": b"1", "B.ijm": b"2", "D.ijm": b"2"}
    uninstall(target)
    assert not (imagej / "plugins" / "RHI").exists()


def test_a_file_of_the_user_stops_the_installation(imagej: Path):
    (imagej / "plugins" / "RHI").mkdir()
    (imagej / "plugins" / "RHI" / "B.ijm").write_text("mine")
    before = tree(imagej)
    target = find_target(imagej)
    with pytest.raises(OutputError, match=r"B\.ijm: is not pyrhi's; nothing was installed"):
        install(target, shipped=shipped(A_ijm="1", B_ijm="1"))
    assert tree(imagej) == before


def test_an_older_installation_that_was_edited_is_not_half_updated(imagej: Path):
    target = find_target(imagej)
    install(target, shipped=shipped(A_ijm="1", B_ijm="1"))
    (imagej / "plugins/RHI/A.ijm").write_text("edited")
    before = tree(imagej)
    with pytest.raises(OutputError, match=r"A\.ijm: was changed since pyrhi wrote it"):
        install(target, shipped=shipped(A_ijm="2", B_ijm="2"))
    assert tree(imagej) == before


def test_force_keeps_every_old_content(imagej: Path):
    target = find_target(imagej)
    room = imagej / "plugins" / "RHI"
    install(target, shipped=shipped(A_ijm="1"))
    for text in ("first", "second", "third"):
        (room / "A.ijm").write_text(text)
        report = install(target, force=True, shipped=shipped(A_ijm="1"))
        assert done(report) == {"plugins/RHI/A.ijm": Done.REPLACED}
    assert tree(room) == {
        "A.ijm": b"1",
        "A.ijm.bak": b"first",
        "A.ijm.bak1": b"second",
        "A.ijm.bak2": b"third",
    }
    uninstall(target)
    assert set(tree(room)) == {"A.ijm.bak", "A.ijm.bak1", "A.ijm.bak2"}


def test_the_same_file_dropped_in_by_hand_is_taken_over(imagej: Path):
    (imagej / "plugins" / "RHI").mkdir()
    (imagej / "plugins" / "RHI" / "A.ijm").write_text("1")
    target = find_target(imagej)
    assert done(install(target, shipped=shipped(A_ijm="1"))) == {"plugins/RHI/A.ijm": Done.SAME}
    uninstall(target)
    # The folder was the user's own.
    assert list((imagej / "plugins" / "RHI").iterdir()) == []


def test_uninstall_keeps_what_was_changed(imagej: Path, capsys):
    target = find_target(imagej)
    install(target, shipped=shipped(A_ijm="1", B_ijm="1"))
    changed = imagej / "plugins/RHI/A.ijm"
    changed.write_text("edited")
    assert run(["fiji", "uninstall", str(imagej)]) == 1
    assert "kept     plugins/RHI/A.ijm (was changed since pyrhi wrote it" in capsys.readouterr().out
    assert tree(imagej / "plugins/RHI") == {"A.ijm": b"edited"}
    assert list(json.loads((imagej / MANIFEST).read_text())["files"]) == ["plugins/RHI/A.ijm"]
    assert run(["fiji", "uninstall", str(imagej), "--force"]) == 0
    assert tree(imagej / "plugins/RHI") == {"A.ijm.bak": b"edited"}
    assert not (imagej / MANIFEST).exists()


def test_a_withdrawn_file_that_was_changed_stays_and_stays_known(imagej: Path):
    target = find_target(imagej)
    install(target, shipped=shipped(A_ijm="1", B_ijm="1"))
    (imagej / "plugins/RHI/B.ijm").write_text("edited")
    report = install(target, shipped=shipped(A_ijm="2"))
    assert done(report)["plugins/RHI/B.ijm"] is Done.KEPT
    assert (imagej / "plugins/RHI/B.ijm").read_text() == "edited"
    assert done(uninstall(target))["plugins/RHI/B.ijm"] is Done.KEPT


def test_uninstall_when_files_are_gone_already(imagej: Path):
    target = find_target(imagej)
    install(target, shipped=shipped(A_ijm="1", B_ijm="1"))
    (imagej / "plugins/RHI/A.ijm").unlink()
    assert done(uninstall(target)) == {
        "plugins/RHI/A.ijm": Done.GONE,
        "plugins/RHI/B.ijm": Done.REMOVED,
    }
    assert not (imagej / "plugins/RHI").exists()


def test_what_jython_compiled_goes_with_its_source(fiji: Path):
    target = find_target(fiji)
    install(target)
    package = fiji / "jars/Lib/pyrhi_fiji"
    (package / "__init__$py.class").write_text("compiled")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "__init__.cpython-312.pyc").write_text("compiled")
    uninstall(target)
    assert not package.exists()


def test_uninstall_where_nothing_is_installed(imagej: Path, capsys):
    assert run(["fiji", "uninstall", str(imagej)]) == 1
    assert "pyrhi is not installed here" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"format": 1}',
        '{"format": 1, "version": "1", "files": {"../../x": {"sha256": "0"}}, "folders": []}',
        '{"format": 1, "version": "1", "files": {"/etc/x": {"sha256": "0"}}, "folders": []}',
        '{"format": 1, "version": "1", "files": {"C:\\\\x": {"sha256": "0"}}, "folders": []}',
        '{"format": 1, "version": "1", "files": {}, "folders": [".."]}',
        '{"format": 99, "version": "1", "files": {}, "folders": []}',
    ],
)
def test_a_damaged_or_hostile_manifest_is_refused(imagej: Path, text: str):
    (imagej / MANIFEST).write_text(text)
    before = tree(imagej)
    for job in (install, uninstall):
        with pytest.raises(OutputError, match=MANIFEST) as caught:
            job(find_target(imagej))
        assert "\n" not in str(caught.value)
    assert tree(imagej) == before


@pytest.mark.parametrize("room", ["jars", "plugins"])
def test_the_jar_and_the_files_are_not_both_there(fiji: Path, room: str):
    (fiji / room / "pyrhi-fiji-0.0.9.jar").write_text("")
    with pytest.raises(OutputError, match="shown twice"):
        install(find_target(fiji))
    assert not (fiji / MANIFEST).exists()


def test_what_was_written_before_a_failure_can_be_taken_out(imagej: Path):
    (imagej / "plugins" / "RHI").write_text("a file")
    before, folders_before = tree(imagej), folders(imagej)
    tools = ShippedFile("macros/toolsets/T_Tools.ijm", Path(__file__), b"t", False)
    new = ShippedFile("luts/RHI/x.lut", Path(__file__), b"x", False)
    target = find_target(imagej)
    with pytest.raises(OutputError, match="RHI: is a file") as caught:
        install(target, shipped=[new, tools, *shipped(A_ijm="1")])
    assert "\n" not in str(caught.value)
    assert tree(imagej)["macros/toolsets/T_Tools.ijm"] == b"t"
    uninstall(target)
    assert tree(imagej) == before
    assert folders(imagej) == folders_before


def test_a_folder_where_a_file_should_be(imagej: Path):
    (imagej / "plugins/RHI/A.ijm").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"A\.ijm: cannot be read"):
        install(find_target(imagej), shipped=shipped(A_ijm="1"))


AS_NOBODY = """
import difflib, os, sys  # what is imported later, where nobody may not read it
import pyrhi.cli.fiji, pyrhi.fiji
from pyrhi import __version__
from pyrhi.cli.main import run
if os.geteuid() == 0:  # who may write everywhere
    os.setuid(65534)
sys.exit(run(["fiji", "install", sys.argv[1]]))
"""


def test_a_folder_that_one_may_not_write_to(lay_out):
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        folder = lay_out("ImageJ", parent=Path(parent))
        before = tree(folder)
        folder.chmod(0o555)
        process = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(folder)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        folder.chmod(0o755)
        assert tree(folder) == before
    assert process.returncode == 1
    assert f"{folder}: you may not write here; move ImageJ" in process.stderr
    assert process.stderr.count("\n") == 1
