"""RHI Measure and RHI Batch by dialog and Recorder, and what they leave of the user's ImageJ."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import MEASURE
from rigs.same_tables import assert_same_rows, rows_of

from pyrhi.cli.main import run as pyrhi

if TYPE_CHECKING:
    from rigs.imagej_window import ImageJWindow

RESEARCH_USE = "Research use only; not a medical device."
STATE = """
s = "" + getImageID() + "|" + getTitle() + "|" + getSliceNumber() + "|" + selectionType();
if (selectionType() >= 0) {
    Roi.getBounds(x, y, w, h);
    s += "|" + x + "," + y + "," + w + "," + h + "," + Roi.getName + "," + Roi.getGroup;
}
getMinAndMax(low, high);
getThreshold(lower, upper);
s += "|" + low + "," + high + "|" + lower + "," + upper + "|" + getInfo("threshold.method");
s += "|" + call("ij.plugin.frame.RoiManager.getIndexesAsString");
for (i = 0; i < roiManager("count"); i++)
    s += ";" + call("ij.plugin.frame.RoiManager.getName", "" + i);
s += "|" + toHex(getValue("rgb.foreground")) + "|" + is("Batch Mode");
s += "|" + nImages + "|" + nResults;
s += "|" + IJ.getToolName() + "|" + is("changes");
return s;
"""


def opened(imagej: ImageJWindow, image: Path, rois: Path | None) -> None:
    code = f'open("{image}");'
    if rois is not None:
        code += f'roiManager("open", "{rois}");'
    imagej.run(code)


def call(imagej: ImageJWindow, argument: str) -> str:
    return imagej.run_file(imagej.plugins / MEASURE, argument)


def by_pyrhi(source: Path, output: Path, *options: str) -> bytes:
    assert pyrhi(["measure", str(source), "-o", str(output), *options]) == 0
    return (output / "rhi.csv").read_bytes()


@pytest.fixture
def slice_16(tmp_path: Path, axial: Path) -> Path:
    """A slice with cord and high area in a folder of its own."""
    folder = tmp_path / "patient 7"
    folder.mkdir()
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_016.{ending}", folder)
    return folder / "t2_axial_016.tif"


def test_measuring_twice_does_not_double_the_outlines(imagej: ImageJWindow, slice_16: Path) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    imagej.run('makeOval(1, 1, 5, 5); Overlay.addSelection; run("Select None");')
    for _ in range(2):
        assert call(imagej, "action=table high=none") == ""
    assert imagej.run("return d2s(Overlay.size, 0);") == "3"
    assert imagej.run('selectWindow("RHI"); return d2s(Table.size, 0);') == "1"


def recorded(imagej: ImageJWindow, command: str) -> str:
    """Run a menu command while the Recorder looks on and return the line that it wrote."""
    imagej.run('run("Record...");')
    # As a person does it, not a macro, whose commands the Recorder leaves out.
    number = imagej.start(f'doCommand("{command}"); wait(300); return "";')
    imagej.finish(number)
    imagej.wait_for_dialog(command)
    assert imagej.push("OK")
    text = ""
    for _ in range(100):
        text = imagej.run('selectWindow("Recorder"); s = getInfo("window.contents"); return s;')
        if f'run("{command}"' in text:
            break
        imagej.run("wait(50);")
    imagej.run('selectWindow("Recorder"); run("Close");')
    found = re.findall(rf'^run\("{command}".*\);$', text, re.M)
    assert found, text
    return found[-1]


def test_recorded_modes(imagej: ImageJWindow, tmp_path: Path, axial: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_014.{ending}", folder)
    image = folder / "t2_axial_014.tif"
    opened(imagej, image, image.with_suffix(".zip"))
    imagej.run('roiManager("select", 0); roiManager("rename", "cord");')
    while int(imagej.run('return d2s(roiManager("count"), 0);')) > 1:
        imagej.run('roiManager("select", 1); roiManager("delete");')
    imagej.run(f'roiManager("save", "{image.with_suffix(".zip")}");')
    table = folder / "t2_axial_014.rhi.csv"
    for recorded_options, mode in (
        ("high=Otsu fixed=0", "Otsu"),
        ("high=fixed fixed=612.5", "612.5"),
        ("high=auto fixed=0 clip", "auto"),
    ):
        imagej.run(f'run("RHI Measure", "{recorded_options} save");')
        options = ["--high", mode, *(["--clip"] if "clip" in recorded_options else [])]
        by_pyrhi(image, tmp_path / mode, *options)
        assert_same_rows(rows_of(table), rows_of(tmp_path / mode / "rhi.csv"))
        assert mode.encode() in table.read_bytes()


def test_batch_by_dialog_options(imagej: ImageJWindow, slice_16: Path, tmp_path: Path) -> None:
    output = tmp_path / "a" / "b"
    code = f'run("RHI Batch", "input=[{slice_16.parent}] output=[{output}] high=none fixed=0"); '
    log = imagej.run(code + 'return getInfo("log");')
    assert f"1 images measured, 0 failed; tables in {output}/. {RESEARCH_USE}" in log
    by_pyrhi(slice_16.parent, tmp_path / "pyrhi")
    assert_same_rows(rows_of(output / "rhi.csv"), rows_of(tmp_path / "pyrhi" / "rhi.csv"))
    assert sorted(p.name for p in output.iterdir()) == ["failures.csv", "rhi.csv"]


@pytest.mark.parametrize(
    "argument",
    ["action=rows image=[x] patient=[y]", "action=table high=none", "action=rows high=Li"],
)
def test_imagej_is_left_as_it_was(imagej: ImageJWindow, sagittal: Path, argument: str) -> None:
    opened(imagej, next(sagittal.glob("*.tif")), next(sagittal.glob("*.zip")))
    imagej.run(
        'roiManager("select", newArray(1, 3)); setSlice(4); setMinAndMax(10, 300);'
        'setThreshold(55, 900); makeOval(5, 6, 20, 30); Roi.setName("mine"); Roi.setGroup(7);'
        "setForegroundColor(10, 20, 30); setTool('freehand');"
    )
    before = imagej.run(STATE)
    answer = call(imagej, argument)
    assert not answer.startswith("error"), answer
    assert imagej.run(STATE) == before


def test_found_area_is_an_editable_selection(
    imagej: ImageJWindow, slice_16: Path, tmp_path: Path
) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    imagej.run("makeOval(5, 6, 20, 30);")
    index = imagej.run(
        'for (i = 0; i < roiManager("count"); i++) {'
        'name = call("ij.plugin.frame.RoiManager.getName", "" + i);'
        'if (matches(name, ".*cord.*")) return "" + i; }'
    )
    assert call(imagej, f"action=find high=Otsu cord={index}") == ""
    found = imagej.run("getRawStatistics(n, mean); return d2s(n, 0) + ' ' + d2s(mean, 9);")
    shutil.copy(slice_16, tmp_path / "alone.tif")
    imagej.run(
        f'roiManager("select", {index}); roiManager("save selected", "{tmp_path}/alone.zip");'
    )
    row = by_pyrhi(tmp_path / "alone.tif", tmp_path / "pyrhi", "--high", "Otsu").decode()
    cells = next(csv.DictReader(io.StringIO(row)))
    pixels = (
        float(cells["HighPercent"]) * int(imagej.run("return d2s(getWidth*getHeight,0);")) / 100
    )
    assert found == f"{pixels:.0f} {float(cells['HighMean']):.9f}"
    assert imagej.run("return d2s(Overlay.size, 0);") == "0"


def test_find_goes_to_the_slice_of_the_cord(imagej: ImageJWindow, sagittal: Path) -> None:
    opened(imagej, next(sagittal.glob("*.tif")), next(sagittal.glob("*.zip")))
    imagej.run("setSlice(1);")
    position = imagej.run(
        'roiManager("select", 2); s = getSliceNumber(); setSlice(1); return "" + s;'
    )
    answer = call(imagej, "action=find high=100 cord=2")
    assert answer == ""
    assert imagej.run('return "" + getSliceNumber();') == position


def test_find_says_when_nothing_is_found(imagej: ImageJWindow, slice_16: Path) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    before = imagej.run(STATE)
    answer = call(imagej, "action=find high=65000 cord=0")
    assert re.fullmatch(
        r"error: no pixel of ROI '.*' on slice 1 is high by fixed 65000; .*", answer
    )
    assert imagej.run(STATE) == before
