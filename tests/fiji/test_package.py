"""pyrhi fiji package: the update site, the jar, and the folder to drop in."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from rigs.fiji_folders import FIRST, database, shipped, tree

from pyrhi import __version__
from pyrhi.errors import OutputError
from pyrhi.fiji import find_target, package, shipped_files, uninstall
from pyrhi.fiji.site import checksum

pytestmark = pytest.mark.usefixtures("epoch")


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


@pytest.mark.parametrize("epoch", ["yesterday", "1e400", "99999999999999999999"])
def test_an_epoch_that_is_none(tmp_path: Path, monkeypatch, epoch: str):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(OutputError, match="is not a time in seconds since 1970"):
        package(tmp_path)
