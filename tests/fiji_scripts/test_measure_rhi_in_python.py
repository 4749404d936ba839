"""Measure RHI in Python: the script itself, run as scyjava runs it, on an ImagePlus of ImageJ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import screen
from rigs.scijava import SCIJAVA_COORDINATES

from pyrhi.fiji import shipped_files

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.scijava import ScriptContext

SECONDS = 240
NAME = "jars/Lib/pyrhi_fiji/in_python_mode.txt"
SCRIPT = next(file.data.decode("ascii") for file in shipped_files() if file.path == NAME)
SET_UP = """
import json, sys
from types import SimpleNamespace
import scyjava
from pyrhi.engines import ImageJ, jvm

script, scijava, screen = sys.argv[1], sys.argv[2], sys.argv[3]
scyjava.config.add_classpath(*jvm.maven_jars(scijava))
if screen:
    scyjava.config.enable_headless_mode = lambda: None
ij = ImageJ()
J = jvm.jimport
runner = SimpleNamespace()
# The object that Fiji's Python mode gives to Java, and calls for every script.
scyjava.enable_python_scripting(
    SimpleNamespace(
        service=lambda _: SimpleNamespace(addObject=lambda made, name: setattr(runner, "it", made))
    )
)

def run(**variables):
    bindings = J("java.util.HashMap")()
    for name, value in variables.items():
        bindings.put(name, scyjava.to_java(value))
    context = SimpleNamespace(getErrorWriter=lambda: None, getWriter=lambda: sys.__stdout__)
    runner.it.apply(SimpleNamespace(vars=bindings, script=script, scriptContext=context))
    table = bindings.get("table")
    rows = None if table is None else [str(table.getRowAsString(i)) for i in range(table.size())]
    return str(bindings.get("summary")), rows

def drawn(imp):
    overlay = imp.getOverlay()
    return [str(roi.getName()) for roi in (overlay.toArray() if overlay else ())]

def pyrhi_rois(path):
    import pyrhi
    for roi in pyrhi.read_rois(path.replace(".tif", ".zip")):
        made = J("ij.io.RoiDecoder").openFromByteArray(roi.data)
        made.setName(roi.name)
        yield made

def send(*values):
    print(">" + json.dumps(values))
"""


def python(code: str, *arguments: object, display: str = "") -> list[list[object]]:
    """Run code after `SET_UP` in a process of its own and return what it sent."""
    source = SET_UP + textwrap.dedent(code)
    given = [SCRIPT, SCIJAVA_COORDINATES[0], display, *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-c", source, *given],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=os.environ | ({"DISPLAY": display} if display else {}),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith(">")]


def test_measures_the_open_image_as_the_command_line_does(axial: Path, sagittal: Path):
    answers = python(
        """
        import pyrhi
        for path, rois in zip(sys.argv[4::2], sys.argv[5::2]):
            imp = J("ij.IJ").openImage(path)
            overlay = J("ij.gui.Overlay")()
            for roi in pyrhi.read_rois(rois):
                made = J("ij.io.RoiDecoder").openFromByteArray(roi.data)
                made.setName(roi.name)
                overlay.add(made)
            imp.setOverlay(overlay)
            summary, rows = run(imp=imp, high="none", custom="", clip=False, ignore=False)
            slices = pyrhi.measure(path, rois).slices
            send(summary, [row.split("\\t")[3] for row in rows], [s.rhi for s in slices])
        """,
        axial / "t2_axial_022.tif",
        axial / "t2_axial_022.zip",
        sagittal / "t2_sagittal.tif",
        sagittal / "t2_sagittal.RoiSet.zip",
    )
    assert len(answers) == 2
    for summary, found, expected in answers:
        assert summary.startswith("slice ")
        assert summary.count(": RHI ") == len(expected)
        assert summary.endswith(" %. Research use only; not a medical device.")
        assert [float(v) for v in found] == pytest.approx(expected, abs=5e-4)
    assert max(answers[0][2]) > 20


def test_found_outlines_are_shown_and_never_measured(axial: Path):
    answers = python(
        """
        imp = J("ij.IJ").openImage(sys.argv[4])
        imp.setRoi(20, 20, 10, 12)
        imp.getRoi().setName("cord")
        for custom in ("", "Otsu", "auto", "Otsu"):
            send(*run(imp=imp, high="none", custom=custom, clip=True, ignore=False), drawn(imp))
        """,
        axial / "t2_axial_022.tif",
    )
    methods = [rows[0].split("\t")[-2] for _, rows, _ in answers]
    assert methods == ["drawn", "Otsu", "auto", "Otsu"]
    assert answers[1] == answers[3]
    assert [names for _, _, names in answers][:2] == [[], ["high"]]


def test_wrong_use_is_one_sentence(axial: Path):
    answers = python(
        """
        choices = {"high": "leave it 0", "custom": "", "clip": False, "ignore": False}
        send(*run(imp=None, **choices))
        send(*run(imp=J("ij.ImagePlus")(), **choices))
        imp = J("ij.IJ").openImage(sys.argv[4])
        send(*run(imp=imp, **choices))
        imp.setRoi(J("ij.gui.Line")(3, 3, 30, 30))
        imp.getRoi().setName("cord")
        send(*run(imp=imp, **choices))
        send(*run(imp=imp, **(choices | {"custom": "Otzu"})))
        sys.modules["pyrhi.errors"] = None
        send(*run(imp=imp, **choices))
        """,
        axial / "t2_axial_022.tif",
    )
    assert [rows for _, rows in answers] == [None] * 6
    starts = (
        "no image is open in ImageJ; open one (File > Open) or pass an ImagePlus",
        "no image is open in ImageJ; open one (File > Open) or pass an ImagePlus",
        "t2_axial_022.tif: no ROIs in the ROI Manager, in the overlay or as selection; outline",
        "ROI 'cord' is a line selection and cannot be a cord ROI; draw an area",
        "--high 'Otzu' is not known; use a method (Default, Huang,",
        "pyrhi is not installed",
    )
    for (summary, _), start in zip(answers, starts, strict=True):
        assert summary.startswith(start)
        assert "\n" not in summary


def test_outside_of_python_mode_one_sentence_says_what_to_do(scripts: ScriptContext, axial: Path):
    outputs = scripts.run("Measure_RHI_in_Python", imp=axial / "t2_axial_022.tif")
    assert outputs["table"] == "null"
    assert outputs["summary"] == (
        "Measure RHI in Python runs in Fiji's Python mode only, and this Fiji is not in it: use "
        "Plugins > RHI > Measure RHI, or see docs/fiji-install.md"
    )


def test_a_set_that_was_not_drawn_on_the_image_is_refused(axial: Path):
    with screen() as display:
        answers = python(
            """
            other, path = sys.argv[4:]
            manager = J("ij.plugin.frame.RoiManager").getRoiManager()
            shown = J("ij.IJ").openImage(other)
            for roi in pyrhi_rois(other):
                roi.setImage(shown)
                manager.addRoi(roi)
            choices = dict(high="none", custom="", clip=False, ignore=False)
            send(*run(imp=shown, **choices))
            imp = J("ij.IJ").openImage(path)
            send(*run(imp=imp, **choices))
            result = ij.measure_open(imp, rois=ij.open_rois(imp))
            send([row.rhi for row in result.measured.rhi], None)
            for roi in manager.getRoisAsArray():
                roi.setImage(imp)  # as ImageJ does where it is chosen over this image
            send(*run(imp=imp, **choices))
            """,
            axial / "t2_axial_022.tif",
            axial / "t2_axial_016.tif",
            display=display,
        )
    [own, refused, insisted, looked_at] = answers
    assert own[0].startswith("slice 1: RHI 28.4 %.")
    assert refused == [
        "it is not known that the ROIs in the ROI Manager ('cord', 'high') belong to "
        "t2_axial_016.tif: they were not drawn on it and are not in a file beside it; empty the "
        "ROI Manager, or give measure_open the ROIs (rois=ij.open_rois())",
        None,
    ]
    assert insisted[0] == pytest.approx([28.409090909090907])
    assert looked_at[0].startswith(
        "it is not known that the ROIs in the ROI Manager belong to t2_axial_016.tif: the ROI file "
        "beside it holds others; "
    )
