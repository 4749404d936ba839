"""Which folder is a Fiji or ImageJ, and which file goes where in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.errors import OutputError, PyrhiError
from pyrhi.fiji import Kind, find_target, shipped_files

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("layout", "kind"),
    [
        ("Fiji.app", Kind.FIJI),
        ("Fiji", Kind.FIJI),
        ("ImageJ", Kind.IMAGEJ),
        ("ImageJ_Mac", Kind.IMAGEJ),
    ],
)
def test_knows_old_and_new_fiji_and_plain_imagej(lay_out, layout: str, kind: Kind):
    folder = lay_out(layout)
    found = find_target(folder)
    assert (found.folder, found.kind) == (folder, kind)


@pytest.mark.parametrize(
    ("layout", "given"),
    [
        ("Fiji", "Fiji/Fiji.app"),
        ("Fiji", "Fiji/Fiji.app/Contents/MacOS/fiji-macos-arm64"),
        ("Fiji", "Fiji/fiji-windows-x64.exe"),
        ("Fiji", "."),
        ("Fiji.app", "Fiji.app/Contents"),
        ("Fiji.app", "Fiji.app/ImageJ-linux64"),
        ("Fiji.app", "."),
        ("ImageJ", "ImageJ/ij.jar"),
        ("ImageJ", "."),
        ("ImageJ_Mac", "ImageJ_Mac/ImageJ.app"),
        ("ImageJ_Mac", "ImageJ_Mac/ImageJ.app/Contents/Java/ij.jar"),
        ("ImageJ", 'ImageJ"'),
    ],
)
def test_takes_what_a_person_gives(lay_out, tmp_path: Path, layout: str, given: str):
    folder = lay_out(layout)
    assert find_target(f"{tmp_path}/{given}").folder == folder


def test_a_path_from_the_folder_and_a_home(lay_out, tmp_path: Path, monkeypatch):
    folder = lay_out("Fiji")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert find_target(".").folder == folder
    assert find_target("~/Fiji").folder == folder


def test_two_below_one_folder_are_not_guessed(lay_out, tmp_path: Path):
    lay_out("Fiji.app")
    lay_out("ImageJ")
    with pytest.raises(OutputError, match=r"holds 2 of Fiji or ImageJ \(Fiji.app, ImageJ\)"):
        find_target(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        [],
        ["plugins/x.txt", "macros/y.txt"],
        ["ij.jar"],
        ["jars/numpy.jar", "plugins/x.jar"],
        ["Contents/MacOS/Safari"],
    ],
)
def test_other_folders_are_refused(tmp_path: Path, files: list[str]):
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    with pytest.raises(OutputError, match=r"is not a folder of Fiji .* or ImageJ") as caught:
        find_target(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "given", ["nowhere", "~nobody-of-this-name/Fiji", "C:\\Users\\me\\Fiji.app", "C:/Fiji"]
)
def test_a_missing_folder_is_one_line(tmp_path: Path, monkeypatch, given: str):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="is not there") as caught:
        find_target(given)
    assert "\n" not in str(caught.value)


def test_every_file_goes_where_fiji_looks_for_it(tmp_path: Path):
    for file in [
        "macros/RHI-Shared.txt",
        "macros/RHI_Measure.ijm",
        "macros/RHI_Tools.ijm",
        "macros/notes.md",
        "fiji_scripts/README.md",
        "fiji_scripts/macros/StartupMacros.fiji.ijm",
        "fiji_scripts/scripts/Plugins/RHI/Measure_RHI.py",
        "fiji_scripts/scripts/Plugins/RHI/Measure_RHI$py.class",
        "fiji_scripts/jars/Lib/pyrhi_fiji/__init__.py",
        "fiji_scripts/jars/Lib/pyrhi_fiji/__pycache__/__init__.cpython-311.pyc",
        "fiji_scripts/jars/Lib/pyrhi_fiji/.hidden.py",
    ]:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)
    toolset = "macros/toolsets/RHI_Tools.ijm"
    models = sorted(p.name for p in (CHECKOUT / "pyrhi" / "pain" / "models").glob("*.json"))
    assert models
    assert [f.path for f in shipped_files(Kind.IMAGEJ, root=tmp_path)] == [
        toolset,
        "plugins/RHI/RHI-Shared.txt",
        "plugins/RHI/RHI_Measure.ijm",
    ]
    assert [f.path for f in shipped_files(Kind.FIJI, root=tmp_path)] == [
        "jars/Lib/pyrhi_fiji/__init__.py",
        *(f"jars/Lib/pyrhi_fiji/models/{name}" for name in models),
        "jars/Lib/pyrhi_fiji/words.csv",
        toolset,
        "plugins/RHI/Macros/RHI-Shared.txt",
        "plugins/RHI/Macros/RHI_Measure.ijm",
        "scripts/Plugins/RHI/Measure_RHI.py",
    ]


def test_nothing_to_install_is_an_error(tmp_path: Path):
    with pytest.raises(PyrhiError, match="has no files for ImageJ"):
        shipped_files(Kind.IMAGEJ, root=tmp_path)


def test_everything_in_the_checkout_is_shipped():
    paths = {f.path for f in shipped_files(Kind.FIJI)}
    names = {Path(path).name for path in paths}
    assert {p.name for p in (CHECKOUT / "macros").glob("*.ijm")} <= names
    assert {p.name for p in (CHECKOUT / "fiji_scripts").rglob("*.py")} <= names
    assert "macros/toolsets/RHI_Tools.ijm" in paths
    assert not any("StartupMacros" in path for path in paths)
    assert all(f.data == f.source.read_bytes() for f in shipped_files(Kind.FIJI))
