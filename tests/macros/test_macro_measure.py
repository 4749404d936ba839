"""RHI Measure and RHI Batch by dialog and Recorder, and what they leave of the user's ImageJ."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import BATCH, MEASURE, SHARED, imagej_window
from rigs.same_tables import assert_same_rows, rows_of

from pyrhi.cli.main import run as pyrhi
from pyrhi.errors import RoleError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.rhi.roles import RolePatterns, level_of, role_of

if TYPE_CHECKING:
    from rigs.imagej_window import ImageJWindow

OLDEST = "1.53k"
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


def by_pyrhi(source: Path, output: Path, *options: str) -> list[list[str]]:
    assert pyrhi(["measure", str(source), "-o", str(output), *options]) == 0
    return rows_of(output / "rhi.csv")


@pytest.fixture
def slice_16(tmp_path: Path, axial: Path) -> Path:
    """A slice with cord and high area in a folder of its own."""
    folder = tmp_path / "patient 7"
    folder.mkdir()
    for ending in ("tif", "zip"):
        shutil.copy(axial / f"t2_axial_016.{ending}", folder)
    return folder / "t2_axial_016.tif"


def test_menu_command_asks_measures_and_shows(
    imagej: ImageJWindow, slice_16: Path, tmp_path: Path
) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    number = imagej.start('run("RHI Measure"); return getInfo("log");')
    asked = imagej.wait_for_dialog("RHI Measure")
    assert RESEARCH_USE in asked
    assert "<Help>" in asked
    assert imagej.push("OK")
    log = imagej.finish(number)
    assert "slice 1: RHI 4.8 %" in log
    assert RESEARCH_USE in log
    assert imagej.look("status")[0].startswith("slice 1: RHI 4.8 %")
    wanted = by_pyrhi(slice_16, tmp_path / "pyrhi")
    assert not list(slice_16.parent.glob("*.csv"))
    assert "RHI" in imagej.windows()
    shown = imagej.run(
        'selectWindow("RHI"); s = Table.headings; s = s + d2s(Table.get("RHI", 0), 9); '
        's = s + "/" + Table.getString("Image", 0); return s;'
    ).split("\t")
    assert shown[:4] == wanted[0][1:5]
    assert shown[-1] == f"Patient{float(wanted[1][4]):.9f}/t2_axial_016.tif"
    window = imagej.xdotool("search", "--onlyvisible", "--name", "^RHI$").split()[-1]
    place = imagej.xdotool("getwindowgeometry", "--shell", window)
    assert int(re.search(r"WIDTH=(\d+)", place)[1]) > 1000  # type: ignore[index]
    assert outlines(imagej) == ["RHI cord", "RHI cord text", "RHI high"]


@pytest.mark.parametrize("command", ["RHI Measure", "RHI Batch", "RHI Find High Intensity"])
def test_cancel_leaves_everything(imagej: ImageJWindow, slice_16: Path, command: str) -> None:
    opened(imagej, slice_16, None if command == "RHI Batch" else slice_16.with_suffix(".zip"))
    if command == "RHI Measure":
        imagej.run('run("RHI Measure", "high=none"); print("\\\\Clear");')
    before = imagej.run(STATE), outlines(imagej), imagej.windows(), imagej.run(HASH_OF_LOG)
    number = imagej.start(f'run("{command}"); return "";')
    imagej.wait_for_dialog(command)
    assert imagej.push("Cancel")
    imagej.finish_aborted(number)
    assert not imagej.dialogs()
    after = imagej.run(STATE), outlines(imagej), imagej.windows(), imagej.run(HASH_OF_LOG)
    assert after == before


HASH_OF_LOG = 'if (isOpen("Log")) return getInfo("log"); return "";'


def outlines(imagej: ImageJWindow) -> list[str]:
    """Names of the overlay's elements, and the text of those that are one."""
    listed = imagej.run(
        's = ""; for (i = 0; i < Overlay.size; i++) { Overlay.activateSelection(i); '
        's = s + Roi.getName; if (Roi.getType == "text") s = s + " text"; '
        's = s + ","; } run("Select None"); return s;'
    )
    return listed.split(",")[:-1]


def test_outlines_without_a_label_and_the_table_saved(
    imagej: ImageJWindow, slice_16: Path, tmp_path: Path
) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    log = imagej.run('run("RHI Measure", "high=none label=no save"); return getInfo("log");')
    table = slice_16.with_suffix(".rhi.csv")
    assert f"Saved in {table}" in log
    assert_same_rows(rows_of(table), by_pyrhi(slice_16, tmp_path / "pyrhi"))
    assert outlines(imagej) == ["RHI cord", "RHI high"]


def test_the_command_returns_no_text(imagej: ImageJWindow, slice_16: Path) -> None:
    """Fiji would show it in a window over the image."""
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    answer = imagej.run(f'return "" + runMacro("{imagej.plugins / MEASURE}", "high=none");')
    assert answer == "null"


def test_measuring_twice_does_not_double_the_outlines(imagej: ImageJWindow, slice_16: Path) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    imagej.run('makeOval(1, 1, 5, 5); Overlay.addSelection; run("Select None");')
    for _ in range(2):
        assert call(imagej, "action=table high=none") == ""
    assert imagej.run("return d2s(Overlay.size, 0);") == "3"
    assert imagej.run('selectWindow("RHI"); return d2s(Table.size, 0);') == "1"


def test_what_was_drawn_is_neither_taken_for_rois_nor_added_to(
    imagej: ImageJWindow, slice_16: Path
) -> None:
    """The outlines of the first run are no ROIs of the second; nor is a selection an outline."""
    opened(imagej, slice_16, None)
    for _ in range(2):
        log = imagej.run('run("RHI Measure", "high=none label=no"); return getInfo("log");')
        assert log.count("slice 1: RHI 4.8 %") == 1
        imagej.run('print("\\\\Clear");')
        assert outlines(imagej) == ["RHI cord", "RHI high"]
        assert imagej.run('s = "" + Overlay.hidden; Overlay.hide; return s;') == "0"
    rhi = imagej.run(
        'run("Remove Overlay"); makeOval(20, 60, 8, 8); Roi.setName("high"); Overlay.addSelection;'
        'getStatistics(high); makeOval(10, 50, 40, 40); Roi.setName("cord"); getStatistics(cord);'
        "return d2s(100 * high / cord, 1);"
    )
    for _ in range(2):
        log = imagej.run('run("RHI Measure", "high=none label=no"); return getInfo("log");')
        assert log.startswith("what is drawn on the image was taken, not t2_axial_016.zip beside it\n"
            f"slice 1: RHI {rhi} %")
        imagej.run('print("\\\\Clear");')
        assert imagej.run("s = Roi.getName; return s;") == "cord"
        assert imagej.run("return d2s(Overlay.size, 0);") == "3"


def recorded(imagej: ImageJWindow, command: str) -> list[str]:
    """Run a menu command while the Recorder looks on and return the lines that it wrote."""
    imagej.run('run("Record...");')
    # As a person does it, not a macro, whose commands the Recorder leaves out.
    number = imagej.start(f'doCommand("{command}"); wait(300); return "";')
    imagej.finish(number)
    imagej.wait_for_dialog(command)
    before = imagej.run('return "" + isOpen("Log");')
    assert imagej.push("OK")
    log = ""
    for _ in range(100):
        log = imagej.run('if (isOpen("Log")) return getInfo("log"); return "";')
        if RESEARCH_USE in log:
            break
        imagej.run("wait(50);")
    assert RESEARCH_USE in log, before
    text = imagej.run('selectWindow("Recorder"); s = getInfo("window.contents"); return s;')
    imagej.run('selectWindow("Recorder"); run("Close");')
    return [line for line in text.splitlines() if re.match(r"\w+(\.\w+)?\(", line)]


STATE_OF_IMAGE = """
s = ""; for (k = 1; k <= nSlices; k++) { setSlice(k);
for (y = 0; y < getHeight(); y++) for (x = 0; x < getWidth(); x++) s = s + getPixel(x, y) + " "; }
return s;
"""


@pytest.mark.parametrize("version", ["1.54p", OLDEST])
def test_what_the_recorder_writes_is_one_line_that_does_the_same(
    slice_16: Path, tmp_path: Path, version: str
) -> None:
    with imagej_window(tmp_path / "ImageJ", version=version) as imagej:
        opened(imagej, slice_16, slice_16.with_suffix(".zip"))
        if version == OLDEST:
            # It would record that the file is opened to be compared.
            slice_16.with_suffix(".zip").unlink()
        pixels = imagej.run(STATE_OF_IMAGE)
        lines = recorded(imagej, "RHI Measure")
        assert lines == ['run("RHI Measure", "high=[none] custom=[] label=yes rois=[automatic]");']
        table = imagej.run(TABLE)
        assert imagej.run(STATE_OF_IMAGE) == pixels
        imagej.run('close("RHI");')
        imagej.run("\n".join(lines))
        assert imagej.run(STATE_OF_IMAGE) == pixels
        assert imagej.run(TABLE) == table
        assert not imagej.dialogs()


TABLE = 'selectWindow("RHI"); s = getInfo("window.contents"); return s;'


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
        rows = rows_of(table)
        assert_same_rows(rows, by_pyrhi(image, tmp_path / mode, *options))
        assert mode in rows[1][-2]


def test_batch_by_dialog_options(imagej: ImageJWindow, slice_16: Path, tmp_path: Path) -> None:
    output = tmp_path / "a"
    code = f'run("RHI Batch", "input=[{slice_16.parent}] output=[{output}] high=none fixed=0"); '
    log = imagej.run(code + 'return getInfo("log");')
    assert f"1 image measured, 0 failed; tables in {output}/. {RESEARCH_USE}" in log
    assert_same_rows(rows_of(output / "rhi.csv"), by_pyrhi(slice_16.parent, tmp_path / "pyrhi"))
    assert sorted(p.name for p in output.iterdir()) == ["failures.csv", "rhi.csv"]


@pytest.mark.parametrize(
    "argument",
    ["action=rows", "action=table high=none", "action=rows high=Li"],
)
def test_imagej_is_left_as_it_was(imagej: ImageJWindow, sagittal: Path, argument: str) -> None:
    opened(imagej, next(sagittal.glob("*.tif")), next(sagittal.glob("*.zip")))
    imagej.run(
        'roiManager("select", newArray(1, 3)); setSlice(4); setMinAndMax(10, 300);'
        'setThreshold(55, 900); makeOval(5, 6, 20, 30); Roi.setName("mine"); Roi.setGroup(7);'
        "setForegroundColor(10, 20, 30); setTool('freehand');"
    )
    before = imagej.run(STATE)
    answer = call(imagej, f"{argument} rois=[ROI Manager]")
    assert not answer.startswith("error"), answer
    assert imagej.run(STATE) == before


def test_batch_leaves_the_roi_manager_alone(
    imagej: ImageJWindow, slice_16: Path, sagittal: Path, tmp_path: Path
) -> None:
    """Its sets are opened there, so that what the user has there must be saved before."""
    opened(imagej, next(sagittal.glob("*.tif")), next(sagittal.glob("*.zip")))
    imagej.run('roiManager("select", newArray(1, 3)); makeOval(5, 6, 20, 30);')
    before = imagej.run(STATE)
    argument = f"input=[{slice_16.parent}] output=[{tmp_path / 'o'}]"
    path = imagej.plugins / BATCH
    number = imagej.start(f'return runMacro("{path}", getArgument());', argument)
    imagej.wait_for_dialog("the ROI Manager is not empty")
    imagej.finish_aborted(number)
    assert imagej.run(STATE) == before
    assert not (tmp_path / "o").exists()
    imagej.run('roiManager("reset"); run("Select None");')
    imagej.run_file(path, argument)
    assert_same_rows(
        rows_of(tmp_path / "o" / "rhi.csv"), by_pyrhi(slice_16.parent, tmp_path / "pyrhi")
    )


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
    headings, row = by_pyrhi(tmp_path / "alone.tif", tmp_path / "pyrhi", "--high", "Otsu")
    cells = dict(zip(headings, row, strict=True))
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


def test_the_set_of_another_image_is_not_measured(
    imagej: ImageJWindow, axial: Path, slice_16: Path
) -> None:
    """022 has an RHI of 28.4 %, which must not become that of 016."""
    opened(imagej, slice_16, axial / "t2_axial_022.zip")
    number = imagej.start('run("RHI Measure", "high=none save");')
    said = imagej.wait_for_dialog("holds ROIs that are not those of t2_axial_016.zip")
    assert "open that set, or choose ROIs from 'ROI Manager'" in said.replace("\n", " ")
    imagej.finish_aborted(number)
    assert not list(slice_16.parent.glob("*.csv"))
    number = imagej.start('run("RHI Measure"); return getInfo("log");')
    imagej.wait_for_dialog("RHI Measure")
    imagej.push("OK")
    asked = imagej.wait_for_dialog("Which are those of this image?")
    assert "holds ROIs that are not those of" in asked
    imagej.push("OK")
    assert "slice 1: RHI 4.8 %" in imagej.finish(number)
    log = imagej.run('run("RHI Measure", "high=none rois=[ROI Manager]"); return getInfo("log");')
    assert "slice 1: RHI 28.4 %" in log


@pytest.mark.parametrize("action", ["rows", "table"])
def test_other_macros_do_not_get_the_numbers_of_another_image(
    imagej: ImageJWindow, axial: Path, slice_16: Path, action: str
) -> None:
    opened(imagej, slice_16, axial / "t2_axial_022.zip")
    answer = call(imagej, f"action={action} high=[none]")
    assert answer.startswith(
        "error: the ROI Manager holds ROIs that are not those of t2_axial_016.zip beside the image"
    )
    assert "RHI" not in imagej.windows()


def test_a_set_measured_on_another_image_is_asked_about(
    imagej: ImageJWindow, axial: Path, tmp_path: Path
) -> None:
    for number in (22, 23):
        shutil.copy(axial / f"t2_axial_0{number}.tif", tmp_path)
    opened(imagej, tmp_path / "t2_axial_022.tif", axial / "t2_axial_022.zip")
    imagej.run('run("RHI Measure", "high=none");')
    # Measured again it is its own; edited too.
    imagej.run('roiManager("select", 1); Roi.move(12, 60); roiManager("update");')
    imagej.run('run("RHI Measure", "high=none");')
    opened(imagej, tmp_path / "t2_axial_023.tif", None)
    run = imagej.start('run("RHI Measure", "high=none");')
    imagej.wait_for_dialog("holds the ROIs that were measured on t2_axial_022.tif")
    imagej.finish_aborted(run)


@pytest.mark.parametrize("change", ["makeRectangle(2, 2, 60, 60); run('Crop');", "run('Invert');"])
def test_a_changed_image_is_not_measured_by_the_file_of_what_it_was(
    imagej: ImageJWindow, slice_16: Path, change: str
) -> None:
    opened(imagej, slice_16, None)
    imagej.run(f'{change} run("Select None");')
    number = imagej.start('run("RHI Measure", "high=none");')
    imagej.wait_for_dialog("The image was changed since it was opened; open it again, or choose")
    imagej.finish_aborted(number)


def test_a_roi_file_that_is_not_there_is_not_replaced_by_the_roi_manager(
    imagej: ImageJWindow, axial: Path, tmp_path: Path
) -> None:
    shutil.copy(axial / "t2_axial_016.tif", tmp_path)
    opened(imagej, tmp_path / "t2_axial_016.tif", axial / "t2_axial_022.zip")
    number = imagej.start('run("RHI Measure", "high=none rois=[ROI file]");')
    imagej.wait_for_dialog("No ROI file lies beside the image")
    imagej.finish_aborted(number)


def test_what_is_said_of_one_roi_stays_out_of_the_rows_of_others(imagej: ImageJWindow) -> None:
    """The first ROI lies partly outside; the row of the other cord must not say so."""
    imagej.run(
        'newImage("slice", "16-bit ramp", 60, 50, 1); '
        'makeRectangle(-5, 5, 20, 20); Roi.setName("cord L1"); roiManager("add"); '
        'makeRectangle(30, 5, 20, 20); Roi.setName("cord L2"); roiManager("add");'
    )
    rows = [line.split(",") for line in call(imagej, "action=rows high=none").splitlines()]
    assert [row[3] for row in rows] == ["L1", "L2"]
    assert ["reaches outside" in row[-1] for row in rows] == [True, False]


def test_microns_become_millimetres(imagej: ImageJWindow, slice_16: Path) -> None:
    opened(imagej, slice_16, slice_16.with_suffix(".zip"))
    imagej.run('setVoxelSize(800, 800, 1, "micron");')
    imagej.run('run("RHI Measure", "high=none rois=[ROI Manager]");')
    shown = imagej.run(
        'return d2s(Table.get("CordArea", 0, "RHI"), 6) + Table.getString("Unit", 0, "RHI")'
        ' + Table.getString("Warnings", 0, "RHI");'
    )
    assert shown == "53.120000mm^2pixel size in micron: areas are in mm^2"


def test_nothing_is_written_into_a_dicom_folder(
    imagej: ImageJWindow, slice_16: Path, tmp_path: Path, series_of
) -> None:
    folder = tmp_path / "series"
    series_of(slice_16, folder)
    before = sorted(folder.iterdir())
    opened(imagej, before[0], slice_16.with_suffix(".zip"))
    log = imagej.run('run("RHI Measure", "high=none save"); return getInfo("log");')
    assert "Not saved: nothing is written into a DICOM folder" in log
    assert "slice 1: RHI 4.8 %" in log
    assert sorted(folder.iterdir()) == before


def test_words_and_levels_are_those_of_pyrhi(imagej: ImageJWindow) -> None:
    """One table of words: each of pyrhi's alone, in company, and with letters before and after."""
    names = [*LEVEL_NAMES]
    for _, words in RolePatterns().by_role:
        names += [word.rstrip("*?") for word in words]
    names += [f"{name}s L2" for name in names] + [f"x{name}" for name in names]
    names += [
        "low signal",
        "hypointense lesion",
        "vertebral lesion",
        "vertebral canal",
        "hypertrophy",
    ]
    lines = "\n".join(["action=names", *names])
    said = imagej.run_file(imagej.plugins / SHARED, lines).split("\n")[:-1]
    assert len(said) == len(names)
    for name, words in zip(names, said, strict=True):
        role, level = words.split("|")
        assert level == level_of(name), name
        try:
            expected = role_of(Roi(name, RoiType.RECT, 0, 0, 5, 5)).value
        except RoleError as error:
            expected = re.search(r"says (.*?);", str(error))[1]  # type: ignore[index]
        assert role == expected, name


LEVEL_NAMES = [
    *("cord L2", "high-l2-1", "T12 L1", "cord-014", "Th12", "TH 12", "D12", "BWK 7", "BWK7"),
    *("HWK_3", "LWK2", "SWK.1", "L5/S1", "L5/6", "C5/6", "C5/6/7", "C7/T1", "L6", "T13", "T14"),
    *("C8", "S6", "L2a", "T2 hyperintense", "T2 signal L3", "T2w L1", "T2 L3", "T1 TSE"),
    *("S1 T1 (2)", "xL2", "L 2", "L02"),
]
