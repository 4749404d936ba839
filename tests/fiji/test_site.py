"""The database of an update site, as Fiji's updater reads it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from rigs.fiji_folders import FIRST, SECOND, database, shipped, tree

from pyrhi.errors import OutputError
from pyrhi.fiji import package
from pyrhi.fiji.site import checksum

pytestmark = pytest.mark.usefixtures("epoch")


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


def test_a_foreign_database_is_not_written_over(tmp_path: Path):
    (tmp_path / "update-site").mkdir()
    (tmp_path / "update-site" / "db.xml.gz").write_bytes(b"not gzip")
    with pytest.raises(OutputError, match="is not the database of an update site"):
        package(tmp_path)
    (tmp_path / "update-site" / "db.xml.gz").write_bytes(gzip.compress(b"<a><plugin/></a>"))
    with pytest.raises(OutputError, match="is not the database of an update site"):
        package(tmp_path)
