"""The scripts in the Fiji that PYRHI_TEST_FIJI names, as `pyrhi fiji install` put them there.

Run by hand: ``PYRHI_TEST_FIJI=~/Fiji pytest tests/fiji_scripts -m fiji``. The folder is left as it was.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fiji_scripts.test_batch_rhi import assert_same_refusals
from rigs.image_set import make_failures, make_images

from pyrhi.cli.main import run
from pyrhi.fiji import find_target, install, uninstall

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.fiji

SECONDS = 600
SET_UP = """
import json, sys
import scyjava
from pyrhi.engines import jvm
jvm.start(sys.argv[1])
J = scyjava.jimport
ij = J("net.imagej.ImageJ")()

def script(name, **inputs):
    path = f"{sys.argv[1]}/scripts/Plugins/RHI/{name}.py"
    values = J("java.util.HashMap")()
    for key, value in inputs.items():
        values.put(key, scyjava.to_java(value))
    module = ij.script().run(J("java.io.File")(path), True, values).get()
    return {str(e.getKey()): e.getValue() for e in module.getOutputs().entrySet()}

def send(*values):
    print(">" + json.dumps(values))
"""
CHOICES = '{"high": "none"}'


@pytest.fixture(scope="module")
def fiji(fiji_folder: Path) -> Iterator[Path]:
    target = find_target(fiji_folder)
    install(target)
    try:
        yield target.folder
    finally:
        uninstall(target)


def answers(fiji: Path, code: str, *arguments: object) -> list[list[object]]:
    """Run code in this Fiji's own context, in a process of its own; a stock Fiji has no imglyb."""
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + textwrap.dedent(code), fiji, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith(">")]


def test_batch_writes_the_tables_of_pyrhi(fiji: Path, tmp_path: Path):
    source = tmp_path / "images"
    source.mkdir()
    make_images(source)
    make_failures(source)
    for mode in ("", "auto", "Otsu"):
        answers(
            fiji,
            """
            source, output, mode = sys.argv[2:]
            script("Batch_RHI", input=J("java.io.File")(source),
                   output=J("java.io.File")(output), high="none", custom=mode)
            """,
            source,
            tmp_path / "fiji",
            mode,
        )
        options = ["--high", mode] if mode else []
        run(["measure", str(source), "-o", str(tmp_path / "pyrhi"), "--jobs", "1", *options])
        assert_same_refusals(tmp_path / "fiji", tmp_path / "pyrhi")


def test_a_macro_that_calls_a_macro_command_runs_once(fiji: Path, axial: Path, tmp_path: Path):
    outer = tmp_path / "outer.ijm"
    outer.write_text(
        f'File.append("begun", "{tmp_path}/runs.txt");\n'
        f'run("RHI Batch", "input=[{axial}] output=[{tmp_path}/out] high=Otsu");\n'
        f'File.append("ended", "{tmp_path}/runs.txt");\n'
    )
    answers(fiji, 'J("ij.IJ").runMacroFile(sys.argv[2], "")', outer)
    assert (tmp_path / "runs.txt").read_text().split() == ["begun", "ended"]
    run(["measure", str(axial), "-o", str(tmp_path / "pyrhi"), "--jobs", "1", "--high", "Otsu"])
    assert (tmp_path / "out" / "rhi.csv").read_bytes() == (
        tmp_path / "pyrhi" / "rhi.csv"
    ).read_bytes()


def test_the_macro_that_finds_calls_the_script(fiji: Path, axial: Path, tmp_path: Path):
    outer = tmp_path / "outer.ijm"
    outer.write_text(
        f'open("{axial}/t2_axial_022.tif"); makeRectangle(20, 20, 10, 12); Roi.setName("cord");\n'
        'options = "high=[Otsu] custom=[] rois=[overlay and selection]";\n'
        'run("RHI Find High Intensity", options);\n'
        f'File.append(Roi.getName + " " + Roi.getGroup, "{tmp_path}/found.txt");\n'
    )
    answers(fiji, 'J("ij.IJ").runMacroFile(sys.argv[2], "")', outer)
    assert (tmp_path / "found.txt").read_text().split() == ["high", "2"]


def test_what_is_refused_in_a_macro_ends_it_with_the_sentence(fiji: Path, tmp_path: Path):
    outer = tmp_path / "outer.ijm"
    outer.write_text(
        f'File.append("begun", "{tmp_path}/runs.txt");\n'
        'run("Batch RHI");\n'
        f'File.append("ended", "{tmp_path}/runs.txt");\n'
    )
    answered = answers(
        fiji,
        """
        interpreter = J("ij.macro.Interpreter")()
        answer = interpreter.run(J("ij.IJ").openAsString(sys.argv[2]))
        send(str(interpreter.getErrorMessage()))
        """,
        outer,
    )
    assert answered == [["choose the folder with the images"]]
    assert (tmp_path / "runs.txt").read_text().split() == ["begun"]


def test_image_parameters_are_filled_and_an_empty_one_is_told(fiji: Path, axial: Path):
    found, none = answers(
        fiji,
        f"""
        imp = J("ij.IJ").openImage(sys.argv[2])
        outputs = script("Measure_RHI", imp=imp, **{CHOICES})
        send(str(outputs["summary"]), float(outputs["table"].getValue("RHI", 0)))
        outputs = script("Measure_RHI", imp=J("ij.ImagePlus")(), **{CHOICES})
        send(str(outputs["summary"]), outputs["table"] is None)
        """,
        axial / "t2_axial_022.tif",
    )
    assert found[0].startswith("slice 1: RHI 28.4 %. rows measured: 1; ROIs from: ROI file.")
    assert found[1] == pytest.approx(28.409090909090907)
    assert none == [none[0], True]
    assert none[0].startswith("the image has no pixels (0 x 0)")


def test_find_and_tier(fiji: Path, axial: Path, capsys: pytest.CaptureFixture[str]):
    found, tier = answers(
        fiji,
        """
        imp = J("ij.IJ").openImage(sys.argv[2])
        imp.setRoi(20, 20, 10, 12)
        imp.getRoi().setName("cord")
        outputs = script("Find_High_Intensity", imp=imp, high="Otsu", custom="")
        send(str(outputs["summary"]), str(imp.getRoi().getName()), imp.getRoi().getGroup())
        outputs = script("Pain_Tier", source="the RHI below", rhi="42", location="unknown",
                         number="unknown", model="published", save=False)
        send(str(outputs["text"]))
        """,
        axial / "t2_axial_022.tif",
    )
    assert "by Otsu" in found[0]
    assert found[1:] == ["high", 2]
    run(["classify", "--rhi", "42"])
    assert tier == [capsys.readouterr().out.strip()]


def test_python_mode_measures_the_open_image(fiji: Path, axial: Path):
    [(summary, rhi)] = answers(
        fiji,
        f"""
        scyjava.enable_python_scripting(ij.context())
        imp = J("ij.IJ").openImage(sys.argv[2])
        imp.setRoi(20, 20, 10, 12)
        imp.getRoi().setName("cord")
        outputs = script("Measure_RHI_in_Python", imp=imp, **({CHOICES} | {{"custom": "Otsu"}}))
        send(str(outputs["summary"]), float(outputs["table"].getValue("RHI", 0)))
        """,
        axial / "t2_axial_022.tif",
    )
    assert summary.startswith("slice 1: RHI ")
    assert summary.endswith(" %. Research use only; not a medical device.")
    assert 0 < rhi < 100
