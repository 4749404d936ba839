"""A real ImageJ, started on a folder that pyrhi fiji install wrote to, finds everything."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import rigs.imagej_window
from rigs.fiji_folders import tree
from rigs.imagej_window import ImageJWindow, imagej_jar, imagej_window

from pyrhi.cli.main import run
from pyrhi.fiji import Kind, shipped_files

pytestmark = pytest.mark.slow

COMMANDS = 'return call("ij.Menus.getCommands");'
INSTALL = (
    'toolset = getDirectory("macros") + "toolsets/RHI_Tools.ijm";'
    'if (!File.exists(toolset)) return "no toolset";'
    'run("Install...", "install=[" + toolset + "]");'
    'return "installed";'
)


def rhi_commands(window: ImageJWindow) -> dict[str, str]:
    """Commands whose macro lies in plugins/RHI, and that macro."""
    commands = window.run(COMMANDS)
    found = re.findall(r'([^,={]+)=ij\.plugin\.Macro_Runner\("RHI/([^"]+)"\)', commands)
    return {name.strip(): file for name, file in found}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A folder of plain ImageJ as it is unpacked; the rig itself puts no macros there."""
    monkeypatch.setattr(rigs.imagej_window, "MACROS", tmp_path / "none")
    folder = tmp_path / "ImageJ"
    (folder / "plugins").mkdir(parents=True)
    (folder / "macros").mkdir()
    (folder / "macros" / "StartupMacros.txt").write_text('macro "AutoRun" { }\n')
    shutil.copy(imagej_jar(), folder / "ij.jar")
    return folder


def test_menu_and_toolset(folder: Path):
    assert run(["fiji", "install", str(folder)]) == 0
    macros = {Path(f.path).name for f in shipped_files(Kind.IMAGEJ) if "plugins" in f.path}
    assert "RHI-Shared.txt" in macros
    with imagej_window(folder) as window:
        assert rhi_commands(window) == {
            name.removesuffix(".ijm").replace("_", " "): name
            for name in macros
            if name.endswith(".ijm")
        }
        assert window.run(INSTALL) == "installed"
        window.press("OK")
        window.run('run("RHI Measure");')
        (dialog,) = window.shown()
        assert "image" in dialog
    assert (folder / "macros" / "StartupMacros.txt").read_text() == 'macro "AutoRun" { }\n'


def test_nothing_is_left_after_uninstall(folder: Path):
    before = tree(folder)
    assert run(["fiji", "install", str(folder)]) == 0
    assert run(["fiji", "uninstall", str(folder)]) == 0
    assert tree(folder) == before
    with imagej_window(folder) as window:
        assert rhi_commands(window) == {}
        assert window.run(INSTALL) == "no toolset"
