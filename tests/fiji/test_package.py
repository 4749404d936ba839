"""pyrhi fiji package: the update site, the jar, and the folder to drop in."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rigs.fiji_folders import shipped, tree

from pyrhi import __version__
from pyrhi.cli.main import run
from pyrhi.errors import OutputError
from pyrhi.fiji import find_target, package, shipped_files, uninstall
from pyrhi.fiji.site import checksum

EPOCH = "1767225600"  # 2026-01-01 00:00:00 UTC
FIRST, SECOND = 20260101000000, 20260101000001


@pytest.fixture(autouse=True)
def _epoch(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


def database(site: Path) -> dict[str, ET.Element]:
    root = ET.fromstring(gzip.decompress((site / "db.xml.gz").read_bytes()))
    assert root.tag == "pluginRecords"
    return {plugin.attrib["filename"]: plugin for plugin in root}


@pytest.mark.parametrize(
    ("path", "content", "digest"),
    [
        # Seen: UpdaterUtil.getDigest of imagej-updater (commit ea5f12e) on these files.
        (
            "plugins/RHI/RHI_Measure.ijm",
            'run("Measure");\n',
            "d1b3e5314e154accea1d20a144ef491621ceb784",
        ),
        (
            "scripts/Plugins/RHI/Measure_RHI.py",
            "print('ä')\r\n",
            "fa0c636095fb51f8e56bf3b8fc9d14b5f8a7df43",
        ),
        ("jars/Lib/pyrhi_fiji/__init__.py", "", "f924f24890e6037781a5cc2f6d821f5dd9ae1f4b"),
        (
            "jars/Lib/pyrhi_fiji/models/published.json",
            "{}",
            "8acac7b465bb7fa27b7dff95df99658898a03137",
        ),
    ],
)
def test_checksums_are_those_of_fijis_updater(path: str, content: str, digest: str):
    assert checksum(path, content.encode()) == digest


def test_a_jar_has_no_such_checksum():
    with pytest.raises(ValueError, match="another checksum"):
        checksum("jars/x.jar", b"")


def test_the_site_holds_every_file_as_the_updater_asks_for_it(tmp_path: Path):
    site = package(tmp_path).site
    files = {f.path: f.data for f in shipped_files()}
    records = database(site)
    assert list(records) == sorted(files)
    found = tree(site)
    del found["db.xml.gz"]
    expected = {}
    for path, record in records.items():
        (version,) = record
        assert version.attrib == {
            "checksum": checksum(path, files[path]),
            "timestamp": str(FIRST),
            "filesize": str(len(files[path])),
        }
        assert "not a medical device" in version.findtext("description", "")
        # FilesCollection.getURL: the site's address, the path, "-" and the time.
        expected[f"{path}-{FIRST}"] = files[path]
    assert found == expected


def test_the_same_bytes_twice(tmp_path: Path):
    package(tmp_path / "a")
    package(tmp_path / "b")
    first = tree(tmp_path / "a")
    assert first == tree(tmp_path / "b")
    assert package(tmp_path / "a").changed == ()
    assert first == tree(tmp_path / "a")


def test_without_an_epoch_the_time_is_the_files(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    file = shipped(A_ijm="1")[0]
    os.utime(file.source)
    package(tmp_path / "a", shipped=[file])
    package(tmp_path / "b", shipped=[file])
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_a_release_keeps_what_the_updater_must_know_of_older_ones(tmp_path: Path):
    package(tmp_path, shipped=shipped(A_ijm="1", B_ijm="1", C_ijm="1"))
    second = package(tmp_path, shipped=shipped(A_ijm="1", B_ijm="22", D_ijm="2"))
    assert second.changed == ("plugins/RHI/B.ijm", "plugins/RHI/D.ijm")
    records = database(second.site)

    def seen(name: str) -> list[dict[str, str]]:
        return [{"tag": v.tag, **v.attrib} for v in records[f"plugins/RHI/{name}.ijm"]]

    def digest(name: str, text: str) -> str:
        return checksum(f"plugins/RHI/{name}.ijm", text.encode())

    now = {"tag": "version", "timestamp": str(FIRST), "filesize": "1"}
    old = {"tag": "previous-version", "timestamp": str(FIRST)}
    assert seen("A") == [now | {"checksum": digest("A", "1")}]
    # Later than the version before, though the epoch is the same: else nobody gets it.
    assert seen("B") == [
        {
            "tag": "version",
            "timestamp": str(SECOND),
            "filesize": "2",
            "checksum": digest("B", "22"),
        },
        old | {"timestamp-obsolete": str(SECOND), "checksum": digest("B", "1")},
    ]
    assert seen("C") == [old | {"timestamp-obsolete": str(SECOND), "checksum": digest("C", "1")}]
    assert seen("D") == [now | {"checksum": digest("D", "2")}]
    assert (second.site / f"plugins/RHI/B.ijm-{FIRST}").read_text() == "1"
    assert (second.site / f"plugins/RHI/B.ijm-{SECOND}").read_text() == "22"
    assert set(tree(second.drop_in / "plugins/RHI")) == {"A.ijm", "B.ijm", "D.ijm"}


def test_a_withdrawn_file_comes_back(tmp_path: Path):
    package(tmp_path, shipped=shipped(A_ijm="1", B_ijm="1"))
    package(tmp_path, shipped=shipped(A_ijm="1"))
    site = package(tmp_path, shipped=shipped(A_ijm="1", B_ijm="1")).site
    versions = [(v.tag, v.attrib["timestamp"]) for v in database(site)["plugins/RHI/B.ijm"]]
    assert versions == [("version", str(SECOND)), ("previous-version", str(FIRST))]


def test_the_jar_is_one_for_fiji(tmp_path: Path):
    jar = package(tmp_path).jar
    assert jar.name == f"pyrhi-fiji-{__version__}.jar"
    with zipfile.ZipFile(jar) as archive:
        assert archive.testzip() is None
        content = {name: archive.read(name) for name in archive.namelist()}
    # Where java.util.jar.JarInputStream wants it.
    assert list(content)[:2] == ["META-INF/", "META-INF/MANIFEST.MF"]
    assert content["META-INF/MANIFEST.MF"].startswith(b"Manifest-Version: 1.0\r\n")
    content = {n: data for n, data in content.items() if n[-1] != "/" and "META-INF" not in n}
    expected = {f.path.removeprefix("jars/Lib/"): f.data for f in shipped_files() if f.fiji_only}
    assert content == expected
    assert any(name.startswith("scripts/Plugins/RHI/") for name in content)
    assert any(name.startswith("pyrhi_fiji/models/") for name in content)


def test_what_was_dropped_in_can_be_uninstalled(tmp_path: Path, fiji: Path):
    before = tree(fiji)
    for path, data in tree(package(tmp_path / "out").drop_in).items():
        (fiji / path).parent.mkdir(parents=True, exist_ok=True)
        (fiji / path).write_bytes(data)
    uninstall(find_target(fiji))
    assert tree(fiji) == before


def test_a_foreign_database_is_not_written_over(tmp_path: Path):
    (tmp_path / "update-site").mkdir()
    (tmp_path / "update-site" / "db.xml.gz").write_bytes(b"not gzip")
    with pytest.raises(OutputError, match="is not the database of an update site"):
        package(tmp_path)
    (tmp_path / "update-site" / "db.xml.gz").write_bytes(gzip.compress(b"<a><plugin/></a>"))
    with pytest.raises(OutputError, match="is not the database of an update site"):
        package(tmp_path)


@pytest.mark.parametrize("epoch", ["yesterday", "1e400", "99999999999999999999"])
def test_an_epoch_that_is_none(tmp_path: Path, monkeypatch, epoch: str):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(OutputError, match="is not a time in seconds since 1970"):
        package(tmp_path)


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


def test_out_is_a_file(tmp_path: Path, capsys):
    (tmp_path / "out").write_text("x")
    assert run(["fiji", "package", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
