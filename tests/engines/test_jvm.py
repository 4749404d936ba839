"""Starting Java: which ImageJ, from where, and one line where it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from rigs.own_process import JVM_SECONDS, printed, run_python
from rigs.scijava import small_fiji

import pyrhi
from pyrhi.engines import jvm
from pyrhi.errors import EngineError

SLICE = Path(pyrhi.__file__).parent / "sample" / "axial_slices" / "t2_axial_022.tif"
NOWHERE = "http://127.0.0.1:9"


def a_roi(folder: Path) -> Path:
    with zipfile.ZipFile(SLICE.with_suffix(".zip")) as archive:
        (folder / "one.roi").write_bytes(archive.read(archive.namelist()[0]))
    return folder / "one.roi"


def test_the_jvm_starts_late_and_once():
    lines = printed(
        """
        import sys
        import pyrhi.engines
        from pyrhi.engines import ImageJ, jvm
        print("scyjava" in sys.modules, jvm.is_started())
        first = ImageJ()
        print(jvm.is_started(), ImageJ().version == first.version)
        """
    )
    assert lines == ["False False", "True True"]


def test_the_process_ends_after_a_command_that_uses_imagejs_threads():
    lines = printed(
        """
        from pyrhi.engines import ImageJ, jvm
        ImageJ()
        imp = jvm.jimport("ij.IJ").createImage("x", "16-bit ramp", 512, 512, 1)
        jvm.jimport("ij.IJ").run(imp, "Gaussian Blur...", "sigma=3")
        print("blurred")
        """
    )
    assert lines == ["blurred"]


def test_a_jvm_without_imagej_is_named():
    process = run_python(
        """
        import scyjava
        scyjava.config.set_java_constraints(fetch="auto")
        scyjava.start_jvm()
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ()
        except EngineError as error:
            print(error)
        """
    )
    assert "without ImageJ" in process.stdout
    assert process.stdout.count("\n") == 1


def test_a_stock_fiji_measures_without_imglyb_and_asks_maven_for_nothing(tmp_path):
    fiji = small_fiji(tmp_path / "Fiji")
    assert not list(fiji.rglob("*imglyb*"))
    lines = printed(
        """
        import sys
        import scyjava
        import imagej  # asks for imglib2-imglyb of Maven, which a local Fiji does not need
        from pyrhi.engines import ImageJ, jvm

        ij = ImageJ(fiji=sys.argv[1])
        rows = ij.results(sys.argv[2], [("x", open(sys.argv[3], "rb").read())])
        print(ij.source.startswith(sys.argv[1]), ij.version, len(rows))
        print(bool(scyjava.config.endpoints), scyjava.config.get_fetch_java())
        print(jvm.jimport("org.scijava.Context") is not None)
        """,
        fiji,
        SLICE,
        a_roi(tmp_path),
        http_proxy=NOWHERE,
        https_proxy=NOWHERE,
    )
    assert lines == ["True 1.54p 1", "True auto", "True"]


def test_a_fiji_that_does_not_start_is_one_line(tmp_path):
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "ij-1.54p.jar").touch()
    lines = printed(
        """
        import sys
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ(fiji=sys.argv[1])
        except EngineError as error:
            print(error)
        """,
        tmp_path,
    )
    assert len(lines) == 1
    assert str(tmp_path) in lines[0]


def test_a_folder_that_is_not_fiji_is_refused(tmp_path):
    with pytest.raises(EngineError, match=r"is not a folder of Fiji or ImageJ"):
        jvm.check_fiji(tmp_path)


def test_no_java_is_one_line_with_the_remedy(monkeypatch):
    import jpype

    def none() -> str:
        raise jpype.JVMNotFoundException("No JVM shared library file found")

    monkeypatch.setattr(jpype, "getDefaultJVMPath", none)
    with pytest.raises(EngineError, match=r"no Java was found.*install Java 11.*JAVA_HOME") as info:
        jvm.find_java()
    assert "\n" not in str(info.value)


REFUSED = """
    from pyrhi.engines import ImageJ
    from pyrhi.errors import EngineError
    try:
        ImageJ()
    except EngineError as error:
        print(error)
"""
"""Prints why ImageJ does not start."""


def test_a_java_that_is_too_old_is_named(tmp_path):
    library = tmp_path / "lib" / "server" / "libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_312\"' >&2\n")
    program.chmod(0o755)
    lines = printed(
        REFUSED,
        JAVA_HOME=str(tmp_path),
    )
    assert len(lines) == 1
    assert "1.8" in lines[0]
    assert "install Java 11" in lines[0]


def test_several_processes_fetch_at_once_and_later_ones_need_no_network(tmp_path):
    code = "from pyrhi.engines import ImageJ; print(ImageJ().source)"
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=JVM_SECONDS) for process in processes]
    jar = tmp_path / "pyrhi" / "ij-1.54p+ij1-patcher-2.0.0" / "ij-1.54p.jar"
    assert [out.strip() for out, _ in answers] == [str(jar)] * 3, answers
    assert [path.name for path in (tmp_path / "pyrhi").iterdir()] == [jar.parent.name]
    nowhere = "http://127.0.0.1:9"
    (line,) = printed(code, XDG_CACHE_HOME=str(tmp_path), http_proxy=nowhere, https_proxy=nowhere)
    assert line == str(jar)


def test_no_network_is_one_line_with_the_remedy(tmp_path):
    nowhere = "http://127.0.0.1:9"
    lines = printed(
        REFUSED,
        HOME=str(tmp_path),
        XDG_CACHE_HOME=str(tmp_path),
        USERPROFILE=str(tmp_path),
        http_proxy=nowhere,
        https_proxy=nowhere,
        HTTP_PROXY=nowhere,
        HTTPS_PROXY=nowhere,
        no_proxy="",
        NO_PROXY="",
    )
    assert len(lines) == 1
    assert "could not be fetched from Maven Central" in lines[0]
    assert "--fiji" in lines[0]


def test_a_missing_extra_is_named(monkeypatch):
    from pyrhi.errors import PyrhiError

    monkeypatch.setitem(sys.modules, "scyjava", None)
    with pytest.raises(PyrhiError, match=r'pip install "pyrhi\[imagej\]"'):
        jvm.scyjava()
