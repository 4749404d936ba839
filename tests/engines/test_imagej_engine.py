"""The ImageJ engine against ImageJ's own numbers; every JVM lives in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pyrhi.engines import jvm
from pyrhi.errors import EngineError

DATA = Path(__file__).parents[1] / "data"
GOLDEN = sorted(path.name[:-4] for path in (DATA / "golden").glob("*.tif"))

JVM_SECONDS = 240
"""A process that has not ended by then hangs; the slowest takes a tenth of it."""


def run_python(
    code: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=JVM_SECONDS,
        env=os.environ | environment,
        check=False,
    )


def printed(code: str, *arguments: object, **environment: str) -> list[str]:
    process = run_python(code, *arguments, **environment)
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()


def test_results_are_the_golden_ones_cell_for_cell():
    lines = printed(
        """
        import csv, math, sys, zipfile
        from pathlib import Path
        from pyrhi.engines import ImageJ

        ij = ImageJ()
        cells = 0
        for stem in sys.argv[2:]:
            path = Path(sys.argv[1]) / stem
            with zipfile.ZipFile(f"{path}.RoiSet.zip") as archive:
                rois = [(n.removesuffix(".roi"), archive.read(n)) for n in archive.namelist()]
            found = {row["Roi"]: row for row in ij.results(f"{path}.tif", rois)}
            with open(f"{path}.results.csv", newline="") as file:
                for row in csv.DictReader(file):
                    del row["PixelCount"]
                    for heading, text in row.items():
                        value = found[row["Roi"]][heading]
                        if heading == "Roi":
                            continue
                        expected = float(text)
                        same = value == expected or (math.isnan(value) and math.isnan(expected))
                        assert same, (stem, row["Roi"], heading, value, expected)
                        cells += 1
        print(ij.version, ij.is_headless, cells)
        """,
        DATA / "golden",
        *GOLDEN,
    )
    assert lines == ["1.54p True 47600"]


def test_both_engines_agree_on_pixels_in_memory_which_stay_as_they_were():
    lines = printed(
        """
        import numpy as np
        from pyrhi.engines import ImageJ
        from pyrhi.engines.numpy_engine import NumpyMeasurer
        from pyrhi.io.images.array import array_image
        from pyrhi.io.rois import decode_roi, encode_mask

        rng = np.random.default_rng(7)
        ij = ImageJ()
        for dtype in (np.uint8, np.uint16, np.int16, np.float32):
            pixels = (rng.normal(100, 20, (2, 40, 50))).astype(dtype)
            before = pixels.copy()
            image = array_image(pixels, pixel_size=(0.5, 0.75))
            mask = np.zeros((40, 50), bool)
            mask[5:30, 8:33] = True
            mask[10:15, 12:20] = False
            roi = decode_roi(encode_mask(mask, name="cord", position=2), name="cord")
            ours, imagejs = NumpyMeasurer(image), ij.measurer(image)
            row, region = ours.measure(roi, 2)
            java_row, java_region = imagejs.measure(roi, 2)
            np.testing.assert_array_equal(java_row, row)
            np.testing.assert_array_equal(java_region.pixels(40, 50), mask)
            np.testing.assert_array_equal(imagejs.values(region, 2), ours.values(region, 2))
            assert imagejs.mean(region, 2) == ours.mean(region, 2)
            np.testing.assert_array_equal(
                imagejs.above_threshold(region, 2, "Otsu"), ours.above_threshold(region, 2, "Otsu")
            )
            np.testing.assert_array_equal(pixels, before)
        print("same")
        """
    )
    assert lines == ["same"]


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


def test_a_macro_error_is_an_error():
    lines = printed(
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        ij = ImageJ()
        print(ij.run_macro("return toString(getArgument()) + '!';", "a b"))
        print(repr(ij.run_macro("x = 1;")))
        for code in ("nonsense(1);", "setResult('A', 5, 1);", "run('No Such Command');"):
            try:
                print("no error", ij.run_macro(code))
            except EngineError as error:
                print(type(error).__name__, "\\n" in str(error), str(error).startswith("the macro"))
        print(ij.run_macro("return 'still alive';"))
        """
    )
    kept = [line for line in lines if line.startswith(("a b", "''", "Engine", "no error", "still"))]
    assert kept == ["a b!", "''", *["EngineError False True"] * 3, "still alive"]


def test_groups_of_rois_print_nothing():
    lines = printed(
        """
        import numpy as np
        import pyrhi
        from pyrhi.engines import ImageJ
        from pyrhi.io.images.array import array_image
        from pyrhi.io.rois import decode_roi, encode_mask
        mask = np.zeros((20, 20), bool)
        mask[3:9, 4:12] = True
        roi = decode_roi(encode_mask(mask, name="a", group=1), name="a")
        print(pyrhi.measure(array_image(np.zeros((20, 20), np.uint8)), [roi], engine=ImageJ())
            .cord_area)
        """
    )
    assert lines == ["48.0"]


def test_measuring_needs_no_roi_manager_which_headless_java_refuses():
    lines = printed(
        """
        import jpype
        from pathlib import Path
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.io.rois.files import read_rois
        import sys
        ij = ImageJ()
        rois = [(r.name, r.data) for r in read_rois(sys.argv[2])][:3]
        print(len(ij.results(sys.argv[1], rois)))
        try:
            jvm.jimport("ij.plugin.frame.RoiManager").getRoiManager()
        except jpype.JException as error:
            print(error.getClass().getName())
        """,
        DATA / "golden" / f"{GOLDEN[0]}.tif",
        DATA / "golden" / f"{GOLDEN[0]}.RoiSet.zip",
    )
    assert lines == ["3", "java.awt.HeadlessException"]


def test_a_plain_imagej_folder_and_a_gateway_take_the_same_way(tmp_path):
    jar = next(path for path in jvm.maven_jars(jvm.IMAGEJ_COORDINATE) if "ij-" in Path(path).name)
    (tmp_path / "ij.jar").write_bytes(Path(jar).read_bytes())
    lines = printed(
        """
        import sys
        from pyrhi.engines import ImageJ
        print(ImageJ(fiji=sys.argv[1]).version)
        caller_has = object()
        print(ImageJ(caller_has).version, ImageJ(caller_has).gateway is caller_has)
        """,
        tmp_path,
    )
    assert lines == ["1.54p", "1.54p True"]


def test_a_jvm_without_imagej_is_named():
    process = run_python(
        """
        import scyjava
        scyjava.config.set_java_constraints(fetch="never")
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


def test_a_local_fiji_is_started_without_asking_maven(tmp_path):
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "ij-1.54p.jar").touch()
    lines = printed(
        """
        import sys
        import imagej, scyjava
        from pyrhi.engines import jvm

        def init(folder, mode):
            print(folder == sys.argv[1], mode)
            print(scyjava.config.endpoints, scyjava.config.get_fetch_java())

        imagej.init = init
        assert scyjava.config.endpoints  # the trap: importing imagej asks for a Maven artifact
        jvm._start_fiji(jvm.check_fiji(sys.argv[1]))
        """,
        tmp_path,
    )
    assert lines == ["True headless", "[] auto"]


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


def test_a_gateway_without_a_jvm_is_refused():
    lines = printed(
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ(object())
        except EngineError as error:
            print(error)
        """
    )
    assert lines == ["the gateway's Java is not running; make it by imagej.init() in this process"]


def test_no_java_is_one_line_with_the_remedy(monkeypatch):
    import jpype

    def none() -> str:
        raise jpype.JVMNotFoundException("No JVM shared library file found")

    monkeypatch.setattr(jpype, "getDefaultJVMPath", none)
    with pytest.raises(EngineError, match=r"no Java was found.*install Java 11.*JAVA_HOME") as info:
        jvm.find_java()
    assert "\n" not in str(info.value)


def test_a_java_that_is_too_old_is_named(tmp_path):
    library = tmp_path / "lib" / "server" / "libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_312\"' >&2\n")
    program.chmod(0o755)
    lines = printed(
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ()
        except EngineError as error:
            print(error)
        """,
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
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ()
        except EngineError as error:
            print(error)
        """,
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
